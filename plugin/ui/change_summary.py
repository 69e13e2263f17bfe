"""How much became what: as a matrix or as bars, and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Optional

from qgis.PyQt.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from ...models.classes import KIND_COLOURS, kind_of
from ...models.protocol import FromTo
from ..session import Session
from .area_chart import AreaChart, Bar
from .change_words import class_words
from .icons import icon
from .matrix_view import MatrixView
from .widgets import quiet_label, tool_button
from .words import area_words, count_words

MOST_BARS = 10  # the largest


class ChangeSummary(QWidget):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._path = ""
        self.as_matrix, self.as_bars = self._switch("matrix", self.tr("As a matrix")), self._switch("bars", self.tr("As bars"))
        self.matrix, self.bars = MatrixView(), AreaChart()
        self.bars.setAccessibleName(self.tr("Areas by what became what"))
        self.further = quiet_label()
        self.export = QPushButton(icon("save"), self.tr("CSV…"))
        self.export.setToolTip(self.tr("Save the table to a file: class before, class after, count, area"))
        self.export.clicked.connect(self._export)
        group = QButtonGroup(self)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(quiet_label(self.tr("What became what")), 1)
        for button in (self.as_matrix, self.as_bars):
            group.addButton(button)
            head.addWidget(button)
        head.addSpacing(4)
        head.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        for widget in (self.matrix, self.bars, self.further):
            layout.addWidget(widget)
        self.as_matrix.setChecked(True)
        self.as_bars.toggled.connect(self._turn)
        self._turn(False)

    def show_matrix(self, matrix: Sequence[FromTo], metric: bool, path: str) -> None:
        """`path`: of the result, beside which the table is saved."""
        self._path = path
        self.setVisible(bool(matrix))
        self.matrix.set_matrix(matrix, metric)
        total = sum(cell.area for cell in matrix) or 1.0
        largest = sorted(matrix, key=lambda cell: -cell.area)[:MOST_BARS]
        self.bars.set_bars(
            [
                Bar(
                    f"{class_words(cell.from_class)} → {class_words(cell.to_class)}",
                    KIND_COLOURS[kind_of(cell.from_class, cell.to_class)],
                    cell.area / total,
                    area_words(cell.area, metric),
                )
                for cell in largest
            ]
        )
        left = len(matrix) - len(largest)
        self.further.setText(self.tr("Smaller ones: {count}").format(count=count_words(left)) if left else "")
        self._turn(self.as_bars.isChecked())

    def _turn(self, bars: bool) -> None:
        self.matrix.setVisible(not bars)
        self.bars.setVisible(bars)
        self.further.setVisible(bars and bool(self.further.text()))

    def _switch(self, name: str, words: str) -> QToolButton:
        button = tool_button(name, words, lambda: None)
        button.setCheckable(True)
        return button

    def _export(self) -> None:
        beside = str(PurePath(self._path).with_suffix(".csv")) if self._path else ""
        path, _kind = QFileDialog.getSaveFileName(self, self.tr("Save the areas to"), beside, self.tr("CSV table (*.csv)"))
        if path:
            self._session.change.export_summary(path if path.lower().endswith(".csv") else path + ".csv")
