"""How much ground the pixels of a raster cover, row by row."""

from __future__ import annotations

import numpy as np
from affine import Affine
from pyproj import CRS
from shapely.geometry import Polygon

from ..ground import square_metres

ROWS = 256  # at which ground is measured; between them it changes evenly
COLUMNS = 5  # likewise; the mean is taken


def row_areas(transform: Affine, width: int, height: int, crs: CRS | None, square: float = 1.0) -> np.ndarray:
    """float64 (height,): the geodesic area in m2 of a pixel of each row; `square` for each pixel without a CRS.

    On a north-up raster in degrees all pixels of a row have one size, so their sum is exact; elsewhere it is the mean of some columns.
    """
    if crs is None:
        return np.full(height, square)
    rows = np.unique(np.linspace(0, height - 1, min(height, ROWS)).round().astype(int))
    columns = np.unique(np.linspace(0, width - 1, min(width, 1 if _is_north_up(transform) and crs.is_geographic else COLUMNS)).astype(int))
    measured = [np.mean([_area(transform, int(col), int(row), crs) for col in columns]) for row in rows]
    return np.interp(np.arange(height), rows, measured)


def _is_north_up(transform: Affine) -> bool:
    return bool(transform.b == 0 and transform.d == 0)


def _area(transform: Affine, col: int, row: int, crs: CRS) -> float:
    corners = [transform @ corner for corner in ((col, row), (col + 1, row), (col + 1, row + 1), (col, row + 1))]
    return square_metres(Polygon(corners), crs)
