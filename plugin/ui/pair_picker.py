"""The two rasters to compare, each with its date, and how they lie to each other."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..change_state import ChangeState, MapUse
from ..session import Session
from ..state import State
from .change_words import pair_words, too_far
from .colours import warning
from .date_field import DateField
from .icons import icon
from .raster_picker import BeforePicker, RasterPicker
from .widgets import quiet_label, say, tool_button

FEWEST_LETTERS = 3  # of a raster's name that are seen in the narrowest dock


class PairPicker(QWidget):
    """The after raster is the one that every panel works on."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.labels = QLabel(self.tr("Before")), QLabel(self.tr("After"))
        self.before, self.after = BeforePicker(session), RasterPicker(session)
        for picker, label in zip((self.before, self.after), self.labels):
            picker.setMinimumContentsLength(FEWEST_LETTERS)
            picker.setAccessibleName(self.tr("Raster: {when}").format(when=label.text()))
            label.setBuddy(picker)
        set_dates = session.change.set_dates
        self.before_date = DateField(self.tr("Date of the raster before"), lambda iso: set_dates(iso, self._change.after_date))
        self.after_date = DateField(self.tr("Date of the raster after"), lambda iso: set_dates(self._change.before_date, iso))
        self.swap = tool_button("swap", self.tr("Swap before and after"), lambda: session.change.swap())
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3)
        grid.setVerticalSpacing(6)
        rows = ((self.before, self.before_date), (self.after, self.after_date))
        for row, (label, (picker, when)) in enumerate(zip(self.labels, rows)):
            grid.addWidget(label, row, 0)
            grid.addWidget(picker, row, 1)
            grid.addWidget(when, row, 2)
        grid.addWidget(self.swap, 0, 3, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(1, 1)
        chain = (self.before, self.before_date, self.swap, self.after, self.after_date)
        for first, second in zip(chain, chain[1:]):
            QWidget.setTabOrder(first, second)

    def render(self, state: State) -> None:
        change = state.jobs.change
        self.before.render(state)
        self.after.render(state)
        for field, corrected, known in zip((self.before_date, self.after_date), (change.before_date, change.after_date), change.dates):
            field.render(corrected, known)
        alone = change.old_map.use is MapUse.ALONE
        self.before.setEnabled(not alone)
        self.before.setToolTip(self.tr("The existing map takes its place") if alone else change.before_name)
        self.after.setToolTip(state.raster.name if state.raster else "")
        self.swap.setEnabled(bool(change.before_id) and state.raster is not None and not alone)

    @property
    def _change(self) -> ChangeState:
        return self._session.state.jobs.change


class PairLine(QWidget):
    """It is there as soon as there are two rasters, so that nothing jumps when the engine has looked at them."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.words = quiet_label()
        self.notes = quiet_label()
        self.swap = QPushButton(icon("swap"), self.tr("Swap"))
        self.swap.setToolTip(self.tr("The older raster comes first"))
        self.swap.clicked.connect(lambda: session.change.swap())
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.words)
        column.addWidget(self.notes)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(column, 1)
        layout.addWidget(self.swap, 0, Qt.AlignmentFlag.AlignTop)

    def render(self, state: State) -> None:
        change = state.jobs.change
        problem, pair = change.pair_problem, change.pair
        self.setVisible(change.with_before and state.raster is not None)
        warned = f"color: {warning(self).name()}"
        far = pair is not None and pair.shift is not None and too_far(pair.shift)
        unknown = self.tr("How they lie to each other is not known yet.")
        self.words.setText(str(problem) if problem else pair_words(pair) if pair else unknown)
        self.words.setStyleSheet(warned if problem or far else "")
        say(self.notes, "\n".join(pair.notes) if pair and not problem else "")
        self.notes.setStyleSheet(warned)
        self.swap.setVisible(problem is not None and problem.code == "pair.order")
