"""Draws what a search has come upon while it runs: any number of outlines, a few milliseconds at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsCsException, QgsGeometry, QgsProject
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QRectF, Qt, QTimer
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from qgis.PyQt.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ...models.protocol import PartialObject
from .styles import colour_of

SPELL = 0.004  # seconds of work at a time
PAUSE_MS = 12  # between two of them
FILL = 60  # alpha of 255


class Partial:
    """Outlines on a canvas. They are painted into a picture as they come, and anew where the map has moved; the canvas shows it."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        self._canvas = canvas
        self._crs = QgsCoordinateReferenceSystem()
        self._transform: Optional[QgsCoordinateTransform] = None
        self._shapes: list[tuple[bytes, str]] = []  # WKB and class
        self._paths: list[tuple[QPainterPath, QColor]] = []  # of the first of them, in the canvas's CRS
        self._painted = 0  # of the paths
        self._item: Optional[Picture] = None
        self._timer = QTimer()
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._work)

    @property
    def count(self) -> int:
        return len(self._shapes)

    @property
    def done(self) -> bool:
        """Whether everything is in the picture."""
        return self._painted == len(self._shapes)

    def add(self, shapes: Iterable[tuple[bytes, str]], crs: QgsCoordinateReferenceSystem) -> None:
        """Draw outlines (WKB and class), too; all are in one CRS."""
        if self._item is None:
            self._item = Picture(self._canvas)
            self._canvas.extentsChanged.connect(self._paint_again)
            self._canvas.destinationCrsChanged.connect(self._place_again)
        if crs != self._crs:
            self._crs, self._transform = crs, None
        self._shapes.extend(shapes)
        self._timer.start()

    def follow(self, objects: Sequence[PartialObject], crs: QgsCoordinateReferenceSystem) -> None:
        """These are what was come upon so far: draw what is new among them."""
        if len(objects) > self.count:
            self.add([(bytes.fromhex(one.outline), one.class_name) for one in objects[self.count :]], crs)

    def clear(self) -> None:
        """Draw none. Does nothing once the canvas is gone."""
        self._timer.stop()
        self._shapes, self._paths, self._painted = [], [], 0
        item, self._item = self._item, None
        if item is not None and not sip.isdeleted(self._canvas):
            self._canvas.extentsChanged.disconnect(self._paint_again)
            self._canvas.destinationCrsChanged.disconnect(self._place_again)
            self._canvas.scene().removeItem(item)

    def _paint_again(self) -> None:
        if self._item is not None:
            self._painted = 0
            self._item.wipe()
            self._timer.start()

    def _place_again(self) -> None:
        self._paths, self._transform = [], None
        self._paint_again()

    def _to_canvas(self) -> QgsCoordinateTransform:
        if self._transform is None:
            canvas_crs = self._canvas.mapSettings().destinationCrs()
            self._transform = QgsCoordinateTransform(self._crs, canvas_crs, QgsProject.instance().transformContext())
        return self._transform

    def _work(self) -> None:
        """One spell: bring outlines to the canvas's CRS and paint them, until the time is over or all are there."""
        if self._item is None or sip.isdeleted(self._item):
            self._timer.stop()
            return
        until = time.perf_counter() + SPELL
        transform = self._to_canvas()
        brush = QPainter(self._item.picture)
        brush.setRenderHint(QPainter.RenderHint.Antialiasing)
        brush.setWorldTransform(self._canvas.getCoordinateTransform().transform())
        while self._painted < len(self._shapes) and time.perf_counter() < until:
            if self._painted == len(self._paths):
                self._paths.append(_path(*self._shapes[self._painted], transform))
            path, colour = self._paths[self._painted]
            _paint(brush, path, colour)
            self._painted += 1
        brush.end()
        self._item.update()
        if self.done:
            self._timer.stop()


class Picture(QgsMapCanvasItem):
    """A see-through picture over the whole canvas."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.picture = QImage()
        self.wipe()

    def wipe(self) -> None:
        ratio = self._canvas.devicePixelRatioF()
        size = self._canvas.mapSettings().outputSize() * ratio
        self.prepareGeometryChange()
        self.picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        self.picture.setDevicePixelRatio(ratio)
        self.picture.fill(Qt.GlobalColor.transparent)

    def boundingRect(self) -> QRectF:
        ratio = self.picture.devicePixelRatio()
        return QRectF(0, 0, self.picture.width() / ratio, self.picture.height() / ratio)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: Optional[QWidget] = None) -> None:
        painter.drawImage(0, 0, self.picture)


def _path(wkb: bytes, class_name: str, transform: QgsCoordinateTransform) -> tuple[QPainterPath, QColor]:
    """An empty path for what has no place on the canvas."""
    geometry = QgsGeometry()
    geometry.fromWkb(wkb)
    try:
        geometry.transform(transform)
    except QgsCsException:
        return QPainterPath(), colour_of(class_name)
    shape = geometry.constGet()
    return shape.asQPainterPath() if shape is not None else QPainterPath(), colour_of(class_name)


def _paint(brush: QPainter, path: QPainterPath, colour: QColor) -> None:
    fill = QColor(colour)
    fill.setAlpha(FILL)
    pen = QPen(colour, 1.5)
    pen.setCosmetic(True)
    brush.setPen(pen)
    brush.setBrush(fill)
    brush.drawPath(path)
