"""What a land-cover run has found: how much of each class there is, as table and chart, to be copied and saved."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtWidgets import QApplication, QCheckBox, QFileDialog, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...models.classes import colour_of
from ..area_state import Covered
from ..cover_table import areas_of, table_text
from ..session import Session
from ..state import State
from .area_chart import AreaChart, Bar
from .icons import icon
from .result_card import LOOK
from .widgets import headline_label, quiet_label
from .words import area_words


class CoverCard(QFrame):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.setObjectName("card")
        self.setStyleSheet(LOOK)
        self.headline = headline_label()
        self.advice = quiet_label()
        self.chart = AreaChart()
        self.by_area = QCheckBox(self.tr("Largest first"))
        self.by_area.setToolTip(self.tr("Sort by area; otherwise in the order of the class list"))
        self.by_area.clicked.connect(lambda on: session.cover.sort_by_area(on))
        self.copy = QPushButton(icon("copy"), self.tr("Copy"))
        self.copy.setToolTip(self.tr("Copy the table, for a spreadsheet"))
        self.copy.clicked.connect(self._copy)
        self.export = QPushButton(icon("save"), self.tr("Export CSV…"))
        self.export.setToolTip(self.tr("Save the table to a file: class, pixels, area, share"))
        self.export.clicked.connect(self._export)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addWidget(self.export, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        for widget in (self.headline, self.advice, self.chart, self.by_area):
            layout.addWidget(widget)
        layout.addLayout(buttons)

    def render(self, state: State) -> None:
        """Nothing is shown before the first run, and not while the next one goes on."""
        cover = state.jobs.cover
        self.setVisible(cover.covered is not None and cover.run is None)
        if cover.covered is None:
            return
        total = sum(one.area for one in cover.covered.reply.areas)
        self.headline.setText(self._headline(cover.covered, total))
        self.advice.setVisible(not total)
        self.advice.setText(self.tr("The raster has no data in this area."))
        for widget in (self.chart, self.by_area, self.copy, self.export):
            widget.setVisible(total > 0)
        self.chart.set_bars(
            [
                Bar(one.name, colour or colour_of(one.name), one.share, area_words(one.area, cover.covered.metric))
                for one, colour in areas_of(cover.covered, cover.by_area)
            ]
        )
        self.by_area.setChecked(cover.by_area)

    def _headline(self, covered: Covered, total: float) -> str:
        if not total:
            return self.tr("Nothing mapped")
        return self.tr("{area} mapped").format(area=area_words(total, covered.metric))

    def _copy(self) -> None:
        cover = self._session.state.jobs.cover
        if cover.covered is not None:
            QApplication.clipboard().setText(table_text(cover.covered, cover.by_area, "\t"))

    def _export(self) -> None:
        covered = self._session.state.jobs.cover.covered
        if covered is None:
            return
        beside = covered.reply.path.rsplit(".", 1)[0] + ".csv"
        path, _kind = QFileDialog.getSaveFileName(self, self.tr("Save the class areas to"), beside, self.tr("CSV table (*.csv)"))
        if path:
            self._session.cover.export_areas(path if path.lower().endswith(".csv") else path + ".csv")
