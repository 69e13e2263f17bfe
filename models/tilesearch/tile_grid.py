"""The tiles of a raster: squares on a grid that is fixed to it, whatever area is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from affine import Affine
from shapely.geometry import MultiPolygon, Polygon

from ..raster import Raster
from ..surveying.frame import frame_of

SIDE = 256  # survey pixels of a tile: some houses with what is around them, at the scale at which houses are looked for
LEAST_SIDE = 32  # of a small raster's tiles: below that a tile is an object rather than a place
FEWEST = 8  # tiles along the longer side of a raster that is large enough


@dataclass(frozen=True)
class TileGrid:
    """Tiles of `side` native pixels, counted from the raster's corner; the last ones may hang over its border."""

    raster: Raster
    side: int  # a power of two
    col: int  # of the first tile
    row: int
    width: int  # in tiles
    height: int

    @property
    def to_map(self) -> Affine:
        """From (column, row) in tiles, counted from the first one's corner, to map coordinates."""
        return self.raster.transform @ Affine.scale(self.side) @ Affine.translation(self.col, self.row)

    def extent(self, column: int, row: int) -> tuple[float, float, float, float]:
        """xmin, ymin, xmax, ymax of what a tile has of the raster, in map coordinates."""
        left, top = (self.col + column) * self.side, (self.row + row) * self.side
        right, bottom = min(left + self.side, self.raster.width), min(top + self.side, self.raster.height)
        xs, ys = zip(*(self.raster.to_map(x, y) for x in (left, right) for y in (top, bottom)), strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def tile_grid(raster: Raster, level: int, area: Polygon | MultiPolygon | None = None) -> TileGrid:
    """The tiles that an area (in the raster's CRS) meets, or all; `level`: of the finest survey that looks at them.

    Their side depends on the raster and the level alone: SIDE survey pixels, halved until there are FEWEST tiles along the longer side.
    Raises AreaOutside.
    """
    side = SIDE << level
    while side > LEAST_SIDE << level and max(raster.width, raster.height) < FEWEST * side:
        side //= 2
    frame = frame_of(raster, 0, area)
    col, row = frame.col // side, frame.row // side
    width, height = math.ceil((frame.col + frame.width) / side) - col, math.ceil((frame.row + frame.height) / side) - row
    return TileGrid(raster, side, col, row, width, height)
