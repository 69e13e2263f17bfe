"""Processing with the plugin's provider, algorithms that run as QGIS runs them, in a thread, and an engine that makes its results up."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorLayer,
)

from rasterscribe.models import protocol
from rasterscribe.plugin.engine.environment import Environment, Installed, requirements_digest
from rasterscribe.plugin.engine.process import Child
from rasterscribe.plugin.processing import run as run_module
from rasterscribe.plugin.processing.engine import BlockingEngine
from rasterscribe.plugin.processing.provider import Provider

ENGINE = Path(__file__).with_name("scripted_engine.py")
WAIT = 60_000  # ms at most; the machine may be busy with other work


class Heard(QgsProcessingFeedback):
    """Keeps what an algorithm says."""

    def __init__(self) -> None:
        super().__init__(False)
        self.lines: list[str] = []
        self.warnings: list[str] = []
        self.errors: list[str] = []

    def pushInfo(self, info: str) -> None:
        self.lines.append(info)

    def setProgressText(self, text: str) -> None:
        self.lines.append(text)

    def pushWarning(self, warning: str) -> None:
        self.warnings.append(warning)

    def reportError(self, error: str, fatalError: bool = False) -> None:
        self.errors.append(error)


@dataclass
class Outcome:
    """How a run ended."""

    well: bool
    outputs: dict[str, Any]
    heard: Heard
    context: QgsProcessingContext
    seconds: float
    layers: dict[str, QgsVectorLayer] = field(default_factory=dict)

    def layer(self, name: str) -> QgsVectorLayer:
        """An output, as it comes into the project."""
        if name not in self.layers:
            dest = self.outputs[name]
            self.layers[name] = self.context.takeResultLayer(dest) or QgsProcessingUtils.mapLayerFromString(dest, self.context)
        return self.layers[name]

    def features(self, name: str) -> list[QgsFeature]:
        return list(self.layer(name).getFeatures())


class Runner:
    """Runs algorithms by id, as the toolbox does."""

    def __init__(self, qtbot: Any, log: Path, patience: int = WAIT) -> None:
        """log: what the scripted engine was told; patience: milliseconds at most that a run may take."""
        self._qtbot, self._log, self._patience = qtbot, log, patience

    def __call__(self, id: str, meanwhile: Callable[[Heard], None] = lambda _: None, **parameters: Any) -> Outcome:
        """`meanwhile` is called again and again while it runs."""
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"rasterscribe:{id}")
        return self.run(algorithm, parameters, meanwhile)

    def run(self, algorithm: Any, parameters: dict[str, Any], meanwhile: Callable[[Heard], None] = lambda _: None) -> Outcome:
        context, heard = QgsProcessingContext(), Heard()
        context.setProject(QgsProject.instance())
        task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, heard)
        if task.isCanceled():  # it could not even be prepared; QGIS does not start such a one
            return Outcome(False, {}, heard, context, 0.0)
        ended: list[tuple[bool, dict[str, Any]]] = []
        task.executed.connect(lambda well, outputs: ended.append((well, outputs)))
        began = time.monotonic()
        QgsApplication.taskManager().addTask(task)

        def over() -> bool:
            meanwhile(heard)
            return bool(ended)

        self._qtbot.waitUntil(over, timeout=self._patience)
        return Outcome(*ended[0], heard, context, time.monotonic() - began)

    def asked(self, kind: type) -> list[Any]:
        """What the scripted engine was told of this kind: requests, and notifications that it shall cancel one."""
        if not self._log.exists():
            return []
        *whole, _rest = self._log.read_text("utf-8").split("\n")
        messages = [protocol.decode(line) for line in whole]
        told = [message.request if isinstance(message, protocol.IncomingRequest) else message for message in messages]
        return [each for each in told if isinstance(each, kind)]


@pytest.fixture
def provider(qgis_app: object) -> Iterator[Provider]:
    registry = QgsApplication.processingRegistry()
    provider = Provider()
    assert registry.addProvider(provider)
    yield provider
    registry.removeProvider(provider)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    """An engine that counts as set up."""
    monkeypatch.setenv("RASTERSCRIBE_HOME", str(tmp_path / "home"))
    environment = Environment(tmp_path / "home")
    environment.begin()
    environment.python.parent.mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    environment.complete(Installed(requirements_digest(), "cpu", "", "2", "3.11", ""))
    return environment


@pytest.fixture
def runner(provider: Provider, ready: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: Any) -> Runner:
    log = tmp_path / "asked.log"
    variables = {**os.environ, "SCRIPTED_ENGINE_LOG": str(log)}

    def scripted(_environment: Environment) -> Child:
        return Child(sys.executable, [str(ENGINE)], variables)

    monkeypatch.setattr(run_module, "make_engine", functools.partial(BlockingEngine, make_child=scripted))
    return Runner(qtbot, log)
