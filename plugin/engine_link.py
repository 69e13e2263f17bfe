"""The joint between the session and the engine's keepers: the client that talks to it and the installer that brings it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Optional

from qgis.PyQt.QtCore import QObject

from . import settings
from .engine.client import ABSENT, EngineState
from .engine.environment import Condition, Environment, proxy_variables
from .engine.installer import Installer, Outcome, estimate
from .engine.progress import InstallProgress
from .problems import problem_of
from .session import Session
from .state import Engine, EngineFacts, SetupProgress


class EngineLink(QObject):
    """Tells the session how the engine is, and carries its wishes to client and installer."""

    def __init__(self, session: Session, client: Any, environment: Environment, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._client, self._environment = session, client, environment
        self._notes: tuple[str, ...] = ()
        self.installer = Installer(environment, self)
        client.stateChanged.connect(self._engine_changed)
        self.installer.progressed.connect(self._installing)
        self.installer.finished.connect(self._installed)
        session.setupAsked.connect(self._set_up)
        session.setupCancelled.connect(self.installer.cancel)

    def look_at_disk(self) -> None:
        """Tell the session what the disk says, before anything runs."""
        condition = self._environment.condition()
        if condition is Condition.READY:
            self._session.engine_changed(Engine.STOPPED, self._facts())
            return
        problem = None if condition is Condition.MISSING else problem_of(ABSENT[condition])
        self._session.engine_changed(Engine.ABSENT, self._facts(), problem)

    def stop(self) -> None:
        """End whatever runs. Blocks for a moment: only for unloading."""
        self._client.stateChanged.disconnect(self._engine_changed)
        self.installer.stop()
        self._client.stop()

    def _engine_changed(self, state: EngineState) -> None:
        if self.installer.running:
            return
        facts = self._facts()
        if state.engine is not None:
            hello = state.engine
            facts = dataclasses.replace(
                facts, version=hello.engine, torch=hello.torch, device=hello.device, device_reason=hello.device_reason, needs=0
            )
        missing = state.problem is not None and state.problem.code == "engine.missing"  # the dock says so by itself
        self._session.engine_changed(Engine(state.phase), facts, None if missing else state.problem)

    def _facts(self) -> EngineFacts:
        ahead = estimate(self._environment)
        installed = self._environment.installed()
        return EngineFacts(
            home=str(ahead.home),
            movable=settings.home_is_free(),
            torch=installed.torch if installed else "",
            device=installed.build if installed else ahead.build.name,
            device_reason=installed.reason if installed else ahead.build.reason,
            needs=0 if installed else ahead.needs,
            free=ahead.free,
            resumable=ahead.resumable,
            notes=self._notes,
        )

    def _set_up(self, wheels: str) -> None:
        self._client.stop()
        self._session.engine_changed(Engine.INSTALLING)
        self._session.show_setup(None)
        proxy = settings.proxy()
        self.installer.start(Path(wheels) if wheels else None, proxy=proxy_variables(**proxy) if proxy else None)

    def _installing(self, progress: InstallProgress) -> None:
        self._session.show_setup(
            SetupProgress(
                progress.done, progress.total, progress.what, progress.bytes_done, progress.bytes_expected, progress.seconds_left
            )
        )

    def _installed(self, outcome: Outcome) -> None:
        self._notes = outcome.notes
        self._session.show_setup(None)
        if outcome.problem is None:
            self._session.engine_changed(Engine.STOPPED, self._facts())
            self._client.start()
            return
        self._session.engine_changed(Engine.ABSENT, self._facts())
        if outcome.problem.code != "cancelled":
            self._session.show_problem(outcome.problem)
