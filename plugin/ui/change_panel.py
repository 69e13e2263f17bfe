"""The change panel: choose two dates, or one and the map of another, compare them, and go through what changed."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSignalBlocker
from qgis.PyQt.QtWidgets import QCheckBox, QFormLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..change_state import ChangeState
from ..session import Session
from ..state import State
from .area_picker import AreaPicker
from .area_spin import AreaSpin
from .change_card import ChangeCard
from .class_chips import ClassChips
from .fold import Fold
from .icons import icon
from .job_panel import JobPanel, style_form, took
from .map_picker import MapPicker
from .method_picker import MethodPicker
from .model_picker import ModelPicker
from .pair_picker import PairLine, PairPicker
from .run_bar import RunBar
from .sensitivity import Sensitivity
from .target_row import TargetRow


class ChangePanel(JobPanel):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.pair, self.lie = PairPicker(session), PairLine(session)
        self.map = MapPicker(session)
        self.classes = ClassChips(session)
        self.area = AreaPicker(session)
        self.sensitivity = Sensitivity(session)
        self.min_area = MinArea(session)
        self.more = More(session)
        self.target = TargetRow("change", session, self.tr("Save the changes to"), self.tr("GeoPackage"), ".gpkg")
        self.run = RunBar(self.tr("Compare"), self._run, lambda: session.change.cancel())
        self.card = ChangeCard(session)
        self._arrange()

    def render(self, state: State) -> None:
        change = state.jobs.change
        chosen = (self.pair, self.lie, self.map, self.classes, self.area, self.min_area, self.sensitivity, self.more, self.target)
        for part in (*chosen, self.card):
            part.render(state)
        come_upon = self.tr("{count} so far").format(count=len(change.run.objects)) if change.run and change.run.objects else ""
        lacks = self._lacks(state)
        line = lacks or took(change.compared.reply.seconds if change.compared else None)
        self.run.render(change.run, not lacks, line, come_upon)

    def _run(self) -> None:
        if not self._lacks(self._session.state):
            self._session.change.run()

    def _lacks(self, state: State) -> str:
        """What must be done before the run can start, "" where nothing is."""
        return self.lacks(state, self._lacking_pair(state.jobs.change))

    def _lacking_pair(self, change: ChangeState) -> str:
        if not change.with_before and not change.with_map:
            return self.tr("Choose the raster before, or an existing map.")
        if change.with_map and not (change.old_map.field or change.old_map.class_name):
            return self.tr("Say which classes the existing map has.")
        if change.with_before and change.pair_problem is not None:
            return self.tr("The two rasters cannot be compared like this: see above.")
        return ""

    def _arrange(self) -> None:
        """Short forms among parts as wide as the panel, whose heights follow from its width: one form does not reckon with that."""
        where, save, rasters, column = QFormLayout(), QFormLayout(), QVBoxLayout(), QVBoxLayout()
        where.addRow(self.tr("Where"), self.area)
        where.addRow(self.tr("Size from"), self.min_area)
        save.addRow(self.tr("Save to"), self.target)
        for form in (where, save):
            style_form(form)
        labels = [where.labelForField(self.area), where.labelForField(self.min_area), save.labelForField(self.target), *self.pair.labels]
        for label in labels:  # they stand in one column
            label.setMinimumWidth(max(one.sizeHint().width() for one in labels))
        rasters.setSpacing(4)
        rasters.addWidget(self.pair)
        rasters.addWidget(self.lie)
        column.setSpacing(8)
        for part in (rasters, self.map, self.classes, where, self.sensitivity, self.more, save):
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)
        self.arrange(column, self.run, self.card)


class MinArea(AreaSpin):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setToolTip(self.tr("Smaller changes do not count"))
        self.setAccessibleName(self.tr("Least size"))
        self.valueChanged.connect(lambda area: session.change.set_filter(session.state.jobs.change.threshold, area))

    def render(self, state: State) -> None:
        blocker = QSignalBlocker(self)
        if self.value() != state.jobs.change.min_area:
            self.setValue(state.jobs.change.min_area)
        self.show_unit(state.metric)
        del blocker


class More(Fold):
    """What rarely needs another choice."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        content = QWidget()
        super().__init__("", content, parent)
        self.button.setText(self.tr("More"))
        self.method = MethodPicker(session)
        self.model = ModelPicker(("change",), lambda state: state.jobs.change.model, session.change.choose_model)
        self.refine = QCheckBox(self.tr("Outlines by clicks (finer, slower)"))
        self.refine.setToolTip(self.tr("Click every building that appeared or disappeared, so that its outline is drawn finely"))
        self.refine.clicked.connect(lambda on: session.change.set_refine(on))
        self.probability = QCheckBox(self.tr("Probability raster, too"))
        self.probability.setToolTip(self.tr("Also write a GeoTIFF that says of every pixel how likely it has changed"))
        self.probability.clicked.connect(lambda on: session.change.set_probability(on))
        self.review = QPushButton(icon("review"), self.tr("Review a layer of changes"))
        self.review.setToolTip(
            self.tr("Go on with changes that were found another time: choose their layer in the layer tree, then press this")
        )
        self.review.clicked.connect(lambda: session.review.start())
        form = QFormLayout(content)
        form.setContentsMargins(16, 0, 0, 2)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(QLabel(self.tr("Method")), self.method)
        form.addRow(QLabel(self.tr("Model")), self.model)
        form.addRow(self.refine)
        form.addRow(self.probability)
        form.addRow(self.review)

    def render(self, state: State) -> None:
        change = state.jobs.change
        self.method.render(state)
        self.model.render(state)
        self.refine.setChecked(change.refine)
        self.probability.setChecked(change.probability)
        said = [self.method.currentText(), self.tr("outlines by clicks") if change.refine else ""]
        self.tell(False, ", ".join(filter(None, (*said, self.tr("probability") if change.probability else ""))))
