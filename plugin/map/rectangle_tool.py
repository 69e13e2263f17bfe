"""Draws a rectangle on the map, and shows it as long as it counts."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent
from qgis.PyQt.QtWidgets import QApplication

from .outline_band import OutlineBand

EDGE, HALO = QColor("#2f8fdd"), QColor(255, 255, 255, 220)


class RectangleTool(QgsMapTool):
    """Drag once; coordinates are in the canvas's destination CRS. QGIS's own signal `deactivated` says that another tool took over."""

    drawn = pyqtSignal(QgsRectangle)
    abandoned = pyqtSignal()
    hinted = pyqtSignal(str)  # a sentence for the status bar, "" for none

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._band = AreaBand(canvas)
        self._start: Optional[QgsPointXY] = None
        self._pressed_at = QPoint()

    def activate(self) -> None:
        super().activate()
        self.hinted.emit(self.tr("Drag a rectangle around the area. Esc: never mind."))

    def deactivate(self) -> None:
        self._forget_drag()
        self.hinted.emit("")
        super().deactivate()

    def remove(self) -> None:
        self._band.remove()

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start, self._pressed_at = event.mapPoint(), event.pixelPoint()
        else:
            self._abandon()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._start is not None:
            self._band.show(QgsGeometry.fromRect(QgsRectangle(self._start, event.mapPoint())))

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """A press without a drag is no rectangle, and the tool waits on."""
        start = self._start
        if start is None:
            return
        self._forget_drag()
        box = QgsRectangle(start, event.mapPoint())
        dragged = (event.pixelPoint() - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
        if dragged and box.width() > 0 and box.height() > 0:
            self.drawn.emit(box)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self._abandon()

    def _abandon(self) -> None:
        self._forget_drag()
        self.abandoned.emit()

    def _forget_drag(self) -> None:
        self._start = None
        self._band.show(None)


class AreaBand(OutlineBand):
    """An area's border, for as long as the area counts."""

    def __init__(self, canvas: QgsMapCanvas, line: Qt.PenStyle = Qt.PenStyle.DashLine) -> None:
        super().__init__(canvas, EDGE, HALO, line=line)
