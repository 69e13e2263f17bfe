"""Vector layers that a phrase may name: their geometries where the raster is, in the raster's CRS."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from ..errors import LayerMissing, LayerUnplaced, LayerUnreadable
from .metric import metres_a_unit

FLATTEST = 0.2  # cosine of a latitude: nearer to the poles degrees of longitude are taken for no shorter
POINTS_A_SIDE = 21  # of a rectangle that is bent by another projection

Bounds = tuple[float, float, float, float]  # xmin, ymin, xmax, ymax


class Source(NamedTuple):
    """Where a layer lies, as QGIS writes it: "roads.gpkg|layername=main|subset=width > 3"."""

    path: str
    table: str | int | None
    where: str | None

    @classmethod
    def of(cls, text: str) -> Source:
        path, _, rest = text.partition("|")
        rest, _, where = rest.partition("subset=")  # comes last and may hold anything
        options = dict(part.split("=", 1) for part in rest.split("|") if "=" in part)
        table = options.get("layername") or (int(options["layerid"]) if options.get("layerid", "").isdigit() else None)
        return cls(path, table, where or None)


def named_layers(sources: Mapping[str, str], crs: CRS | None, bounds: Bounds, reach: float = 0.0) -> dict[str, np.ndarray]:
    """The geometries of each layer, as arrays (n,) of points, lines and polygons in the raster's CRS.

    sources: of each name, a path or what QGIS calls a source. crs, bounds: of the area that is searched. reach: the longest distance
    that a phrase asks for, in metres. Layers are cut where they are further from the area than that and than the area is large: a coast
    of a whole continent has no place on most maps.
    Raises LayerMissing, LayerUnreadable, LayerUnplaced.
    """
    return {name: _read(name, Source.of(text), crs, _grown(bounds, crs, reach)) for name, text in sources.items()}


def _read(name: str, source: Source, crs: CRS | None, bounds: Bounds) -> np.ndarray:
    with way_to(crs, info_of(name, source), "layer", name) as way:
        geometries = way.here(_geometries(source, way.there(bounds)))
    placed = np.isfinite(shapely.bounds(geometries)).all(axis=1)
    return geometries[placed]


class Way(NamedTuple):
    """From a layer's CRS to the raster's and back; nowhere where both are the same or there is none."""

    own: CRS | None  # the layer's
    crs: CRS | None  # the raster's

    def there(self, bounds: Bounds) -> Bounds:
        """The raster's bounds, in the layer's CRS."""
        return bounds_on(bounds, self.crs, self.own) if self._is_long else bounds

    def here(self, geometries: np.ndarray) -> np.ndarray:
        """The layer's geometries, in the raster's CRS."""
        if not self._is_long:
            return geometries
        onto = Transformer.from_crs(self.own, self.crs, always_xy=True)
        brought: np.ndarray = shapely.transform(geometries, onto.transform, interleaved=False)
        return brought

    @property
    def _is_long(self) -> bool:
        return self.own is not None and self.crs is not None and self.own != self.crs


@contextmanager
def way_to(crs: CRS | None, info: Mapping[str, Any], kind: str, name: str) -> Iterator[Way]:
    """In which a layer is read. kind: "layer" or what else it is to people. Raises LayerUnplaced, LayerUnreadable."""
    way = Way(crs_of(info["crs"]), crs)
    if (way.own is None) != (crs is None):
        lacks = "The raster has no CRS" if crs is None else f"The {kind} {name} has no CRS"
        raise LayerUnplaced(f"{lacks}, so it is not known where they lie on each other.", layer=name)
    try:
        yield way
    except ProjError as error:
        what = f"No way is known from the CRS of the {kind} {name} to that of the raster."
        raise LayerUnplaced(what, "Give both the right CRS.", layer=name, reason=str(error)) from error
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise LayerUnreadable(f"The {kind} {name} cannot be read.", layer=name, reason=str(error)) from error


def info_of(name: str, source: Source) -> dict[str, Any]:
    """What pyogrio says about a layer with geometries. Raises LayerMissing, LayerUnreadable."""
    if not source.path or not (Path(source.path).exists() or source.path.startswith("/vsi")):
        raise LayerMissing(f"The file of the layer {name} is not there: {source.path}.", layer=name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of files that are a little odd: they are read or they are not
            info: dict[str, Any] = pyogrio.read_info(source.path, layer=source.table)
    except DataLayerError as error:
        what = f"{source.path} has no table {source.table!r} for the layer {name}."
        raise LayerMissing(what, layer=name, reason=str(error)) from error
    except (DataSourceError, ValueError) as error:
        raise LayerUnreadable(f"The layer {name} cannot be read.", layer=name, reason=str(error)) from error
    if info["geometry_type"] is None:
        raise LayerUnreadable(f"The layer {name} is a table without geometries.", layer=name)
    return info


def _geometries(source: Source, bounds: Bounds) -> np.ndarray:
    """What lies within the bounds, in the layer's CRS, flat and without what is null or empty."""
    _, _, found, _ = pyogrio.raw.read(source.path, layer=source.table, where=source.where, bbox=bounds, columns=[], force_2d=True)
    geometries = shapely.from_wkb(found if found is not None else np.array([], object), on_invalid="ignore")
    geometries = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
    crossed = ~shapely.is_valid(geometries)
    geometries[crossed] = shapely.make_valid(geometries[crossed], method="structure", keep_collapsed=False)
    geometries = shapely.clip_by_rect(geometries, *bounds)
    return geometries[~shapely.is_empty(geometries)]


def _grown(bounds: Bounds, crs: CRS | None, reach: float) -> Bounds:
    """Bounds that go further on every side, by their own size and at least by so many metres."""
    xmin, ymin, xmax, ymax = bounds
    x_unit = y_unit = 1.0 if crs is None else metres_a_unit(crs)
    if crs is not None and crs.is_geographic:
        x_unit *= max(FLATTEST, float(np.cos(np.radians(min(90, max(abs(ymin), abs(ymax)))))))
    further = max(xmax - xmin, reach / x_unit), max(ymax - ymin, reach / y_unit)
    return xmin - further[0], ymin - further[1], xmax + further[0], ymax + further[1]


def bounds_on(bounds: Bounds, crs: CRS | None, other: CRS | None) -> Bounds:
    """The bounds in another CRS. Where they cross the 180th meridian there, all the way around."""
    xmin, ymin, xmax, ymax = Transformer.from_crs(crs, other, always_xy=True).transform_bounds(*bounds, densify_pts=POINTS_A_SIDE)
    if not np.isfinite([xmin, ymin, xmax, ymax]).all():
        return -np.inf, -np.inf, np.inf, np.inf
    return (-180.0, ymin, 180.0, ymax) if xmin > xmax else (xmin, ymin, xmax, ymax)


def crs_of(text: str | None) -> CRS | None:
    """None where there is none, or nobody knows it."""
    try:
        return CRS.from_user_input(text) if text else None
    except CRSError:
        return None
