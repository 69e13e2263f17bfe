"""Threads that carry out many small pieces of one job, in turn: for networks that draw object after object."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TypeVar

from ..errors import Cancelled
from ..surveying.lanes import PATIENCE, undivided
from .shares import Pace, Sharing

AHEAD = 4  # pieces a thread that are handed out before they are needed: whoever hands them out is at times busy for a moment

Piece = TypeVar("Piece")
Outcome = TypeVar("Outcome")


class Hands:
    """So many threads. Leaving the context stops them, without waiting for what they are at."""

    def __init__(self, count: int = 1, divided: Callable[[int], AbstractContextManager[Callable[[], None]]] = undivided) -> None:
        """`divided`: shares a processor out between so many, each of which calls what it gives, see `lookers.divided`."""
        self._count, self._divided = count, divided
        self._stopped = threading.Event()
        self._stack = ExitStack()

    def __enter__(self) -> Hands:
        self._threads = ThreadPoolExecutor(self._count, "hand", self._stack.enter_context(self._divided(self._count)))
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._stack.close()

    def check_stopped(self) -> None:
        """For work of many steps, before each. Raises Cancelled once the context was left."""
        if self._stopped.is_set():
            raise Cancelled("Nobody waits for this any more.")

    def all(self, work: Callable[[Piece], Outcome], pieces: Iterable[Piece], share: float) -> Sharing[list[Outcome]]:
        """What becomes of all of them; they do not count in what is said of the share that is done."""
        found = []
        for one in self.each(work, pieces):
            if one is None:
                yield share
            else:
                found.append(one)
        return found

    def each(self, work: Callable[[Piece], Outcome], pieces: Iterable[Piece]) -> Iterator[Outcome | None]:
        """What becomes of every piece (never None), in their order; None now and then in between.

        The pieces themselves are made by the thread that asks. Raises what `work` raises.
        """
        waiting: deque[Future[Outcome]] = deque()
        pace = Pace()
        for piece in pieces:
            waiting.append(self._threads.submit(work, piece))
            if pace.is_due():
                yield None
            if len(waiting) > AHEAD * self._count:
                yield from _outcome(waiting.popleft(), pace)
        while waiting:
            yield from _outcome(waiting.popleft(), pace)


def _outcome(future: Future[Outcome], pace: Pace) -> Iterator[Outcome | None]:
    while not future.done() and not wait([future], PATIENCE).done:
        yield None
    yield future.result()
    if pace.is_due():
        yield None
