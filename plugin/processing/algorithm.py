"""What Rasterscribe's algorithms have in common: parameters, and how QGIS has them carried out.

QGIS makes every algorithm when it starts, so the files that describe them import little; `run` and all that hangs on it come with the first
run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from qgis.PyQt.QtGui import QIcon

if TYPE_CHECKING:
    from .outputs import Finish
    from .run import Run, Taken

ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons"
RASTER, EXTENT, AREA, MODEL, PIXEL = "RASTER", "EXTENT", "AREA", "MODEL", "PIXEL"
SMOOTH, RIGHT_ANGLES, MIN_HOLE = "SMOOTH", "RIGHT_ANGLES", "MIN_HOLE"
GROUPS = {"objects": QT_TRANSLATE_NOOP("Processing", "Objects"), "areas": QT_TRANSLATE_NOOP("Processing", "Whole areas")}
POLYGONS = QgsProcessing.SourceType.TypeVectorPolygon
DOUBLE = QgsProcessingParameterNumber.Type.Double


class EngineAlgorithm(QgsProcessingAlgorithm):
    """Each takes what it needs from layers on their own thread, before it works on any other."""

    ID = ""
    GROUP = "objects"  # of GROUPS
    ICON = "rasterscribe"
    MAIN = RASTER  # the parameter with the raster that it works on
    work: Callable[[Run], dict[str, Any]]  # each one's own: asks the engine, fills the outputs, gives them by name; raises PluginProblem

    def __init__(self) -> None:
        super().__init__()
        self._taken: Optional[Taken] = None
        self._finishing: list[Finish] = []

    def name(self) -> str:
        return self.ID

    def groupId(self) -> str:
        return self.GROUP

    def group(self) -> str:
        return self.tr(GROUPS[self.GROUP])

    def icon(self) -> QIcon:
        return QIcon(str(ICONS / f"{self.ICON}.svg"))

    def createInstance(self) -> EngineAlgorithm:
        return type(self)()

    def tr(self, text: str) -> str:
        return QCoreApplication.translate("Processing", text)

    def bounds(self, parameters: dict[str, Any], context: QgsProcessingContext, layer: QgsRasterLayer) -> Optional[QgsRectangle]:
        """About where it will look, in the raster layer's CRS; None for all of the raster. Raises PluginProblem."""
        from .area import AreaInput

        return AreaInput(self, parameters, context).bounds(layer.crs())

    def take(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Any:
        """What else it needs of layers, for `Run.more`. Raises PluginProblem."""
        return None

    # -- as QGIS calls it: the first and the last on the thread of the layers

    def prepareAlgorithm(self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> bool:
        from .run import take

        self._taken = take(self, parameters, context, feedback)
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from .run import carry_out

        if self._taken is None:
            return {}
        outputs, self._finishing = carry_out(self, self._taken, parameters, context, feedback)
        return outputs

    def postProcessAlgorithm(self, context: QgsProcessingContext, _feedback: QgsProcessingFeedback) -> dict[str, Any]:
        from .outputs import finish_layer

        for layer in self._finishing:
            finish_layer(layer, context)
        self._taken = None
        return {}

    # -- parameters that several have

    def add_raster(self) -> None:
        self.addParameter(QgsProcessingParameterRasterLayer(RASTER, self.tr("Raster")))

    def add_area(self) -> None:
        words = self.tr("Extent to look at (all of the raster if not set)")
        self.addParameter(QgsProcessingParameterExtent(EXTENT, words, optional=True))
        self.addParameter(QgsProcessingParameterFeatureSource(AREA, self.tr("Polygons to look in"), [POLYGONS], optional=True))

    def add_model_and_pixel(self) -> None:
        self.add_advanced(QgsProcessingParameterString(MODEL, self.tr("Model (empty: the shipped one)"), "", optional=True))
        words = self.tr("Pixel size to fetch a web map with, in units of its CRS (0: the layer's own pixels)")
        self.add_advanced(QgsProcessingParameterNumber(PIXEL, words, DOUBLE, 0.0, minValue=0.0))

    def add_outline_options(self, advanced: bool) -> None:
        """With the defaults of `OutlineOptions`."""
        add = self.add_advanced if advanced else self.addParameter
        add(QgsProcessingParameterBoolean(SMOOTH, self.tr("Smooth outlines"), True))
        add(QgsProcessingParameterBoolean(RIGHT_ANGLES, self.tr("Right angles where there nearly are some"), False))
        words = self.tr("Fill holes smaller than (m²; square pixels without a CRS)")
        add(QgsProcessingParameterNumber(MIN_HOLE, words, DOUBLE, 4.0, minValue=0.0))

    def add_string(self, name: str, words: str) -> None:
        """One that may stay empty."""
        self.addParameter(QgsProcessingParameterString(name, words, "", optional=True))

    def add_advanced(self, parameter: QgsProcessingParameterDefinition) -> None:
        parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(parameter)


class PhraseAlgorithm(EngineAlgorithm):
    """One that is told in words what to look for."""

    WORDS = ""  # the name of that parameter

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Words that ask for nothing are said before the engine starts."""
        from ..problems import problem_of

        if not self.parameterAsString(parameters, self.WORDS, context).strip():
            return False, str(problem_of("phrase.empty"))
        fitting: tuple[bool, str] = super().checkParameterValues(parameters, context)
        return fitting
