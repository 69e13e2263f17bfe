"""The project's layers and their files: vector layers that a phrase may name, and files that must not be replaced."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsApplication,
    QgsMapLayer,
    QgsProject,
    QgsProviderRegistry,
    QgsVectorFileWriter,
    QgsVectorFileWriterTask,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...models.protocol import NamedLayer
from ..problems import PluginProblem, problem_of

FILES = ("ogr", "spatialite")  # providers whose layers the engine reads by path and table
TABLE = "layer"


def nameable_layers(project: QgsProject) -> dict[str, QgsVectorLayer]:
    """By the names that the user sees, in the order of the layer tree; of two of one name the upper one."""
    found: dict[str, QgsVectorLayer] = {}
    for node in project.layerTreeRoot().findLayers():
        layer = node.layer()
        if isinstance(layer, QgsVectorLayer) and layer.isValid() and layer.isSpatial():
            found.setdefault(node.name(), layer)
    return found


def file_of_layer(name: str, layer: QgsVectorLayer) -> Optional[NamedLayer]:
    """None where the engine cannot read it: in memory, in a database, with a filter or edits that its file does not have."""
    parts = _source_of(layer)
    path = parts.get("path") or ""
    if layer.providerType() not in FILES or layer.subsetString() or layer.isModified() or not os.path.isfile(path):
        return None
    return NamedLayer(name, path, parts.get("layerName") or "")


class LayerCopies(QObject):
    """Writes layers that the engine cannot read into a folder, one after the other, in the background.

    Exactly one of `finished` (tuple of NamedLayer) and `failed` (Problem) follows a `start`, unless `cancel` was called before.
    """

    finished = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, layers: Mapping[str, QgsVectorLayer], folder: Path, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._waiting = list(layers.items())
        self._folder = folder
        self._written: list[NamedLayer] = []
        self._task: Optional[QgsVectorFileWriterTask] = None

    def start(self) -> None:
        try:
            shutil.rmtree(self._folder, ignore_errors=True)  # of an earlier job
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.failed.emit(problem_of("output.unwritable", str(error)))
            return
        self._next()

    def cancel(self) -> None:
        self.blockSignals(True)
        self._waiting.clear()
        if self._task is not None and not sip.isdeleted(self._task):
            self._task.cancel()

    def _next(self) -> None:
        if not self._waiting:
            self.finished.emit(tuple(self._written))
            return
        name, layer = self._waiting.pop(0)
        named = NamedLayer(name, str(self._folder / f"{len(self._written)}.gpkg"), TABLE)
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName, options.layerName = "GPKG", TABLE
        self._task = QgsVectorFileWriterTask(layer, named.path, options)  # it takes what is in the layer now, with edits and filter
        self._task.writeComplete.connect(lambda *_what: self._one_written(named))
        self._task.errorOccurred.connect(lambda _code, message="": self.failed.emit(problem_of("output.unwritable", message)))
        QgsApplication.taskManager().addTask(self._task)

    def _one_written(self, named: NamedLayer) -> None:
        self._written.append(named)
        self._next()


def must_be_closed(project: QgsProject, files: Sequence[str]) -> None:
    """Raises PluginProblem found.open where a layer of the project is read from one of these files: edits of that layer that are not
    saved yet would have nowhere to go once the file is replaced."""
    taken = {os.path.realpath(file) for file in files if file and os.path.exists(file)}
    if not taken:
        return
    for layer in project.mapLayers().values():
        path = _source_of(layer).get("path") or ""
        if path and os.path.realpath(path) in taken:
            raise PluginProblem("found.open", path)


def _source_of(layer: QgsMapLayer) -> dict[str, str]:
    return dict(QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source()))
