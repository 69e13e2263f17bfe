"""The engine panel: set the engine up, watch it being set up, and see what it runs on."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtWidgets import (
    QAction,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..session import Session
from ..state import Engine, EngineFacts, SetupProgress, State
from .flow import FlowLayout
from .icons import icon
from .widgets import PathLabel, headline_label, quiet_label, say
from .words import device_words, duration_words, size_words

STEPS = 1000  # of the progress bar


class EnginePanel(QWidget):
    def __init__(self, session: Session, copy_diagnostics: QAction, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.headline = headline_label()
        self.sentence = quiet_label()
        self.facts = FactSheet(session)
        self.set_up = QPushButton(icon("engine"), self.tr("Set up engine"))
        self.set_up.setMinimumHeight(32)
        self.set_up.clicked.connect(lambda: session.set_up_engine())
        self.restart = QPushButton(self.tr("Restart engine"))
        self.restart.clicked.connect(lambda: session.restart_engine())
        self.from_folder = QPushButton(self.tr("Install from folder…"))
        self.from_folder.setToolTip(self.tr("For a computer without a network: a folder made by 'build.py bundle' on another"))
        self.from_folder.clicked.connect(self._install_from_folder)
        self.diagnose = QPushButton(copy_diagnostics.text())
        self.diagnose.setToolTip(copy_diagnostics.toolTip())
        self.diagnose.clicked.connect(copy_diagnostics.trigger)
        self.progress = ProgressBox(session)
        buttons = FlowLayout(gap=6)
        for button in (self.restart, self.from_folder, self.diagnose):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for widget in (self.headline, self.sentence, self.facts, self.set_up, self.progress):
            layout.addWidget(widget)
        layout.addLayout(buttons)

    def render(self, state: State) -> None:
        headline, sentence = self._words(state)
        absent, installing = state.engine is Engine.ABSENT, state.engine is Engine.INSTALLING
        self.headline.setText(headline)
        say(self.sentence, " ".join([sentence, *state.facts.notes]).strip())
        self.facts.render(state)
        self.set_up.setVisible(absent)
        self.set_up.setText(self.tr("Go on setting up") if state.facts.resumable else self.tr("Set up engine"))
        self.from_folder.setVisible(absent)
        self.restart.setVisible(not absent and not installing)
        self.progress.setVisible(installing)
        self.progress.render(state.setup)

    def _words(self, state: State) -> tuple[str, str]:
        runs_apart = self.tr("It runs beside QGIS, in an environment of its own: nothing in QGIS or in the system is changed.")
        if state.engine is Engine.ABSENT and state.facts.resumable:
            return self.tr("The engine is only partly set up"), self.tr("What is already downloaded is kept.") + " " + runs_apart
        words = {
            Engine.ABSENT: (self.tr("One step before the first click"), self.tr("The engine does the computing.") + " " + runs_apart),
            Engine.INSTALLING: (self.tr("Setting up the engine"), self.tr("You can go on working in QGIS meanwhile.")),
            Engine.STOPPED: (self.tr("The engine is set up"), self.tr("It starts with the first click.")),
            Engine.STARTING: (self.tr("The engine is starting"), ""),
            Engine.READY: (self.tr("The engine is running"), ""),
            Engine.FAILED: (self.tr("The engine has stopped"), self.tr("Restart it: your clicks are kept.")),
        }
        return words[state.engine]

    def _install_from_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder with the engine's packages"))
        if folder:
            self._session.set_up_engine(folder)


class FactSheet(QWidget):
    """Where the engine is, how much disk it takes and what it computes on, and why."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._shown: Optional[EngineFacts] = None
        self.home = PathLabel()
        self.change = QToolButton()
        self.change.setText(self.tr("Change folder…"))
        self.change.clicked.connect(self._change_home)
        self.disk = quiet_label()
        self.device = quiet_label()
        place = QHBoxLayout()
        place.addWidget(QLabel(self.tr("Folder")))
        place.addWidget(self.home, 1)
        room = QHBoxLayout()
        room.addWidget(self.disk, 1)
        room.addWidget(self.change)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(place)
        layout.addLayout(room)
        layout.addWidget(self.device)

    def render(self, state: State) -> None:
        self.change.setVisible(state.engine is Engine.ABSENT and state.facts.movable)
        if state.facts == self._shown:
            return
        facts = self._shown = state.facts
        self.home.setText(facts.home)
        free = size_words(facts.free)
        needed = self.tr("Takes {needs} of disk; {free} are free there.").format(needs=size_words(facts.needs), free=free)
        self.disk.setText(needed if facts.needs else self.tr("{free} of disk are free there.").format(free=free))
        runs_on = self.tr("Runs on {device}.").format(device=device_words(facts.device)) if facts.device else ""
        self.device.setText(f"{runs_on} {facts.device_reason}".strip())

    def _change_home(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the engine"), self._session.state.facts.home)
        if folder:
            self._session.choose_home(folder)


class ProgressBox(QWidget):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.what = quiet_label()
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setToolTip(self.tr("Stop now; what is downloaded is kept for the next time"))
        self.cancel.clicked.connect(lambda: session.cancel_set_up())
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.what)

    def render(self, progress: Optional[SetupProgress]) -> None:
        if progress is None or not progress.total:
            self.bar.setRange(0, 0)
            self.what.setText(progress.what if progress else "")
            return
        self.bar.setRange(0, STEPS)
        self.bar.setValue(round(STEPS * progress.done / progress.total))
        parts = [progress.what]
        if progress.bytes_expected:
            done, expected = size_words(progress.bytes_done), size_words(progress.bytes_expected)
            parts.append(self.tr("{done} of about {expected}").format(done=done, expected=expected))
        if progress.seconds_left is not None:
            parts.append(duration_words(progress.seconds_left))
        self.what.setText(" · ".join(parts))
