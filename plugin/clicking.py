"""The verbs of clicking: clicks become a prompt, its answer the pending outline, and the accepted outline a feature.

The session has them as its own and hands them what they need. Coordinates are in the raster's CRS.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Optional

from ..models.protocol import Click, ClickReply
from .ahead import Hovering, Looking
from .jobs import Newest
from .problems import Problem
from .state import Accepted, History, Outline, Point, Prompt, Raster, State

Measure = Callable[[Optional[Raster], ClickReply], Optional[float]]  # an answer's area: m2; square pixels where there is no CRS
BAD_PLACE = ("click.outside", "view.empty")  # problems of the last click's place: it is taken back, the others stay


class Clicking:
    """`state()` gives the state and `replace` changes it; `looking` knows the view. `opening()` says whether a raster is being opened,
    `open_raster` has the chosen one opened, which asks the prompt again; `hand_on` takes an accepted outline, answered by `added` or
    `not_added`; `fail` shows a problem."""

    def __init__(
        self,
        client: Any,
        state: Callable[[], State],
        replace: Callable[..., None],
        looking: Looking,
        *,
        measure: Optional[Measure],
        opening: Callable[[], bool],
        open_raster: Callable[[], None],
        hand_on: Callable[[Accepted], None],
        fail: Callable[[Problem], None],
    ):
        self._state, self._replace, self._looking = state, replace, looking
        self._measure = measure or (lambda _raster, reply: reply.area)
        self._opening, self._open_raster, self._hand_on, self._fail = opening, open_raster, hand_on, fail
        self._clicking = Newest(client)
        self._hovering = Hovering(client, self._hover_request, self._hovered)
        self._waiting: list[Prompt] = []  # clicks made while an accept is under way: they belong to the next object
        self.handed_on = False  # an accepted outline is becoming a feature

    @property
    def running(self) -> bool:
        """Whether an outline is being asked for."""
        return self._clicking.running

    # -- the prompt

    def add_click(self, x: float, y: float, positive: bool = True) -> None:
        self._add(Prompt(points=(Point(x, y, positive),)))

    def add_box(self, xmin: float, ymin: float, xmax: float, ymax: float) -> None:
        self._add(Prompt(box=(xmin, ymin, xmax, ymax)))

    def resize(self, larger: bool) -> None:
        """Mean the next larger or smaller outline, where there is one that looks different."""
        state = self._state()
        size = state.larger if larger else state.smaller
        if size:
            self._turn_to(state.history.then(dataclasses.replace(state.prompt, size=size)))

    def undo(self) -> None:
        self._turn_to(self._state().history.undone())

    def redo(self) -> None:
        self._turn_to(self._state().history.redone())

    def clear(self) -> None:
        """Drop the prompt; undo brings it back."""
        self._waiting.clear()
        if self._state().prompt:
            self._turn_to(self._state().history.then(Prompt()))

    def hover(self, x: float, y: float) -> None:
        self._hovering.move(x, y)

    def leave(self) -> None:
        self._hovering.leave()
        self._replace(hover=None)

    # -- accepting

    def accept(self) -> None:
        """Hand the outline on, at once or as soon as the prompt is answered (a double click is quicker than the engine)."""
        state = self._state()
        if state.prompt.asks and not state.accepting:
            self._replace(accepting=True, problem=state.absence)
            self._accept_if_answered()

    def added(self) -> None:
        """The accepted outline is a feature now: only here is its prompt let go."""
        self.handed_on = False
        self._replace(history=History(), pending=None, recent_classes=self._state().classes)
        self.end_accepting()

    def not_added(self, problem: Problem) -> None:
        """The accepted outline could not become a feature: it stays."""
        self.handed_on = False
        self._fail(problem)

    # -- for the session

    def ask(self) -> None:
        """Ask for the outline of the prompt as it is now. Without an open raster the prompt waits: opening asks again."""
        self._hovering.drop()
        state = self._state()
        if not state.prompt.asks:
            self._clicking.drop()
            self._replace(pending=None)
        elif state.raster_id:
            click = state.click(state.prompt, self._looking.pixel)
            self._clicking.send(click, lambda reply: self._answered(state.prompt, reply), self._refused)
            self._replace()
        else:
            self._open_raster()

    def resume_hovering(self) -> None:
        self._hovering.resume()

    def drop(self) -> None:
        """Forget what is on its way."""
        self._clicking.drop()
        self._hovering.drop()

    def end_accepting(self) -> None:
        if self.handed_on:  # whatever else ends, that object is on its way
            return
        self._replace(accepting=False)
        waiting, self._waiting = self._waiting, []
        for prompt in waiting:
            self._add(prompt)

    # -- within

    def _add(self, prompt: Prompt) -> None:
        state = self._state()
        if state.accepting:
            self._waiting.append(prompt)
            return
        self._turn_to(state.history.then(state.prompt.joined(prompt)))

    def _turn_to(self, history: History) -> None:
        state = self._state()
        if history == state.history or self.handed_on:
            return
        self._replace(history=history, problem=state.absence, hover=None, accepting=False)
        self.ask()

    def _answered(self, prompt: Prompt, reply: ClickReply) -> None:
        area = self._measure(self._state().raster, reply)
        self._replace(pending=Outline.of(prompt, dataclasses.replace(reply, area=area)))
        self._accept_if_answered()

    def _refused(self, problem: Problem) -> None:
        history = self._state().history
        if problem.code in BAD_PLACE and history.past:
            self._replace(history=dataclasses.replace(history, prompt=history.past[-1], past=history.past[:-1]))
            if not self._state().answered:
                self.ask()
        self._fail(problem)

    def _hover_request(self, x: float, y: float) -> Optional[Click]:
        state = self._state()
        if not state.raster_id or self._opening() or self._looking.running or self._clicking.running:
            return None
        return state.click(state.prompt.with_point(Point(x, y)), self._looking.pixel, hover=True)

    def _hovered(self, x: float, y: float, reply: Optional[ClickReply]) -> None:
        prompt = self._state().prompt.with_point(Point(x, y))
        self._replace(hover=Outline.of(prompt, reply) if reply else None)

    def _accept_if_answered(self) -> None:
        state = self._state()
        if not state.accepting or self.handed_on or not state.answered or self._clicking.running:
            return
        if state.pending and state.raster:
            self.handed_on = True
            self._hand_on(Accepted.of(state, self._looking.pixel))
            self._replace()
        else:
            self.end_accepting()
