"""How changes are told, each way with a sentence that says when to take it."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSignalBlocker, Qt
from qgis.PyQt.QtWidgets import QComboBox, QWidget

from ..session import Session
from ..state import State
from .change_words import method_words
from .widgets import may_shrink


class MethodPicker(QComboBox):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setAccessibleName(self.tr("Method"))
        may_shrink(self)
        for method, (name, when) in method_words().items():
            self.addItem(name, method)
            self.setItemData(self.count() - 1, when, Qt.ItemDataRole.ToolTipRole)
        self.activated.connect(lambda _index: session.change.choose_method(self.currentData()))

    def render(self, state: State) -> None:
        blocker = QSignalBlocker(self)
        self.setCurrentIndex(max(self.findData(state.jobs.change.method), 0))
        del blocker
        self.setToolTip(self.itemData(self.currentIndex(), Qt.ItemDataRole.ToolTipRole))
