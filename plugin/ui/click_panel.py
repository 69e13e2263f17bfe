"""The click panel: what to outline, where it goes, how it looks, and what was found."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QSignalBlocker, Qt
from qgis.PyQt.QtWidgets import (
    QAction,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from ..session import Session
from ..state import Raster, State
from .class_picker import ClassPicker
from .result_card import ResultCard
from .target_picker import TargetPicker
from .widgets import ActionButton


class ClickPanel(QWidget):
    """`click_action` switches the map tool on and off; the panel shows it as its first button."""

    def __init__(self, session: Session, click_action: QAction, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._raster: Optional[Raster] = None
        self.start = ActionButton(click_action)
        self.raster = QgsMapLayerComboBox()
        self.raster.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.raster.setAllowEmptyLayer(True, self.tr("Choose a raster"))
        self.raster.setLayer(None)
        self.raster.activated.connect(lambda _index: self._choose_raster())
        self.target = TargetPicker(session)
        self.map_class = ClassPicker(session)
        self.options = OptionRow(session)
        self.model = ModelPicker(session)
        self.card = ResultCard(session)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow(self.tr("Raster"), self.raster)
        form.addRow(self.tr("Class"), self.map_class)
        form.addRow(self.tr("Save to"), self.target)
        form.addRow(self.tr("Outline"), self.options)
        form.addRow(self.tr("Model"), self.model)
        for combo in (self.raster, self.model):
            _may_shrink(combo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.start)
        layout.addLayout(form)
        layout.addWidget(self.card)

    def render(self, state: State) -> None:
        if state.raster != self._raster:
            self._raster = state.raster
            layer = QgsProject.instance().mapLayer(state.raster.layer_id) if state.raster else None
            self.raster.setLayer(layer)
        for part in (self.target, self.map_class, self.options, self.model, self.card):
            part.render(state)

    def _choose_raster(self) -> None:
        layer = self.raster.currentLayer()
        self._session.choose_raster(layer.id() if layer else "", layer.name() if layer else "")


class OptionRow(QWidget):
    """How a mask becomes an outline; every change is seen at once on the pending one."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.smooth = QCheckBox(self.tr("Smooth"))
        self.smooth.setToolTip(self.tr("Round off the steps of the pixels"))
        self.right_angles = QCheckBox(self.tr("Right angles"))
        self.right_angles.setToolTip(self.tr("Square up buildings; round things stay round"))
        self.min_hole = QDoubleSpinBox()
        self.min_hole.setRange(0, 1e6)
        self.min_hole.setDecimals(1)
        self.min_hole.setKeyboardTracking(False)
        self.min_hole.setToolTip(self.tr("Smaller holes in an outline are filled"))
        ticks = QHBoxLayout()
        ticks.addWidget(self.smooth)
        ticks.addWidget(self.right_angles)
        ticks.addStretch()
        holes = QHBoxLayout()
        holes.addWidget(QLabel(self.tr("Fill holes under")))
        holes.addWidget(self.min_hole, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(ticks)
        layout.addLayout(holes)
        self.smooth.toggled.connect(lambda on: self._change(smooth=on))
        self.right_angles.toggled.connect(lambda on: self._change(right_angles=on))
        self.min_hole.valueChanged.connect(lambda value: self._change(min_hole=value))

    def render(self, state: State) -> None:
        blockers = [QSignalBlocker(widget) for widget in (self.smooth, self.right_angles, self.min_hole)]
        self.smooth.setChecked(state.options.smooth)
        self.right_angles.setChecked(state.options.right_angles)
        if self.min_hole.value() != state.options.min_hole:
            self.min_hole.setValue(state.options.min_hole)
        self.min_hole.setSuffix(" m²" if state.metric else " px²")
        del blockers

    def _change(self, **changes: Any) -> None:
        self._session.set_options(dataclasses.replace(self._session.state.options, **changes))


class ModelPicker(QComboBox):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._shown: object = None
        self.activated.connect(lambda _index: session.choose_model(self.currentData() or ""))

    def render(self, state: State) -> None:
        models = [model for model in state.models if model.job == "click"]
        if self._shown == (models, state.model):
            return
        self._shown = (models, state.model)
        blocker = QSignalBlocker(self)
        self.clear()
        for model in models:
            ready = model.state == "ready"
            lacking = self.tr("{title} (weights {state})").format(title=model.title, state=model.state)
            self.addItem(model.title if ready else lacking, model.id)
            row = self.count() - 1
            self.setItemData(row, f"{model.attribution}\n{model.licence}", Qt.ItemDataRole.ToolTipRole)
            self.model().item(row).setEnabled(ready)
        if not models:
            self.addItem(self.tr("Shipped with the plugin"), "")
        self.setCurrentIndex(max(self.findData(state.model), 0))
        del blocker


def _may_shrink(combo: QComboBox) -> None:
    """Long names must not force the dock wide."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(12)
