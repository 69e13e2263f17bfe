"""The pixels that an object covers, piece by piece, however large it is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely
from affine import Affine
from rasterio import features
from shapely.geometry import MultiPolygon, Polygon

from ..surveying.frame import Frame

SIDE = 1024  # pixels a side, at most


class Piece(NamedTuple):
    """Pixels of a frame from (col, row) on."""

    col: int
    row: int
    inside: np.ndarray  # bool (h, w): those whose middle lies in the object

    @property
    def window(self) -> tuple[int, int, int, int]:
        """First column and row, width and height."""
        return self.around(0)

    def around(self, reach: int) -> tuple[int, int, int, int]:
        """The window with so many more pixels on every side."""
        height, width = self.inside.shape
        return self.col - reach, self.row - reach, width + 2 * reach, height + 2 * reach


def pieces_of(outline: Polygon | MultiPolygon, frame: Frame) -> Iterator[Piece]:
    """The pieces of an object in map coordinates that have a pixel of it."""
    shape = shapely.transform(outline, lambda x, y: ~frame.to_map @ (x, y), interleaved=False)
    left, top, right, bottom = shape.bounds
    rows, cols = (range(math.floor(first), math.ceil(stop), SIDE) for first, stop in ((top, bottom), (left, right)))
    for row, col in itertools.product(rows, cols):
        height, width = min(SIDE, rows.stop - row), min(SIDE, cols.stop - col)
        part = shape if len(rows) * len(cols) == 1 else shapely.clip_by_rect(shape, col, row, col + width, row + height)
        if part.is_empty:
            continue
        inside = features.rasterize([part], (height, width), transform=Affine.translation(col, row), dtype=np.uint8).astype(bool)
        if inside.any():
            yield Piece(col, row, inside)
