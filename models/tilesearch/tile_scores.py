"""How much each tile shows of a class, from a survey of probability.

An analyst asks where there is any, and then where there is most. So half of a tile's score says whether something is there, as sure as its
surest pixels are, and the other half how much of the tile it covers: a solar panel for certain comes before a maybe of any size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..surveying.survey import Frame, Strip
from .tile_grid import TileGrid

LEVELS = 256  # of a strip's values: 0 is no data, 1 + 254 p otherwise
PRESENT = 32  # survey pixels that must agree for something to be there: a small tree or car; fewer are noise
PRESENT_SHARE = 1 / 16  # of a tile, where its pixels are few


class Tally:
    """Counts how often each probability occurs in every tile, as strips come; so no tile's score depends on how high they are."""

    def __init__(self, grid: TileGrid, frame: Frame, channels: int) -> None:
        self._frame, self._grid = frame, grid
        self._pixels = grid.side >> frame.level  # survey pixels along a tile
        columns = (frame.col + np.arange(frame.width)) // self._pixels - grid.col
        self._first_bin = np.clip(columns, 0, grid.width - 1) * LEVELS
        self._counts = np.zeros((channels, grid.width, LEVELS), np.int64)  # of the row of tiles that is being counted
        self._row = 0
        self.scores = np.full((channels, grid.height, grid.width), np.nan, np.float32)  # NaN: no data

    def take(self, strip: Strip) -> None:
        """Strips follow each other from the frame's first row to its last."""
        at, end = strip.row, strip.row + strip.values.shape[1]
        while at < end:
            row = min((self._frame.row + at) // self._pixels - self._grid.row, self._grid.height - 1)
            if row > self._row:
                self._settle(row)
            stop = min(end, (self._grid.row + row + 1) * self._pixels - self._frame.row) if row < self._grid.height - 1 else end
            for channel, plane in enumerate(strip.values[:, at - strip.row : stop - strip.row]):
                bins = np.bincount((plane + self._first_bin).ravel(), minlength=self._counts[channel].size)
                self._counts[channel] += bins.reshape(-1, LEVELS)
            at = stop

    def finish(self) -> np.ndarray:
        """float32 (channels, rows, columns of tiles), 0..1; NaN where a tile has no data."""
        self._settle(self._grid.height)
        return self.scores

    def _settle(self, row: int) -> None:
        self.scores[:, self._row] = scores(self._counts, self._pixels**2)
        self._counts[:] = 0
        self._row = row


def scores(counts: np.ndarray, pixels: int) -> np.ndarray:
    """int (..., LEVELS): how many of a tile's `pixels` have each value -> float32 (...), 0..1, NaN where there are no data.

    Presence is the mean probability of the likeliest pixels, as many as make a small object; the amount is the expected share of the whole
    tile, so that the sliver of a tile at the raster's border is not full of something at once.
    """
    most_first = counts[..., :0:-1]
    probability = np.linspace(1, 0, LEVELS - 1)
    wanted = max(1, min(PRESENT, round(pixels * PRESENT_SHARE)))
    taken = np.diff(np.minimum(np.cumsum(most_first, axis=-1), wanted), axis=-1, prepend=0)
    presence, amount = taken @ probability / wanted, most_first @ probability / pixels
    return np.where(most_first.any(-1), presence * (1 + amount) / 2, np.nan).astype(np.float32)


def best(scored: np.ndarray, count: int) -> Sequence[tuple[int, int]]:
    """(row, column) of the highest scores, the highest first, of equal ones from top left; none without data."""
    order = np.argsort(np.where(np.isnan(scored), np.inf, -scored), axis=None, kind="stable")[:count]
    places = zip(*np.unravel_index(order, scored.shape), strict=True)
    return [(int(row), int(column)) for row, column in places if not np.isnan(scored[row, column])]
