"""What the map shows of one object: the object with some surroundings, at a scale that changes little from one to the next."""

from __future__ import annotations

import math
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QSize

LEAST, MOST = 32, 128  # raster pixels around an object; between them as many as it is wide
LARGEST = 8  # screen pixels a raster pixel is enlarged to at most


def view_of(
    canvas: QgsMapCanvas, outline: QgsGeometry, crs: QgsCoordinateReferenceSystem, raster: Optional[QgsRasterLayer]
) -> tuple[Optional[QgsGeometry], Optional[QgsRectangle]]:
    """An outline (in `crs`) as a canvas shows it, in its CRS, and the extent that shows it by the pixels of a raster; None of what has no
    place there."""
    settings = canvas.mapSettings()
    there = moved(outline, crs, settings.destinationCrs())
    if there is None or there.isEmpty() or not there.boundingBox().isFinite():
        return None, None
    box = there.boundingBox()
    return there, close_up(box, pixel_at(raster, box, settings.destinationCrs()), settings.outputSize())


def canvas_crs(canvas: QgsMapCanvas) -> QgsCoordinateReferenceSystem:
    return canvas.mapSettings().destinationCrs()


def moved(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem, to: QgsCoordinateReferenceSystem) -> Optional[QgsGeometry]:
    """A geometry in another CRS; None where it has no place there. Where one of them has no CRS, they are taken to be the same."""
    there = QgsGeometry(geometry)
    try:
        there.transform(QgsCoordinateTransform(crs, to, QgsProject.instance().transformContext()))
    except QgsCsException:
        return None
    return there


def close_up(box: QgsRectangle, pixel: float, canvas: QSize) -> QgsRectangle:
    """The extent for a canvas of this size (screen pixels) to show an object that fills `box`, with its surroundings.

    `box` and the result are in the canvas's CRS, `pixel` is the side of a raster pixel there. A screen pixel is 1/8, 1/4, 1/2, 1, 2, ...
    raster pixels, so objects of about one size are all seen at one scale.
    """
    margin = min(max(box.width(), box.height(), LEAST * pixel), MOST * pixel)
    needed = max((box.width() + 2 * margin) / max(canvas.width(), 1), (box.height() + 2 * margin) / max(canvas.height(), 1))
    side = pixel * max(2.0 ** math.ceil(math.log2(needed / pixel) - 1e-9), 1 / LARGEST)
    return QgsRectangle.fromCenterAndSize(box.center(), side * canvas.width(), side * canvas.height())


def pixel_at(layer: Optional[QgsRasterLayer], box: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> float:
    """The side of one of the raster's pixels near `box` (in `crs`), in units of `crs`; where that is not known, a share of the box."""
    spare = max(box.width(), box.height()) / (2 * LEAST) or 1.0
    if layer is None or layer.dataProvider() is None or layer.dataProvider().xSize() <= 0:
        return spare
    side = min(layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY())
    context = QgsProject.instance().transformContext()
    try:
        centre = QgsCoordinateTransform(crs, layer.crs(), context).transform(box.center())
        there = QgsRectangle.fromCenterAndSize(centre, side, side)
        here = QgsCoordinateTransform(layer.crs(), crs, context).transformBoundingBox(there)
    except QgsCsException:
        return spare
    found = math.sqrt(here.width() * here.height())
    return found if math.isfinite(found) and found > 0 else spare
