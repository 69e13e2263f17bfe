"""What became what, as a matrix of areas: a row for each class before, a column for each class after."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Optional

from qgis.PyQt.QtCore import QEvent, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from qgis.PyQt.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...models.classes import KIND_COLOURS, OTHER, colour_of, kind_of
from ...models.protocol import FromTo
from .change_words import class_words, unit_of
from .colours import ACCENT, faint, is_dark
from .words import area_words, count_words, number_words

SWATCH, GAP = 8.0, 5.0  # pixels
TALLEST = 84.0  # of the column heads when they stand upright
WIDEST_CELL = 96.0
LIGHTEST, DARKEST = 0.16, 0.78  # opacity of the cells with the least and the largest area
ARROWS = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}


class MatrixView(QWidget):
    """Cells have the colour of their kind of change, the stronger the larger their area. The arrow keys walk over them, the line below
    says what the present one holds, and screen readers hear it."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.rows: tuple[str, ...] = ()  # classes before
        self.columns: tuple[str, ...] = ()  # classes after
        self.cells: dict[tuple[str, str], FromTo] = {}
        self.current: Optional[tuple[int, int]] = None  # row, column
        self._metric = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Areas by class before and after"))

    def set_matrix(self, matrix: Sequence[FromTo], metric: bool) -> None:
        cells = {(one.from_class, one.to_class): one for one in matrix}
        if (cells, metric) == (self.cells, self._metric):
            return
        self.cells, self._metric = cells, metric
        self.rows = _in_order([(one.from_class, one.area) for one in matrix])
        self.columns = _in_order([(one.to_class, one.area) for one in matrix])
        self.current = None
        self.setAccessibleDescription("; ".join(self.said(*pair) for pair in cells))
        self._fit()
        self.update()

    def said(self, was: str, now: str) -> str:
        """What a cell holds, in words; "" where that is nothing."""
        cell = self.cells.get((was, now))
        if cell is None:
            return ""
        return self.tr("{before} → {after}: {area}, changes: {count}").format(
            before=class_words(was), after=class_words(now), area=area_words(cell.area, self._metric), count=count_words(cell.count)
        )

    def cell_at(self, x: float, y: float) -> Optional[tuple[int, int]]:
        """Row and column at this place, None beside them."""
        grid = self._grid()
        if not self.cells or not grid.contains(x, y):
            return None
        return int((y - grid.top()) // self._row_height()), int((x - grid.left()) // (grid.width() / len(self.columns)))

    def sizeHint(self) -> QSize:
        return QSize(220, round(self._grid().bottom() + self._row_height()) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    # -- events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ARROWS or not self.cells:
            super().keyPressEvent(event)
            return
        down, right = ARROWS[event.key()]
        row, column = self.current or (-min(down, 0), -min(right, 0))
        if self.current is not None:
            row, column = row + down, column + right
        self.current = min(max(row, 0), len(self.rows) - 1), min(max(column, 0), len(self.columns) - 1)
        self.setAccessibleDescription(self._line())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.current = self.cell_at(event.pos().x(), event.pos().y())
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), self.said(self.rows[cell[0]], self.columns[cell[1]]) if cell else "", self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Whether the column heads stand upright depends on the width, and the height on that."""
        height = self.sizeHint().height()
        if height != self.minimumHeight():
            self.setMinimumHeight(height)
            self.updateGeometry()

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(_small(self.font()))
        grid = self._grid()
        wide, high = grid.width() / max(len(self.columns), 1), self._row_height()
        for row, was in enumerate(self.rows):
            self._paint_name(painter, was, QRectF(0, grid.top() + row * high, grid.left() - GAP, high))
            for column, now in enumerate(self.columns):
                box = QRectF(grid.left() + column * wide, grid.top() + row * high, wide, high).adjusted(1, 1, -1, -1)
                self._paint_cell(painter, was, now, box, self.current == (row, column))
        for column, now in enumerate(self.columns):
            self._paint_head(painter, now, QRectF(grid.left() + column * wide, 0, wide, grid.top() - 2))
        painter.setPen(faint(self, 0.8))
        below = QRectF(0, grid.bottom(), self.width(), high)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self._elided(self._line(), below.width()))
        painter.end()

    def _line(self) -> str:
        """What the line below says: the present cell, or how to read them all."""
        if self.current is not None:
            was, now = self.rows[self.current[0]], self.columns[self.current[1]]
            return self.said(was, now) or self.tr("{before} → {after}: none").format(before=class_words(was), after=class_words(now))
        unit, _size = unit_of(max((cell.area for cell in self.cells.values()), default=0.0), self._metric)
        return self.tr("Rows: before. Columns: after. In {unit}.").format(unit=unit)

    def _paint_cell(self, painter: QPainter, was: str, now: str, box: QRectF, current: bool) -> None:
        cell, colour = self.cells.get((was, now)), faint(self, 0.06)
        most = max((one.area for one in self.cells.values()), default=0.0)
        if cell is not None:
            colour = QColor(KIND_COLOURS[kind_of(was, now)])
            colour.setAlphaF(LIGHTEST + (DARKEST - LIGHTEST) * sqrt(cell.area / most if most > 0 else 0.0))
        painter.setPen(QPen(QColor(ACCENT), 2) if current else Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(box, 2, 2)
        if cell is None:
            return
        words = _short(cell.area / unit_of(most, self._metric)[1])
        if QFontMetricsF(painter.font()).horizontalAdvance(words) <= box.width() - 2:
            painter.setPen(_ink(colour, is_dark(self)))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)

    def _paint_name(self, painter: QPainter, name: str, box: QRectF, beside: bool = True) -> None:
        """A class with its colour, as long as the box is."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour_of("" if name in OTHER else name)))
        painter.drawRoundedRect(QRectF(box.left(), box.center().y() - SWATCH / 2, SWATCH, SWATCH), 2, 2)
        words = box.adjusted(SWATCH + GAP, 0, 0, 0)
        painter.setPen(faint(self, 1.0))
        middle = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(words, middle, self._elided(class_words(name), words.width()))

    def _paint_head(self, painter: QPainter, name: str, box: QRectF) -> None:
        if not self._upright():
            width = min(self._name_width(name), box.width())
            self._paint_name(painter, name, QRectF(box.center().x() - width / 2, box.top(), width, box.height()))
            return
        painter.save()
        painter.translate(box.center().x(), box.bottom())
        painter.rotate(-90)
        self._paint_name(painter, name, QRectF(0, -box.width() / 2, box.height(), box.width()))
        painter.restore()

    # -- measures

    def _grid(self) -> QRectF:
        """Where the cells are."""
        left = min(max(map(self._name_width, self.rows), default=0.0) + GAP, 0.4 * self.width())
        upright = self._upright()
        top = min(max(map(self._name_width, self.columns), default=0.0), TALLEST) + 4 if upright else self._row_height()
        wide = min(self.width() - left, WIDEST_CELL * len(self.columns))
        return QRectF(left, top, max(wide, 1.0), len(self.rows) * self._row_height())

    def _upright(self) -> bool:
        """Whether the column heads are turned, because they are longer than the cells are wide."""
        left = min(max(map(self._name_width, self.rows), default=0.0) + GAP, 0.4 * self.width())
        room = min((self.width() - left) / max(len(self.columns), 1), WIDEST_CELL)
        return any(self._name_width(name) > room - 4 for name in self.columns)

    def _name_width(self, name: str) -> float:
        return SWATCH + GAP + QFontMetricsF(_small(self.font())).horizontalAdvance(class_words(name)) + 1

    def _row_height(self) -> float:
        return self.fontMetrics().height() + 7.0

    def _elided(self, words: str, width: float) -> str:
        return QFontMetricsF(_small(self.font())).elidedText(words, Qt.TextElideMode.ElideRight, width + 1)


def _in_order(areas: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """The class with the largest area first, what is left over last."""
    sums: dict[str, float] = {}
    for name, area in areas:
        sums[name] = sums.get(name, 0.0) + area
    return tuple(sorted(sums, key=lambda name: (name in OTHER or not name, -sums[name], name)))


def _ink(paper: QColor, dark: bool) -> QColor:
    """What is read on a cell of this colour, whatever the theme below it is."""
    below, opacity = 0.15 if dark else 0.95, paper.alphaF()
    light = opacity * (0.299 * paper.redF() + 0.587 * paper.greenF() + 0.114 * paper.blueF()) + (1 - opacity) * below
    return QColor("#000000" if light > 0.5 else "#ffffff")


def _short(number: float) -> str:
    """In few letters; what is there at all is not 0."""
    if number < 0.05:
        return "<" + number_words(0.1, 1)
    return number_words(number, 1 if number < 9.95 else 0)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(max(font.pointSizeF() * 0.9, 7.0))
    return small
