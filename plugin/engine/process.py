"""A program in a process of its own: lines come out, lines go in, and it dies with its children.

Qt's event loop drives it; a thread without one drives it by `Child.wait`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from qgis.PyQt.QtCore import QObject, QProcess, QProcessEnvironment, pyqtSignal

from .environment import PLUGIN_ROOT, Environment, scrubbed

KILLED_MS = 5000  # until a killed program is gone: on a busy machine its memory takes a while to be given back

# The child makes itself the head of a process group, then becomes the program: killing the group takes its children along.
GROUP_LEADER = "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
class Exit:
    """How a program ended. `code` is its exit status; meaningless where it crashed or never started."""

    started: bool
    crashed: bool
    code: int
    reason: str = ""  # Qt's words where it did not start

    @property
    def ok(self) -> bool:
        return self.started and not self.crashed and self.code == 0

    def __str__(self) -> str:
        if not self.started:
            return f"did not start: {self.reason}"
        return "was killed or crashed" if self.crashed else f"ended with status {self.code}"


class Child(QObject):
    """One run of one program. Nothing here waits, except `stop`, which is for unloading, and `wait`, which is for threads that may."""

    said = pyqtSignal(str)  # a line of its standard output, without the line's end
    logged = pyqtSignal(str)  # a line of its standard error
    ended = pyqtSignal(object)  # Exit; once, after the last line

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        variables: Optional[Mapping[str, str]] = None,
        folder: Optional[Path] = None,
        leader: str = "",
        parent: Optional[QObject] = None,
    ) -> None:
        """`variables` is its whole environment. `leader`, a Python program, puts it at the head of a group of its own (not on Windows)."""
        super().__init__(parent)
        self._rest = {"out": b"", "log": b""}  # the begin of a line whose end has not come yet
        self._over = False
        self._group = bool(leader) and sys.platform != "win32"
        if self._group:
            program, arguments = leader, ["-I", "-S", "-c", GROUP_LEADER, program, *arguments]
        self._process = QProcess(self)
        self._process.setProgram(program)
        self._process.setArguments(list(arguments))
        self._process.setProcessEnvironment(_qt_environment(scrubbed() if variables is None else variables))
        if folder is not None:
            self._process.setWorkingDirectory(str(folder))
        self._process.readyReadStandardOutput.connect(self._read_out)
        self._process.readyReadStandardError.connect(self._read_log)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)

    def start(self) -> None:
        self._process.start()

    @property
    def running(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    @property
    def pid(self) -> int:
        return int(self._process.processId() or 0)

    def write(self, text: str) -> None:
        """Send text to its standard input; lost where it does not run."""
        if self.running:
            self._process.write(text.encode("utf-8"))

    def wait(self, patience_ms: int) -> None:
        """Without an event loop: tell by the signals what it says or how it ended, for at most that long or until it has said something."""
        self._process.waitForReadyRead(patience_ms)

    def close_input(self) -> None:
        self._process.closeWriteChannel()

    def kill(self) -> None:
        """End it and its children at once; `ended` follows."""
        pid = self.pid
        if pid and sys.platform == "win32":
            QProcess.startDetached("taskkill", ["/T", "/F", "/PID", str(pid)])
        elif pid and self._group:
            try:
                os.killpg(pid, signal.SIGKILL)
            except OSError:  # it has not become a leader yet, or is gone
                pass
        self._process.kill()

    def stop(self, patience_ms: int = 500) -> None:
        """Ask it to end by closing its input, wait that long, then kill it. Blocks: only for unloading the plugin."""
        if self.running:
            self.close_input()
            if not self._process.waitForFinished(patience_ms):
                self.kill()
                self._process.waitForFinished(KILLED_MS)

    def _read_out(self) -> None:
        for line in self._lines("out", bytes(self._process.readAllStandardOutput())):
            self.said.emit(line)

    def _read_log(self) -> None:
        for line in self._lines("log", bytes(self._process.readAllStandardError())):
            self.logged.emit(line)

    def _lines(self, channel: str, data: bytes) -> list[str]:
        *whole, self._rest[channel] = (self._rest[channel] + data).split(b"\n")
        return [line.decode("utf-8", "replace").rstrip("\r") for line in whole]

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_out()
        self._read_log()
        if self._rest["log"]:
            self.logged.emit(self._rest["log"].decode("utf-8", "replace"))
        self._end(Exit(True, status == QProcess.ExitStatus.CrashExit, code))

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # every other error is followed by `finished`
            self._end(Exit(False, False, -1, self._process.errorString()))

    def _end(self, how: Exit) -> None:
        if not self._over:
            self._over = True
            self.ended.emit(how)


def engine_child(environment: Environment, parent: Optional[QObject] = None) -> Child:
    """The engine's server, not yet started. It ends by itself when its input is closed."""
    return Child(str(environment.python), ["-m", "models", "serve"], scrubbed(), PLUGIN_ROOT, parent=parent)


def _qt_environment(variables: Mapping[str, str]) -> QProcessEnvironment:
    found = QProcessEnvironment()
    for name, value in variables.items():
        found.insert(name, value)
    return found
