"""The line to the engine: starts it when it is needed, asks, and tells when it is gone. Nothing here waits.

Every request ends with exactly one call, of `on_reply` or of `on_problem`, unless the engine fails: then the problem is in the
`EngineState`, and the requests are kept and asked again after `restart`, so that no click is lost.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...models import protocol
from ..problems import Problem, problem_from, problem_of
from .environment import Condition, Environment
from .process import Child, Exit, engine_child
from .rasters import OpenRasters

LOG_LINES = 200
TICK_MS = 250
OUTLINES = '"method":"outlines"'
OUTLINES_WITHIN = 60  # characters of a line, in which its method stands
LOADING = ("look", "click", "find", "cover", "tiles")  # the first of these has the engine load PyTorch
WARM_UP = 120.0  # seconds more until one of these was answered
PATIENCE = {"hello": 30.0, "open": 60.0, "look": 30.0, "click": 30.0, "models": 20.0, "explain": 30.0}  # seconds of silence that fit
LONG = 120.0  # the same for every other request: those of a whole area, and fetching; their progress is a sign of life
ABSENT = {Condition.MISSING: "engine.missing", Condition.INCOMPLETE: "environment.incomplete", Condition.OUTDATED: "environment.outdated"}

OnReply = Callable[[Any], None]
OnProblem = Callable[[Problem], None]


@dataclass(frozen=True)
class EngineState:
    """`phase` is "absent" (not or half set up), "stopped", "starting", "ready" or "failed"; `problem` says why it is absent or failed."""

    phase: str
    problem: Optional[Problem] = None
    engine: Optional[protocol.HelloReply] = None  # while ready


@dataclass
class Waiting:
    """A request that has no answer yet."""

    id: int
    request: Any
    on_reply: OnReply
    on_problem: OnProblem
    timeout_s: Optional[float] = None  # seconds of silence after which the engine counts as hung; None for what fits the request
    internal: bool = False  # asked by the client itself, for one run of the engine
    sent_at: Optional[float] = None  # None while the engine has not been asked

    @property
    def hover(self) -> bool:
        return bool(getattr(self.request, "hover", False))


class Client(QObject):
    """One engine. `make_child` makes its process; tests give another program that speaks the protocol."""

    stateChanged = pyqtSignal(object)  # EngineState
    progressed = pyqtSignal(int, float, float, str)  # request id, done, total, what
    outlined = pyqtSignal(int, object)  # request id, a tuple of PartialObject that it has come upon
    logged = pyqtSignal(str)  # a line of the engine's standard error

    def __init__(
        self, environment: Environment, parent: Optional[QObject] = None, make_child: Callable[[Environment], Child] = engine_child
    ) -> None:
        super().__init__(parent)
        self.state = EngineState("stopped")
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self._environment = environment
        self._make_child = make_child
        self._child: Optional[Child] = None
        self._ids: Iterator[int] = itertools.count(1)
        self._waiting: dict[int, Waiting] = {}  # in the order of asking
        self._reopening: set[str] = set()  # our ids of rasters on their way back
        self._rasters = OpenRasters()
        self._warm = False
        self._outlines: deque[str] = deque()  # lines that tell outlines: there may be many at once, and each takes a while to read
        self._spare = QTimer(self)
        self._spare.timeout.connect(self._hear_outlines)
        self._heard_at = 0.0
        self._ticked_at = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    # What the plugin asks

    def send(self, request: protocol.Request, on_reply: OnReply, on_problem: OnProblem, timeout_s: Optional[float] = None) -> int:
        """Ask the engine, starting it where it does not run; returns the request's id, for `cancel`.

        A hover click takes the place of a former one, which ends with the problem "cancelled". The engine is taken for hung after
        `timeout_s` seconds without a sign of life; by default a time that fits the request.
        """
        item = Waiting(next(self._ids), request, on_reply, on_problem, timeout_s)
        former = [other.id for other in self._waiting.values() if other.hover] if item.hover else []
        self._waiting[item.id] = item
        for id in former:
            self.cancel(id)
        if self.state.phase == "ready":
            self._ask(item)
        elif self.state.phase in ("stopped", "absent"):
            self.start()
        return item.id

    def cancel(self, id: int) -> None:
        """End a request with the problem "cancelled", at once; the engine is told to stop working on it."""
        item = self._waiting.pop(id, None)
        if item is None:
            return
        if item.sent_at is not None and self._child is not None:
            self._child.write(protocol.encode_notification(protocol.Cancel(id)))
        item.on_problem(problem_of("cancelled"))

    def start(self) -> None:
        """Start the engine where it does not run; the state says how that goes."""
        if self._child is not None:
            return
        code = ABSENT.get(self._environment.condition())
        if code:
            return self._set(EngineState("absent", problem_of(code)))
        self._rasters.forget()
        self._warm = False
        child = self._child = self._make_child(self._environment)
        child.setParent(self)
        child.said.connect(lambda line: self._hear(child, line))
        child.logged.connect(self._log)
        child.ended.connect(lambda how: self._ended(child, how))
        self._set(EngineState("starting"))
        child.start()
        if self._child is child:  # it may have failed at once
            self._ask_first(protocol.Hello(), self._greeted, self._fail)

    def restart(self) -> None:
        """End the engine, if it runs, and start another, which is asked all that has no answer yet."""
        self._kill()
        self.start()

    def stop(self) -> None:
        """End the engine and keep what has no answer. Blocks for a moment: for unloading, and before a set-up."""
        self._forget_child()
        for child in self.findChildren(Child):  # also one that was killed a moment ago
            child.stop()
            child.deleteLater()
        self._set(EngineState("stopped"))

    # What the engine says

    def _hear(self, child: Child, line: str) -> None:
        if child is not self._child:
            return
        self._heard_at = time.monotonic()
        if OUTLINES in line[:OUTLINES_WITHIN]:
            self._outlines.append(line)
            self._spare.start(0)
            return
        self._understand(line)

    def _hear_outlines(self) -> None:
        """One line at a time, so that QGIS goes on between two."""
        if self._outlines:
            self._understand(self._outlines.popleft())
        else:
            self._spare.stop()

    def _understand(self, line: str) -> None:
        try:
            message = protocol.decode(line)
        except protocol.MalformedMessage as error:
            return self._log(f"not understood: {error}")
        if isinstance(message, protocol.Progress):
            self.progressed.emit(message.request, message.done, message.total, message.what)
        elif isinstance(message, protocol.Outlines):
            self.outlined.emit(message.request, message.objects)
        elif isinstance(message, protocol.IncomingReply):
            self._replied(message)
        elif isinstance(message, protocol.IncomingFailure):
            item = self._waiting.pop(message.id, None) if message.id is not None else None
            self._log(f"{message.failure.code}: {message.failure.what}")
            if item is not None:
                item.on_problem(problem_from(message.failure))

    def _replied(self, message: protocol.IncomingReply) -> None:
        item = self._waiting.pop(message.id, None)
        if item is None:  # it was cancelled
            return
        try:
            reply = protocol.decode_reply(item.request.REPLY, message.result)
        except protocol.MalformedMessage as error:
            return item.on_problem(problem_of("engine.fault", str(error)))
        self._warm = self._warm or item.request.METHOD in LOADING
        if isinstance(reply, protocol.OpenReply) and not item.internal:
            reply = self._rasters.opened(item.request, reply)
        item.on_reply(reply)

    def _greeted(self, reply: protocol.HelloReply) -> None:
        if reply.protocol != protocol.VERSION:
            return self._fail(problem_of("protocol.mismatch", f"plugin {protocol.VERSION}, engine {reply.protocol}"))
        self._set(EngineState("ready", engine=reply))
        for item in list(self._waiting.values()):
            if item.hover:  # the pointer has moved on, and a new engine has no view to answer from
                self.cancel(item.id)
            elif item.id in self._waiting and item.sent_at is None:
                self._ask(item)

    def _ended(self, child: Child, how: Exit) -> None:
        child.deleteLater()
        if child is not self._child:  # it was told to end
            return
        starting = self.state.phase == "starting"
        code = ABSENT.get(self._environment.condition()) or ("engine.unstartable" if starting else "engine.gone")
        self._fail(problem_of(code, "\n".join([f"the engine {how}", *self.log])))

    # Asking

    def _ask(self, item: Waiting) -> None:
        """Send a request; first bring back the raster that it is about, where a restarted engine does not know it."""
        missing = self._rasters.to_reopen(item.request)
        if missing is None:
            self._write(item)
        elif item.request.raster not in self._reopening:
            self._reopen(item.request.raster, missing)

    def _reopen(self, raster: str, request: protocol.Open) -> None:
        def freed() -> list[Waiting]:
            self._reopening.discard(raster)
            return [item for item in self._waiting.values() if item.sent_at is None and getattr(item.request, "raster", "") == raster]

        def back(reply: protocol.OpenReply) -> None:
            self._rasters.reopened(raster, reply)
            for item in freed():
                self._ask(item)

        def lost(problem: Problem) -> None:
            for item in freed():
                if self._waiting.pop(item.id, None):
                    item.on_problem(problem)

        self._reopening.add(raster)
        self._ask_first(request, back, lost)

    def _ask_first(self, request: protocol.Request, on_reply: OnReply, on_problem: OnProblem) -> None:
        """Ask something of our own, before what waits for it."""
        item = Waiting(next(self._ids), request, on_reply, on_problem, internal=True)
        self._waiting[item.id] = item
        self._write(item)

    def _write(self, item: Waiting) -> None:
        if self._child is not None:
            item.sent_at = time.monotonic()
            self._child.write(protocol.encode_request(item.id, self._rasters.for_engine(item.request)))
            if not self._timer.isActive():
                self._ticked_at = item.sent_at
                self._timer.start()

    # Losing it

    def _tick(self) -> None:
        """Take the engine for hung after too long a silence. Time in which QGIS itself stood still, or slept, does not count."""
        now = time.monotonic()
        if now - self._ticked_at > 4 * TICK_MS / 1000:
            self._heard_at = now
        self._ticked_at = now
        asked = [(item.sent_at, self._patience(item)) for item in self._waiting.values() if item.sent_at is not None]
        if not asked:
            return self._timer.stop()
        silence = now - max(self._heard_at, min(sent_at for sent_at, _ in asked))
        if silence > max(patience for _, patience in asked):
            self._fail(problem_of("engine.hung", f"silent for {silence:.0f} s\n" + "\n".join(self.log)))

    def _patience(self, item: Waiting) -> float:
        """Seconds of silence that fit a request; counted anew for an engine that was restarted, and so is cold again."""
        if item.timeout_s is not None:
            return item.timeout_s
        method = item.request.METHOD
        return PATIENCE.get(method, LONG) + (WARM_UP if method in LOADING and not self._warm else 0.0)

    def _fail(self, problem: Problem) -> None:
        self._kill()
        self._set(EngineState("absent" if problem.code in ABSENT.values() else "failed", problem))

    def _kill(self) -> None:
        child = self._forget_child()
        if child is not None:
            child.kill()

    def _forget_child(self) -> Optional[Child]:
        """Part from the engine: what it had been asked waits for the next one."""
        child, self._child = self._child, None
        self._timer.stop()
        self._reopening.clear()
        self._outlines.clear()
        self._waiting = {id: item for id, item in self._waiting.items() if not item.internal}
        for item in self._waiting.values():
            item.sent_at = None
        return child

    def _set(self, state: EngineState) -> None:
        if state != self.state:
            self.state = state
            self.stateChanged.emit(state)

    def _log(self, line: str) -> None:
        self.log.append(line)
        self.logged.emit(line)
