"""One run of an algorithm: what it takes from layers, its engine, its progress, and problems as Processing tells them."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsFields,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QCoreApplication

from ...models.protocol import OpenReply, OutlineOptions, Progress
from .. import settings
from ..engine.client import ABSENT
from ..engine.environment import PLUGIN_ROOT, Environment, home_folder
from ..map.provenance import Provenance
from ..map.temporal import moments
from ..pace import Pace
from ..problems import PluginProblem, Problem
from .algorithm import AREA, EXTENT, MIN_HOLE, PIXEL, RIGHT_ANGLES, SMOOTH, EngineAlgorithm
from .area import AreaInput
from .engine import BlockingEngine
from .outputs import Finish, Ruler, temporary_folder
from .rasters import RasterInput

REPORT = 5.0  # seconds between two lines about the time left
make_engine = BlockingEngine  # tests put one with another program here


@dataclass(frozen=True)
class Taken:
    """What was taken from layers on their own thread."""

    raster: RasterInput
    more: Any = None  # what the algorithm's own `take` gave


def take(algorithm: EngineAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Taken:
    """Raises QgsProcessingException."""
    layer = algorithm.parameterAsRasterLayer(parameters, algorithm.MAIN, context)
    if layer is None:
        raise QgsProcessingException(algorithm.invalidRasterError(parameters, algorithm.MAIN))
    pixel = algorithm.parameterAsDouble(parameters, PIXEL, context)
    try:
        bounds = algorithm.bounds(parameters, context, layer)
        return Taken(RasterInput(layer, bounds, pixel, temporary_folder("rasters")), algorithm.take(parameters, context))
    except PluginProblem as trouble:
        raise _said(trouble.problem, feedback) from trouble


def carry_out(
    algorithm: EngineAlgorithm, taken: Taken, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> tuple[dict[str, Any], list[Finish]]:
    """The outputs, and what is left to do for layers; nothing where it was cancelled. Raises QgsProcessingException."""
    began = time.monotonic()
    folder = temporary_folder(uuid.uuid4().hex)
    environment = Environment(settings.engine_home(home_folder()))
    feedback.setProgressText(_tr("Starting the engine"))
    run: Optional[Run] = None
    try:
        with make_engine(environment, feedback.isCanceled, Report(feedback).progressed, feedback.pushDebugInfo) as engine:
            run = Run(algorithm, taken, parameters, context, feedback, engine, folder)
            outputs = algorithm.work(run)
    except PluginProblem as trouble:
        if trouble.problem.code == "cancelled":
            if run is not None:
                run.drop_unfinished()
            return {}, []
        raise _said(trouble.problem, feedback) from trouble
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    feedback.pushInfo(_tr("Took {seconds} s.").format(seconds=f"{time.monotonic() - began:.1f}"))
    return outputs, run.finishing


class Run:
    """What an algorithm works with. `folder` is for files that are read again at once."""

    def __init__(
        self,
        algorithm: EngineAlgorithm,
        taken: Taken,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        engine: BlockingEngine,
        folder: Path,
    ) -> None:
        """Opens the raster. Raises PluginProblem."""
        self._algorithm, self._parameters = algorithm, parameters
        self.context, self.feedback, self.engine, self.folder = context, feedback, engine, folder
        self.crs = taken.raster.crs
        self.more = taken.more
        self.finishing: list[Finish] = []
        self._written: list[Path] = []  # by the engine
        self._raster = taken.raster
        feedback.setProgressText(_tr("Opening the raster"))
        self.file_opened, self.opened = taken.raster.open(engine, context, feedback)

    def wants(self, name: str) -> bool:
        """Whether an optional output is asked for."""
        return bool(self._parameters.get(name))

    def text(self, name: str) -> str:
        return str(self._algorithm.parameterAsString(self._parameters, name, self.context)).strip()

    def number(self, name: str) -> float:
        return float(self._algorithm.parameterAsDouble(self._parameters, name, self.context))

    def choice(self, name: str) -> int:
        return int(self._algorithm.parameterAsEnum(self._parameters, name, self.context))

    def yes(self, name: str) -> bool:
        return bool(self._algorithm.parameterAsBool(self._parameters, name, self.context))

    def file(self, name: str) -> str:
        """The file that a destination names, for the engine to write."""
        path = os.path.abspath(self._algorithm.parameterAsOutputLayer(self._parameters, name, self.context))  # the engine is elsewhere
        self._written.append(Path(path))
        return path

    def plain_file(self, name: str) -> str:
        """The file that a destination of no layer names."""
        return os.path.abspath(self._algorithm.parameterAsFileOutput(self._parameters, name, self.context))

    def passing_file(self, name: str) -> Path:
        """For the engine to write what will go into this sink: beside its file where it has one, so that a run that was killed goes on
        where it was when it is run again."""
        value = self._parameters.get(name)
        value = value.sink.staticValue() if isinstance(value, QgsProcessingOutputLayerDefinition) else value
        sink = Path(value if isinstance(value, str) else "").absolute()
        beside = bool(sink.suffix) and os.access(sink.parent, os.W_OK)
        path = sink.with_name(f".{sink.stem}.found.gpkg") if beside else self.folder / "found.gpkg"
        self._written.append(path)
        return path

    def drop_unfinished(self) -> None:
        """What an engine that was killed could not clear up; it lies beside the file that it would have written."""
        for path in self._written:
            shutil.rmtree(path.with_name(f".{path.name}.unfinished"), ignore_errors=True)

    def source(self, name: str) -> Any:
        """The features of a layer. Raises QgsProcessingException."""
        source = self._algorithm.parameterAsSource(self._parameters, name, self.context)
        if source is None:
            raise QgsProcessingException(self._algorithm.invalidSourceError(self._parameters, name))
        return source

    def outline_options(self) -> OutlineOptions:
        return OutlineOptions(self.yes(SMOOTH), self.yes(RIGHT_ANGLES), self.number(MIN_HOLE))

    def area(self) -> Optional[QgsGeometry]:
        """Of the parameters EXTENT and AREA, in the raster's CRS; None for all of the raster. Raises PluginProblem."""
        if self._parameters.get(EXTENT) is None and self._parameters.get(AREA) is None:
            return None
        return AreaInput(self._algorithm, self._parameters, self.context).polygon(self.crs, self._raster.extent, self.feedback)

    def ruler(self, opened: Optional[OpenReply] = None, crs: Optional[QgsCoordinateReferenceSystem] = None) -> Ruler:
        """For ground on another raster where one is given."""
        a, b, _, d, e, _ = (opened or self.opened).transform
        return Ruler(crs or self.crs, self.context, abs(a * e - b * d))

    def sink(self, name: str, fields: QgsFields, kind: Any, crs: Optional[QgsCoordinateReferenceSystem] = None) -> Any:
        """A sink for features in this CRS, None is the raster's, and the name of the layer that it will be. Raises
        QgsProcessingException."""
        placed = (crs or self.crs) if kind != QgsWkbTypes.Type.NoGeometry else QgsCoordinateReferenceSystem()
        sink, dest = self._algorithm.parameterAsSink(self._parameters, name, self.context, fields, kind, placed)
        if sink is None:
            raise QgsProcessingException(self._algorithm.invalidSinkError(self._parameters, name))
        return sink, dest

    def finish_later(
        self, dest: str, reply: Any, facts: dict[str, Any], colours: Optional[Mapping[str, str]] = None, dates: tuple[str, str] = ("", "")
    ) -> None:
        """Note where a sink's features come from (`facts` are what was asked for), colours of classes, and the dates between which changes
        lie: stored once it is closed."""
        provenance = Provenance(
            source=self._raster.source,
            source_crs=self.crs.authid() or self.crs.toWkt(),
            model=reply.model,
            digest=reply.digest,
            parameters={**facts, "bands": list(self.opened.bands)},
            versions={"engine": self.engine.hello.engine, "torch": self.engine.hello.torch, "qgis": Qgis.QGIS_VERSION},
        )
        abstract = _tr("Made with Rasterscribe: {algorithm}.").format(algorithm=self._algorithm.displayName())
        self.finishing.append(Finish(dest, provenance, abstract, colours or {}, moments(*dates)))


