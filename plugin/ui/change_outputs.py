"""What comes of reviewed changes: an updated map, and examples of what was wrong."""

from __future__ import annotations

from pathlib import PurePath
from typing import Optional

from qgis.PyQt.QtWidgets import QAction, QFileDialog, QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from ..session import Session
from ..state import State
from .icons import icon
from .result_card import LOOK
from .widgets import quiet_label, say, tool_button


class ChangeOutputs(QFrame):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.setStyleSheet(LOOK)
        self._session = session
        self.update_map = QPushButton(icon("merge"), self.tr("Update the map…"))
        self.update_map.clicked.connect(self._update)
        self.examples = QAction(self.tr("Export what was rejected as hard examples…"), self)
        self.examples.setToolTip(self.tr("Both images and labels of each, to train and evaluate with"))
        self.examples.triggered.connect(lambda _on: self._export())
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addAction(self.examples)
        self.others = tool_button("more", self.tr("More to do with the changes"), lambda: None)
        self.others.setMenu(menu)
        self.others.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.told = quiet_label()
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.update_map, 1)
        row.addWidget(self.others)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(4)
        layout.addWidget(self.told)  # above, where it is seen without scrolling
        layout.addLayout(row)

    def render(self, state: State) -> None:
        change = state.jobs.change
        review = change.review
        has_map = bool(change.old_map.layer_id)
        self.update_map.setEnabled(has_map and not review.writing)
        self.update_map.setToolTip(
            self.tr("Apply the accepted changes to a copy of the existing map: what appeared is added, what disappeared is marked")
            if has_map
            else self.tr("Choose the existing map above: accepted changes are applied to a copy of it")
        )
        self.examples.setEnabled(not review.writing)
        say(self.told, review.writing or review.told)

    def _update(self) -> None:
        words, kind = self.tr("Save the updated map to"), self.tr("GeoPackage (*.gpkg)")
        path, _kind = QFileDialog.getSaveFileName(self, words, self._beside("_map.gpkg"), kind)
        if path:
            self._session.review.update_map(path if path.lower().endswith(".gpkg") else path + ".gpkg")

    def _export(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the examples"), str(PurePath(self._result).parent))
        if folder:
            self._session.review.export_hard_examples(folder)

    def _beside(self, ending: str) -> str:
        return str(PurePath(self._result).with_suffix("")) + ending if self._result else ""

    @property
    def _result(self) -> str:
        compared = self._session.state.jobs.change.compared
        return compared.reply.path if compared else ""
