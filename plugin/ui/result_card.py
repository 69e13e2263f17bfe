"""What was found: the pending outline in plain words, and the buttons that decide about it."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from ..session import Session
from ..state import Engine, State
from .icons import icon
from .widgets import BusyLine, headline_label, quiet_label
from .words import area_words, score_words

LOOK = "#card { background: rgba(128, 128, 128, 28); border-radius: 4px; }"


class ResultCard(QFrame):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.setStyleSheet(LOOK)
        self.headline = headline_label()
        self.sentence = quiet_label()
        self.sentence.setMinimumHeight(3 * self.sentence.fontMetrics().lineSpacing())  # so that the buttons stay in place
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.busy = BusyLine()
        self.undo = _small("undo", self.tr("Take the last click back (Ctrl+Z)"), session.undo)
        self.redo = _small("redo", self.tr("Bring the click back (Ctrl+Shift+Z)"), session.redo)
        self.smaller = _small("smaller", self.tr("A smaller outline: a part of this object (-)"), lambda: session.resize(False))
        self.larger = _small("larger", self.tr("A larger outline: this object with those around it (+)"), lambda: session.resize(True))
        self.clear = QPushButton(icon("clear"), self.tr("Clear"))
        self.clear.setToolTip(self.tr("Start this object again (Esc)"))
        self.clear.clicked.connect(lambda: session.clear())
        self.accept = QPushButton(icon("accept"), self.tr("Accept"))
        self.accept.setToolTip(self.tr("Add the outline to the layer (Enter or double click)"))
        self.accept.clicked.connect(lambda: session.accept())
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.undo, self.redo, self.smaller, self.larger):
            buttons.addWidget(button)
        buttons.addStretch()
        for button in (self.clear, self.accept):
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(button.text()) + button.iconSize().width() + 16)  # narrow docks
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        for widget in (self.headline, self.sentence, self.busy):
            layout.addWidget(widget)
        layout.addLayout(buttons)

    def render(self, state: State) -> None:
        headline, sentence = self._words(state)
        self.headline.setText(headline)
        self.sentence.setText(sentence)
        self.busy.show_words(state.busy)
        self.undo.setEnabled(bool(state.history.past))
        self.redo.setEnabled(bool(state.history.future))
        self.smaller.setEnabled(bool(state.smaller))
        self.larger.setEnabled(bool(state.larger))
        self.clear.setEnabled(bool(state.prompt))
        self.accept.setEnabled(state.acceptable)

    def _words(self, state: State) -> tuple[str, str]:
        if state.raster is None:
            return self.tr("No raster yet"), self.tr("Add a raster layer to the project, or choose one above.")
        if not state.prompt:
            return self.tr("Nothing pointed at yet"), self.tr("Click an object on the map, or drag a box around it.")
        if not state.prompt.asks:
            return self.tr("Only clicks that take away"), self.tr("Left click the object itself.")
        if state.pending is None:
            if state.engine is Engine.READY:
                return self.tr("Outlining"), ""
            return self.tr("Waiting for the engine"), self.tr("Your clicks are kept until it runs.")
        if not state.pending:
            advice = self.tr("Click nearer to its middle, zoom in, or drag a box around it.")
            return self.tr("No object seen here"), self._sizes(state) or advice
        area = "" if state.pending.area is None else area_words(state.pending.area, state.metric)
        return area or self.tr("Outlined"), "\n".join(filter(None, (score_words(state.pending.score), self._sizes(state))))

    def _sizes(self, state: State) -> str:
        """The keys for other outlines, where those look different."""
        if state.larger and state.smaller:
            return self.tr("Press + for a larger outline, - for a smaller one.")
        if state.larger:
            return self.tr("Press + for a larger outline.")
        return self.tr("Press - for a smaller outline.") if state.smaller else ""


def _small(name: str, tip: str, verb: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setToolTip(tip)
    button.setAutoRaise(True)
    button.clicked.connect(lambda: verb())
    return button