class Report:
    """Passes the engine's progress on, with the time left now and then."""

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self._feedback = feedback
        self._pace = Pace()
        self._what = ""
        self._told = time.monotonic()

    def progressed(self, progress: Progress) -> None:
        if progress.total > 0:
            self._feedback.setProgress(100.0 * progress.done / progress.total)
        now = time.monotonic()
        left = self._pace.left(progress.done, progress.total, now)
        words = progress.what[:1].upper() + progress.what[1:]
        if words != self._what:
            self._what = words
            self._feedback.setProgressText(words)
        elif left is not None and now - self._told >= REPORT:
            self._told = now
            self._feedback.setProgressText(_tr("{what}: about {seconds} s left").format(what=words, seconds=f"{left:.0f}"))


def _said(problem: Problem, feedback: QgsProcessingFeedback) -> QgsProcessingException:
    """A problem as Processing tells it, with remedies that lie where the user is; the details go to the log."""
    if problem.details:
        feedback.pushDebugInfo(problem.details)
    remedy = problem.remedy
    if problem.code in ("engine.gone", "engine.hung"):
        remedy = _tr("Run it again; if it happens again, the log says more.")
    elif problem.code == "phrase.unknown":
        remedy = _tr("Use other words: the log names what is known.")
    elif problem.code in ABSENT.values():
        place = PLUGIN_ROOT / "plugin" / "engine"
        elsewhere = _tr('It is in the dock of Rasterscribe; without a window, QGIS\'s Python does it: python3 "{path}"').format(path=place)
        remedy = f"{remedy} {elsewhere}"
    return QgsProcessingException(f"{problem.what} {remedy}".strip())


def _tr(text: str) -> str:
    return QCoreApplication.translate("Processing", text)
