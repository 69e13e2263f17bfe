"""The click panel: what to outline, where it goes, how it looks, and what was found."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from qgis.PyQt.QtCore import QSignalBlocker, Qt
from qgis.PyQt.QtWidgets import (
    QAction,
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from ..session import Session
from ..state import State
from .class_picker import ClassPicker
from .model_picker import ModelPicker
from .raster_picker import RasterPicker
from .result_card import ResultCard
from .target_picker import TargetPicker
from .widgets import ActionButton


class ClickPanel(QWidget):
    """`click_action` switches the map tool on and off; the panel shows it as its first button."""

    def __init__(self, session: Session, click_action: QAction, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.start = ActionButton(click_action)
        self.raster = RasterPicker(session)
        self.target = TargetPicker(session)
        self.map_class = ClassPicker(session)
        self.options = OptionRow(session)
        self.model = ModelPicker(("click",), lambda state: state.model, session.choose_model)
        self.card = ResultCard(session)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow(self.tr("Raster"), self.raster)
        form.addRow(self.tr("Class"), self.map_class)
        form.addRow(self.tr("Save to"), self.target)
        form.addRow(self.tr("Outline"), self.options)
        form.addRow(self.tr("Model"), self.model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.start)
        layout.addLayout(form)
        layout.addWidget(self.card)

    def render(self, state: State) -> None:
        for part in (self.raster, self.target, self.map_class, self.options, self.model, self.card):
            part.render(state)


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
