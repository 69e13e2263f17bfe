"""The land-cover panel: choose the classes and where to map them, run it, and see how much there is of each."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSignalBlocker
from qgis.PyQt.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QWidget

from ...models.classes import OTHER
from ..area_state import CoverState
from ..session import Session
from ..state import State
from .area_picker import AreaPicker
from .class_list import ClassListEditor
from .cover_card import CoverCard
from .job_panel import JobPanel, took
from .model_picker import ModelPicker
from .raster_picker import RasterPicker
from .run_bar import RunBar
from .target_row import TargetRow

MOST_SIMPLE = 50.0  # pixels: the engine's own limit


class CoverPanel(JobPanel):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.raster = RasterPicker(session)
        self.classes = ClassListEditor(session)
        self.area = AreaPicker(session)
        self.model = ModelPicker(("text",), lambda state: state.jobs.cover.model, session.cover.choose_model)
        self.polygons = PolygonRow(session)
        self.target = TargetRow("cover", session, self.tr("Save the class raster to"), self.tr("GeoTIFF"), ".tif")
        self.run = RunBar(self.tr("Map"), session.cover.run, session.cover.cancel)
        self.card = CoverCard(session)
        form = QFormLayout()
        form.addRow(self.tr("Raster"), self.raster)
        form.addRow(self.tr("Classes"), self.classes.lists)
        form.addRow(self.classes)
        form.addRow(self.tr("Where"), self.area)
        form.addRow(self.tr("Model"), self.model)
        form.addRow(self.tr("Save to"), self.target)
        form.addRow(self.polygons)
        self.arrange(form, self.run, self.card)

    def render(self, state: State) -> None:
        for part in (self.raster, self.classes, self.area, self.model, self.polygons, self.target, self.card):
            part.render(state)
        cover, lacks = state.jobs.cover, self._lacks(state)
        self.run.render(cover.run, not lacks, lacks or took(cover.covered.reply.seconds if cover.covered else None))

    def _lacks(self, state: State) -> str:
        """What must be done before the run can start, "" where nothing is."""
        return self.lacks(state, self._lacking_classes(state.jobs.cover))

    def _lacking_classes(self, cover: CoverState) -> str:
        if not cover.classes:
            return self.tr("Choose a class list, or add a class.")
        if all(name.lower() in OTHER for name in cover.classes):
            return self.tr("Add a class: what is left over is nothing to map by itself.")
        if any(cover.meanings.get(name) == "" for name in cover.classes):
            return self.tr("A class is not known: remove it, or use another word.")
        return ""


class PolygonRow(QWidget):
    """Whether polygons are made, too, and how far their borders may move."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.wanted = QCheckBox(self.tr("Polygons, too"))
        self.wanted.setToolTip(self.tr("Also write a GeoPackage of polygons that share their borders"))
        self.wanted.clicked.connect(lambda on: session.cover.set_polygons(on))
        self.simplify = QDoubleSpinBox()
        self.simplify.setRange(0.0, MOST_SIMPLE)
        self.simplify.setSingleStep(0.5)
        self.simplify.setDecimals(1)
        self.simplify.setPrefix(self.tr("borders ± "))
        self.simplify.setSuffix(self.tr(" px"))
        self.simplify.setSpecialValueText(self.tr("exact borders"))
        self.simplify.setKeyboardTracking(False)
        self.simplify.setAccessibleName(self.tr("Simplification of the polygons, pixels"))
        self.simplify.setToolTip(self.tr("How far borders may move to need fewer vertices, in pixels; exact ones follow the pixels"))
        self.simplify.valueChanged.connect(session.cover.set_simplify)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.wanted, 1)
        layout.addWidget(self.simplify)

    def render(self, state: State) -> None:
        cover = state.jobs.cover
        self.wanted.setChecked(cover.polygons)
        self.simplify.setEnabled(cover.polygons)
        blocker = QSignalBlocker(self.simplify)
        if self.simplify.value() != cover.simplify:
            self.simplify.setValue(cover.simplify)
        del blocker
