"""An outline on the map."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsGeometry, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry
NONE = QColor(0, 0, 0, 0)


class OutlineBand:
    """At most one outline on a canvas, in its destination CRS; the canvas has an item for it once there was one. Every call does nothing
    once the canvas is gone."""

    def __init__(
        self, canvas: QgsMapCanvas, edge: QColor, halo: QColor = NONE, fill: QColor = NONE, line: Qt.PenStyle = Qt.PenStyle.SolidLine
    ) -> None:
        self._canvas = canvas
        self._edge, self._halo, self._fill, self._line = edge, halo, fill, line
        self._band: Optional[QgsRubberBand] = None

    def show(self, outline: Optional[QgsGeometry]) -> None:
        """None or an empty one for none."""
        if sip.isdeleted(self._canvas):
            return
        if outline is not None and not outline.isEmpty():
            self._band = self._band or self._made()
            self._band.setToGeometry(outline)
        elif self._band is not None:
            self._band.reset(POLYGON)

    def remove(self) -> None:
        if self._band is not None and not sip.isdeleted(self._canvas):
            self._canvas.scene().removeItem(self._band)
        self._band = None

    def _made(self) -> QgsRubberBand:
        band = QgsRubberBand(self._canvas, POLYGON)
        band.setStrokeColor(self._edge)
        band.setSecondaryStrokeColor(self._halo)
        band.setFillColor(self._fill)
        band.setLineStyle(self._line)
        band.setWidth(2)
        return band
