"""Writes the part of a layer that the user looks at to a file, in the background, for layers without a file of their own."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsApplication,
    QgsProject,
    QgsRasterDataProvider,
    QgsRasterFileWriter,
    QgsRasterFileWriterTask,
    QgsRasterLayer,
    QgsRasterPipe,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..problems import PluginProblem, problem_of
from .rasters import NeedsExport
from .windows import NAME, Window

KEPT = 16  # exports in a folder; the oldest goes first
SPARE = 64 << 20  # bytes that stay free on the disk


class Export(QObject):
    """One export on its way. It reads from a private clone of the layer's provider, so the layer may be removed meanwhile.

    Exactly one of `finished` and `failed` follows a `start`; after `cancel` it is `failed` with the code "cancelled". The file
    has its name only once it is whole.
    """

    finished = pyqtSignal(object)  # the RasterSource to open
    failed = pyqtSignal(object)  # a Problem
    progressed = pyqtSignal(float)  # 0..1

    def __init__(self, layer: QgsRasterLayer, needs: NeedsExport, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._layer = layer
        self._source = needs.source
        self._window = needs.window
        self._path = Path(needs.source.path)
        self._unfinished = self._path.with_suffix(f".{uuid.uuid4().hex}.part.tif")  # two exports of one window do not meet
        self._cancelled = False
        self._task: Optional[QgsRasterFileWriterTask] = None

    def start(self) -> None:
        """Begin; on QGIS's thread this takes only as long as cloning the provider."""
        try:
            self._prepare_folder()
            task = self._new_task()
        except PluginProblem as trouble:
            self.failed.emit(trouble.problem)
            return
        self._task = task
        task.writeComplete.connect(self._written)
        task.errorOccurred.connect(self._not_written)
        task.progressChanged.connect(self._progress)
        QgsApplication.taskManager().addTask(task)

    def cancel(self) -> None:
        self._cancelled = True
        if self._task is not None and not sip.isdeleted(self._task):
            self._task.cancel()

    def _new_task(self) -> QgsRasterFileWriterTask:
        if sip.isdeleted(self._layer):
            raise PluginProblem("layer.removed")
        window, pipe, writer = self._window, private_pipe(self._layer), new_writer(self._unfinished)
        context = QgsProject.instance().transformContext()
        task = QgsRasterFileWriterTask(writer, pipe, window.columns, window.rows, window.extent, self._layer.crs(), context)
        task.setDescription(self.tr("Rasterscribe: saving {layer} for the engine").format(layer=self._layer.name()))
        return task

    def _prepare_folder(self) -> None:
        bands = self._layer.bandCount() if not sip.isdeleted(self._layer) else 4
        make_room(self._path.parent, self._window, bands)

    def _progress(self, percent: float) -> None:
        self.progressed.emit(percent / 100)

    def _written(self, _path: str) -> None:
        self._task = None
        try:
            os.replace(self._unfinished, self._path)
        except OSError as error:
            self.failed.emit(problem_of("output.unwritable", str(error)))
            return
        self.finished.emit(self._source)

    def _not_written(self, error: int, message: str = "") -> None:
        if self._task is None:  # newer versions of QGIS say it twice
            return
        self._task = None
        with suppress(OSError):
            self._unfinished.unlink(missing_ok=True)
        if self._cancelled:
            self.failed.emit(problem_of("cancelled"))
        elif _free(self._path.parent) < SPARE:
            self.failed.emit(problem_of("disk.full", str(self._path.parent)))
        else:
            self.failed.emit(problem_of("export.failed", f"{error} {message}"))


def private_pipe(layer: QgsRasterLayer) -> QgsRasterPipe:
    """The layer's pixels, for one other thread to read. Raises PluginProblem export.failed."""
    provider = layer.dataProvider().clone()
    if provider is None:
        raise PluginProblem("export.failed", layer.source())
    if provider.enableProviderResampling(True):  # averages instead of skipping pixels, where the provider can
        provider.setZoomedOutResamplingMethod(QgsRasterDataProvider.ResamplingMethod.Average)
    pipe = QgsRasterPipe()
    if not pipe.set(provider):
        raise PluginProblem("export.failed", layer.source())
    return pipe


def new_writer(path: Path) -> QgsRasterFileWriter:
    writer = QgsRasterFileWriter(str(path))
    writer.setOutputFormat("GTiff")
    writer.setCreateOptions(["TILED=YES", "COMPRESS=LZW"])
    return writer


def make_room(folder: Path, window: Window, bands: int) -> None:
    """Room and a place to write a window of so many bands; raises PluginProblem disk.full or output.unwritable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PluginProblem("output.unwritable", str(error)) from error
    if not os.access(folder, os.W_OK):
        raise PluginProblem("output.unwritable", str(folder))
    if _free(folder) < window.columns * window.rows * max(4, bands) * 4 + SPARE:
        raise PluginProblem("disk.full", str(folder))
    _forget_oldest(folder)


def _free(folder: Path) -> int:
    """Bytes; 0 where the folder has gone."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _forget_oldest(folder: Path) -> None:
    """Delete all but the newest exports; one that the engine holds open (Windows) stays until later."""
    exports = [path for path in folder.glob("*.tif") if NAME.fullmatch(path.name)]
    exports.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in exports[KEPT - 1 :]:
        with suppress(OSError):
            path.unlink()
