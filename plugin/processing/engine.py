"""The engine for a thread that may wait, as an algorithm's may: ask, be told how far it is, give up at any moment."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Callable, Optional

from ...models import protocol
from ..engine.client import ABSENT, LOADING, LOG_LINES, LONG, PATIENCE, WARM_UP
from ..engine.environment import Environment
from ..engine.process import Child, Exit, engine_child
from ..problems import PluginProblem, problem_from

SLICE_MS = 50  # between two looks at whether the user has cancelled
PARTING = 0.5  # seconds for the engine to clear up after a cancelled request
ASLEEP = 5.0  # seconds that a slice cannot take: the computer slept, and the engine with it


class BlockingEngine:
    """One engine for one run of an algorithm, ended with the ``with`` block that it is used in; for the thread that makes it alone.

    `cancelled` is asked all the time, `progressed` told what the engine reports, `logged` the lines of its standard error.
    """

    def __init__(
        self,
        environment: Environment,
        cancelled: Callable[[], bool],
        progressed: Callable[[protocol.Progress], None],
        logged: Callable[[str], None],
        make_child: Callable[[Environment], Child] = engine_child,
    ) -> None:
        self._environment, self._make_child = environment, make_child
        self._cancelled, self._progressed, self._logged = cancelled, progressed, logged
        self._child: Optional[Child] = None
        self._ids: Iterator[int] = itertools.count(1)
        self._said: deque[str] = deque()  # lines that nobody has read yet
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._end: Optional[Exit] = None
        self._warm = False
        self.hello: protocol.HelloReply = protocol.HelloReply(protocol.VERSION, "", "", "", "", ())

    def __enter__(self) -> BlockingEngine:
        """Raises PluginProblem where the engine is not set up, does not start or is of another version."""
        code = ABSENT.get(self._environment.condition())
        if code:
            raise PluginProblem(code)
        child = self._child = self._make_child(self._environment)
        child.said.connect(self._said.append)
        child.logged.connect(self._hear_log)
        child.ended.connect(self._ended)
        child.start()
        try:
            self.hello = self.ask(protocol.Hello())
            if self.hello.protocol != protocol.VERSION:
                raise PluginProblem("protocol.mismatch", f"plugin {protocol.VERSION}, engine {self.hello.protocol}")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self._stop()

    def ask(self, request: protocol.Request) -> Any:
        """The reply to a request. Raises PluginProblem: what the engine reports, that it is gone or hung, or "cancelled"."""
        number = next(self._ids)
        self._write(protocol.encode_request(number, request))
        patience = PATIENCE.get(request.METHOD, LONG) + (WARM_UP if request.METHOD in LOADING and not self._warm else 0.0)
        heard = looked = time.monotonic()
        while True:
            self._wait()
            now = time.monotonic()
            heard = now if self._said or now - looked > ASLEEP else heard
            looked = now
            while self._said:
                reply = self._understood(self._said.popleft(), number, request)
                if reply is not None:
                    self._warm = self._warm or request.METHOD in LOADING
                    return reply
            if self._cancelled():
                self._give_up(number)
            if self._end is not None:
                raise PluginProblem("engine.gone" if self._end.started else "engine.unstartable", self._details(f"the engine {self._end}"))
            if now - heard > patience:
                raise PluginProblem("engine.hung", self._details(f"silent for {now - heard:.0f} s"))

    def _understood(self, line: str, number: int, request: protocol.Request) -> Any:
        """The reply, where a line is that. Raises PluginProblem where it says that there will be none."""
        try:
            message = protocol.decode(line)
            if isinstance(message, protocol.IncomingReply) and message.id == number:
                return protocol.decode_reply(request.REPLY, message.result)
        except protocol.MalformedMessage as error:
            self._hear_log(f"not understood: {error}")
            return None
        if isinstance(message, protocol.IncomingFailure) and message.id in (number, None):
            raise PluginProblem.of(problem_from(message.failure))
        if isinstance(message, protocol.Progress) and message.request == number:
            self._progressed(message)
        return None

    def _give_up(self, number: int) -> None:
        """Tell the engine, and let it clear up for a moment; what then still works is killed. Raises PluginProblem cancelled."""
        self._write(protocol.encode_notification(protocol.Cancel(number)))
        began = time.monotonic()
        while self._end is None and time.monotonic() - began < PARTING:
            self._wait()
            if any(f'"id":{number},' in line for line in self._said):
                break
            self._said.clear()
        if self._child is not None:
            self._child.kill()
        raise PluginProblem("cancelled")

    def _wait(self) -> None:
        if self._child is not None and self._end is None:
            self._child.wait(SLICE_MS)

    def _write(self, line: str) -> None:
        if self._child is not None:
            self._child.write(line)

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def _hear_log(self, line: str) -> None:
        self._log.append(line)
        self._logged(line)

    def _ended(self, how: Exit) -> None:
        self._end = how

    def _details(self, first: str) -> str:
        return "\n".join([first, *self._log])
