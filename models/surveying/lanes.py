"""Views of a raster through a network, by several threads at once: while one lane reads, another computes.

A lane reads its views and looks at them itself, so that nothing waits between the two. What was seen comes out in the order in which it was
asked for.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from ..errors import Cancelled
from ..raster import Pixels
from .source import Source

Place = tuple[int, int]  # row and column of a view's first pixel, in survey pixels
WAITING = 64 << 20  # bytes of what was seen that may wait: whoever takes it is at times busy for a second or so
PATIENCE = 0.05  # seconds without anything seen, after which that is said: others may wait for the thread that takes it


@contextmanager
def undivided(lanes: int) -> Iterator[Callable[[], None]]:
    yield lambda: None


@dataclass(frozen=True)
class Looker:
    """A network that says something about every pixel of a view."""

    side: int  # of a view, pixels; a multiple of 32
    channels: int
    key: str  # names the network and what it is asked: part of the identity of a run that can go on
    look: Callable[[np.ndarray], np.ndarray]  # views (n, side, side, C) of the source -> float32 (n, channels, side, side) logits
    batch: int = 1  # views that are looked at together
    lanes: int = 1  # threads that may look at once
    divided: Callable[[int], AbstractContextManager[Callable[[], None]]] = undivided  # shares a processor out; a lane calls what it gives


@dataclass(frozen=True)
class Seen:
    """One view: what the network says about it, and where it has data. `logits` is None where it has none anywhere."""

    logits: np.ndarray | None  # float32 (channels, side, side)
    valid: np.ndarray  # bool (side, side)


class Lanes:
    """Threads with a raster open for them. Leaving the context stops them: each ends with the view that it is at."""

    def __init__(self, raster: Source, level: int, looker: Looker) -> None:
        self.looker, self.pixel = looker, 1 << level
        self._rasters: queue.LifoQueue[Source] = queue.LifoQueue()
        # Blocks as wide as the raster are decoded once for a whole row of views, as long as one dataset remembers them.
        for _ in range(1 if raster.in_whole_rows else looker.lanes):
            self._rasters.put(raster.another())
        raster.check_file()  # it is the same file for all
        self._depth = max(looker.lanes + 1, WAITING // (4 * looker.batch * looker.channels * looker.side**2))
        self._stopped = threading.Event()
        self._stack = ExitStack()

    def __enter__(self) -> Lanes:
        begin = self._stack.enter_context(self.looker.divided(self.looker.lanes))
        self._threads = ThreadPoolExecutor(self.looker.lanes, "lane", begin)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._stack.close()
        while not self._rasters.empty():
            self._rasters.get().close()

    def seen(self, places: Iterable[Place]) -> Iterator[Seen | None]:
        """Every place's view in turn; None now and then while nothing comes. Raises what `Raster.read` and the network raise."""
        waiting: deque[Future[list[Seen]]] = deque()
        for some in _batches(places, self.looker.batch):
            waiting.append(self._threads.submit(self._look, some))
            if len(waiting) >= self._depth:
                yield from _outcome(waiting.popleft())
        while waiting:
            yield from _outcome(waiting.popleft())

    def _look(self, places: list[Place]) -> list[Seen]:
        pixels = [self._read(place) for place in places]
        filled = [index for index, one in enumerate(pixels) if one.valid.any()]
        logits: dict[int, np.ndarray] = {}
        if filled:
            # Always as many views: a network on a GPU may add up in another order for another number.
            views = np.zeros((self.looker.batch, *pixels[0].rgb.shape), pixels[0].rgb.dtype)
            views[: len(filled)] = [pixels[index].rgb for index in filled]
            self._check_stopped()
            logits = dict(zip(filled, self.looker.look(views)))
        return [Seen(logits.get(index), one.valid) for index, one in enumerate(pixels)]

    def _read(self, place: Place) -> Pixels:
        self._check_stopped()
        raster = self._rasters.get()
        try:
            span, side = self.looker.side * self.pixel, self.looker.side
            return raster.read(place[1] * self.pixel, place[0] * self.pixel, span, span, side, side)
        finally:
            self._rasters.put(raster)

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise Cancelled("Nobody waits for this view any more.")


def _batches(places: Iterable[Place], size: int) -> Iterator[list[Place]]:
    some: list[Place] = []
    for place in places:
        some.append(place)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def _outcome(future: Future[list[Seen]]) -> Iterator[Seen | None]:
    while not wait([future], PATIENCE).done:
        yield None
    yield from future.result()
