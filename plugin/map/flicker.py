"""Two dates of one place, painted ahead of time, so that one is seen in place of the other at once.

The pictures lie over the map, beneath the outlines drawn on it. No layer, no visibility and nothing else of the project is touched: what
is left behind, whatever happens, is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Callable, Optional

from qgis.core import QgsMapLayer, QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle
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
    """Covers a canvas with one date, and with the other while `turn(Date.BEFORE)`. It follows the canvas, and may be told where that goes
    next."""

    def __init__(self, canvas: QgsMapCanvas, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._dates: dict[Date, Picturable] = {}
        self._item: Optional[Cover] = None
        self._here: Optional[Painting] = None  # of what the canvas shows
        self._ahead: Optional[Painting] = None
        self._next: Optional[QgsRectangle] = None
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
        self._canvas.destinationCrsChanged.connect(self._repaint)
        for layer in (*after.layers, *before.layers):
            layer.repaintRequested.connect(self._repaint)
        self._rest.start()

    def hide(self) -> None:
        """Let the canvas be. Does nothing once it is gone."""
        self._rest.stop()
        self._forget()
        self._next = None
        dates, self._dates = self._dates, {}
        for date in dates.values():
            for layer in date.layers:
                if not sip.isdeleted(layer):
                    layer.repaintRequested.disconnect(self._repaint)
        item, self._item = self._item, None
        if item is not None and not sip.isdeleted(self._canvas):
            self._canvas.mapCanvasRefreshed.disconnect(self._follow)
            self._canvas.extentsChanged.disconnect(self._moved)
            self._canvas.destinationCrsChanged.disconnect(self._repaint)
            self._canvas.scene().removeItem(item)

    def turn(self, date: Date) -> None:
        if self._item is not None:
            self._item.turn(date)

    def expect(self, extent: Optional[QgsRectangle]) -> None:
        """The canvas will go there next: that is painted once what it shows now is."""
        self._next = extent
        self._paint_ahead()

    def shows(self, layer_ids: Sequence[str]) -> bool:
        """Whether any of these layers is painted."""
        return any(layer.id() in layer_ids for date in self._dates.values() for layer in date.layers)

    @property
    def ready(self) -> bool:
        """Whether both dates are painted as the canvas lies now."""
        return not self._rest.isActive() and self._here is not None and self._here.done

    @property
    def ready_ahead(self) -> bool:
        """Whether both dates are painted as the canvas will lie."""
        return self._ahead is not None and self._ahead.done

    def _moved(self) -> None:
        """The canvas lies elsewhere; maybe that is painted already."""
        if self._item is None:
            return
        self._item.wipe()
        extent = self._canvas.mapSettings().extent()
        if self._ahead is not None and self._ahead.is_of(extent):
            self._drop(self._here)
            self._here, self._ahead = self._ahead, None
            self._rest.stop()
            self._put_up()
        elif self._here is None or not self._here.is_of(extent):
            self._forget()
            self._rest.start()
        else:
            self._put_up()

    def _repaint(self, *_what: object) -> None:
        """What was painted fits no more."""
        if self._item is not None:
            self._item.wipe()
        self._forget()
        self._rest.start()

    def _follow(self) -> None:
        """The canvas has another size, or was refreshed with nothing new."""
        if self._item is not None and not self._item.fits():
            self._repaint()

    def _paint(self) -> None:
        self._drop(self._here)
        self._here = Painting(self._canvas.mapSettings(), self._dates, self._put_up)

    def _put_up(self) -> None:
        """What is painted is seen."""
        if self._item is not None and self._here is not None:
            for date, picture in self._here.pictures.items():
                self._item.show_picture(date, picture, self._dates[date].words)
        self._paint_ahead()

    def _paint_ahead(self) -> None:
        if self._next is None or not self.ready or self._next == self._canvas.mapSettings().extent():
            return
        if self._ahead is None or not self._ahead.is_of(self._next):
            self._drop(self._ahead)
            settings = QgsMapSettings(self._canvas.mapSettings())
            settings.setExtent(self._next)
            self._ahead = Painting(settings, self._dates, self._put_up)

    def _forget(self) -> None:
        here, ahead, self._here, self._ahead = self._here, self._ahead, None, None
        self._drop(here)
        self._drop(ahead)

    @staticmethod
    def _drop(painting: Optional[Painting]) -> None:
        if painting is not None:
            painting.cancel()


class Painting:
    """Both dates of one extent, on their way in threads of QGIS's. `came` is called as each is there."""

    def __init__(self, settings: QgsMapSettings, dates: Mapping[Date, Picturable], came: Callable[[], None]) -> None:
        self._extent = settings.extent()
        self._came = came
        self.pictures: dict[Date, QImage] = {}
        self._jobs = {date: QgsMapRendererParallelJob(_settings(settings, what.layers)) for date, what in dates.items() if what.layers}
        for date, job in list(self._jobs.items()):
            job.finished.connect(partial(self._painted, date, job))
            job.start()

    @property
    def done(self) -> bool:
        return not self._jobs

    def is_of(self, extent: QgsRectangle) -> bool:
        """To a thousandth of its size, which is not seen."""
        near = 1e-3 * self._extent.width()
        corners = ("xMinimum", "yMinimum", "xMaximum", "yMaximum")
        return all(abs(getattr(extent, one)() - getattr(self._extent, one)()) <= near for one in corners)

    def cancel(self) -> None:
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            job.cancelWithoutBlocking()

    def _painted(self, date: Date, job: QgsMapRendererParallelJob) -> None:
        if job in self._jobs.values():  # else it was cancelled
            del self._jobs[date]
            self.pictures[date] = job.renderedImage()
            self._came()
        job.deleteLater()


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


def _settings(place: QgsMapSettings, layers: Sequence[QgsMapLayer]) -> QgsMapSettings:
    """As a canvas lies, with these layers alone, whatever the project's theme or the temporal controller leave out."""
    settings = QgsMapSettings(place)
    settings.setLayers([layer for layer in layers if not sip.isdeleted(layer)])
    settings.setLayerStyleOverrides({})
    settings.setIsTemporal(False)
    return settings
