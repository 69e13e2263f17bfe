"""How fine a comparison looks: at which pixels, and in how large views."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..surveying.lookers import SIDE
from ..surveying.scale import level_at, level_for
from .pair import RasterPair

LEAST_SIDE, STEP = 256, 32  # of a view, survey pixels


def coarser_gsd(pair: RasterPair) -> float | None:
    """Metres a pixel, of the raster that shows less; None without a CRS."""
    return max((date.raster.gsd for date in (pair.before, pair.after) if date.raster.gsd is not None), default=None)


def level_of(pair: RasterPair, classes: Sequence[str]) -> int:
    """The level of a survey: all classes are looked at with the pixels of the one that needs the finest; pixels finer than the coarser
    raster's show no more."""
    finest = min((level_for(name, pair.gsd) for name in classes), default=0)
    return max(finest, level_at(coarser_gsd(pair) or 0.0, pair.gsd))


def side_of(pair: RasterPair, level: int) -> int:
    """Of the views of a survey. One that hangs over a small pair sees smeared borders, and takes some for changes: of 24 pairs of years of
    256 x 256 pixels in which nothing was built it called 2.8 % changed in views of 512 pixels, and 1.0 % in views of 256."""
    least = math.ceil(min(pair.width, pair.height) / (1 << level) / STEP) * STEP
    return min(max(least, LEAST_SIDE), SIDE)
