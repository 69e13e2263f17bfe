"""A raster as the pixels of another grid show it: cut, moved, turned or brought from another CRS.

Where the pixels are the same ones, or larger or smaller ones with the same directions, windows are read as they are. For all else a window
is read that covers what is asked for, and GDAL's warper brings it onto the grid: what nodata, masks, palettes and stretches mean is so said
in one place, by `Raster`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from affine import Affine
from pyproj import CRS, Transformer
from rasterio.crs import CRS as RasterioCRS
from rasterio.enums import Resampling
from rasterio.warp import reproject

from ..pixel_grid import PixelGrid
from ..raster import VALID_ABOVE, Pixels, Raster, reading
from .drawn_from import DrawnFrom

Shifted = tuple[float, float]  # grid pixels to the right and down

NO_SHIFT: Shifted = (0.0, 0.0)
IN_VAIN = 1 / 16  # pixels that something may lie beside its place: to move it by less costs sharpness, and gains nothing
ALIKE = 1.25  # times: pixels that differ by less are resampled by the warper, for GDAL does not move windows by parts of their pixels
LINES = 9  # across and down a window whose crossings tell which part of the raster covers it
MARGIN = 4  # pixels around that: as far as a cubic reaches, and some for the bend between the crossings
PLANE = RasterioCRS.from_epsg(3857)  # GDAL wants a CRS; the same on both sides means none


class Aligned(DrawnFrom):
    """A raster on the pixels of a grid; a `Source`.

    shift: what is at (col, row) of the grid is read where its georeference would have (col + x, row + y). placed: the raster's transform
    where it is another than it says.
    """

    def __init__(self, raster: Raster, grid: PixelGrid, shift: Shifted = NO_SHIFT, placed: Affine | None = None) -> None:
        super().__init__(grid, raster)
        self.raster, self.shift = raster, shift
        self._placed = placed or raster.transform
        self._to_crs = None if same_crs(grid.crs, raster.crs) else Transformer.from_crs(grid.crs, raster.crs, always_xy=True)
        self._to_raster = ~self._placed @ grid.transform @ Affine.translation(*shift)  # only where both have one CRS
        self._whole = None if self._to_crs else whole_offset(self._to_raster, grid.width, grid.height)
        self.pixels_a_pixel = self._measured_pixel()  # the side of a pixel of the grid in pixels of the raster

    @property
    def identity(self) -> Any:
        wkt = None if self.crs is None else self.crs.to_wkt()
        return [self.raster.identity, self.width, self.height, list(self.transform)[:6], wkt, list(self.shift), list(self._placed)[:6]]

    @property
    def extends(self) -> bool:
        """Whether what lies beyond the raster shows its nearest edge, and not black."""
        return self._whole is not None

    def another(self) -> Aligned:
        return self.of(self.raster.another())

    def of(self, raster: Raster, shift: Shifted | None = None) -> Aligned:
        """Another reading of the same file in the same place."""
        return Aligned(raster, self, self.shift if shift is None else shift, self._placed)

    def read(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> Pixels:
        """As `Raster.read`, in pixels of the grid; black where there are no data and outside of a raster that is warped."""
        if self._whole is not None:
            return self.raster.read(col + self._whole[0], row + self._whole[1], width, height, out_width, out_height)
        if self._to_crs is None and is_straight(self._to_raster, self.width, self.height):
            across, down = self._to_raster.a, self._to_raster.e
            if not (_alike(across * width / out_width) or _alike(down * height / out_height)):
                left, top = self._to_raster @ (col, row)
                return self.raster.read(left, top, across * width, down * height, out_width, out_height)
        return self._warped(col, row, width, height, out_width, out_height)

    def _warped(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> Pixels:
        out = Affine.translation(col, row) @ Affine.scale(width / out_width, height / out_height)
        # Pixels that are read lie on one lattice for all windows of a scale, so that neighbours see the same.
        wider = self.pixels_a_pixel * math.sqrt(width / out_width * height / out_height)
        pixel = wider if wider > ALIKE else 1.0
        covered = self._covered(out, out_width, out_height, pixel)
        if covered is None:
            blank = self.raster.read(-2, -2, 1, 1, 1, 1).rgb  # tells the channels and their type
            return Pixels(np.zeros((out_height, out_width, blank.shape[2]), blank.dtype), np.zeros((out_height, out_width), bool))
        left, top, right, bottom = covered
        seen = self.raster.read(left * pixel, top * pixel, (right - left) * pixel, (bottom - top) * pixel, right - left, bottom - top)
        # Beyond the raster nothing is valid: where all is, in one CRS, all of the window is, and GDAL has a channel less to weigh by.
        whole = self._to_crs is None and bool(seen.valid.all())
        values = np.concatenate([np.moveaxis(seen.rgb, -1, 0), *([] if whole else [seen.valid[None] * seen.rgb.dtype.type(255)])])
        brought = np.zeros((len(values), out_height, out_width), values.dtype)
        crs = (PLANE, PLANE) if self._to_crs is None else (_for_gdal(self.raster.crs), _for_gdal(self.crs))
        with reading(self.path):
            reproject(
                values,
                brought,
                src_transform=self._placed @ Affine.scale(pixel) @ Affine.translation(left, top),
                src_crs=crs[0],
                dst_transform=self.transform @ Affine.translation(*self.shift) @ out,
                dst_crs=crs[1],
                resampling=Resampling.cubic,
                src_alpha=0 if whole else len(values),
                dst_alpha=0 if whole else len(values),
                XSCALE=1,  # without them GDAL would measure anew for each window how much it shrinks
                YSCALE=1,
            )
        if whole:
            return Pixels(np.moveaxis(brought, 0, -1), np.ones((out_height, out_width), bool))
        valid = brought[-1] > VALID_ABOVE
        return Pixels(np.moveaxis(brought[:-1] * valid, 0, -1), valid)

    def _covered(self, out: Affine, out_width: int, out_height: int, pixel: float) -> tuple[int, int, int, int] | None:
        """Left, top, right and bottom of what a window shows of the raster, in steps of `pixel` of its pixels; None for nothing."""
        across, down = np.meshgrid(np.linspace(0, out_width, LINES), np.linspace(0, out_height, LINES))
        cols, rows = self._on_raster(*(out @ (across.ravel(), down.ravel())))
        there = np.isfinite(cols) & np.isfinite(rows)
        if not there.any():
            return None
        left, top = (max(math.floor(at[there].min() / pixel) - MARGIN, -MARGIN) for at in (cols, rows))
        right = min(math.ceil(cols[there].max() / pixel) + MARGIN, math.ceil(self.raster.width / pixel) + MARGIN)
        bottom = min(math.ceil(rows[there].max() / pixel) + MARGIN, math.ceil(self.raster.height / pixel) + MARGIN)
        return None if right <= left or bottom <= top else (left, top, right, bottom)

    def _on_raster(self, cols: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixel coordinates of the grid -> of the raster; infinite where the raster's CRS does not reach."""
        if self._to_crs is None:
            cols, rows = self._to_raster @ (cols, rows)
            return cols, rows
        x, y = self.transform @ (cols + self.shift[0], rows + self.shift[1])
        cols, rows = ~self._placed @ self._to_crs.transform(x, y)
        return cols, rows

    def _measured_pixel(self) -> float:
        middle = (self.width / 2, self.height / 2)
        cols, rows = self._on_raster(np.array([0.0, 1.0, 0.0]) + middle[0], np.array([0.0, 0.0, 1.0]) + middle[1])
        area = abs((cols[1] - cols[0]) * (rows[2] - rows[0]) - (cols[2] - cols[0]) * (rows[1] - rows[0]))
        return math.sqrt(area) if math.isfinite(area) and area > 0 else 1.0


