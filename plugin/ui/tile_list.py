"""The best tiles of a search, ranked: number, a bar as long as the score, and the score itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import QModelIndex, QRectF, QSignalBlocker, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPainter
from qgis.PyQt.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ...models.protocol import RankedTile
from .colours import ACCENT, faint, ink
from .words import count_words

BAR = 8.0  # pixels high
MOST = 8  # rows that are shown at once
SCORE = Qt.ItemDataRole.UserRole


class TileList(QListWidget):
    """The arrow keys, Home and End go through the tiles, and `tileChosen` says which; a click on the current one says it again."""

    tileChosen = pyqtSignal(int)  # by the user, never by `render`

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._tiles: tuple[RankedTile, ...] = ()
        self._pressed = -1  # the current row when the mouse was pressed
        self.setItemDelegate(_TileDelegate(self))
        self.setAccessibleName(self.tr("Tiles, the best first"))
        self.setToolTip(self.tr("Click a tile to see it on the map; the arrow keys go through them"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.currentRowChanged.connect(lambda row: self.tileChosen.emit(row) if row >= 0 else None)

    def show_tiles(self, tiles: Sequence[RankedTile], chosen: int) -> None:
        """`chosen` is the one that the map shows, -1 for none."""
        blocker = QSignalBlocker(self)
        if tuple(tiles) != self._tiles:
            self._tiles = tuple(tiles)
            self.clear()
            for number, tile in enumerate(tiles, 1):
                item = QListWidgetItem(self.tr("Tile {number}: {percent} %").format(number=number, percent=percent_words(tile.score)))
                item.setData(SCORE, tile.score)
                self.addItem(item)
        if chosen != self.currentRow():
            self.setCurrentRow(chosen)
        self.setFixedHeight(min(max(len(self._tiles), 1), MOST) * row_height(self) + 2 * self.frameWidth())
        del blocker

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Who has moved the map away comes back by a click on the tile that is the current one already."""
        former = self.currentRow()
        super().mouseReleaseEvent(event)
        row = self.row(self.itemAt(event.pos())) if self.itemAt(event.pos()) is not None else -1
        if event.button() == Qt.MouseButton.LeftButton and row == former == self._pressed:
            self.tileChosen.emit(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = self.currentRow()
        super().mousePressEvent(event)


class _TileDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(120, row_height(option.widget))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        palette, metrics = option.palette, option.fontMetrics
        if chosen:
            painter.fillRect(option.rect, palette.highlight())
        score, words = float(index.data(SCORE)), percent_words(float(index.data(SCORE))) + " %"
        text = palette.color(palette.ColorRole.HighlightedText) if chosen else ink(option.widget)
        box = QRectF(option.rect).adjusted(6, 0, -6, 0)
        painter.setPen(text)
        vertical = Qt.AlignmentFlag.AlignVCenter
        number_width, score_width = metrics.horizontalAdvance("00"), metrics.horizontalAdvance("100 %")
        number = QRectF(box.left(), box.top(), number_width, box.height())
        painter.drawText(number, int(Qt.AlignmentFlag.AlignRight | vertical), count_words(index.row() + 1))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | vertical), words)
        bar = QRectF(number.right() + 8, box.center().y() - BAR / 2, box.width() - number_width - score_width - 20, BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint(option.widget, 0.12))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setBrush(text if chosen else QColor(ACCENT))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(min(score, 1.0) * bar.width(), 2.0), BAR), 2, 2)
        painter.restore()


def percent_words(score: float) -> str:
    return count_words(round(100 * score))


def row_height(widget: QWidget) -> int:
    return widget.fontMetrics().height() + 8
