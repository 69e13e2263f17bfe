"""Sizes on the ground: geodesic square metres and metres, whatever the CRS measures in."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError
from shapely.geometry import MultiPolygon, Polygon

LONGEST_EDGE = 0.02  # of an outline's extent: longer edges bend too much on the ground to be measured by their ends alone
STRAIGHT = 0.005  # degrees: in a smaller extent no edge bends by a ten thousandth of its length
BEYOND_POLE = 5.0  # degrees: further is not the Earth in a wrong place, but a wrong CRS


def square_metres(polygon: Polygon | MultiPolygon, crs: CRS) -> float:
    """The geodesic area in m2 of a polygon in `crs`; planar, in the CRS's own unit, where the CRS is not tied to the Earth."""
    to_degrees = _to_degrees(crs)
    if to_degrees is None:
        factor = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
        return float(polygon.area) * factor * factor
    if not crs.is_geographic:
        xmin, ymin, xmax, ymax = polygon.bounds
        polygon = shapely.segmentize(polygon, max(xmax - xmin, ymax - ymin) * LONGEST_EDGE or 1.0)
    degrees = shapely.transform(polygon, _on_earth(to_degrees), interleaved=False)
    oriented = shapely.orient_polygons(degrees)
    return abs(float(_ellipsoid(crs).geometry_area_perimeter(oriented)[0]))


def areas(polygons: np.ndarray, crs: CRS) -> np.ndarray:
    """(n,) polygons in `crs` -> (n,) what `square_metres` says of each, in a fraction of the time where they are small."""
    to_degrees = _to_degrees(crs)
    if to_degrees is None or not len(polygons):
        return np.array([square_metres(polygon, crs) for polygon in polygons])
    degrees = shapely.orient_polygons(shapely.transform(polygons, _on_earth(to_degrees), interleaved=False))
    bounds = shapely.bounds(degrees)
    small = (bounds[:, 2:] - bounds[:, :2]).max(axis=1) < STRAIGHT
    ellipsoid = _ellipsoid(crs)
    return np.array(
        [
            abs(float(ellipsoid.geometry_area_perimeter(one)[0])) if is_small else square_metres(polygon, crs)
            for one, polygon, is_small in zip(degrees, polygons, small, strict=True)
        ]
    )


def ground_sample_distance(transform: Affine, width: int, height: int, crs: CRS | None) -> float | None:
    """Metres that the side of a square as large as the raster's central pixel measures; None without a CRS."""
    if crs is None:
        return None
    col, row = width // 2, height // 2
    corners = [transform @ corner for corner in ((col, row), (col + 1, row), (col + 1, row + 1), (col, row + 1))]
    area = square_metres(Polygon(corners), crs)
    return math.sqrt(area) if math.isfinite(area) and area > 0 else None


def _on_earth(to_degrees: Transformer) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """x, y -> longitudes, latitudes; what lies a little beyond a pole, as smoothed outlines there do, comes to lie at it."""

    def transform(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        longitudes, latitudes = to_degrees.transform(x, y)
        return longitudes, np.where(np.abs(latitudes) < 90 + BEYOND_POLE, np.clip(latitudes, -90, 90), latitudes)

    return transform


@lru_cache(maxsize=16)
def _to_degrees(crs: CRS) -> Transformer | None:
    geodetic = crs.geodetic_crs
    if geodetic is None:
        return None
    try:
        return Transformer.from_crs(crs, geodetic, always_xy=True)
    except ProjError:
        return None


@lru_cache(maxsize=16)
def _ellipsoid(crs: CRS) -> Geod:
    return crs.get_geod() or Geod(ellps="WGS84")