def same_crs(one: CRS | None, other: CRS | None) -> bool:
    """Whether coordinates of one mean the same in the other."""
    if one is None or other is None:
        return one is other
    return bool(one.equals(other, ignore_axis_order=True))


def is_straight(transform: Affine, width: float, height: float) -> bool:
    """Whether a transform neither turns nor mirrors what is `width` and `height` large, to within IN_VAIN."""
    return transform.a > 0 and transform.e > 0 and abs(transform.b) * height < IN_VAIN and abs(transform.d) * width < IN_VAIN


def whole_offset(transform: Affine, width: float, height: float) -> tuple[int, int] | None:
    """By how many pixels a transform moves a grid of a size, if it does nothing else; None where it does."""
    if not is_straight(transform, width, height):
        return None
    ends = [transform @ corner for corner in ((0, 0), (width, height))]
    moved = [(ends[0][0], ends[0][1]), (ends[1][0] - width, ends[1][1] - height)]
    nearest = (round(moved[0][0]), round(moved[0][1]))
    near = all(abs(at - goal) < IN_VAIN for one in moved for at, goal in zip(one, nearest, strict=True))
    return nearest if near else None


def _alike(scale: float) -> bool:
    return 1 / ALIKE < scale < ALIKE


@lru_cache(maxsize=8)
def _for_gdal(crs: CRS) -> RasterioCRS:
    return RasterioCRS.from_wkt(crs.to_wkt())
