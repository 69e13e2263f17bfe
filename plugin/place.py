"""What a result came from, as QGIS knows it and as its provenance names it: the raster, the area, the versions."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsProject

from .area_verbs import Place
from .map.rasters import RasterSource
from .state import EngineFacts, Raster

LONGEST_AREA = 20_000  # characters of an area in the provenance; a longer one is left out


def crs_of(raster: Raster) -> QgsCoordinateReferenceSystem:
    """That of its layer, which the user may have set by hand, also where the layer has gone meanwhile."""
    layer = QgsProject.instance().mapLayer(raster.layer_id)
    if layer is not None:
        return layer.crs()
    return QgsCoordinateReferenceSystem.fromWkt(raster.crs) if raster.crs else QgsCoordinateReferenceSystem()


def raster_from(layer_id: str, name: str, source: RasterSource) -> Raster:
    """A layer as the engine reads it."""
    crs = source.crs.toWkt() if source.crs.isValid() else ""
    return Raster(layer_id, name, source.path, source.bands, source.stretch, crs=crs)


def source_facts(place: Place) -> tuple[str, str, dict[str, Any]]:
    """Source, its CRS, and what a provenance's parameters say of the raster and the area."""
    raster = place.raster
    layer = QgsProject.instance().mapLayer(raster.layer_id)
    parameters = {
        "area": place.area if len(place.area) <= LONGEST_AREA else None,
        "bands": list(raster.bands),
        "stretch": [list(one) for one in raster.stretch],
    }
    return layer.publicSource() if layer is not None else raster.path, crs_of(raster).authid() or raster.crs, parameters


def versions(plugin: str, facts: EngineFacts) -> dict[str, str]:
    """Of everything that had a part in a result."""
    return {"plugin": plugin, "engine": facts.version, "torch": facts.torch, "qgis": Qgis.QGIS_VERSION}
