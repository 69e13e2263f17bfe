"""Walks through the steps of a set-up: every step's attempts in turn, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from qgis.PyQt.QtCore import QCoreApplication, QObject, QTimer, pyqtSignal

from .process import Exit
from .progress import Meter, Pace
from .runner import Runner
from .steps import MB, Step, package_of

PROGRESS_MS = 500


class StepWalker(QObject):
    """Carries out a list of steps with a runner. `notes` are the sentences of the attempts that did it."""

    progressed = pyqtSignal(object)  # InstallProgress, twice a second and at each step's begin
    ended = pyqtSignal(object)  # None, or the Step that failed

    def __init__(self, runner: Runner, steps: Sequence[Step], folders: Sequence[Path], parent: Optional[QObject] = None) -> None:
        """`folders` are those in which a download grows."""
        super().__init__(parent)
        self.notes: list[str] = []
        self.answer: list[str] = []  # what the last command printed
        self._runner = runner
        self._steps = steps
        self._index = 0
        self._stopped = False
        self._pace = Pace(steps)
        self._meter = Meter(folders)
        self._base = 0  # bytes in the folders when the step began
        self._timer = QTimer(self)
        self._timer.setInterval(PROGRESS_MS)
        self._timer.timeout.connect(self._report)

    def start(self) -> None:
        self._meter.start()
        self._timer.start()
        self._enter(0)

    def stop(self) -> None:
        """Start nothing more and say nothing more, save `ended` when the running command has ended."""
        self._stopped = True
        self._timer.stop()
        self._meter.stop()

    def _enter(self, index: int) -> None:
        if index == len(self._steps):
            return self._end(None)
        self._index, self._base = index, self._meter.size
        self._pace.enter(index)
        self._report()
        self._try(0)

    def _try(self, attempt: int) -> None:
        attempts = self._steps[self._index].attempts
        if attempt == len(attempts):
            return self._end(self._steps[self._index])
        self._carry_out(attempt, 0)

    def _carry_out(self, number: int, command: int) -> None:
        attempt = self._steps[self._index].attempts[number]
        if command == len(attempt.commands):
            if attempt.note:
                self.notes.append(attempt.note)
            return self._enter(self._index + 1)

        def go_on(how: Exit, lines: list[str]) -> None:
            self.answer = lines
            if self._stopped:
                self._end(self._steps[self._index])
            elif how.ok:
                self._carry_out(number, command + 1)
            else:
                self._try(number + 1)

        chosen = attempt.commands[command]
        self._runner.run(chosen.program, chosen.arguments, go_on)

    def _end(self, failed: Optional[Step]) -> None:
        self._timer.stop()
        self._meter.stop()
        self.ended.emit(failed)

    def _report(self) -> None:
        step = self._steps[self._index]
        arrived = min(max(self._meter.size - self._base, 0), step.size)
        self.progressed.emit(self._pace.progress(_words(step, arrived), arrived))


def _words(step: Step, arrived: int) -> str:
    def say(text: str, **facts: object) -> str:
        return QCoreApplication.translate("Installer", text).format(**facts)

    if step.kind == "download":
        name = package_of(step.name)
        if not arrived:
            return say("Getting {name}, about {size} MB if it is not here yet", name=name, size=step.size // MB)
        return say("Getting {name}: {done} of about {size} MB", name=name, done=arrived // MB, size=step.size // MB)
    if step.kind == "environment":
        return say("Making the engine's environment")
    if step.kind == "install":
        return say("Installing the packages")
    return say("Checking that everything loads")
