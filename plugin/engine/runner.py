"""Runs the set-up's commands one after the other, keeps what they said, and ends them when told."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Callable, Optional

from qgis.PyQt.QtCore import QObject, QTimer

from .process import Child, Exit

LOG_LINES = 400

OnEnd = Callable[[Exit, "list[str]"], None]  # how it ended, and the lines of its standard output


class Runner(QObject):
    """One command at a time. `variables` is the environment that they run in, `leader` a Python that heads their process groups."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.variables: Mapping[str, str] = {}
        self.leader = ""
        self.folder: Optional[Path] = None
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self._child: Optional[Child] = None
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.timeout.connect(self.kill)

    def run(
        self, program: str, arguments: Sequence[str], on_end: OnEnd, seconds: float = 0, question: str = "", folder: Optional[Path] = None
    ) -> None:
        """Run a program; `on_end` is called once. After `seconds`, if any, it is killed.

        A `question` is written to it, and its input is closed when it has answered a line.
        """
        child = Child(program, arguments, self.variables, folder or self.folder, self.leader, self)
        lines: list[str] = []

        def hear(line: str) -> None:
            lines.append(line)
            self.log.append(line)
            if question:
                child.close_input()

        def end(how: Exit) -> None:
            self._limit.stop()
            self._child = None
            child.deleteLater()
            if not how.ok:
                self.log.append(f"{Path(program).name} {how}")
            on_end(how, lines)

        child.said.connect(hear)
        child.logged.connect(self.log.append)
        child.ended.connect(end)
        self._child = child
        self.log.append("> " + " ".join([program, *arguments]))
        if seconds:
            self._limit.start(int(seconds * 1000))
        child.start()
        if question:
            child.write(question)
        else:
            child.close_input()

    @property
    def busy(self) -> bool:
        return self._child is not None

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def stop(self) -> None:
        """End the command now and forget it. Blocks for a moment: only for unloading the plugin."""
        if self._child is not None:
            child, self._child = self._child, None
            child.blockSignals(True)
            child.kill()
            child.stop()
