"""The ground that is compared: what both rasters cover, and of it what is asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

import shapely
from pyproj import CRS, Transformer
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from ..errors import AreaOutside
from ..ground import LONGEST_EDGE
from ..surveying.area import Area
from .aligned import same_crs
from .pair import RasterPair

ALL = 1 - 1e-6  # of a grid: what covers so much of it covers it
Shape = TypeVar("Shape", bound=BaseGeometry)


def brought(shape: Shape, crs: CRS | None, other: CRS | None) -> Shape:
    """A shape from one CRS to another; itself where they are the same, or where there are none."""
    if crs is None or other is None or same_crs(crs, other):
        return shape
    xmin, ymin, xmax, ymax = shape.bounds
    dense = shapely.segmentize(shape, max(xmax - xmin, ymax - ymin) * LONGEST_EDGE or 1.0)  # a straight edge there is a bent one here
    moved: Shape = shapely.transform(dense, _between(crs, other).transform, interleaved=False)
    return moved


def compared_area(pair: RasterPair, asked: Area | None) -> Area | None:
    """What is asked for (in the CRS of the after raster) of the ground that both cover, in the grid's CRS; None for all of the grid.

    Raises AreaOutside where the two share nothing.
    """
    common = pair.common
    if asked is None:
        return None if common.area >= ALL * abs(pair.transform.determinant) * pair.width * pair.height else common
    met = shapely.intersection(shapely.make_valid(brought(asked, pair.after.raster.crs, pair.crs)), common)
    parts = [part for part in shapely.get_parts(met) if isinstance(part, Polygon) and part.area > 0]
    if not parts:
        raise AreaOutside("The area lies outside of the ground that both rasters cover.", path=pair.path)
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


@lru_cache(maxsize=8)
def _between(crs: CRS, other: CRS) -> Transformer:
    return Transformer.from_crs(crs, other, always_xy=True)
