"""Work that pauses and says which share of it is done, so that a search can be cancelled and overtaken in the middle of it."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TypeVar

PAUSE = 0.05  # seconds of work between two pauses
Outcome = TypeVar("Outcome")
Sharing = Generator[float, None, Outcome]  # yields shares from 0 to 1


def within(start: float, stop: float, work: Sharing[Outcome]) -> Sharing[Outcome]:
    """The same work as a part of more: its shares run from `start` to `stop`."""
    try:
        while True:
            yield start + (stop - start) * next(work)
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    finally:
        work.close()


class Pace:
    """Says when the next pause is due."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def is_due(self) -> bool:
        now = time.perf_counter()
        due = now - self._last >= PAUSE
        if due:
            self._last = now
        return due


def without_pauses(work: Sharing[Outcome]) -> Outcome:
    """What comes of it, at once."""
    try:
        while True:
            next(work)
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
