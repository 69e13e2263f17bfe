"""Two dates of one place, painted ahead of time, so that one is seen in place of the other at once.

The pictures lie over the map, beneath the outlines drawn on it. No layer, no visibility and nothing else of the project is touched: what
is left behind, whatever happens, is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Optional

from qgis.core import QgsMapLayer, QgsMapRendererParallelJob, QgsMapSettings
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QRectF, Qt, QTimer
from qgis.PyQt.QtGui import QColor, QFontMetricsF, QImage, QPainter
from qgis.PyQt.QtWidgets import QStyleOptionGraphicsItem, QWidget

PAUSE_MS = 40  # that the map must rest before its two dates are painted again
Z = -5  # above the map, below whatever else is drawn over it
MARGIN = 8.0  # screen pixels around a caption


class Date(Enum):
    AFTER = "after"  # painted first: it is seen first
    BEFORE = "before"


@dataclass(frozen=True, eq=False)
class Picturable:
    """What a date is painted from: layers of the project, the uppermost first, and words that say which date it is."""

    layers: tuple[QgsMapLayer, ...] = ()
    words: str = ""


class Flicker(QObject):
    """Covers a canvas with one date, and with the other while `turn(Date.BEFORE)`. It follows the canvas."""

    def __init__(self, canvas: QgsMapCanvas, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._dates: dict[Date, Picturable] = {}
        self._jobs: dict[Date, QgsMapRendererParallelJob] = {}
        self._item: Optional[Cover] = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(PAUSE_MS)
        self._rest.timeout.connect(self._paint)

    def show(self, after: Picturable, before: Picturable) -> None:
        """Cover the canvas from now on. A date without layers is not covered: the map is seen."""
        self.hide()
        self._dates = {Date.AFTER: after, Date.BEFORE: before}
        self._item = Cover(self._canvas)
        self._canvas.mapCanvasRefreshed.connect(self._follow)
        self._canvas.extentsChanged.connect(self._moved)
        self._canvas.destinationCrsChanged.connect(self._moved)
        for layer in (*after.layers, *before.layers):
            layer.repaintRequested.connect(self._moved)
        self._rest.start()

    def hide(self) -> None:
        """Let the canvas be. Does nothing once it is gone."""
        self._rest.stop()
        self._cancel()
        dates, self._dates = self._dates, {}
        for date in dates.values():
            for layer in date.layers:
                if not sip.isdeleted(layer):
                    layer.repaintRequested.disconnect(self._moved)
        item, self._item = self._item, None
        if item is not None and not sip.isdeleted(self._canvas):
            self._canvas.mapCanvasRefreshed.disconnect(self._follow)
            self._canvas.extentsChanged.disconnect(self._moved)
            self._canvas.destinationCrsChanged.disconnect(self._moved)
            self._canvas.scene().removeItem(item)

    def turn(self, date: Date) -> None:
        if self._item is not None:
            self._item.turn(date)

    def shows(self, layer_ids: Sequence[str]) -> bool:
        """Whether any of these layers is painted."""
        return any(layer.id() in layer_ids for date in self._dates.values() for layer in date.layers)

    @property
    def ready(self) -> bool:
        """Whether both dates are painted as the canvas lies now."""
        wanted = {date for date, what in self._dates.items() if what.layers}
        return self._item is not None and not self._rest.isActive() and not self._jobs and wanted == set(self._item.pictures)

    def _moved(self, *_what: object) -> None:
        """What was painted fits no more."""
        if self._item is not None:
            self._item.wipe()
        self._cancel()
        self._rest.start()

    def _follow(self) -> None:
        """The canvas has another size, or was refreshed with nothing new."""
        if self._item is not None and not self._item.fits():
            self._moved()

    def _paint(self) -> None:
        for date, what in self._dates.items():
            if what.layers:
                job = QgsMapRendererParallelJob(_settings(self._canvas, what.layers))
                self._jobs[date] = job
                job.finished.connect(lambda date=date, job=job: self._painted(date, job))
                job.start()

    def _painted(self, date: Date, job: QgsMapRendererParallelJob) -> None:
        if job in self._jobs.values():  # else the map has moved on
            del self._jobs[date]
            if self._item is not None:
                self._item.show_picture(date, job.renderedImage(), self._dates[date].words)
        job.deleteLater()

    def _cancel(self) -> None:
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            job.cancelWithoutBlocking()


class Cover(QgsMapCanvasItem):
    """One of two pictures over the whole canvas."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._size = canvas.mapSettings().outputSize()
        self._date = Date.AFTER
        self.pictures: dict[Date, QImage] = {}
        self._words: dict[Date, str] = {}
        self.setZValue(Z)

    @property
    def picture(self) -> Optional[QImage]:
        """What is seen, None where that is the map."""
        return self.pictures.get(self._date)

    def turn(self, date: Date) -> None:
        self._date = date
        self.update()

    def show_picture(self, date: Date, picture: QImage, words: str) -> None:
        self.pictures[date], self._words[date] = picture, words
        self.update()

    def wipe(self) -> None:
        self.prepareGeometryChange()
        self._size = self._canvas.mapSettings().outputSize()
        self.pictures.clear()
        self.update()

    def fits(self) -> bool:
        return self._size == self._canvas.mapSettings().outputSize()

    def updatePosition(self) -> None:
        """QGIS calls this whenever the canvas moves; what moves with it is painted anew."""

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._size.width(), self._size.height())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: Optional[QWidget] = None) -> None:
        if self.picture is None:
            return
        painter.drawImage(0, 0, self.picture)
        words = self._words.get(self._date, "")
        if words:
            _caption(painter, words)


def _caption(painter: QPainter, words: str) -> None:
    """In the upper left corner: which date is seen."""
    metrics = QFontMetricsF(painter.font())
    box = QRectF(MARGIN, MARGIN, metrics.horizontalAdvance(words) + 2 * MARGIN, metrics.height() + MARGIN)
    painter.fillRect(box, QColor(20, 20, 20, 190))
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def _settings(canvas: QgsMapCanvas, layers: Sequence[QgsMapLayer]) -> QgsMapSettings:
    """As the canvas lies, with these layers alone, whatever the project's theme or the temporal controller leave out."""
    settings = QgsMapSettings(canvas.mapSettings())
    settings.setLayers([layer for layer in layers if not sip.isdeleted(layer)])
    settings.setLayerStyleOverrides({})
    settings.setIsTemporal(False)
    return settings
