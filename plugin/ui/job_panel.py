"""The frame of a panel for a job over an area: a form, the run bar, the card with the result."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtWidgets import QFormLayout, QLayout, QVBoxLayout, QWidget

from ..state import State
from .area_picker import AreaPicker
from .run_bar import RunBar
from .words import elapsed_words


class JobPanel(QWidget):
    """`area` is where the job looks."""

    area: AreaPicker

    def arrange(self, form: QLayout, run: RunBar, card: QWidget) -> None:
        """Lay the panel out, once its widgets are made."""
        if isinstance(form, QFormLayout):
            style_form(form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addWidget(run)
        layout.addWidget(card)

    def lacks(self, state: State, own: str) -> str:
        """What must be done before the job can run, "" where nothing is; `own`: what this job lacks by itself."""
        if state.raster is None:
            return _tr("Choose a raster first.")
        if state.jobs.running is not None:
            return _tr("Another job is running.")
        return own or self.area.lacks(state.jobs.area)


def style_form(form: QFormLayout) -> None:
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)


def took(seconds: Optional[float]) -> str:
    """How long the last run took, "" where there was none."""
    return "" if seconds is None else _tr("Took {time}.").format(time=elapsed_words(seconds))


def _tr(text: str) -> str:
    return QCoreApplication.translate("JobPanel", text)
