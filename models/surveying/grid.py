"""Where the views of a survey lie along one axis, and how neighbours share the pixels between them.

The grid is that of the whole raster. A view *gives* the pixels from where the one before it begins to fade to its own end, and neighbours
fade into each other over exactly `overlap` pixels. So every pixel has one view, or two whose weights add up to one: nothing need be divided
by a sum of weights, and from one row of views to the next `overlap` rows are carried, no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import RequestInvalid
from ..tiling import starts


@dataclass(frozen=True)
class Axis:
    """Views of `side` pixels along `length` pixels. Raises RequestInvalid where they would overlap by nothing or more than half."""

    length: int
    side: int
    overlap: int

    def __post_init__(self) -> None:
        if not 1 <= self.overlap <= self.side // 2:
            what = f"Views of {self.side} pixels cannot overlap by {self.overlap}."
            raise RequestInvalid(what, f"Let them overlap by 1 to {self.side // 2} pixels.")

    @cached_property
    def starts(self) -> list[int]:
        """The first pixel of each view; the last one ends with the raster, unless the raster is smaller than a view."""
        return starts(self.length, self.side, self.overlap)

    def end(self, view: int) -> int:
        return min(self.starts[view] + self.side, self.length)

    def first(self, view: int) -> int:
        """The first pixel that a view gives; it gives those up to its end."""
        return self.end(view - 1) - self.overlap if view else 0

    def settled(self, view: int) -> int:
        """The first pixel to which a later view adds something."""
        return self.length if self.is_last(view) else self.end(view) - self.overlap

    def is_last(self, view: int) -> bool:
        return view == len(self.starts) - 1

    def inside(self, view: int) -> slice:
        """What a view gives, in pixels of the view."""
        return slice(self.first(view) - self.starts[view], self.end(view) - self.starts[view])

    def weights(self, view: int) -> np.ndarray:
        """float32 (given pixels,): how much the view counts at each."""
        line = np.ones(self.end(view) - self.first(view), np.float32)
        rising = np.sin(np.pi / 2 * (np.arange(self.overlap) + 0.5) / self.overlap).astype(np.float32) ** 2
        if view:
            line[: self.overlap] = rising
        if not self.is_last(view):
            line[-self.overlap :] = 1 - rising
        return line

    def meeting(self, start: int, stop: int) -> range:
        """The views that give something to the pixels from start to stop."""
        met = [view for view in range(len(self.starts)) if self.first(view) < stop and self.end(view) > start]
        return range(met[0], met[-1] + 1)
