"""How far a long job is, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from ..jobs import Steps


def tenths(job: Steps) -> Generator[str, None, Any]:
    """Carry out a job; yields a line whenever another tenth is looked at (what comes after that is short), and returns its reply."""
    said = 0
    while True:
        try:
            news = next(job)
        except StopIteration as stop:
            return stop.value
        done = int(10 * news[0] / news[1]) if isinstance(news, tuple) and news[1] else 0
        if done > said:
            said = done
            yield f"{10 * said} % is looked at."
