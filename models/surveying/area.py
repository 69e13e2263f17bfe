"""The area of a raster that a job is for: as a person gives it, a vector file or four numbers, or as the plugin does, in WKB."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyogrio
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry import MultiPolygon, Polygon

from ..errors import AreaUnreadable, RequestInvalid
from ..ground import LONGEST_EDGE
from ..raster import Raster
from .frame import frame_of

Area: TypeAlias = Polygon | MultiPolygon
POLYGONS = (3, 6)  # shapely's numbers for polygons and multipolygons
FARTHEST = 1e12  # map units: no map reaches that far, and GEOS cannot reckon with much larger numbers


def area_of(spec: str, raster: Raster) -> Polygon | MultiPolygon:
    """What --area names, in the raster's CRS: `x0,y0,x1,y1` in that CRS, or a vector file, all polygons of which are united.

    Raises AreaUnreadable where it names nothing of the kind, AreaOutside where it shares no ground with the raster.
    """
    numbers = _four_numbers(spec)
    area = _united(_polygons(spec, raster), spec) if numbers is None else shapely.box(*numbers)
    frame_of(raster, 0, area)
    return area


def area_of_request(wkb: str) -> Area | None:
    """The area of a request, None for the whole raster. Raises RequestInvalid."""
    if not wkb:
        return None
    try:
        area = shapely.make_valid(shapely.from_wkb(bytes.fromhex(wkb)))
    except (ValueError, shapely.errors.GEOSException) as error:
        raise RequestInvalid("The area is no polygon.", reason=str(error)) from error
    if area.is_empty or not area.area:
        raise RequestInvalid("The area is empty.", "Choose another area.")
    return area


def _four_numbers(spec: str) -> tuple[float, float, float, float] | None:
    """Of a rectangle, the smaller ones first; None where the text is none."""
    parts = re.split(r"[,;\s]+", spec.strip())
    try:
        x0, y0, x1, y1 = map(float, parts)
    except ValueError:
        return None
    if not all(abs(number) < FARTHEST for number in (x0, y0, x1, y1)) or x0 == x1 or y0 == y1:
        raise AreaUnreadable(f"The rectangle {spec} has no extent.", area=spec)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _polygons(path: str, raster: Raster) -> list[np.ndarray]:
    """The polygons of every layer of a file in the raster's CRS."""
    if not path.strip() or (not Path(path).exists() and not path.startswith("/vsi")):
        raise AreaUnreadable(f"There is no file {path!r} to take the area from.", area=path)
    found = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a file without a CRS, a layer without geometry: it is taken as it is
            for layer, kind in pyogrio.list_layers(path):
                if kind is not None:
                    meta, _, geometry, _ = pyogrio.raw.read(path, layer=layer, columns=[], force_2d=True)
                    found.append(_brought(shapely.from_wkb(geometry), meta["crs"], raster, path))
    except (RuntimeError, ValueError, OSError, shapely.GEOSException, CRSError, ProjError) as error:  # pyogrio's are RuntimeErrors
        raise AreaUnreadable(f"The area {path} cannot be read.", area=path, reason=str(error)) from error
    return found


def _brought(geometries: np.ndarray, crs: str | None, raster: Raster, path: str) -> np.ndarray:
    """Polygons from the file's CRS to the raster's; a file without one is in the raster's."""
    polygons = geometries[np.isin(shapely.get_type_id(geometries), POLYGONS) & ~shapely.is_empty(geometries)]
    if crs is None or not len(polygons):
        return polygons
    if raster.crs is None:
        what = f"The area {path} has the CRS {CRS(crs).name}, the raster has none, so nobody knows where on it the area lies."
        raise AreaUnreadable(what, "Give the raster a CRS, or the area as x0,y0,x1,y1 as QGIS shows the raster.", area=path)
    if CRS(crs).equals(raster.crs):
        return polygons
    to_raster = Transformer.from_crs(crs, raster.crs, always_xy=True)
    xmin, ymin, xmax, ymax = shapely.total_bounds(polygons)
    dense = shapely.segmentize(polygons, max(xmax - xmin, ymax - ymin) * LONGEST_EDGE)  # a straight edge there is a bent one here
    return np.asarray(shapely.transform(dense, to_raster.transform, interleaved=False))


def _united(parts: list[np.ndarray], path: str) -> Polygon | MultiPolygon:
    everything = np.concatenate(parts) if parts else np.array([], object)
    everything = everything[(np.abs(shapely.bounds(everything)) < FARTHEST).all(axis=1)] if len(everything) else everything
    united = shapely.union_all(shapely.make_valid(everything)) if len(everything) else None
    surfaces = [] if united is None else [part for part in shapely.get_parts(shapely.get_parts(united)) if part.geom_type == "Polygon"]
    if not surfaces:
        raise AreaUnreadable(f"There is no polygon in {path} that could be an area on this raster.", area=path)
    return surfaces[0] if len(surfaces) == 1 else MultiPolygon(surfaces)
