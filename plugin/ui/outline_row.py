"""How the outlines of what a search finds are drawn."""

from __future__ import annotations

import dataclasses
from typing import Optional

from qgis.PyQt.QtCore import QSignalBlocker
from qgis.PyQt.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from ..session import Session
from ..state import State


class OutlineRow(QWidget):
    """Right angles are an option of clicked outlines, too: there is one of each, and both panels show it."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.refine = QCheckBox(self.tr("By clicks (finer, slower)"))
        self.refine.setAccessibleName(self.tr("Draw outlines by clicks (finer, slower)"))
        self.refine.setToolTip(
            self.tr(
                "Click every object that is found, so that its outline is drawn finely and what touches comes apart. "
                "It takes the longer the more objects there are. Roads, water and the like are not clicked. "
                "Without it, outlines are as coarse as the search sees them."
            )
        )
        self.right_angles = QCheckBox(self.tr("Right angles"))
        self.right_angles.setToolTip(
            self.tr(
                "Square up buildings; round things stay round. "
                "This, smoothing and the filling of holes are those of the Click panel, and hold for searches, too."
            )
        )
        self.refine.toggled.connect(lambda on: session.text.set_refine(on))
        self.right_angles.toggled.connect(self._set_right_angles)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.refine)
        layout.addWidget(self.right_angles)

    def render(self, state: State) -> None:
        blockers = [QSignalBlocker(widget) for widget in (self.refine, self.right_angles)]
        self.refine.setChecked(state.jobs.text.refine)
        self.right_angles.setChecked(state.options.right_angles)
        del blockers

    def _set_right_angles(self, on: bool) -> None:
        self._session.set_options(dataclasses.replace(self._session.state.options, right_angles=on))
