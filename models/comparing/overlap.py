"""The ground that two rasters share, and the pixels on which they are compared: those of the before raster."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from pyproj import Transformer
from shapely.affinity import affine_transform
from shapely.geometry import Polygon

from ..errors import PairApart, PairScale, PairUnplaced
from ..pixel_grid import PixelGrid
from ..raster import Raster
from .aligned import same_crs

MOST_SCALE = 8.0  # times: coarser pixels do not show what the finer ones do
STEPS = 32  # along each side of a raster: its straight border is bent in another CRS
TRUE = 1e-3  # pixels: of rounding
THINNEST = 0.5  # pixels across what both cover: of less no pixel shows both dates
BACK = 1.0  # pixel: what comes back further from where it was went where its CRS does not reach
UNPLACED = Affine.scale(1, -1)  # a raster's transform where it has none


@dataclass(frozen=True)
class Shared:
    grid: PixelGrid  # the before raster's pixels, cut to what both cover
    placed: Affine  # of the after raster, from pixel to map
    common: Polygon  # in the grid's CRS
    share: float  # of the before raster, 0..1
    pixel_on_pixel: bool  # without any georeference: the upper left pixels are taken for the same


def shared(before: Raster, after: Raster) -> Shared:
    """Raises PairUnplaced, PairScale, PairApart."""
    if (before.crs is None) != (after.crs is None):
        path = before.path if before.crs is None else after.path
        raise PairUnplaced(f"{path} has no CRS, and the other raster has one, so nobody knows how they lie to each other.", path=path)
    pixel_on_pixel = before.crs is None and UNPLACED in (before.transform, after.transform)
    placed = before.transform if pixel_on_pixel else after.transform
    _check_scale(before, after, pixel_on_pixel)
    met = _met(before, PixelGrid(after.width, after.height, placed, after.crs))
    if met is None or met.area < THINNEST or min(np.subtract(met.bounds[2:], met.bounds[:2])) < THINNEST:
        raise PairApart(f"{before.path} and {after.path} share no ground.", before=before.path, after=after.path)
    left, top, right, bottom = met.bounds
    col, row = math.floor(left + TRUE), math.floor(top + TRUE)
    transform = before.transform @ Affine.translation(col, row)
    grid = PixelGrid(math.ceil(right - TRUE) - col, math.ceil(bottom - TRUE) - row, transform, before.crs)
    common = affine_transform(met, before.transform.to_shapely())
    share = min(1.0, round(met.area / (before.width * before.height), 9))
    return Shared(grid, placed, common, share, pixel_on_pixel)


def _check_scale(before: Raster, after: Raster, pixel_on_pixel: bool) -> None:
    sizes = (before.gsd, after.gsd) if before.gsd and after.gsd else (before.pixel_size, after.pixel_size)
    times = max(sizes) / min(sizes)
    if times > MOST_SCALE and not pixel_on_pixel:
        what = f"The pixels of one raster are {times:.0f} times as large as those of the other."
        raise PairScale(what, before_gsd=before.gsd, after_gsd=after.gsd)


def _met(before: PixelGrid, after: PixelGrid) -> Polygon | None:
    """What both cover in pixels of the before raster; None where that is nothing."""
    whole, there = (shapely.box(0, 0, grid.width, grid.height) for grid in (before, after))
    carried = _carried(there, after, before)
    if carried is None:  # the after raster goes beyond what the CRS of the before raster can tell: only what is of use
        needed = _carried(whole, before, after)
        part = None if needed is None else _largest(shapely.intersection(needed, there))
        carried = None if part is None else _carried(part, after, before)
    return None if carried is None else _largest(shapely.intersection(carried, whole))


def _carried(area: Polygon, source: PixelGrid, target: PixelGrid) -> Polygon | None:
    """An area in pixels of one grid as one in pixels of another; None where it does not come back as it was."""
    if same_crs(source.crs, target.crs):
        return affine_transform(area, (~target.transform @ source.transform).to_shapely())
    there = Transformer.from_crs(source.crs, target.crs, always_xy=True)
    sides = (area.bounds[2] - area.bounds[0], area.bounds[3] - area.bounds[1])
    border = shapely.get_coordinates(shapely.segmentize(area, max(sides) / STEPS).exterior)
    x, y = there.transform(*(source.transform @ (border[:, 0], border[:, 1])))
    back = np.stack(~source.transform @ there.transform(x, y, direction="INVERSE"), axis=1)
    if not np.isfinite(back).all() or np.abs(back - border).max() > BACK:
        return None
    polygon = shapely.make_valid(Polygon(np.stack(~target.transform @ (x, y), axis=1)))
    return _largest(polygon)


def _largest(area: shapely.Geometry) -> Polygon | None:
    parts = [part for part in shapely.get_parts(shapely.get_parts([area])) if isinstance(part, Polygon) and part.area > 0]
    return max(parts, key=lambda part: part.area, default=None)
