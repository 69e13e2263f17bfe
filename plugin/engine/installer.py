"""Sets the engine up: one press of a button, resumable, cancellable, and never two at once.

Everything runs in child processes on Qt's event loop; QGIS's thread only listens. The state is on the disk (`Environment`), so a
set-up that died is simply started again: the environment is made anew, and what was downloaded is used.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from qgis.PyQt.QtCore import QCoreApplication, QLockFile, QObject, QTimer, pyqtSignal

from ...models import protocol
from ..problems import Problem, problem_of
from .environment import PLUGIN_ROOT, Condition, Environment, Installed, free_space, requirements_digest, scrubbed
from .machine import SELF_DESCRIPTION, Build, choose_build, find_uv, python_candidates, usable_python
from .process import Exit
from .progress import InstallProgress, discard
from .runner import Runner
from .steps import GB, Step, Tools, disk_needed, package_of, plan
from .walker import StepWalker

POLL_MS = 500
UV_PYTHON = (3, 12)  # what uv is asked for where the computer has no Python
HELLO_SECONDS = 60.0
PYTHON_SECONDS = 30.0
DISK_FULL = ("No space left on device", "not enough space on the disk", "Disk quota exceeded")  # how the systems say it


@dataclass(frozen=True)
class Outcome:
    """How a set-up ended. `problem` is None where the engine is ready; `notes` are sentences about the choices made."""

    problem: Optional[Problem] = None
    installed: Optional[Installed] = None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.problem is None


@dataclass(frozen=True)
class Estimate:
    """What a set-up would do here, for the panel to show before it starts. Sizes in bytes."""

    home: Path
    build: Build
    needs: int
    free: int
    resumable: bool


def estimate(environment: Environment, wanted: str = "auto", from_folder: bool = False) -> Estimate:
    build = choose_build(wanted)
    return Estimate(environment.home, build, disk_needed(build, from_folder), free_space(environment.home), environment.resumable)


class Installer(QObject):
    """One set-up at a time; a second one, of this or another QGIS, waits and then finds the work done."""

    progressed = pyqtSignal(object)  # InstallProgress, about twice a second
    finished = pyqtSignal(object)  # Outcome, once a start

    def __init__(self, environment: Environment, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.running = False
        self._environment = environment
        self._runner = Runner(self)
        self._walker: Optional[StepWalker] = None
        self._lock = QLockFile(str(environment.lock))
        self._lock.setStaleLockTime(0)  # never stale by age: Qt sees by the process id whether its holder lives
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._try_lock)
        self._cancelled = False
        self._force = False
        self._wheels: Optional[Path] = None
        self._build = Build("cpu", "")
        self._notes: list[str] = []

    @property
    def log(self) -> list[str]:
        """The last lines that the set-up's programs said."""
        return list(self._runner.log)

    def start(
        self, wheels: Optional[Path] = None, wanted: str = "auto", proxy: Optional[Mapping[str, str]] = None, force: bool = False
    ) -> None:
        """Set the engine up, or find that it is; `finished` follows.

        `wheels` is a folder to install from without a network; `wanted` is "auto", "cpu" or "cuda"; `proxy` are variables as
        `proxy_variables` makes them; `force` makes a ready environment anew.
        """
        if self.running:
            return
        self.running, self._cancelled, self._force, self._wheels = True, False, force, wheels
        self._build, self._notes = choose_build(wanted), []
        temporary = str(self._environment.temporary)  # beside the downloads: a wheel is then moved there, not copied
        self._runner.variables = {**scrubbed(), **(proxy or {}), "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary}
        self._runner.folder = self._environment.home
        try:
            self._environment.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return self._finish(problem_of("install.unwritable", str(error), folder=self._environment.home))
        self._try_lock()

    def cancel(self) -> None:
        """Stop at once; `finished` follows with the problem "cancelled". What was downloaded is kept."""
        if not self.running or self._cancelled:
            return
        self._cancelled = True
        if self._walker is not None:
            self._walker.stop()
        if self._runner.busy:
            self._runner.kill()  # its end leads to `_finish`
        else:
            self._finish(None)

    def stop(self) -> None:
        """End everything without a word. Blocks for a moment: only for unloading the plugin."""
        self.running = False
        self._timer.stop()
        if self._walker is not None:
            self._walker.stop()
        self._runner.stop()
        self._lock.unlock()

    # One set-up at a time

    def _try_lock(self) -> None:
        if self._lock.tryLock(0):
            self._timer.stop()
            self._begin()
        elif self._lock.error() == QLockFile.LockError.LockFailedError:
            waiting = QCoreApplication.translate("Installer", "Waiting for another set-up of the engine to end")
            self.progressed.emit(InstallProgress(0, 0, waiting, 0.0, 0.0))
            self._timer.start()
        else:
            self._finish(problem_of("install.unwritable", f"lock error {self._lock.error()}", folder=self._environment.home))

    def _begin(self) -> None:
        if self._environment.condition() is Condition.READY and not self._force:
            return self._finish(None)
        needs, free = disk_needed(self._build, self._wheels is not None), free_space(self._environment.home)
        missing = needs - self._environment.downloaded()
        if free < missing:
            needed, left = f"{missing / GB:.1f} GB", f"{free / GB:.1f} GB"
            return self._finish(problem_of("install.space", needed=needed, free=left, folder=self._environment.home))
        try:
            self._environment.begin()
            discard(self._environment.set_aside(uuid.uuid4().hex))
        except OSError as error:  # on Windows a program that runs from the environment holds it
            return self._finish(problem_of("install.environment", str(error)))
        self._find_python(python_candidates(self._runner.variables))

    # What to work with

    def _find_python(self, candidates: Sequence[str]) -> None:
        """Ask the candidates about themselves, one after the other, and go on with the first that can carry the engine."""
        uv = find_uv(self._runner.variables)
        if not candidates:
            return self._walk(Tools("", UV_PYTHON, uv)) if uv else self._finish(problem_of("install.python"))

        def judge(how: Exit, lines: list[str]) -> None:
            python, version = usable_python(lines[-1] if how.ok and lines else "", with_uv=bool(uv))
            if self._cancelled:
                self._finish(None)
            elif python:
                self._walk(Tools(python, version, uv))
            else:
                self._find_python(candidates[1:])

        self._runner.run(candidates[0], ["-I", "-c", SELF_DESCRIPTION], judge, PYTHON_SECONDS)

    # The work

    def _walk(self, tools: Tools) -> None:
        self._runner.leader = tools.python
        steps = plan(tools, self._environment, self._build, self._wheels)
        self._walker = StepWalker(self._runner, steps, [self._environment.downloads, self._environment.temporary], self)
        self._walker.progressed.connect(self.progressed)
        self._walker.ended.connect(self._walked)
        self._walker.start()

    def _walked(self, failed: Optional[Step]) -> None:
        if failed is not None or self._cancelled or self._walker is None:
            return self._finish(self._problem_of_step(failed))
        self._notes += self._walker.notes
        try:
            facts = json.loads(self._walker.answer[-1])
        except (ValueError, IndexError):
            return self._finish(self._problem("install.check"))
        self._ask_engine(facts)

    def _ask_engine(self, facts: dict[str, Any]) -> None:
        """The last check: the engine itself says hello."""

        def judge(how: Exit, lines: list[str]) -> None:
            if self._cancelled:
                return self._finish(None)
            try:
                answer = protocol.decode(lines[0])
                if not isinstance(answer, protocol.IncomingReply):
                    raise protocol.MalformedMessage(lines[0])
            except (IndexError, protocol.MalformedMessage):
                return self._finish(self._problem("install.check"))
            self._complete(facts)

        question = protocol.encode_request(1, protocol.Hello())
        self._runner.run(str(self._environment.python), ["-m", "models", "serve"], judge, HELLO_SECONDS, question, PLUGIN_ROOT)

    def _complete(self, facts: dict[str, Any]) -> None:
        build = self._build
        if build.name == "cuda" and not facts.get("cuda"):
            reason = f"{build.reason.rstrip('.')}, but PyTorch {facts.get('torch')} cannot use it, so the engine runs on the CPU."
            build = Build("cpu", reason)
            self._notes.append(reason)
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        installed = Installed(requirements_digest(), build.name, build.reason, str(facts.get("torch")), str(facts.get("python")), now)
        try:
            self._environment.complete(installed)
        except OSError as error:
            return self._finish(problem_of("install.unwritable", str(error), folder=self._environment.home))
        self._finish(None)

    # The end

    def _problem_of_step(self, failed: Optional[Step]) -> Optional[Problem]:
        if failed is None:
            return None
        if failed.kind == "download":
            return self._problem("install.download", name=package_of(failed.name))
        if failed.kind == "install" and self._wheels is not None:
            return self._problem("install.folder", folder=self._wheels)
        return self._problem({"environment": "install.environment", "install": "install.packages"}.get(failed.kind, "install.check"))

    def _problem(self, code: str, **facts: Any) -> Problem:
        said = "\n".join(self.log[-30:])
        return problem_of("disk.full" if any(words in said for words in DISK_FULL) else code, said, **facts)

    def _finish(self, problem: Optional[Problem]) -> None:
        if self._cancelled:
            problem = problem_of("cancelled")
        self._timer.stop()
        if self._walker is not None:
            self._walker.stop()
            self._walker.deleteLater()
            self._walker = None
        self._lock.unlock()
        self.running = False
        self.finished.emit(Outcome(problem, self._environment.installed(), tuple(self._notes)))
