"""Two rasters of one ground as one: on one grid, in one light, and a pixel of one where the other has it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from shapely.affinity import affine_transform
from shapely.geometry import Polygon

from ..errors import DateUnknown, PairBands, PairOrder, PairSame
from ..protocol import Open, Shift
from ..raster import Pixels, Raster, open_raster
from .aligned import NO_SHIFT, Aligned
from .blocks import blocks_of
from .dates import date_of, is_date, is_later
from .drawn_from import DrawnFrom
from .notes import notes_of
from .overlap import Shared, shared
from .radiometry import matched
from .shift import Measured, shift_of

IN_VAIN = 0.5  # pixels: a smaller shift is not taken away, for that would cost sharpness
TOO_FAR = 5.0  # pixels: rasters that lie further apart are badly placed, and not everywhere by as much
COARSER = 1.5  # times: the shift of an after raster of so much larger pixels is measured in these


class Mask(Protocol):
    """Where one date shows no ground: under clouds and their shadows."""

    def at(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> np.ndarray:
        """bool (out_height, out_width) of a window in pixels of the grid."""


Clouds = tuple[Mask | None, Mask | None]  # before, after


@dataclass(frozen=True)
class Known:
    """What is known of a pair beside its pixels."""

    overlap: float  # 0..1, share of the before raster that both cover
    common: Polygon  # what both cover, in the grid's CRS
    shift: Shift | None  # None where there is too little to see
    dates: tuple[str, str]  # ISO, before and after; "" where it is not known
    notes: tuple[str, ...] = ()


class RasterPair(DrawnFrom):
    """Two rasters on the grid of the before raster, cut to what both cover; a `Source` of six channels, before and after."""

    def __init__(self, before: Aligned, after: Aligned, known: Known, clouds: Clouds = (None, None)) -> None:
        super().__init__(before, before, after)
        self.before, self.after, self.known, self.clouds = before, after, known, clouds

    @property
    def overlap(self) -> float:
        return self.known.overlap

    @property
    def common(self) -> Polygon:
        return self.known.common

    @property
    def shift(self) -> Shift | None:
        return self.known.shift

    @property
    def dates(self) -> tuple[str, str]:
        return self.known.dates

    @property
    def notes(self) -> tuple[str, ...]:
        return self.known.notes

    @property
    def identity(self) -> Any:
        return [self.before.identity, self.after.identity, [cloud is not None for cloud in self.clouds]]

    def another(self) -> RasterPair:
        return RasterPair(self.before.another(), self.after.another(), self.known, self.clouds)

    def under(self, clouds: Clouds) -> RasterPair:
        """The same pair, the same datasets, without what lies under clouds."""
        return RasterPair(self.before, self.after, self.known, clouds)

    def read(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> Pixels:
        """uint8 (h, w, 6), valid where both dates are and neither is under clouds.

        Where but one has data both are black: the border of one must not look like a change beside it.
        """
        window = (col, row, width, height, out_width, out_height)
        before, after, hidden = self.before.read(*window), self.after.read(*window), self.hidden(*window)
        valid = before.valid & after.valid
        if hidden is not None:
            valid &= ~hidden
        both = np.concatenate([before.rgb, after.rgb], axis=-1)
        blank = ~valid
        if self.before.extends and self.after.extends:
            blank &= before.valid | after.valid
        if blank.any():
            both[blank] = 0
        return Pixels(both, valid)

    def hidden(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> np.ndarray | None:
        """bool (h, w): under clouds at either date; None where there are none."""
        masks = [cloud.at(col, row, width, height, out_width, out_height) for cloud in self.clouds if cloud is not None]
        return np.logical_or.reduce(masks) if masks else None


def open_pair(before: Open, after: Open, any_order: bool = False, before_date: str = "", after_date: str = "") -> RasterPair:
    """Open two rasters and bring the after raster onto the grid of the before raster.

    any_order: take them although the before raster is the newer one. The dates are ISO; "" is what the files say.
    Raises PairSame, PairBands, PairUnplaced, PairScale, PairApart, PairOrder, DateUnknown, and what opening and reading raise.
    """
    with _opened(before) as one, _opened(after) as other:
        _check_not_same(one, other)
        _check_colours(one, other)
        both = shared(one, other)
        dates = _dates(one, other, (before_date, after_date), any_order)
        pair = _laid(one, other, both, dates)
    return pair


def _laid(one: Raster, other: Raster, both: Shared, dates: tuple[str, str]) -> RasterPair:
    """Two rasters on one grid: their shift measured and taken away, and their stretches moved to each other."""
    before, after = Aligned(one, both.grid), Aligned(other, both.grid, placed=both.placed)
    pixel = 1 / after.pixels_a_pixel
    pixel = pixel if pixel > COARSER else 1.0
    native = affine_transform(both.common, (~both.grid.transform).to_shapely())
    blocks = blocks_of(before, after, pixel, native, max(1.0, after.pixels_a_pixel))
    found = shift_of(blocks, pixel)
    shift = None if found is None else _shift(found, both.grid.gsd)
    moved = (shift.x, shift.y) if shift is not None and shift.corrected else NO_SHIFT
    if all(len(raster.bands) == 3 or not raster.is_colour for raster in (one, other)):  # a palette has its own colours
        whole = round(moved[0] / pixel), round(moved[1] / pixel)
        for raster, stretch in zip((one, other), matched(blocks, (one.stretch, other.stretch), whole), strict=True):
            raster.restretch(stretch)
    return RasterPair(
        before, after.of(other, moved), Known(both.share, both.common, shift, dates, tuple(notes_of(one, other, both, shift)))
    )


def _shift(found: Measured, gsd: float | None) -> Shift:
    length = math.hypot(found.x, found.y)
    metres = None if gsd is None else length * gsd
    return Shift(found.x, found.y, metres, found.uncertainty, IN_VAIN < length <= TOO_FAR)


@contextmanager
def _opened(asked: Open) -> Iterator[Raster]:
    """A raster that is closed again only where something goes wrong."""
    raster = open_raster(asked.path, asked.bands, asked.stretch)
    try:
        yield raster
    except BaseException:
        raster.close()
        raise


def _check_not_same(before: Raster, after: Raster) -> None:
    same = before.path == after.path
    with suppress(OSError):  # what is no plain file has but its name
        same = same or os.path.samefile(before.path, after.path)
    if same:
        raise PairSame(f"Before and after are one file, {before.path}.", path=before.path)


def _check_colours(before: Raster, after: Raster) -> None:
    if before.is_colour != after.is_colour:
        what = f"One raster is in colour and the other has one band: {before.path} and {after.path}."
        raise PairBands(what, before=len(before.bands), after=len(after.bands))


def _dates(before: Raster, after: Raster, given: tuple[str, str], any_order: bool) -> tuple[str, str]:
    for date in given:
        if date and not is_date(date):
            raise DateUnknown(f"{date!r} is no date.", date=date)
    earlier, later = (date or date_of(raster.path, raster.tags) for date, raster in zip(given, (before, after), strict=True))
    if is_later(earlier, later) and not any_order:
        raise PairOrder(f"The before raster ({earlier}) is newer than the after raster ({later}).", before=earlier, after=later)
    return earlier, later
