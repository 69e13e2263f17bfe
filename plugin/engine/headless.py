"""The same set-up without QGIS's window: ``build.py`` and administrators run it from a shell."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from qgis.PyQt.QtCore import QCoreApplication, QTimer

from .environment import Environment, home_folder
from .installer import Installer, Outcome
from .progress import InstallProgress

LINE_SECONDS = 5.0  # between two lines of one step


class Reporter:
    """Prints a line when a step begins, and one now and then while it lasts."""

    def __init__(self) -> None:
        self._step = -1
        self._printed = 0.0

    def progressed(self, progress: InstallProgress) -> None:
        now = time.monotonic()
        if progress.step == self._step and now - self._printed < LINE_SECONDS:
            return
        self._step, self._printed = progress.step, now
        left = f", about {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
        count = f"[{progress.step}/{progress.steps}] " if progress.steps else ""
        print(f"{count}{progress.what}{left}", flush=True)


def install_headless(argv: Sequence[str] = ()) -> int:
    """Set the engine up and print how it goes. Returns 0 when the engine is ready, 1 when not, 130 when it was interrupted."""
    parser = argparse.ArgumentParser(prog="engine", description="Set up Rasterscribe's engine.")
    parser.add_argument("--home", type=Path, default=home_folder(), help="the folder to install into; RASTERSCRIBE_HOME sets it too")
    parser.add_argument("--wheels", type=Path, help="install from this folder of wheels, without a network")
    parser.add_argument("--build", choices=("auto", "cpu", "cuda"), default="auto", help="which PyTorch")
    parser.add_argument("--again", action="store_true", help="make the environment anew even where it is ready")
    options = parser.parse_args(list(argv))

    application = QCoreApplication.instance() or QCoreApplication([])
    installer = Installer(Environment(options.home.absolute()))
    outcomes: list[Outcome] = []

    def end(outcome: Outcome) -> None:
        outcomes.append(outcome)
        application.quit()

    reporter = Reporter()  # Qt does not keep it alive
    installer.progressed.connect(reporter.progressed)
    installer.finished.connect(end)
    former = {number: signal.signal(number, lambda *_: installer.cancel()) for number in (signal.SIGINT, signal.SIGTERM)}
    waker = QTimer()  # lets Python see the signal while Qt's loop runs
    waker.start(200)
    QTimer.singleShot(0, lambda: installer.start(options.wheels and options.wheels.absolute(), options.build, force=options.again))
    application.exec()
    for number, handler in former.items():
        signal.signal(number, handler)
    return _report(outcomes[0], options.home)


def _report(outcome: Outcome, home: Path) -> int:
    for note in outcome.notes:
        print(note)
    if outcome.problem is not None:
        print(outcome.problem, outcome.problem.details, sep="\n", file=sys.stderr, flush=True)
        return 130 if outcome.problem.code == "cancelled" else 1
    if outcome.installed is not None:
        made = outcome.installed
        print(f"The engine is ready in {home}: PyTorch {made.torch}, Python {made.python}. {made.reason}")
    return 0
