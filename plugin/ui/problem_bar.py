"""The one place where problems are shown: what is wrong, what to do, and a button that does it."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction, QFrame, QGridLayout, QLabel, QPushButton, QToolButton, QWidget

from ..problems import Problem
from ..session import Session
from ..state import State
from .flow import FlowLayout
from .icons import icon
from .widgets import say

RESTART = ("engine.gone", "engine.hung", "engine.unstartable", "engine.fault", "memory.exhausted")
SET_UP = ("engine.missing", "environment.", "install.")
DIAGNOSE = ("engine.", "install.", "request.invalid", "memory.")
LOOK = "#problem { background: rgba(240, 128, 60, 45); border: 1px solid rgba(240, 128, 60, 150); border-radius: 4px; }"


class ProblemBar(QFrame):
    def __init__(self, session: Session, copy_diagnostics: QAction, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._shown: Optional[Problem] = None
        self.setObjectName("problem")
        self.setStyleSheet(LOOK)
        sign = QLabel()
        sign.setPixmap(icon("problem").pixmap(20, 20))
        self.what = _sentence(bold=True)
        self.remedy = _sentence()
        self.restart = QPushButton(self.tr("Restart engine"))
        self.restart.clicked.connect(lambda: session.restart_engine())
        self.set_up = QPushButton(self.tr("Set up engine"))
        self.set_up.clicked.connect(lambda: session.set_up_engine())
        self.diagnose = QPushButton(copy_diagnostics.text())
        self.diagnose.setToolTip(copy_diagnostics.toolTip())
        self.diagnose.clicked.connect(copy_diagnostics.trigger)
        close = QToolButton()
        close.setIcon(icon("clear"))
        close.setAutoRaise(True)
        close.setToolTip(self.tr("Close"))
        close.clicked.connect(session.dismiss_problem)
        buttons = FlowLayout(gap=6)
        for button in (self.restart, self.set_up, self.diagnose):
            buttons.addWidget(button)
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 6, 4, 6)
        layout.setColumnStretch(1, 1)
        layout.addWidget(sign, 0, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.what, 0, 1)
        layout.addWidget(close, 0, 2, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.remedy, 1, 1, 1, 2)
        layout.addLayout(buttons, 2, 1, 1, 2)
        self.hide()

    def render(self, state: State) -> None:
        problem = state.problem
        if problem == self._shown:
            return
        self._shown = problem
        self.setVisible(problem is not None)
        if problem is None:
            return
        self.what.setText(problem.what)
        say(self.remedy, problem.remedy)
        self.restart.setVisible(problem.code in RESTART)
        self.set_up.setVisible(problem.code.startswith(SET_UP))
        self.diagnose.setVisible(problem.code.startswith(DIAGNOSE) and problem.code != "engine.missing")


def _sentence(bold: bool = False) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)  # file names in it are not to be read as HTML
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    font = label.font()
    font.setBold(bold)
    label.setFont(font)
    return label
