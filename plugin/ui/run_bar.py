"""Starts a job over an area, shows how far it is, and stops it. Every panel of such a job has one."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ..run_state import Run
from .icons import icon
from .widgets import quiet_label
from .words import duration_words

STEPS = 1000  # of the progress bar
HEIGHT = 32  # of the button and of what stands in its place, so that nothing jumps


class RunBar(QWidget):
    """`words` name the job on its button; `run` and `cancel` are the session's verbs."""

    def __init__(self, words: str, run: Callable[[], None], cancel: Callable[[], None], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.run = QPushButton(icon("run"), words)
        self.run.setMinimumHeight(HEIGHT)
        self.run.clicked.connect(lambda: run())
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(10)
        self.cancel = QPushButton(icon("clear"), self.tr("Cancel"))
        self.cancel.setMinimumHeight(HEIGHT)
        self.cancel.clicked.connect(lambda: cancel())
        for widget in (self.bar, self.cancel):  # the narrowest dock is measured before anything is drawn
            widget.hide()
        self.line = quiet_label()
        self.line.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.run, 1)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.line)

    def render(self, run: Optional[Run], ready: bool, line: str = "", so_far: str = "") -> None:
        """`ready`: whether the job can be started now. `line` stands below while it does not run: why it cannot be started, or how long
        it took; `so_far` beside the progress: what it has come upon."""
        self._swap(run is not None)
        lines = 1 if run is None else 2  # what a narrow dock needs: the time left must not make it jump
        self.line.setMinimumHeight(lines * self.line.fontMetrics().lineSpacing())
        if run is None:
            self.run.setEnabled(ready)
            self.line.setText(line)
            return
        self.cancel.setEnabled(not run.cancelling)
        self.cancel.setText(self.tr("Cancelling…") if run.cancelling else self.tr("Cancel"))
        self.bar.setRange(0, STEPS if run.total else 0)
        if run.total:
            self.bar.setValue(round(STEPS * min(run.done / run.total, 1.0)))
        left = "" if run.seconds_left is None or run.cancelling else duration_words(run.seconds_left)
        self.line.setText(" · ".join(filter(None, (run.what or self.tr("Starting"), so_far, left))))

    def _swap(self, running: bool) -> None:
        """Run button or progress. Who pressed the one by the keyboard is on the other afterwards."""
        leaving, coming = (self.run, self.cancel) if running else (self.cancel, self.run)
        focused = leaving.hasFocus()
        self.run.setVisible(not running)
        self.bar.setVisible(running)
        self.cancel.setVisible(running)
        if focused:
            coming.setFocus()
