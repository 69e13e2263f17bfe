"""Which model does a job, as a combo box of those that the engine knows for it."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import QSignalBlocker, Qt
from qgis.PyQt.QtWidgets import QComboBox, QVBoxLayout, QWidget

from ..session import Session
from ..state import State
from .widgets import may_shrink, quiet_label

OPEN = "open"  # the job of models that know words beyond the vocabulary


class ModelPicker(QComboBox):
    """Of the models of these `jobs`, in their order; `chosen` reads the choice from the state, `choose` is the session's verb."""

    def __init__(
        self, jobs: tuple[str, ...], chosen: Callable[[State], str], choose: Callable[[str], None], parent: Optional[QWidget] = None
    ):
        super().__init__(parent)
        self._jobs, self._chosen = jobs, chosen
        self._shown: object = None
        may_shrink(self)
        self.activated.connect(lambda _index: choose(self.currentData() or ""))

    def render(self, state: State) -> None:
        models = [model for job in self._jobs for model in state.models if model.job == job]
        chosen = self._chosen(state)
        if self._shown == (models, chosen):
            return
        self._shown = (models, chosen)
        blocker = QSignalBlocker(self)
        self.clear()
        for model in models:
            ready = model.state == "ready"
            lacking = self.tr("{title} (weights {state})").format(title=model.title, state=model.state)
            self.addItem(model.title if ready else lacking, model.id)
            row = self.count() - 1
            self.setItemData(row, f"{model.attribution}\n{model.licence}", Qt.ItemDataRole.ToolTipRole)
            self.model().item(row).setEnabled(ready)
        if not models:
            self.addItem(self.tr("Shipped with the plugin"), "")
        self.setCurrentIndex(max(self.findData(chosen), 0))
        del blocker


class ModelRow(QWidget):
    """Which model searches by words, and whether it knows a vocabulary or any word. `part` names whose it is, in the session and in
    `State.jobs`."""

    def __init__(self, part: str, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._part = part
        self.picker = ModelPicker(("text", OPEN), self._chosen, lambda model: getattr(session, part).choose_model(model))
        self.path = quiet_label()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.picker)
        layout.addWidget(self.path)

    def render(self, state: State) -> None:
        self.picker.render(state)
        is_open = any(model.id == self._chosen(state) and model.job == OPEN for model in state.models)
        self.path.setText(self.tr("Any word; slower, and less exact") if is_open else self.tr("Words of the vocabulary"))

    def _chosen(self, state: State) -> str:
        return str(getattr(state.jobs, self._part).model)
