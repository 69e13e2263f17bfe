"""What the canvas shows of an object that is not accepted yet: hover, pending outline, clicks and box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QLineF, QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPen
from qgis.PyQt.QtWidgets import QStyleOptionGraphicsItem, QWidget

POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry
HALO = QColor(255, 255, 255, 220)  # beneath every line, so that it reads on dark and on bright imagery
INK = QColor(20, 20, 20)
ADD = QColor("#1a9850")
REMOVE = QColor("#d73027")
HALF = 128  # of 255


class ClickMark(QgsMapCanvasItem):
    """A disc with a plus or a minus: colour is not the only difference."""

    RADIUS = 7.0  # screen pixels, as all in this class
    SIGN = 3.5

    def __init__(self, canvas: QgsMapCanvas, at: QgsPointXY, positive: bool) -> None:
        super().__init__(canvas)
        self.at = at  # in the canvas's destination CRS
        self.positive = positive
        self.setZValue(120)  # above rubber bands
        self.updatePosition()

    def updatePosition(self) -> None:
        """QGIS calls this whenever the canvas moves."""
        self.setPos(self.toCanvasCoordinates(self.at))

    def boundingRect(self) -> QRectF:
        side = self.RADIUS + 2
        return QRectF(-side, -side, 2 * side, 2 * side)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: Optional[QWidget] = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(HALO, 2))
        painter.setBrush(ADD if self.positive else REMOVE)
        painter.drawEllipse(QPointF(0, 0), self.RADIUS, self.RADIUS)
        painter.setPen(QPen(QColor(255, 255, 255), 2))
        painter.drawLine(QLineF(-self.SIGN, 0, self.SIGN, 0))
        if self.positive:
            painter.drawLine(QLineF(0, -self.SIGN, 0, self.SIGN))


class Preview:
    """Draws on a canvas; coordinates are in the destination CRS it has when they are given.

    When that CRS changes, what is shown moves along. Every call does nothing once the canvas is gone.
    """

    def __init__(self, canvas: QgsMapCanvas) -> None:
        self._canvas = canvas
        self._crs = canvas.mapSettings().destinationCrs()
        self._hover = _band(canvas, INK, Qt.PenStyle.DashLine, 1)
        self._pending = _band(canvas, INK, Qt.PenStyle.SolidLine, 2)
        self._box = _band(canvas, INK, Qt.PenStyle.DashLine, 1)
        self._marks: list[ClickMark] = []
        canvas.destinationCrsChanged.connect(self._follow_crs)

    def show_hover(self, outline: Optional[QgsGeometry]) -> None:
        """The outline that a click would give; None for none."""
        self._draw(self._hover, outline)

    def show_pending(self, outline: Optional[QgsGeometry], colour: QColor) -> None:
        """The outline that waits to be accepted, in the colour of its class."""
        if self._gone():
            return
        fill = QColor(colour)
        fill.setAlpha(HALF)
        self._pending.setStrokeColor(colour)
        self._pending.setFillColor(fill)
        self._draw(self._pending, outline)

    def show_prompts(self, points: Sequence[tuple[QgsPointXY, bool]], box: Optional[QgsRectangle] = None) -> None:
        """Clicks (True adds) and the box of the pending object."""
        if self._gone():
            return
        self._drop_marks()
        self._marks = [ClickMark(self._canvas, point, positive) for point, positive in points]
        self._draw(self._box, None if box is None else QgsGeometry.fromRect(box))

    def clear(self) -> None:
        self.show_hover(None)
        self.show_prompts(())
        self._draw(self._pending, None)

    def remove(self) -> None:
        """Take everything off the canvas for good."""
        if self._gone():
            return
        self.clear()
        self._canvas.destinationCrsChanged.disconnect(self._follow_crs)
        for band in (self._hover, self._pending, self._box):
            self._canvas.scene().removeItem(band)
        self._canvas = None

    def _gone(self) -> bool:
        return self._canvas is None or sip.isdeleted(self._canvas)

    def _draw(self, band: QgsRubberBand, outline: Optional[QgsGeometry]) -> None:
        if self._gone():
            return
        if outline is None or outline.isEmpty():
            band.reset(POLYGON)
        else:
            band.setToGeometry(outline)

    def _drop_marks(self) -> None:
        for mark in self._marks:
            self._canvas.scene().removeItem(mark)
        self._marks = []

    def _follow_crs(self) -> None:
        """Bring what is shown into the canvas's new CRS; what has no place there is no longer shown."""
        former, self._crs = self._crs, self._canvas.mapSettings().destinationCrs()
        to_new = QgsCoordinateTransform(former, self._crs, QgsProject.instance().transformContext())
        for band in (self._hover, self._pending, self._box):
            self._draw(band, _moved(band.asGeometry(), to_new))
        kept = [(_moved(QgsGeometry.fromPointXY(mark.at), to_new), mark.positive) for mark in self._marks]
        self._drop_marks()
        self._marks = [ClickMark(self._canvas, at.asPoint(), positive) for at, positive in kept if at is not None]


def _moved(geometry: QgsGeometry, to_new: QgsCoordinateTransform) -> Optional[QgsGeometry]:
    if geometry.isEmpty():
        return None
    moved = QgsGeometry(geometry)
    try:
        moved.transform(to_new)
    except QgsCsException:
        return None
    return moved


def _band(canvas: QgsMapCanvas, colour: QColor, style: Qt.PenStyle, width: int) -> QgsRubberBand:
    band = QgsRubberBand(canvas, POLYGON)
    band.setStrokeColor(colour)
    band.setSecondaryStrokeColor(HALO)
    band.setFillColor(QColor(0, 0, 0, 0))
    band.setLineStyle(style)
    band.setWidth(width)
    return band
