"""Work that cannot pause, done beside a job that does: in a thread, while the job tells how far it is and can be given up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import TypeVar

from ..errors import Cancelled
from ..jobs import Progress

Result = TypeVar("Result")
PAUSE = 0.1  # seconds between looks


def aside(
    work: Callable[[], Result], progress: Callable[[], Progress], undo: Callable[[Result], None] = lambda result: None
) -> Generator[Progress, None, Result]:
    """Yields `progress()` until `work` has ended, returns its result or raises what it raised.

    Closing the generator, or giving the job up, does not stop the work, but nobody hears of its end any more: then `undo` is called with
    its result. Not for what touches a dataset of GDAL's or a network that others use at the same time.
    """
    lock, results, errors, given_up = threading.Lock(), list[Result](), list[BaseException](), threading.Event()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # it is raised again where it is waited for
            errors.append(error)
            return
        with lock:
            results.append(result)
            if not given_up.is_set():
                return
        undo(result)

    worker = threading.Thread(target=run, daemon=True, name="rasterscribe-aside")
    worker.start()
    try:
        while worker.is_alive():
            yield progress()
            worker.join(PAUSE)
        if errors:
            raise errors[0]
        return results[0]
    except (GeneratorExit, Cancelled):
        with lock:
            given_up.set()
            late = bool(results)
        if late:
            undo(results[0])
        raise
