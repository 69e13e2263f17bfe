"""The areas of classes as a table and a bar chart in one: a line of words a class, and its bar below in the class's colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from qgis.PyQt.QtCore import QEvent, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QPainter, QPaintEvent
from qgis.PyQt.QtWidgets import QSizePolicy, QToolTip, QWidget

from .colours import ACCENT, faint, ink
from .words import number_words

BAR = 8.0  # pixels high
GAP = 3.0  # between the words and the bar
BETWEEN = 11.0  # rows
SWATCH = 10.0
LEAST_BAR = 2.0  # pixels: a class that is there at all is seen


class Bar(NamedTuple):
    name: str
    colour: str  # "#rrggbb"
    share: float  # 0..1
    area: str  # in words

    @property
    def percent(self) -> str:
        """0.4 % is not 0 %."""
        decimals = 0 if self.share >= 0.1 or self.share == 0 else 1
        words = number_words(100 * self.share, decimals)
        return f"{words} %" if self.share == 0 or self.share >= 0.0005 else f"< {number_words(0.1, 1)} %"


class AreaChart(QWidget):
    """Bars are as long as their shares are of the largest one. Up and Down walk along the rows, and screen readers hear the current one."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self.current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Areas of the classes"))

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """From top to bottom."""
        if tuple(bars) == self.bars:
            return
        self.bars = tuple(bars)
        self.current = -1
        self.setAccessibleDescription("; ".join(map(_said, self.bars)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, round(len(self.bars) * self._row_height() - (BETWEEN if self.bars else 0)) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def row_at(self, y: float) -> int:
        """The row at this height, -1 where there is none."""
        row = int(y // self._row_height())
        return row if 0 <= row < len(self.bars) else -1

    # -- events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() not in steps or not self.bars:
            super().keyPressEvent(event)
            return
        self.current = min(max(self.current + steps[event.key()], 0), len(self.bars) - 1)
        self.setAccessibleDescription(_said(self.bars[self.current]))
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), _said(self.bars[row]) if row >= 0 else "", self)
            return True
        return super().event(event)

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((bar.share for bar in self.bars), default=0.0) or 1.0
        for row, bar in enumerate(self.bars):
            box = QRectF(0, row * self._row_height(), self.width(), self._row_height() - BETWEEN)
            if row == self.current and self.hasFocus():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(_clear(QColor(ACCENT), 0.18))
                painter.drawRoundedRect(box.adjusted(0, -3, 0, 4), 3, 3)
            self._paint_words(painter, bar, box)
            self._paint_bar(painter, bar, QRectF(box.left(), box.bottom() - BAR, box.width(), BAR), bar.share / most)
        painter.end()

    def _paint_words(self, painter: QPainter, bar: Bar, box: QRectF) -> None:
        metrics = self.fontMetrics()
        line = QRectF(box.left(), box.top(), box.width(), metrics.height())
        percent_width = max(metrics.horizontalAdvance(one.percent) for one in self.bars) * 1.1
        right, middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(bar.colour))
        painter.drawRoundedRect(QRectF(line.left(), line.center().y() - SWATCH / 2, SWATCH, SWATCH), 2, 2)
        text = ink(self)
        painter.setPen(text)
        painter.setFont(_bold(self.font()))
        painter.drawText(line, int(right | middle), bar.percent)
        painter.setFont(self.font())
        painter.setPen(_clear(text, 0.75))
        area = line.adjusted(0, 0, -percent_width - 10, 0)
        painter.drawText(area, int(right | middle), bar.area)
        painter.setPen(text)
        name = area.adjusted(SWATCH + 6, 0, -metrics.horizontalAdvance(bar.area) - 8, 0)
        elided = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, int(name.width()))
        painter.drawText(name, int(Qt.AlignmentFlag.AlignLeft | middle), elided)

    def _paint_bar(self, painter: QPainter, bar: Bar, box: QRectF, part: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint(self, 0.10))
        painter.drawRoundedRect(box, 2, 2)
        if part > 0:
            painter.setBrush(QColor(bar.colour))
            painter.drawRoundedRect(QRectF(box.left(), box.top(), max(part * box.width(), LEAST_BAR), box.height()), 2, 2)

    def _row_height(self) -> float:
        return self.fontMetrics().height() + GAP + BAR + BETWEEN


def _said(bar: Bar) -> str:
    return f"{bar.name}: {bar.area}, {bar.percent}"


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold


def _clear(colour: QColor, opacity: float) -> QColor:
    clear = QColor(colour)
    clear.setAlphaF(opacity)
    return clear
