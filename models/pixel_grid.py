"""Square pixels on the map: where each lies, and how much ground it covers.

Coordinates: *map* (x, y) in the grid's CRS; *pixel* (col, row) as floats, (0, 0) the outer corner of the first pixel and (0.5, 0.5) its
centre.
"""

from __future__ import annotations

import math

from affine import Affine
from pyproj import CRS
from shapely.geometry import MultiPolygon, Polygon

from .ground import ground_sample_distance, square_metres


class PixelGrid:
    """Columns and rows of pixels, and the affine transform from pixel to map coordinates."""

    def __init__(self, width: int, height: int, transform: Affine, crs: CRS | None) -> None:
        self.width, self.height = width, height
        self.transform, self.crs = transform, crs
        self.gsd: float | None = ground_sample_distance(transform, width, height, crs)  # metres a pixel, None without a CRS

    @property
    def pixel_size(self) -> float:
        """The side of a square as large as a native pixel, in map units."""
        return math.sqrt(abs(self.transform.determinant))

    @property
    def pixel_area(self) -> float:
        """The ground area of a native pixel at the raster's centre, in m2; 1 without a CRS."""
        return 1.0 if self.gsd is None else self.gsd**2

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """Map to pixel coordinates, also outside of the raster."""
        col, row = ~self.transform @ (x, y)
        return col, row

    def to_map(self, col: float, row: float) -> tuple[float, float]:
        """Pixel to map coordinates."""
        x, y = self.transform @ (col, row)
        return x, y

    def contains(self, col: float, row: float) -> bool:
        """Whether a point in pixel coordinates lies in the raster."""
        return 0 <= col < self.width and 0 <= row < self.height

    def square_metres(self, polygon: Polygon | MultiPolygon) -> float:
        """The geodesic area of a polygon in map coordinates in m2; in square native pixels without a CRS."""
        if self.crs is None:
            return float(polygon.area) / abs(self.transform.determinant)
        return square_metres(polygon, self.crs)
