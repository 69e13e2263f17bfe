"""The one place where the state changes. Panels and the map tool call its verbs; everybody else listens to `changed`.

The session speaks to the engine through an injected client and knows neither maps nor widgets. Coordinates are in the raster's CRS.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..models.protocol import Click, ClickReply, Look, Models, Open, OpenReply, OutlineOptions
from .ahead import Hovering, Looking
from .jobs import Newest
from .problems import Problem
from .state import Accepted, Engine, EngineFacts, History, MapClass, Outline, Point, Prompt, Raster, SetupProgress, State, Target
from .waits import wait_words

Measure = Callable[[Optional[Raster], ClickReply], Optional[float]]  # an answer's area: m2; square pixels where there is no CRS
BAD_PLACE = ("click.outside", "view.empty")  # problems of the last click's place: it is taken back, the others stay


class Session(QObject):
    changed = pyqtSignal(object)  # State
    accepted = pyqtSignal(object)  # Accepted; answered by `added` or `not_added`, at once or later
    rasterWanted = pyqtSignal(object)  # Raster without a file; answered by `raster_ready` or `show_problem`
    rasterOpened = pyqtSignal(object)  # OpenReply; who knows that this file will not do calls `want_raster` at once
    setupAsked = pyqtSignal(str)  # a folder of wheels, "" for the network
    setupCancelled = pyqtSignal()
    homeChosen = pyqtSignal(str)  # the folder where the engine shall live

    def __init__(self, client: Any, state: Optional[State] = None, parent: Optional[QObject] = None, measure: Optional[Measure] = None):
        super().__init__(parent)
        self._client = client
        self._measure = measure or (lambda _raster, reply: reply.area)
        self._state = state or State()
        self._opening, self._clicking = Newest(client), Newest(client)
        self._looking = Looking(client, self._look_request, self._looked, self)
        self._hovering = Hovering(client, self._hover_request, self._hovered)
        self._handed_on = False  # an accepted outline is becoming a feature
        self._absence: Optional[Problem] = None  # why there is no engine
        self._waiting: list[Prompt] = []  # clicks made while an accept is under way: they belong to the next object

    @property
    def state(self) -> State:
        return self._state

    # -- the engine

    def wake(self) -> None:
        """Start the engine if it is set up and not running."""
        if self._state.engine is Engine.STOPPED:
            self._client.start()

    def restart_engine(self) -> None:
        self._replace(problem=None)
        self._client.restart()

    def engine_changed(self, engine: Engine, facts: Optional[EngineFacts] = None, problem: Optional[Problem] = None) -> None:
        """It came: what was open is opened again, and the prompt asked again. Or it went: each click shows that `problem` again."""
        self._absence = problem
        came = engine is Engine.READY and self._state.engine is not Engine.READY
        self._replace(engine=engine, facts=facts or self._state.facts, problem=problem or self._state.problem)
        if came:
            self._replace(problem=None)
            self._client.send(Models(), lambda reply: self._replace(models=reply.models), lambda _problem: None)
            self._open()
        elif engine is not Engine.READY:
            self._forget_jobs()

    def set_up_engine(self, wheels: str = "") -> None:
        """Install the engine, from the network or from a folder of wheels."""
        self._replace(problem=None)
        self.setupAsked.emit(wheels)

    def cancel_set_up(self) -> None:
        self.setupCancelled.emit()

    def choose_home(self, folder: str) -> None:
        self.homeChosen.emit(folder)

    def show_setup(self, progress: Optional[SetupProgress]) -> None:
        self._replace(setup=progress)

    # -- what to click on, and how

    def choose_raster(self, layer_id: str, name: str = "") -> None:
        """Another raster is another job: its prompt starts empty."""
        if layer_id == (self._state.raster.layer_id if self._state.raster else ""):
            return
        self._forget_jobs()
        self._looking.at((), 0.0)
        raster = Raster(layer_id, name) if layer_id else None
        self._replace(raster=raster, history=History(), pending=None, problem=self._absence)
        self._open()

    def raster_ready(self, raster: Raster) -> None:
        """The layer is there as a file (again, for another window): the prompt, if any, is asked of the new file."""
        if self._state.raster is None or raster.layer_id != self._state.raster.layer_id:
            return  # the user has moved on
        self._replace(raster=dataclasses.replace(raster, id=""))
        self._open()

    def want_raster(self) -> None:
        """The raster's file will not do: another is wanted of the same layer, and the prompt waits for it."""
        if self._state.raster is not None:
            self._replace(raster=dataclasses.replace(self._state.raster, path="", id=""))
            self._open()

    def look(self, extent: tuple[float, float, float, float], pixel: float) -> None:
        """The user looks at this part of the raster, at this ground size of a screen pixel."""
        self._looking.at(extent, pixel)

    def choose_target(self, target: Target) -> None:
        self._replace(target=target)

    def choose_class(self, map_class: MapClass) -> None:
        self._replace(map_class=map_class)

    def choose_model(self, model: str) -> None:
        self._replace(model=model)
        self._looking.now()
        self._ask()

    def set_options(self, options: OutlineOptions) -> None:
        if options != self._state.options:
            self._replace(options=options)
            self._ask()

    # -- clicking

    def add_click(self, x: float, y: float, positive: bool = True) -> None:
        self._add(Prompt(points=(Point(x, y, positive),)))

    def add_box(self, xmin: float, ymin: float, xmax: float, ymax: float) -> None:
        self._add(Prompt(box=(xmin, ymin, xmax, ymax)))

    def resize(self, larger: bool) -> None:
        """Mean the next larger or smaller outline, where there is one that looks different."""
        size = self._state.larger if larger else self._state.smaller
        if size:
            self._turn_to(self._state.history.then(dataclasses.replace(self._state.prompt, size=size)))

    def undo(self) -> None:
        self._turn_to(self._state.history.undone())

    def redo(self) -> None:
        self._turn_to(self._state.history.redone())

    def clear(self) -> None:
        """Drop the prompt; undo brings it back."""
        self._waiting.clear()
        if self._state.prompt:
            self._turn_to(self._state.history.then(Prompt()))

    def hover(self, x: float, y: float) -> None:
        self._hovering.move(x, y)

    def leave(self) -> None:
        self._hovering.leave()
        self._replace(hover=None)

    # -- accepting

    def accept(self) -> None:
        """Hand the outline on, at once or as soon as the prompt is answered (a double click is quicker than the engine)."""
        if self._state.prompt.asks and not self._state.accepting:
            self._replace(accepting=True, problem=self._absence)
            self._accept_if_answered()

    def added(self) -> None:
        """The accepted outline is a feature now: only here is its prompt let go."""
        self._handed_on = False
        self._replace(history=History(), pending=None, recent_classes=self._state.classes)
        self._end_accepting()

    def not_added(self, problem: Problem) -> None:
        """The accepted outline could not become a feature: it stays."""
        self._handed_on = False
        self.show_problem(problem)

    # -- problems

    def show_problem(self, problem: Problem) -> None:
        self._replace(problem=problem)
        self._end_accepting()

    def dismiss_problem(self) -> None:
        self._replace(problem=None)

    # -- within

    def _replace(self, **changes: Any) -> None:
        state = dataclasses.replace(self._state, **changes)
        running = {"opening": self._opening.running, "outlining": self._clicking.running, "looking": self._looking.running}
        state = dataclasses.replace(state, busy=wait_words(state, handing_on=self._handed_on, **running))
        if state != self._state:
            self._state = state
            self.changed.emit(state)

    def _forget_jobs(self) -> None:
        for job in (self._opening, self._looking, self._clicking, self._hovering):
            job.drop()
        raster = self._state.raster
        self._replace(raster=dataclasses.replace(raster, id="") if raster else None, hover=None)
        self._end_accepting()

    def _open(self) -> None:
        """Bring the chosen raster before the engine, from whichever step it has come to."""
        raster = self._state.raster
        if raster is None or self._opening.running:
            return
        if not raster.path:
            self.rasterWanted.emit(raster)
        elif self._state.engine is Engine.READY:
            self._opening.send(Open(raster.path, raster.bands, raster.stretch), self._opened, self._failed)
            self._replace()
        else:
            self.wake()

    def _opened(self, reply: OpenReply) -> None:
        raster = self._state.raster
        if raster is not None:
            self._replace(raster=dataclasses.replace(raster, id=reply.raster, gsd=reply.gsd))
            self.rasterOpened.emit(reply)
            self._looking.now()
            self._ask()

    def _look_request(self, extent: tuple[float, ...], pixel: float) -> Optional[Look]:
        return Look(self._state.raster_id, extent, pixel, self._state.model) if self._state.raster_id else None

    def _looked(self, problem: Optional[Problem]) -> None:
        """A view beside the raster is nothing to complain about; a raster that is gone is."""
        self._replace()
        if problem is None:
            self._hovering.resume()
        elif problem.code not in BAD_PLACE:
            self._failed(problem)

    def _add(self, prompt: Prompt) -> None:
        if self._state.accepting:
            self._waiting.append(prompt)
            return
        self._turn_to(self._state.history.then(self._state.prompt.joined(prompt)))

    def _turn_to(self, history: History) -> None:
        if history == self._state.history or self._handed_on:
            return
        self._replace(history=history, problem=self._absence, hover=None, accepting=False)
        self._ask()

    def _ask(self) -> None:
        """Ask for the outline of the prompt as it is now. Without an open raster the prompt waits: opening asks again."""
        self._hovering.drop()
        state = self._state
        if not state.prompt.asks:
            self._clicking.drop()
            self._replace(pending=None)
        elif state.raster_id:
            click = state.click(state.prompt, self._looking.pixel)
            self._clicking.send(click, lambda reply: self._answered(state.prompt, reply), self._refused)
            self._replace()
        else:
            self._open()

    def _answered(self, prompt: Prompt, reply: ClickReply) -> None:
        area = self._measure(self._state.raster, reply)
        self._replace(pending=Outline.of(prompt, dataclasses.replace(reply, area=area)))
        self._accept_if_answered()

    def _refused(self, problem: Problem) -> None:
        history = self._state.history
        if problem.code in BAD_PLACE and history.past:
            self._replace(history=dataclasses.replace(history, prompt=history.past[-1], past=history.past[:-1]))
            if not self._state.answered:
                self._ask()
        self._failed(problem)

    def _failed(self, problem: Problem) -> None:
        if problem.code == "cancelled":
            self._end_accepting()
            return
        raster = self._state.raster
        if raster and problem.code.startswith("raster."):  # the next click opens it again: the file may be back by then
            self._replace(raster=dataclasses.replace(raster, id=""))
        self.show_problem(problem)

    def _hover_request(self, x: float, y: float) -> Optional[Click]:
        if not self._state.raster_id or any(job.running for job in (self._opening, self._looking, self._clicking)):
            return None
        return self._state.click(self._state.prompt.with_point(Point(x, y)), self._looking.pixel, hover=True)

    def _hovered(self, x: float, y: float, reply: Optional[ClickReply]) -> None:
        prompt = self._state.prompt.with_point(Point(x, y))
        self._replace(hover=Outline.of(prompt, reply) if reply else None)

    def _accept_if_answered(self) -> None:
        state = self._state
        if not state.accepting or self._handed_on or not state.answered or self._clicking.running:
            return
        if state.pending and state.raster:
            self._handed_on = True
            self.accepted.emit(Accepted.of(state, self._looking.pixel))
            self._replace()
        else:
            self._end_accepting()

    def _end_accepting(self) -> None:
        if self._handed_on:  # whatever else ends, that object is on its way
            return
        self._replace(accepting=False)
        waiting, self._waiting = self._waiting, []
        for prompt in waiting:
            self._add(prompt)
