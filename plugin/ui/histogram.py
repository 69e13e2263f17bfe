"""A slider for the least confidence, over a histogram of the scores that it lets through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
from qgis.PyQt.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from qgis.PyQt.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from ...models.protocol import Find
from .colours import ACCENT, faint, ink

BINS = 25
LOWEST = Find.floor  # weaker objects are in no file
PERCENT = 100  # the slider's steps
GRIP = 7.0  # radius, pixels
LEAST_BAR = 2.0  # pixels: one object among thousands is still seen


class ScoreHistogram(QAbstractSlider):
    """Bars of scores from LOWEST to 1, those below the threshold grey, and a grip to drag or to move by the keyboard's arrows.

    A slider by descent: keys, the wheel and screen readers know what to do with it.
    """

    thresholdChanged = pyqtSignal(float)  # 0..1; by the user, never by `set_threshold`

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.bins: list[int] = [0] * BINS
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(round(LOWEST * PERCENT), PERCENT)
        self.setSingleStep(1)
        self.setPageStep(10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setAccessibleName(self.tr("Least confidence, percent"))
        self.setToolTip(self.tr("Drag to show only what the model is surer of; arrow keys move it by 1 %, Page Up and Down by 10 %"))
        self.valueChanged.connect(lambda value: self.thresholdChanged.emit(value / PERCENT))

    @property
    def threshold(self) -> float:
        return self.value() / PERCENT

    def set_threshold(self, threshold: float) -> None:
        blocker = QSignalBlocker(self)
        self.setValue(round(threshold * PERCENT))
        del blocker
        self.update()

    def set_scores(self, scores: Sequence[float]) -> None:
        """The scores of all objects, 0..1; what is beyond the scale counts with its end."""
        places = ((np.asarray(scores, float) - LOWEST) / (1 - LOWEST) * BINS).astype(int)
        self.bins = np.bincount(np.clip(places, 0, BINS - 1), minlength=BINS).tolist()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, 78)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 78)

    # -- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the panel is being scrolled, and this came under the mouse

    def _drag(self, event: QMouseEvent) -> None:
        chart = self._chart()
        share = (event.pos().x() - chart.left()) / chart.width()
        self.setValue(round(self.minimum() + share * (self.maximum() - self.minimum())))

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chart, at = self._chart(), self._place()
        painter.fillRect(QRectF(chart.left(), chart.bottom(), chart.width(), 1), faint(self, 0.35))
        for clip, colour in ((QRectF(0, 0, at, self.height()), faint(self, 0.22)), (self._above(at), self._accent())):
            painter.setClipRect(clip)
            for bar in self._bars(chart):
                painter.fillRect(bar, colour)
        painter.setClipping(False)
        self._paint_grip(painter, QPointF(at, chart.bottom()), chart.top())
        painter.end()

    def _bars(self, chart: QRectF) -> list[QRectF]:
        wide, most = chart.width() / BINS, max(max(self.bins), 1)
        heights = (max(count / most * chart.height(), LEAST_BAR) if count else 0.0 for count in self.bins)
        return [QRectF(chart.left() + i * wide + 0.5, chart.bottom() - high, wide - 1, high) for i, high in enumerate(heights)]

    def _paint_grip(self, painter: QPainter, at: QPointF, top: float) -> None:
        text = ink(self)
        painter.setPen(QPen(text, 1.5))
        painter.drawLine(QPointF(at.x(), top), at)
        if self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(47, 143, 221, 90))
            painter.drawEllipse(at, GRIP + 4, GRIP + 4)
        painter.setPen(QPen(self._accent(), 2.5))
        painter.setBrush(self.palette().color(self.palette().ColorRole.Base))
        painter.drawEllipse(at, GRIP, GRIP)

    def _accent(self) -> QColor:
        return QColor(ACCENT) if self.isEnabled() else faint(self, 0.35)

    def _chart(self) -> QRectF:
        """Where the bars are: the grip has room on every side of their baseline."""
        margin = GRIP + 5
        return QRectF(margin, 4, max(self.width() - 2 * margin, 1.0), max(self.height() - 4 - margin, 1.0))

    def _place(self) -> float:
        """The grip's x."""
        chart = self._chart()
        return chart.left() + (self.value() - self.minimum()) / (self.maximum() - self.minimum()) * chart.width()

    def _above(self, at: float) -> QRectF:
        return QRectF(at, 0, self.width() - at, self.height())
