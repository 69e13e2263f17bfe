"""How far a set-up is: bytes on the disk measured beside QGIS's thread, and the time left that follows from them."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from .steps import MB, Step

BYTES_A_SECOND = 3 * MB  # weighs the seconds of a step against bytes; only the shares matter


@dataclass(frozen=True)
class InstallProgress:
    """`done` of `total` over the whole set-up, in one unit; `bytes_done` of `bytes_expected` (an estimate) of this step's download."""

    step: int  # 1-based
    steps: int
    what: str  # translated
    done: float
    total: float
    bytes_done: int = 0
    bytes_expected: int = 0
    seconds_left: Optional[float] = None


class Pace:
    """Turns steps and measured bytes into `InstallProgress`. Times in seconds of a clock that never goes back."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._weights = [step.size + step.seconds * BYTES_A_SECOND for step in steps]
        self._steps = steps
        self._began = time.monotonic()
        self._step_began = self._began
        self._index = 0
        self._skipped = 0.0  # weight of steps that were done at once, because a former set-up had brought the files

    def enter(self, index: int) -> None:
        now = time.monotonic()
        if index and self._steps[index - 1].size and now - self._step_began < 2.0:
            self._skipped += self._steps[index - 1].size
        self._index, self._step_began = index, now

    def progress(self, what: str, bytes_done: int) -> InstallProgress:
        step, total = self._steps[self._index], sum(self._weights)
        done = sum(self._weights[: self._index]) + self._within(step, bytes_done)
        earned = done - self._skipped
        elapsed = time.monotonic() - self._began
        left = elapsed * (total - done) / earned if elapsed > 5 and earned > total / 20 else None  # a guess from less is no use
        return InstallProgress(self._index + 1, len(self._steps), what, done, total, min(bytes_done, step.size), step.size, left)

    def _within(self, step: Step, bytes_done: int) -> float:
        """Sizes and seconds are estimates: a step that takes longer slows down before its end instead of passing it."""
        by_time = (time.monotonic() - self._step_began) / max(step.seconds, 0.1)
        share = min(bytes_done / step.size, 0.98) if step.size else by_time / (1 + by_time)
        return share * self._weights[self._index]


class Meter:
    """Measures in a thread how many bytes folders hold: walking a uv cache takes longer than QGIS's thread may be held."""

    def __init__(self, folders: Iterable[Path], every: float = 1.0) -> None:
        self._folders = [str(folder) for folder in folders]
        self._every = every
        self._over = threading.Event()
        self.size = 0  # bytes at the last look
        self._thread = threading.Thread(target=self._watch, name="rasterscribe-meter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.is_set():
            self.size = sum(_size(folder, self._over) for folder in self._folders)
            self._over.wait(self._every)


def discard(folders: Iterable[Path]) -> None:
    """Delete folders in a thread, as thousands of small files take their time. What cannot be deleted stays for the next try."""
    for folder in list(folders):
        threading.Thread(target=shutil.rmtree, args=(str(folder), True), name="rasterscribe-discard", daemon=True).start()


def _size(folder: str, over: threading.Event) -> int:
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if over.is_set():
                    break
                if entry.is_dir(follow_symlinks=False):
                    total += _size(entry.path, over)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    except OSError:  # files come and go while a download runs
        pass
    return total
