"""The polygons of a map, drawn on the pixels of a frame."""

from __future__ import annotations

import warnings

import numpy as np
import shapely
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import rasterize

from ..surveying.frame import Frame


def drawn_rows(tree: shapely.STRtree, frame: Frame, row: int, rows: int, numbered: bool = False) -> np.ndarray:
    """(rows, width of the frame): which pixels the tree's polygons, in map coordinates, cover, as bool; if `numbered`, as int32 1 + the
    index of each, those with a higher one on top."""
    to_map, shape = frame.to_map @ Affine.translation(0, row), (rows, frame.width)
    corners = [to_map @ corner for corner in ((0, 0), (shape[1], 0), (shape[1], shape[0]), (0, shape[0]))]
    met = np.sort(tree.query(shapely.Polygon(corners), predicate="intersects"))
    if not len(met):
        return np.zeros(shape, np.int32 if numbered else bool)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        shapes = zip(tree.geometries[met], (met + 1).tolist(), strict=True)
        drawn: np.ndarray = rasterize(shapes, shape, transform=to_map, dtype=np.int32)
    return drawn if numbered else drawn > 0
