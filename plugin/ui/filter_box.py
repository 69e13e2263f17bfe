"""Least confidence and least size of what a job has found; nothing is computed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QCoreApplication, QSignalBlocker, Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..session import Session
from ..state import State
from .area_spin import AreaSpin
from .histogram import ScoreHistogram
from .widgets import quiet_label
from .words import count_words


class FilterBox(QWidget):
    """`part` names whose filter it is, in the session and in `State.jobs`; `scores` reads those of everything found from that part."""

    def __init__(self, part: str, session: Session, scores: Callable[[Any], Sequence[float]], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._part, self._session, self._scores_of = part, session, scores
        self._scores: Sequence[float] = ()
        self.percent = QLabel()
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.histogram = ScoreHistogram()
        self.min_area = AreaSpin()
        self.min_area.setToolTip(self.tr("Smaller ones are hidden"))
        self.min_area.setAccessibleName(self.tr("Least size"))
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(QLabel(self.tr("Confidence")), 1)
        top.addWidget(self.percent)
        bottom.setSpacing(6)
        bottom.addWidget(QLabel(self.tr("Size from")))
        bottom.addWidget(self.min_area, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.histogram)
        layout.addLayout(bottom)
        verbs = getattr(session, part)
        self.histogram.thresholdChanged.connect(lambda threshold: verbs.set_filter(threshold, self._now.min_area))
        self.min_area.valueChanged.connect(lambda area: verbs.set_filter(self._now.threshold, area))

    def render(self, state: State) -> None:
        now = getattr(state.jobs, self._part)
        scores = self._scores_of(now)
        if scores is not self._scores:  # there may be very many
            self._scores = scores
            self.histogram.set_scores(scores)
        self.histogram.set_threshold(now.threshold)
        self.percent.setText(self.tr("from {percent} %").format(percent=count_words(round(100 * now.threshold))))
        blocker = QSignalBlocker(self.min_area)
        if self.min_area.value() != now.min_area:
            self.min_area.setValue(now.min_area)
        self.min_area.show_unit(state.metric)
        del blocker

    @property
    def _now(self) -> Any:
        return getattr(self._session.state.jobs, self._part)


class HeldRow(QWidget):
    """Why the filter does not act, and the button that lets it."""

    def __init__(self, part: str, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.save = QPushButton(self.tr("Save edits"))
        self.save.clicked.connect(lambda: getattr(session, part).save_edits())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(quiet_label(self.tr("The filter waits until the layer's edits are saved.")), 1)
        layout.addWidget(self.save)


def hidden_words(threshold: float, scores: Sequence[float]) -> str:
    """Why a filter lets nothing through; `scores` are those of everything found."""
    if threshold > min(scores, default=1.0):
        return QCoreApplication.translate("FilterBox", "There are weaker ones: lower the confidence to see them.")
    return QCoreApplication.translate("FilterBox", "They are smaller than what the filter lets through.")
