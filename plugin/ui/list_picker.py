"""The class lists to begin with, and the user's own, which are saved and deleted here."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSignalBlocker
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QLineEdit, QWidget

from ...models.classes import PRESETS
from ..area_state import ClassList
from ..session import Session
from ..state import State
from .widgets import may_shrink, tool_button


class ListPicker(QWidget):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._shown: object = None
        self.lists = QComboBox()
        self.lists.setAccessibleName(self.tr("Class list"))
        self.lists.setToolTip(self.tr("Class lists to begin with, and your own"))
        may_shrink(self.lists)
        self.lists.activated.connect(lambda _index: self._choose())
        self.save = tool_button("save", self.tr("Save the classes as a list of your own"), self._save)
        self.delete = tool_button("clear", self.tr("Delete this list of your own"), self._delete)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.lists, 1)
        layout.addWidget(self.save)
        layout.addWidget(self.delete)

    def render(self, state: State) -> None:
        cover = state.jobs.cover
        if (cover.classes, cover.lists) == self._shown:
            return
        self._shown = (cover.classes, cover.lists)
        blocker = QSignalBlocker(self.lists)
        self.lists.clear()
        for one in self._presets():
            self.lists.addItem(one.name, one)
        if cover.lists:
            self.lists.insertSeparator(self.lists.count())
        for one in cover.lists:
            self.lists.addItem(one.name, one)
        now = self._fitting(cover.classes)
        if now < 0:
            self.lists.insertItem(0, self.tr("Not saved") if cover.classes else self.tr("Choose a list"))
            now = 0
        self.lists.setCurrentIndex(now)
        del blocker
        chosen = self.lists.currentData()
        self.delete.setEnabled(chosen in cover.lists)
        self.save.setEnabled(bool(cover.classes) and chosen not in cover.lists)

    def _fitting(self, classes: tuple[str, ...]) -> int:
        """The row with just these classes, an own list before a preset; -1 where there is none."""
        rows = [row for row in range(self.lists.count()) if getattr(self.lists.itemData(row), "classes", None) == classes]
        return rows[-1] if rows else -1

    def _choose(self) -> None:
        chosen = self.lists.currentData()
        if chosen is not None:
            self._session.cover.set_classes(chosen.classes)

    def _save(self) -> None:
        words = self.tr("Name of the list; one of the same name is replaced:")
        name, accepted = QInputDialog.getText(self, self.tr("Save class list"), words, QLineEdit.EchoMode.Normal, "")
        if accepted and name.strip():
            self._session.cover.save_list(name)

    def _delete(self) -> None:
        chosen = self.lists.currentData()
        if chosen is not None:
            self._session.cover.delete_list(chosen.name)

    def _presets(self) -> tuple[ClassList, ...]:
        words = {
            "aerial": self.tr("Aerial images (LandCover.ai)"),
            "urban": self.tr("Urban"),
            "farmland": self.tr("Farmland"),
            "water": self.tr("Water"),
        }
        return tuple(ClassList(words.get(name, name), classes) for name, classes in PRESETS.items())
