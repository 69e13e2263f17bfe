"""What all of Rasterscribe's algorithms have in common: a raster, the engine, progress, problems as sentences."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsFields,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRectangle,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

from ...models.protocol import OpenReply, OutlineOptions, Progress
from .. import settings
from ..engine.client import ABSENT
from ..engine.environment import PLUGIN_ROOT, Environment, home_folder
from ..map.provenance import Provenance
from ..pace import Pace
from ..problems import PluginProblem, Problem, problem_of
from .engine import BlockingEngine
from .outputs import Finish, Ruler, finish_layer, temporary_folder
from .rasters import RasterInput

RASTER, MODEL, PIXEL = "RASTER", "MODEL", "PIXEL"
SMOOTH, RIGHT_ANGLES, MIN_HOLE = "SMOOTH", "RIGHT_ANGLES", "MIN_HOLE"
REPORT = 5.0  # seconds between two lines about the time left


class EngineAlgorithm(QgsProcessingAlgorithm):
    """Takes what it needs from layers in `prepare_more`, on their thread, and works in `work`, on any."""

    ID = ""
    ICON = "rasterscribe"
    make_engine = BlockingEngine  # tests give one with another program

    def __init__(self) -> None:
        super().__init__()
        self.raster: Any = None  # RasterInput, once prepared
        self._finishing: list[Finish] = []  # layers to be finished on QGIS's thread

    def name(self) -> str:
        return self.ID

    def icon(self) -> QIcon:
        return QIcon(str(PLUGIN_ROOT / "resources" / "icons" / f"{self.ICON}.svg"))

    def createInstance(self) -> EngineAlgorithm:
        return type(self)()

    def tr(self, text: str) -> str:
        return QCoreApplication.translate("Processing", text)

    # -- parameters that several have

    def add_raster(self) -> None:
        self.addParameter(QgsProcessingParameterRasterLayer(RASTER, self.tr("Raster")))

    def add_model_and_pixel(self) -> None:
        self.add_advanced(QgsProcessingParameterString(MODEL, self.tr("Model (empty: the shipped one)"), "", optional=True))
        words = self.tr("Pixel size to fetch a web map with, in units of its CRS (0: the layer's own pixels)")
        self.add_advanced(QgsProcessingParameterNumber(PIXEL, words, _kind("Double"), 0.0, minValue=0.0))

    def add_outline_options(self, advanced: bool) -> None:
        usual = OutlineOptions()
        add = self.add_advanced if advanced else self.addParameter
        add(QgsProcessingParameterBoolean(SMOOTH, self.tr("Smooth outlines"), usual.smooth))
        add(QgsProcessingParameterBoolean(RIGHT_ANGLES, self.tr("Right angles where there nearly are some"), usual.right_angles))
        words = self.tr("Fill holes smaller than (m²; square pixels without a CRS)")
        add(QgsProcessingParameterNumber(MIN_HOLE, words, _kind("Double"), usual.min_hole, minValue=0.0))

    def add_advanced(self, parameter: QgsProcessingParameterDefinition) -> None:
        parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(parameter)

    def outline_options(self, parameters: dict[str, Any], context: QgsProcessingContext) -> OutlineOptions:
        return OutlineOptions(
            self.parameterAsBool(parameters, SMOOTH, context),
            self.parameterAsBool(parameters, RIGHT_ANGLES, context),
            self.parameterAsDouble(parameters, MIN_HOLE, context),
        )

    # -- the run

    def prepareAlgorithm(self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> bool:
        layer = self.parameterAsRasterLayer(parameters, RASTER, context)
        if layer is None:
            raise QgsProcessingException(self.invalidRasterError(parameters, RASTER))
        pixel = self.parameterAsDouble(parameters, PIXEL, context)
        try:
            extent = self.bounds(parameters, context, layer)
            self.raster = RasterInput(layer, extent, pixel, temporary_folder("rasters"))
            self.prepare_more(parameters, context)
        except PluginProblem as trouble:
            raise self._said(trouble.problem, feedback) from trouble
        return True

    def bounds(self, parameters: dict[str, Any], context: QgsProcessingContext, layer: Any) -> Optional[QgsRectangle]:
        """Where it will look, in the layer's CRS; None for all of the raster."""
        raise NotImplementedError

    def prepare_more(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        """What else is to be taken from layers."""

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        began = time.monotonic()
        folder = temporary_folder(uuid.uuid4().hex)
        report = Report(feedback)
        environment = Environment(settings.engine_home(home_folder()))
        feedback.setProgressText(self.tr("Starting the engine"))
        try:
            with self.make_engine(environment, feedback.isCanceled, report.progressed, feedback.pushDebugInfo) as engine:
                outputs = self.work(parameters, context, feedback, engine, folder)
        except PluginProblem as trouble:
            if trouble.problem.code == "cancelled":
                return {}
            raise self._said(trouble.problem, feedback) from trouble
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        feedback.pushInfo(self.tr("Took {seconds} s.").format(seconds=f"{time.monotonic() - began:.1f}"))
        return outputs

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        engine: BlockingEngine,
        folder: Path,
    ) -> dict[str, Any]:
        """Ask the engine and fill the outputs; `folder` is for files that are read again at once. Raises PluginProblem."""
        raise NotImplementedError

    def postProcessAlgorithm(self, context: QgsProcessingContext, _feedback: QgsProcessingFeedback) -> dict[str, Any]:
        for work in self._finishing:
            finish_layer(work, context)
        return {}

    # -- for `work`

    def open_sink(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext, fields: QgsFields, kind: Any) -> Any:
        """A sink for features in the raster's CRS, and the layer that it will be."""
        crs = self.raster.crs if kind != QgsWkbTypes.Type.NoGeometry else QgsCoordinateReferenceSystem()
        sink, dest = self.parameterAsSink(parameters, name, context, fields, kind, crs)
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, name))
        return sink, dest

    def ruler(self, opened: OpenReply, context: QgsProcessingContext) -> Ruler:
        a, b, _, d, e, _ = opened.transform
        return Ruler(self.raster.crs, context, abs(a * e - b * d))

    def finish_later(
        self,
        dest: str,
        engine: BlockingEngine,
        opened: OpenReply,
        reply: Any,
        parameters: dict[str, Any],
        colours: Optional[Mapping[str, str]] = None,
    ) -> None:
        """Note where a sink's features come from, and colours of classes; they are stored once the sink is closed."""
        crs = self.raster.crs
        provenance = Provenance(
            source=self.raster.source,
            source_crs=crs.authid() or crs.toWkt(),
            model=reply.model,
            digest=reply.digest,
            parameters={**parameters, "bands": list(opened.bands)},
            versions={"engine": engine.hello.engine, "torch": engine.hello.torch, "qgis": Qgis.QGIS_VERSION},
        )
        abstract = self.tr("Made with Rasterscribe: {algorithm}.").format(algorithm=self.displayName())
        self._finishing.append(Finish(dest, provenance, abstract, colours or {}))

    def _said(self, problem: Problem, feedback: QgsProcessingFeedback) -> QgsProcessingException:
        """A problem as Processing tells it; the details go to the log."""
        if problem.details:
            feedback.pushDebugInfo(problem.details)
        if problem.code in ABSENT.values():
            by_shell = self.tr('Or, without a window: python3 "{path}"').format(path=PLUGIN_ROOT / "plugin" / "engine")
            return QgsProcessingException(f"{problem.what} {self.tr('Open the dock of Rasterscribe.')} {problem.remedy} {by_shell}")
        return QgsProcessingException(str(problem))


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
        if progress.what != self._what:
            self._what = progress.what
            self._feedback.setProgressText(_words(progress.what))
        if left is not None and now - self._told >= REPORT:
            self._told = now
            left_words = QCoreApplication.translate("Processing", "{what}: about {seconds} s left")
            self._feedback.setProgressText(left_words.format(what=_words(self._what), seconds=f"{left:.0f}"))


def _words(what: str) -> str:
    """What the engine is at, as a person reads it."""
    return what[:1].upper() + what[1:]


def _kind(name: str) -> Any:
    return getattr(QgsProcessingParameterNumber.Type, name)


def phrase_problem(phrase: str) -> Optional[Problem]:
    """A phrase that asks for nothing is said before the engine starts."""
    return None if phrase.strip() else problem_of("phrase.empty")
