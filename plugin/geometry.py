"""The engine's outlines as QGIS knows geometries."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry

from ..models.protocol import ClickReply
from .map.results import square_metres
from .state import Outline, Raster


def geometry_of(outline: Outline) -> QgsGeometry:
    return shape_of(outline.wkb)


def area_of(raster: Optional[Raster], reply: ClickReply) -> Optional[float]:
    """Square metres by the CRS that the layer has in QGIS: the user may have set it by hand, and the engine knows only the file's.

    Where the layer has none, the engine's square pixels; None where the engine, knowing a CRS, counted in metres.
    """
    if raster is not None and raster.crs:
        return square_metres(shape_of(bytes.fromhex(reply.outline)), QgsCoordinateReferenceSystem.fromWkt(raster.crs))
    return reply.area if raster is None or raster.gsd is None else None


def shape_of(wkb: bytes) -> QgsGeometry:
    geometry = QgsGeometry()
    geometry.fromWkb(wkb)
    return geometry
