"""A job over an area on its way: find its place, have the raster open, ask the engine, follow it. There is at most one."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QCoreApplication, QObject

from ..models.protocol import Open, PartialObject
from .area_verbs import AreaVerbs, Place, Wish
from .pace import Pace
from .problems import Problem, problem_of
from .run_state import Run
from .state import Engine, State

Ask = Callable[[Place], Any]  # the request for a place whose raster is open
More = Callable[[Place, Callable[[Place], None], Callable[[Problem], None]], Wish]  # asks for what a job needs beside its place


class AreaJob(QObject):
    """`show` is told the `Run` after every step, and None at the end; `fail` is told a problem after that.

    `client` has `send`, `cancel`, `start`, and the signals `progressed` and `outlined`.
    """

    def __init__(
        self,
        client: Any,
        state: Callable[[], State],
        show: Callable[[Optional[Run]], None],
        area: AreaVerbs,
        fail: Callable[[Problem], None],
        parent: Optional[QObject] = None,
    ):
        super().__init__(parent)
        self._client, self._state, self._show, self._area, self._fail = client, state, show, area, fail
        self._run: Optional[Run] = None
        self._turn = 0  # counts the jobs, so that a late answer knows that it is late
        self._wish: Optional[Wish] = None
        self._ask: Ask = lambda _place: None
        self._done: Callable[[Any], None] = lambda _reply: None
        self._more: Optional[More] = None
        self._number: Optional[int] = None  # of the request under way
        self._asked = False  # the job itself is with the engine, not what goes before it
        self._pace = Pace()
        self.place: Optional[Place] = None  # of the job under way, or the last one
        client.progressed.connect(self._progressed)
        client.outlined.connect(self._outlined)

    @property
    def running(self) -> bool:
        return self._run is not None

    def start(self, ask: Ask, done: Callable[[Any], None], files: tuple[str, ...], more: Optional[More] = None) -> None:
        """Begin, unless a job runs already; `done` is given the engine's reply, and `files` are those that it will write. `more` may fill
        in what the place lacks."""
        if self._state().jobs.running is not None:
            return
        self._turn += 1
        self._ask, self._done, self._more, self._pace, self.place = ask, done, more, Pace(), None
        self._to(Run(what=_tr("Preparing the area")))
        self._keep(self._area.want(self._placed, self._refused, files))

    def cancel(self) -> None:
        """Stop within a second. Nothing is complained of, and nothing kept."""
        if self._run is None:
            return
        if self._number is None:
            self.drop()
            return
        self._to(dataclasses.replace(self._run, cancelling=True))
        self._client.cancel(self._number)

    def drop(self) -> None:
        """Forget the job under way; whatever is said of it later is not heard."""
        wish, number, self._wish, self._number = self._wish, self._number, None, None
        self._turn += 1
        if wish is not None:
            wish.withdraw()
        if number is not None:
            self._client.cancel(number)
        self._to(None)

    def engine_changed(self) -> None:
        """A job that waits for the engine goes on with it. One that the engine worked on is over: run again, it resumes."""
        engine = self._state().engine
        if self._run is None:
            return
        if self._number is not None and engine is not Engine.READY:
            self.drop()
        elif self._number is None and self.place is not None:
            self._go_on(self.place)

    # -- the steps

    def _keep(self, wish: Wish) -> None:
        """One that takes time, to withdraw it."""
        if not wish.answered:
            self._wish = wish

    def _placed(self, place: Place) -> None:
        self._wish = None
        if self._more is None:
            self._completed(place)
        else:
            self._keep(self._more(place, self._completed, self._refused))

    def _completed(self, place: Place) -> None:
        self._wish = None
        self.place = place
        self._go_on(place)

    def _go_on(self, place: Place) -> None:
        state = self._state()
        if state.engine is Engine.READY:
            if place.raster.id:
                self._send_job(place)
            else:
                self._open(place)
        elif state.engine in (Engine.STOPPED, Engine.STARTING):
            self._to(Run(what=_tr("Starting the engine")))
            self._client.start()
        else:
            self._refused(state.absence or problem_of("engine.missing"))

    def _open(self, place: Place) -> None:
        def opened(reply: Any) -> None:
            self.place = dataclasses.replace(place, raster=dataclasses.replace(place.raster, id=reply.raster, gsd=reply.gsd))
            self._send_job(self.place)

        self._to(Run(what=_tr("Opening the raster")))
        self._send(Open(place.raster.path, place.raster.bands, place.raster.stretch), opened)

    def _send_job(self, place: Place) -> None:
        self._to(Run(what=_tr("Looking at the area")))
        self._asked = True
        self._send(self._ask(place), self._replied)

    def _send(self, request: Any, on_reply: Callable[[Any], None]) -> None:
        turn, self._number = self._turn, None
        answered = False

        def deliver(step: Callable[[Any], None], answer: Any) -> None:
            nonlocal answered
            answered = True
            if turn == self._turn:
                self._number = None
                step(answer)

        number = self._client.send(request, lambda reply: deliver(on_reply, reply), lambda problem: deliver(self._refused, problem))
        if not answered and turn == self._turn:  # the client may have answered before `send` returned
            self._number = number

    def _replied(self, reply: Any) -> None:
        self._end()
        self._done(reply)

    def _refused(self, problem: Problem) -> None:
        self._end()
        if problem.code != "cancelled":
            self._fail(problem)

    def _end(self) -> None:
        self._wish = self._number = None
        self._turn += 1
        self._to(None)

    # -- following it

    def _progressed(self, number: int, done: float, total: float, what: str) -> None:
        if self._run is None or not self._asked or number != self._number:
            return
        left = self._pace.left(done, total, time.monotonic())
        self._to(dataclasses.replace(self._run, done=done, total=total, what=_words(what) or self._run.what, seconds_left=left))

    def _outlined(self, number: int, objects: tuple[PartialObject, ...]) -> None:
        if self._run is not None and number == self._number:
            self._to(dataclasses.replace(self._run, objects=self._run.objects + objects))

    def _to(self, run: Optional[Run]) -> None:
        self._run = run
        if run is None:
            self._asked = False
        self._show(run)


def _words(what: str) -> str:
    """What the engine says that it is about, in the user's language; what this version does not know as it is."""
    known = {
        "looking": _tr("Looking at the area"),
        "choosing": _tr("Choosing what the phrase asks for"),
        "reading the phrase": _tr("Reading the phrase"),
        "opening both rasters": _tr("Looking at how both rasters lie"),
        "reading the map": _tr("Reading the old map"),
        "looking for clouds": _tr("Looking for clouds"),
        "loading the network": _tr("Loading the network"),
        "writing": _tr("Writing the file"),
    }
    return known.get(what, what)


def _tr(text: str) -> str:
    return QCoreApplication.translate("AreaJob", text)
