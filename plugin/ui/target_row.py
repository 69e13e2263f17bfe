"""The file that the next run of a job writes."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtWidgets import QFileDialog, QHBoxLayout, QToolButton, QWidget

from ..session import Session
from ..state import State
from .widgets import PathLabel


class TargetRow(QWidget):
    """`part` names whose file it is, in the session and in `State.jobs`; `title` is the dialog's, `kind` the format in words, and
    `ending` what its names end with."""

    def __init__(self, part: str, session: Session, title: str, kind: str, ending: str, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._part, self._session = part, session
        self._title, self._kind, self._ending = title, kind, ending
        self.path = PathLabel()
        self.change = QToolButton()
        self.change.setText("…")
        self.change.setToolTip(self.tr("Choose another file"))
        self.change.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.path, 1)
        layout.addWidget(self.change)

    def render(self, state: State) -> None:
        self.path.setText(getattr(state.jobs, self._part).path or self.tr("New {kind}").format(kind=self._kind))

    def _choose(self) -> None:
        here = getattr(self._session.state.jobs, self._part).path
        path, _filter = QFileDialog.getSaveFileName(self, self._title, here, f"{self._kind} (*{self._ending})")
        if path:
            chosen = path if path.lower().endswith(self._ending) else path + self._ending
            getattr(self._session, self._part).choose_path(chosen)
