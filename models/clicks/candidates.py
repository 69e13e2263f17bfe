"""The masks that a model answers with in one view, and which of them is meant: the part, the object or the group."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..nets.prompt import Decoded
from ..objects.outlines import CLICK_REACH
from ..protocol import SIZES
from ..raster import Raster
from .prompts import Box, Clicks
from .views import View

ALIKE = 0.9  # intersection over union from which two masks look the same to an analyst


@dataclass(frozen=True)
class Mask:
    """What a model answers in one view; of its candidates one is `chosen`."""

    view: View
    decoded: Decoded  # candidates: very negative where the raster has no data
    chosen: int

    @property
    def nbytes(self) -> int:
        return self.decoded.candidates.nbytes

    @property
    def logits(self) -> np.ndarray:
        """float32 (side, side)"""
        logits: np.ndarray = self.decoded.candidates[self.chosen]
        return logits

    @property
    def score(self) -> float:
        """0..1: the IoU with the truth that the model expects."""
        return float(self.decoded.scores[self.chosen])

    @property
    def sizes(self) -> tuple[str, ...]:
        """The candidates' names; a model that does not answer with all three has none."""
        return SIZES if len(self.decoded.candidates) == len(SIZES) else ()

    @property
    def size(self) -> str:
        return self.sizes[self.chosen] if self.sizes else ""

    def of_size(self, size: str) -> Mask:
        """The candidate of that name; the likely one for "" or where there is no such name."""
        return replace(self, chosen=self.sizes.index(size) if size in self.sizes else self.decoded.best)

    def like(self, other: Mask) -> Mask:
        """The candidate that agrees best with a mask of another view, where that view shows it."""
        at = self.view.from_native(np.array([other.view.to_native @ (n + 0.5, n + 0.5) for n in range(other.view.side)]))
        cols, rows = (np.flatnonzero((one >= 0) & (one < self.view.side)) for one in at.T)  # the pixels of `other` that both show
        there = self.decoded.candidates[:, at[rows, 1].astype(int)[:, None], at[cols, 0].astype(int)] > 0
        here = other.logits[rows[:, None], cols] > 0
        return replace(self, chosen=int(np.argmax([overlap(candidate, here) for candidate in there])))

    def others(self, clicks: Clicks) -> tuple[str, ...]:
        """The sizes that would look different from the chosen one; `clicks` in the view's frame."""
        shown, found = meant(self.logits, clicks), []
        for index, size in enumerate(self.sizes):
            other = meant(self.decoded.candidates[index], clicks)
            if other is not None and (shown is None or overlap(other, shown) < ALIKE):
                found.append(size)
        return tuple(found)


@dataclass(frozen=True)
class Extent:
    """Where in its view the object lies that the prompts mean."""

    box: Box  # native frame
    sides_met: tuple[bool, bool, bool, bool]  # left, top, right, bottom: it runs on over a border where the raster runs on


def extent_of(mask: Mask, clicks: Clicks, raster: Raster) -> Extent | None:
    """Where what is meant of a mask lies; `clicks` in the view's frame."""
    shown, edge = meant(mask.logits, clicks), mask.view.side - 1
    if shown is None:
        return None
    columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
    met = (columns[0] == 0, rows[0] == 0, columns[-1] == edge, rows[-1] == edge)
    left, top = mask.view.to_native @ (float(columns[0]), float(rows[0]))
    right, bottom = mask.view.to_native @ (float(columns[-1] + 1), float(rows[-1] + 1))
    left_open, top_open, right_open, bottom_open = mask.view.open_sides(raster)
    met = (bool(met[0] and left_open), bool(met[1] and top_open), bool(met[2] and right_open), bool(met[3] and bottom_open))
    return Extent((left, top, right, bottom), met)


def meant(logits: np.ndarray, clicks: Clicks) -> np.ndarray | None:
    """bool (side, side): the components of a mask that a click adds, or else the largest; `clicks` in the view's frame."""
    labels, count = ndimage.label(logits > 0)
    if not count:
        return None
    edge = len(labels) - 1
    hit = set().union(*(_labels_at(labels, min(int(x), edge), min(int(y), edge)) for x, y in clicks.added))
    return np.isin(labels, list(hit or {int(np.bincount(labels.ravel())[1:].argmax()) + 1}))


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two bool masks; 1 where both are empty."""
    either = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / either if either else 1.0


def _labels_at(labels: np.ndarray, x: int, y: int) -> set[int]:
    """The component at a pixel, or those within CLICK_REACH of it: a mask may miss the very pixel clicked."""
    if labels[y, x]:
        return {int(labels[y, x])}
    near = labels[max(0, y - CLICK_REACH) : y + CLICK_REACH + 1, max(0, x - CLICK_REACH) : x + CLICK_REACH + 1]
    return {int(label) for label in np.unique(near)} - {0}
