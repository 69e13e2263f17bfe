"""The text panel: say what to find and where, see how it was understood, run it, and go through what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction, QFileDialog, QFormLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ..session import Session
from ..state import State
from .area_picker import AreaPicker
from .found_card import FoundCard
from .icons import icon
from .model_picker import ModelPicker
from .parse_view import ParseView
from .phrase_line import PhraseLine
from .raster_picker import RasterPicker
from .run_bar import RunBar
from .widgets import PathLabel, quiet_label
from .words import elapsed_words

OPEN = "open"  # the job of models that know words beyond the vocabulary


class TextPanel(QWidget):
    """`review_actions` are the checkable actions that keep, discard, merge and split what was found."""

    def __init__(self, session: Session, review_actions: Sequence[QAction] = (), parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.raster = RasterPicker(session)
        self.phrase = PhraseLine(session, self._run)
        self.parse = ParseView(session)
        self.examples = ExampleRow(session)
        self.area = AreaPicker(session)
        self.model = ModelRow(session)
        self.target = TargetRow(session)
        self.run = RunBar(self.tr("Find"), self._run, lambda: session.text.cancel())
        self.card = FoundCard(session, review_actions)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow(self.tr("Raster"), self.raster)
        for whole in (self.phrase, self.parse, self.examples):
            form.addRow(whole)
        form.addRow(self.tr("Where"), self.area)
        form.addRow(self.tr("Model"), self.model)
        form.addRow(self.tr("Save to"), self.target)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addWidget(self.run)
        layout.addWidget(self.card)

    def render(self, state: State) -> None:
        for part in (self.raster, self.phrase, self.parse, self.examples, self.area, self.model, self.target, self.card):
            part.render(state)
        text = state.jobs.text
        come_upon = self.tr("{count} so far").format(count=len(text.run.objects)) if text.run and text.run.objects else ""
        self.run.render(text.run, self._ready(state), self._lacks(state) or self._took(state), come_upon)

    def _run(self) -> None:
        if self._ready(self._session.state):
            self._session.text.run()

    def _ready(self, state: State) -> bool:
        text = state.jobs.text
        return bool(text.examples or text.phrase.strip()) and not self._lacks(state)

    def _lacks(self, state: State) -> str:
        """What must be done before the search can run; "" also where there is no phrase, of which the parse view speaks."""
        text = state.jobs.text
        if state.raster is None:
            return self.tr("Choose a raster first.")
        if state.jobs.running is not None:
            return self.tr("Another job is running.")
        if text.explained is not None and not text.explained.runnable and not text.examples:
            return self.tr("Name something to find.")
        return self.area.lacks(state.jobs.area)

    def _took(self, state: State) -> str:
        found = state.jobs.text.found
        return self.tr("Took {time}.").format(time=elapsed_words(found.reply.seconds)) if found else ""


class ModelRow(QWidget):
    """Which model searches, and whether it knows a vocabulary or any word."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.picker = ModelPicker(("text", OPEN), lambda state: state.jobs.text.model, lambda model: session.text.choose_model(model))
        self.path = quiet_label()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.picker)
        layout.addWidget(self.path)

    def render(self, state: State) -> None:
        self.picker.render(state)
        is_open = any(model.id == state.jobs.text.model and model.job == OPEN for model in state.models)
        self.path.setText(self.tr("Any word; slower, and less exact") if is_open else self.tr("Words of the vocabulary"))


class TargetRow(QWidget):
    """The file that the next search writes."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.path = PathLabel()
        self.change = QToolButton()
        self.change.setText("…")
        self.change.setToolTip(self.tr("Choose another file"))
        self.change.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.path, 1)
        layout.addWidget(self.change)

    def render(self, state: State) -> None:
        path = state.jobs.text.path
        self.path.setText(path or self.tr("New GeoPackage"))

    def _choose(self) -> None:
        here = self._session.state.jobs.text.path
        path, _kind = QFileDialog.getSaveFileName(self, self.tr("Save what is found to"), here, self.tr("GeoPackage (*.gpkg)"))
        if path:
            self._session.text.choose_path(path if path.lower().endswith(".gpkg") else path + ".gpkg")


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
