"""How far a comparison is: opening, looking and drawing, and what comes after that, as shares of one whole."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from ..jobs import Progress
from ..objects.shares import Sharing
from ..surveying.survey import Step

OPENED, LOOKED = 0.03, 0.93  # of the whole: when the first view is looked at, and when the last object was drawn
# Of the time for a survey that it takes to draw what was seen, about; with clicks it may be nothing or nearly all.
DRAWING, DRAWING_BY_CLICKS = 0.1, 0.3

Outcome = TypeVar("Outcome")


@dataclass
class Looking:
    """A survey and what is drawn of it, side by side. Progress never goes back."""

    drawing: float  # share of it
    looked: float = 0.0
    drawn: float = 0.0

    @property
    def now(self) -> Progress:
        return OPENED + (LOOKED - OPENED) * ((1 - self.drawing) * self.looked + self.drawing * self.drawn), 1.0, "looking"

    def of(self, step: Step) -> Progress:
        self.looked = step.done / step.total if step.total else 1.0
        return self.now

    def draw(self, start: float, stop: float, work: Sharing[Outcome]) -> Generator[Progress, None, Outcome]:
        """Work while the share of what is drawn goes from `start` to `stop`."""
        for_now = told(work, start, stop)
        try:
            while True:
                self.drawn = next(for_now)[0]
                yield self.now
        except StopIteration as end:
            self.drawn = stop
            outcome: Outcome = end.value
            return outcome
        finally:
            for_now.close()


def told(work: Sharing[Outcome], start: float, stop: float, what: str = "") -> Generator[tuple[float, float, str], None, Outcome]:
    """Work that shares as progress of the whole, from `start` to `stop`."""
    try:
        while True:
            yield start + (stop - start) * next(work), 1.0, what
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    finally:
        work.close()
