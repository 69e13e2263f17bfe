"""The text panel: say what to find and where, see how it was understood, run it, and go through what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtWidgets import QAction, QFormLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ..session import Session
from ..state import State
from .area_picker import AreaPicker
from .found_card import FoundCard
from .icons import icon
from .job_panel import JobPanel, took
from .model_picker import ModelRow
from .outline_row import OutlineRow
from .parse_view import ParseView
from .phrase_line import PhraseLine
from .raster_picker import RasterPicker
from .run_bar import RunBar
from .target_row import TargetRow
from .widgets import quiet_label


class TextPanel(JobPanel):
    """`review_actions` are the checkable actions that keep, discard, merge and split what was found."""

    def __init__(self, session: Session, review_actions: Sequence[QAction] = (), parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.raster = RasterPicker(session)
        self.phrase = PhraseLine(session, self._run)
        self.parse = ParseView(session)
        self.examples = ExampleRow(session)
        self.area = AreaPicker(session)
        self.model = ModelRow("text", session)
        self.outline = OutlineRow(session)
        self.target = TargetRow("text", session, self.tr("Save what is found to"), self.tr("GeoPackage"), ".gpkg")
        self.run = RunBar(self.tr("Find"), self._run, lambda: session.text.cancel())
        self.card = FoundCard(session, review_actions)
        form = QFormLayout()
        form.addRow(self.tr("Raster"), self.raster)
        asked = QVBoxLayout()  # one row: a form leaves room between rows that are hidden, too
        for part in (self.phrase, self.parse, self.examples):
            asked.addWidget(part)
        form.addRow(asked)
        form.addRow(self.tr("Where"), self.area)
        form.addRow(self.tr("Model"), self.model)
        form.addRow(self.tr("Outlines"), self.outline)
        form.addRow(self.tr("Save to"), self.target)
        self.arrange(form, self.run, self.card)

    def render(self, state: State) -> None:
        search = (self.raster, self.phrase, self.parse, self.examples, self.area, self.model, self.outline, self.target)
        for part in (*search, self.card):
            part.render(state)
        text = state.jobs.text
        come_upon = self.tr("{count} so far").format(count=len(text.run.objects)) if text.run and text.run.objects else ""
        line = self._lacks(state) or took(text.found.reply.seconds if text.found else None)
        self.run.render(text.run, self._ready(state), line, come_upon)

    def _run(self) -> None:
        if self._ready(self._session.state):
            self._session.text.run()

    def _ready(self, state: State) -> bool:
        text = state.jobs.text
        return bool(text.examples or text.phrase.strip()) and not self._lacks(state)

    def _lacks(self, state: State) -> str:
        """What must be done before the search can run; "" also where there is no phrase, of which the parse view speaks."""
        text = state.jobs.text
        nameless = text.explained is not None and not text.explained.runnable and not text.examples
        return self.lacks(state, self.tr("Name something to find.") if nameless else "")


class ExampleRow(QWidget):
    """That the search is for more like some polygons, and a button to have it otherwise."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        picture = QLabel()
        picture.setPixmap(icon("similar").pixmap(18, 18))
        self.words = quiet_label()
        self.drop = QToolButton()
        self.drop.setIcon(icon("clear"))
        self.drop.setAutoRaise(True)
        self.drop.setToolTip(self.tr("Search by words again"))
        self.drop.setAccessibleName(self.drop.toolTip())
        self.drop.clicked.connect(lambda: session.text.drop_examples())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(picture)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.drop)

    def render(self, state: State) -> None:
        count = state.jobs.text.examples
        self.setVisible(count > 0)
        self.words.setText(self.tr("Finds more like the examples. Polygons taken: {count}").format(count=count))
