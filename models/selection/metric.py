"""A plane on which shapes are true and metres are known, for outlines of any CRS.

The plane is stereographic about the middle of the scene: conformal, so that near any point it is a map of one scale in every
direction (Snyder, Map Projections: A Working Manual, 1987, https://doi.org/10.3133/pp1395, chapter 21). That scale is known in closed
form, and lengths are divided by it. So a distance of metres or kilometres is right anywhere on a raster that spans a continent, where
no one UTM zone and no equidistant projection would do.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer

LONGEST_EDGE = 1000.0  # metres: longer edges, straight in one projection, are bent in another
METRES_A_DEGREE = 111_320.0  # of latitude


class Ground:
    """The plane of a scene.

    Without a CRS the plane is the map itself and a metre is a pixel; north is then where the map's y grows. So it is where a CRS is not
    tied to the Earth, with metres that are known.
    """

    def __init__(self, crs: CRS | None, middle: tuple[float, float], pixel: float) -> None:
        """`middle` (x, y) in `crs`; `pixel`: a pixel's width in metres, without a CRS in map units."""
        self.pixel = pixel if crs else 1.0  # a pixel's width in this ground's metres
        self._flat_scale = pixel if crs is None else 1.0 / metres_a_unit(crs)
        self._to_plane: Transformer | None = None
        geodetic = crs.geodetic_crs if crs else None
        if crs is None or geodetic is None:
            return
        self._geod: Geod = geodetic.get_geod() or Geod(ellps="WGS84")
        ellipsoid = f"+a={self._geod.a!r} +b={self._geod.b!r}"
        degrees = CRS.from_proj4(f"+proj=longlat {ellipsoid} +no_defs")
        lon, lat = Transformer.from_crs(crs, degrees, always_xy=True).transform(*middle)
        plane = CRS.from_proj4(f"+proj=stere +lat_0={lat!r} +lon_0={lon!r} {ellipsoid} +units=m +no_defs")
        self._to_plane = Transformer.from_crs(crs, plane, always_xy=True)
        self._to_degrees = Transformer.from_crs(plane, degrees, always_xy=True)
        self._diameter = 2 * math.sqrt(self._geod.a * self._geod.b)
        self._longest_edge = LONGEST_EDGE / metres_a_unit(crs)

    def of(self, geometries: np.ndarray) -> np.ndarray:
        """Geometries (n,) in map coordinates on the plane. What has no place there, or is empty, is None."""
        if self._to_plane is None or not len(geometries):
            return np.asarray(geometries, object)
        placed = shapely.transform(shapely.segmentize(geometries, self._longest_edge), self._to_plane.transform, interleaved=False)
        bounds = shapely.bounds(placed)
        placed[~np.isfinite(bounds).all(axis=1)] = None
        return placed

    def scale(self, points: np.ndarray) -> np.ndarray:
        """Units of the plane a metre, at points (n, 2) of the plane: (n,)."""
        if self._to_plane is None:
            return np.full(len(points), self._flat_scale)
        return 1 + (points**2).sum(axis=1) / self._diameter**2

    def bearings(self, here: np.ndarray, there: np.ndarray) -> np.ndarray:
        """Degrees clockwise from true north, -180..180, in which points (n, 2) are seen from others (n, 2); NaN where they coincide."""
        if self._to_plane is None:
            way = there - here
            bearings = np.degrees(np.arctan2(way[:, 0], way[:, 1]))
        else:
            bearings, _, _ = self._geod.inv(*self._to_degrees.transform(*here.T), *self._to_degrees.transform(*there.T))
        return np.where((here == there).all(axis=1), np.nan, bearings)


def metres_a_unit(crs: CRS) -> float:
    """Metres a unit of a CRS; where that is a degree, those of a degree of latitude."""
    if crs.is_geographic:
        return METRES_A_DEGREE
    return crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
