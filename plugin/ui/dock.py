"""The dock: the jobs and the problem bar above, the panel of the moment, and a line about the engine below."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Optional

from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QAction, QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ..area_state import AreaJobs, Panel
from ..session import Session
from ..state import Engine, State
from .change_panel import ChangePanel
from .click_panel import ClickPanel
from .cover_panel import CoverPanel
from .engine_panel import EnginePanel
from .icons import icon
from .modes import Modes
from .problem_bar import ProblemBar
from .text_panel import TextPanel
from .tiles_panel import TilesPanel
from .words import device_words

DOTS = {Engine.READY: "#3aa655", Engine.STARTING: "#e0a52f", Engine.INSTALLING: "#e0a52f", Engine.FAILED: "#e05252"}
NO_DOT = "#8a8f98"
MARGIN = 10  # pixels around everything


class Dock(QgsDockWidget):
    """`click_action` switches the map tool, `review_actions` that for going through what was found; `copy_diagnostics` puts the engine's
    diagnostics on the clipboard."""

    def __init__(
        self,
        session: Session,
        click_action: QAction,
        copy_diagnostics: QAction,
        parent: Optional[QWidget] = None,
        review_actions: Sequence[QAction] = (),
    ):
        super().__init__(parent)
        self.setObjectName("Rasterscribe")  # QGIS remembers the dock's place by it
        self.setWindowTitle("Rasterscribe")
        self._session = session
        self._shown: Optional[State] = None
        self.problem = ProblemBar(session, copy_diagnostics)
        self.click = ClickPanel(session, click_action)
        self.text = TextPanel(session, review_actions)
        self.cover = CoverPanel(session)
        self.change = ChangePanel(session)
        self.tiles = TilesPanel(session)
        self.panels: dict[Panel, Any] = {
            Panel.CLICK: self.click,
            Panel.TEXT: self.text,
            Panel.COVER: self.cover,
            Panel.CHANGE: self.change,
            Panel.TILES: self.tiles,
        }
        self.modes = Modes(session, tuple(self.panels))
        self.engine = EnginePanel(session, copy_diagnostics)
        self.dot = QLabel("●")
        self.engine_line = QLabel()
        self.engine_button = QToolButton()
        self.engine_button.setIcon(icon("engine"))
        self.engine_button.setAutoRaise(True)
        self.engine_button.setCheckable(True)
        self.engine_button.setToolTip(self.tr("About the engine"))
        self.engine_button.toggled.connect(lambda _on: self._show_panel(session.state))
        self.scroll = QScrollArea()
        self._outcomes: dict[Panel, object] = {}
        self._laid_out = QTimer(self)
        self._laid_out.setSingleShot(True)
        self._laid_out.timeout.connect(self._show_result)
        self.setWidget(self._arranged())
        session.changed.connect(self.render)
        self.render(session.state)

    def render(self, state: State) -> None:
        seen = dataclasses.replace(state, hover=None)  # hovering changes the state many times a second, and nothing here
        if seen == self._shown:
            return
        self._shown = seen
        self.problem.render(state)
        self.modes.render(state)
        for panel in self.panels.values():
            panel.render(state)
        self.engine.render(state)
        self.dot.setStyleSheet(f"color: {DOTS.get(state.engine, NO_DOT)}")
        self.engine_line.setText(self._engine_words(state))
        self._show_panel(state)
        self._notice_result(state.jobs)

    def _notice_result(self, jobs: AreaJobs) -> None:
        """What a run came out with is brought into view, once."""
        former, self._outcomes = self._outcomes, outcomes(jobs)
        outcome = self._outcomes.get(jobs.panel)
        if outcome and outcome != former.get(jobs.panel):
            self._laid_out.start(0)

    def _show_result(self) -> None:
        """Scroll as little as shows the card of the panel whole, or its top where it is too high for that."""
        card = getattr(self.panels[self._session.state.jobs.panel], "card", None)
        if card is None or not card.isVisible():
            return
        top = card.mapTo(self.scroll.widget(), card.rect().topLeft()).y()
        bar, room = self.scroll.verticalScrollBar(), self.scroll.viewport().height()
        bar.setValue(min(max(bar.value(), top + card.height() + MARGIN - room), max(top - MARGIN, 0)))

    def _show_panel(self, state: State) -> None:
        must = state.engine in (Engine.ABSENT, Engine.INSTALLING)
        self.engine.setVisible(must or self.engine_button.isChecked())
        chosen = self.panels.get(state.jobs.panel, self.click)
        for panel in self.panels.values():
            panel.setVisible(panel is chosen and self.engine.isHidden())
        self.engine_button.setEnabled(not must)

    def _engine_words(self, state: State) -> str:
        words = {
            Engine.ABSENT: self.tr("Engine not set up"),
            Engine.INSTALLING: self.tr("Setting up the engine"),
            Engine.STOPPED: self.tr("Engine idle"),
            Engine.STARTING: self.tr("Engine starting"),
            Engine.READY: self.tr("Engine ready on {device}").format(device=device_words(state.facts.device)),
            Engine.FAILED: self.tr("Engine stopped"),
        }
        return words[state.engine]

    def _arranged(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, 6)
        column.setSpacing(10)
        for widget in (self.modes, self.problem, *self.panels.values(), self.engine):
            column.addWidget(widget)
        column.addStretch()
        self.scroll.setWidget(page)
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setMinimumWidth(page.minimumSizeHint().width() + self.scroll.verticalScrollBar().sizeHint().width())
        footer = QHBoxLayout()
        footer.setContentsMargins(10, 0, 6, 4)
        footer.setSpacing(6)
        footer.addWidget(self.dot)
        footer.addWidget(self.engine_line, 1)
        footer.addWidget(self.engine_button)
        whole = QWidget()
        outer = QVBoxLayout(whole)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.scroll, 1)
        outer.addLayout(footer)
        return whole


def outcomes(jobs: AreaJobs) -> dict[Panel, object]:
    """What the last run of each job came out with, as far as a panel shows it; nothing while the job runs."""
    text, cover, change, tiles = jobs.text, jobs.cover, jobs.change, jobs.tiles
    found = (text.found.reply, bool(text.found.scores)) if text.found else None  # the card grows by the histogram
    compared = (change.compared.reply, bool(change.compared.scores)) if change.compared else None
    return {
        Panel.TEXT: None if text.run else found,
        Panel.COVER: None if cover.run else cover.covered and cover.covered.reply,
        Panel.CHANGE: None if change.run else (compared, change.review.active) if compared or change.review.active else None,
        Panel.TILES: None if tiles.run else tiles.ranked and tiles.ranked.reply,
    }
