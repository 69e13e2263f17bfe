"""The class to assign: a name, typed or one of the last ones, and its colour."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsColorButton
from qgis.PyQt.QtCore import QSignalBlocker, Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QWidget

from ..session import Session
from ..state import MapClass, State
from .icons import swatch

# Colours for new classes: apart from each other, also for colour-blind eyes, and readable on imagery.
COLOURS = ("#e4572e", "#17bebb", "#ffc914", "#7b5cd6", "#2f8fdd", "#c9379d", "#76b041", "#8c564b")


class ClassPicker(QWidget):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._classes: tuple[MapClass, ...] = ()
        self.name = QComboBox()
        self.name.setEditable(True)
        self.name.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.name.setToolTip(self.tr("What the outlined object is; type a new name or choose one of the last"))
        self.name.completer().setCaseSensitivity(Qt.CaseSensitivity.CaseSensitive)
        self.colour = QgsColorButton()
        self.colour.setToolTip(self.tr("The colour of this class on the map"))
        self.colour.setFixedWidth(56)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.name, 1)
        layout.addWidget(self.colour)
        self.name.lineEdit().editingFinished.connect(self._named)
        self.name.activated.connect(lambda _index: self._named())
        self.colour.colorChanged.connect(self._coloured)

    def render(self, state: State) -> None:
        if state.classes == self._classes:
            return  # or somebody's half-typed name would be gone
        self._classes = state.classes
        blockers = [QSignalBlocker(widget) for widget in (self.name, self.colour)]
        self.name.clear()
        for one in state.classes:
            self.name.addItem(swatch(one.colour), one.name)
        self.name.setCurrentIndex(0)
        self.colour.setColor(QColor(state.map_class.colour))
        del blockers

    def _named(self) -> None:
        name = self.name.currentText().strip()
        known = {one.name: one for one in self._classes}
        if not name:
            self.name.setEditText(self._classes[0].name)
        elif name != self._classes[0].name:
            self._session.choose_class(known.get(name) or MapClass(name, self._fresh_colour()))

    def _coloured(self, colour: QColor) -> None:
        self._session.choose_class(MapClass(self._classes[0].name, colour.name()))

    def _fresh_colour(self) -> str:
        used = {one.colour for one in self._classes}
        return next((colour for colour in COLOURS if colour not in used), COLOURS[0])
