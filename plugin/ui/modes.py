"""The row on top of the dock: one flat button for each job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from ..area_state import Panel
from ..session import Session
from ..state import State
from .icons import icon


class Modes(QWidget):
    """One of these is on. A row of one is not shown: there is nothing to choose."""

    def __init__(self, session: Session, panels: Sequence[Panel], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.buttons: dict[Panel, QToolButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for panel in panels:
            button = self.buttons[panel] = self._button(panel)
            group.addButton(button)
            row.addWidget(button)
        if len(panels) < 2:  # to show it here, before it has a parent, would make a window of it
            self.hide()

    def render(self, state: State) -> None:
        button = self.buttons.get(state.jobs.panel, self.buttons[Panel.CLICK])
        button.setChecked(True)

    def _button(self, panel: Panel) -> QToolButton:
        words, tip = self._words(panel)
        button = QToolButton()
        button.setIcon(icon(panel.value))
        button.setIconSize(QSize(20, 20))
        button.setText(words)
        button.setToolTip(tip)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setMinimumWidth(button.fontMetrics().horizontalAdvance(words) + 6)  # five of them fit into a narrow dock
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda _on: self._session.show_panel(panel))
        return button

    def _words(self, panel: Panel) -> tuple[str, str]:
        return {
            Panel.CLICK: (self.tr("Click"), self.tr("Point at objects, one after the other")),
            Panel.TEXT: (self.tr("Text"), self.tr("Say what to look for, in an area")),
            Panel.COVER: (self.tr("Land cover"), self.tr("Map an area by a list of classes")),
            Panel.CHANGE: (self.tr("Change"), self.tr("Compare two dates: what is new, what is gone, what became what")),
            Panel.TILES: (self.tr("Tiles"), self.tr("Find the tiles of the raster that show something")),
        }[panel]
