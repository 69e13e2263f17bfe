"""What a survey reads: a raster, or several that were brought onto one grid."""

from __future__ import annotations

from typing import Any, Protocol

from affine import Affine
from pyproj import CRS
from shapely.geometry import MultiPolygon, Polygon

from ..raster import Pixels
from ..stretch import Range


class Source(Protocol):
    """Pixels on a grid, by window and at any scale. Not for more than one thread at a time: `another` is for others.

    A `Raster` is one. Units and frames are those of `Raster`, and so is what goes wrong.
    """

    @property
    def path(self) -> str: ...  # by which sentences name it

    @property
    def files(self) -> tuple[str, ...]: ...  # all that it is read from: nothing may be written over them

    @property
    def stamp(self) -> tuple[int, ...] | None: ...  # tells one state of the files from another

    @property
    def bands(self) -> tuple[int, ...]: ...

    @property
    def stretch(self) -> tuple[Range, ...]: ...

    @property
    def identity(self) -> Any: ...  # JSON values that tell what is read from whatever else could be

    @property
    def in_whole_rows(self) -> bool: ...  # whether to read a window costs reading all rows that it meets

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    @property
    def transform(self) -> Affine: ...

    @property
    def crs(self) -> CRS | None: ...

    @property
    def gsd(self) -> float | None: ...

    @property
    def pixel_size(self) -> float: ...

    @property
    def pixel_area(self) -> float: ...

    def to_pixel(self, x: float, y: float) -> tuple[float, float]: ...

    def to_map(self, col: float, row: float) -> tuple[float, float]: ...

    def contains(self, col: float, row: float) -> bool: ...

    def square_metres(self, polygon: Polygon | MultiPolygon) -> float: ...

    def read(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> Pixels:
        """As `Raster.read`, with any number of channels in `rgb`, uint8 or float32."""

    def check_file(self) -> None:
        """Raises RasterMissing or RasterUnreadable where a file has gone or changed since it was opened."""

    def another(self) -> Source:
        """The same with datasets of its own, for another thread."""

    def close(self) -> None: ...
