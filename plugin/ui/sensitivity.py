"""How sure a comparison must be of a change, as a slider between two sentences."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSignalBlocker, Qt
from qgis.PyQt.QtGui import QWheelEvent
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from ...models.protocol import Change
from ..session import Session
from ..state import State
from .widgets import quiet_label
from .words import count_words

STRICTEST, WEAKEST = 95, round(100 * Change.floor)  # percent; what is weaker is in no file


class Sensitivity(QWidget):
    """To the right, more is shown: the slider's value is what the threshold leaves of 100 %."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.words = QLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setRange(100 - STRICTEST, 100 - WEAKEST)
        self.slider.setSingleStep(1)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(self.tr("Sensitivity"))
        self.slider.setToolTip(
            self.tr("Which changes count. Weaker ones are in the file, too: it can be moved after the run, and nothing is computed again.")
        )
        self.slider.valueChanged.connect(self._choose)
        few, all_of_it = quiet_label(self.tr("only sure ones")), quiet_label(self.tr("everything suspicious"))
        all_of_it.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        head, ends = QHBoxLayout(), QHBoxLayout()
        head.addWidget(QLabel(self.tr("Sensitivity")), 1)
        head.addWidget(self.words)
        ends.addWidget(few)
        ends.addWidget(all_of_it)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addLayout(head)
        layout.addWidget(self.slider)
        layout.addLayout(ends)

    def render(self, state: State) -> None:
        percent = round(100 * state.jobs.change.threshold)
        blocker = QSignalBlocker(self.slider)
        self.slider.setValue(100 - percent)
        del blocker
        self.words.setText(self.tr("from {percent} %").format(percent=count_words(percent)))

    def _choose(self, value: int) -> None:
        self._session.change.set_filter((100 - value) / 100, self._session.state.jobs.change.min_area)


class _Slider(QSlider):
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the panel is being scrolled, and this came under the mouse
