"""A raster and a phrase to the objects that it asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsRectangle,
    QgsWkbTypes,
)

from ...models.protocol import Find, FindReply
from ..map.areas import wkb_of
from .algorithm import MODEL, EngineAlgorithm, phrase_problem
from .area import AreaInput, area_parameters
from .engine import BlockingEngine
from .layers import LayerInput
from .outputs import fill, found_objects, object_fields

PHRASE, THRESHOLD, MIN_SIZE, LAYERS, REFINE, OUTPUT = "PHRASE", "THRESHOLD", "MIN_SIZE", "LAYERS", "REFINE", "OUTPUT"
COUNT, UNDERSTOOD, NOT_UNDERSTOOD = "COUNT", "UNDERSTOOD", "NOT_UNDERSTOOD"


class FindText(EngineAlgorithm):
    ID = "findtext"
    ICON = "text"

    def displayName(self) -> str:
        return self.tr("Find what a phrase names")

    def tags(self) -> list[str]:
        return ["text", "prompt", "phrase", "search", "detect", "segment", "objects", "buildings", "language"]

    def shortHelpString(self) -> str:
        return self.tr(
            "Finds every object in an area that a phrase asks for, as polygons with class, score, area_m2 (geodesic), model, prompt "
            "and made_at.\n\n"
            "<b>Phrase</b>: classes, sizes, shapes, tones and relations, in English. Examples:\n"
            "buildings\n"
            "buildings larger than 300 m², ponds\n"
            "elongated bright buildings within 50 m of a road\n"
            "the 5 largest fields not in forest\n"
            "What is not understood is said in the log, and never guessed.\n"
            "<b>Extent</b>, <b>polygons</b>: where to look, in any CRS; where both are given, what they share; all of the raster without.\n"
            "<b>Least score</b>: lower finds more, and more that is wrong.\n"
            "<b>Least size</b>: in m²; square pixels without a CRS.\n"
            "<b>Vector layers</b>: those that the phrase may name, by their names, as in: buildings inside floodplain.\n"
            "<b>Draw outlines anew</b>: lets the click network draw each outline; slower, and usually sharper.\n\n"
            "The result does not depend on how the raster is tiled."
        )

    def initAlgorithm(self, _configuration: Optional[dict[str, Any]] = None) -> None:
        self.add_raster()
        self.addParameter(QgsProcessingParameterString(PHRASE, self.tr("Phrase, such as: buildings larger than 300 m² near a road")))
        for parameter in area_parameters():
            self.addParameter(parameter)
        double = QgsProcessingParameterNumber.Type.Double
        words = self.tr("Least score")
        self.addParameter(QgsProcessingParameterNumber(THRESHOLD, words, double, Find.threshold, minValue=0.01, maxValue=0.99))
        self.addParameter(QgsProcessingParameterNumber(MIN_SIZE, self.tr("Least size (m²)"), double, 0.0, minValue=0.0))
        kind, words = QgsProcessing.SourceType.TypeVectorAnyGeometry, self.tr("Vector layers that the phrase may name")
        self.addParameter(QgsProcessingParameterMultipleLayers(LAYERS, words, kind, optional=True))
        self.addParameter(QgsProcessingParameterBoolean(REFINE, self.tr("Draw outlines anew with the click network"), Find.refine))
        self.add_outline_options(advanced=True)
        self.add_model_and_pixel()
        polygons = QgsProcessing.SourceType.TypeVectorPolygon
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, self.tr("Found objects"), polygons))
        self.addOutput(QgsProcessingOutputNumber(COUNT, self.tr("Number of objects")))
        self.addOutput(QgsProcessingOutputString(UNDERSTOOD, self.tr("How the phrase was understood")))
        self.addOutput(QgsProcessingOutputString(NOT_UNDERSTOOD, self.tr("What of it was not")))

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        problem = phrase_problem(self.parameterAsString(parameters, PHRASE, context))
        return (False, str(problem)) if problem else super().checkParameterValues(parameters, context)

    def bounds(self, parameters: dict[str, Any], context: QgsProcessingContext, layer: Any) -> Optional[QgsRectangle]:
        return AreaInput(self, parameters, context).bounds(layer.crs())

    def prepare_more(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._layers = LayerInput(self.parameterAsLayerList(parameters, LAYERS, context))

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        engine: BlockingEngine,
        folder: Path,
    ) -> dict[str, Any]:
        area = AreaInput(self, parameters, context).polygon(self.raster.crs, self.raster.extent, feedback)
        threshold = self.parameterAsDouble(parameters, THRESHOLD, context)
        opened = self.raster.open(engine, context, feedback)
        request = Find(
            opened.raster,
            self.parameterAsString(parameters, PHRASE, context),
            str(folder / "found.gpkg"),
            wkb_of(area) if area is not None else "",
            self._layers.named(folder, context, feedback),
            threshold,
            threshold,
            self.outline_options(parameters, context),
            self.parameterAsString(parameters, MODEL, context).strip(),
            self.parameterAsBool(parameters, REFINE, context),
        )
        reply: FindReply = engine.ask(request)
        sink, dest = self.open_sink(parameters, OUTPUT, context, object_fields(), QgsWkbTypes.Type.MultiPolygon)
        least = self.parameterAsDouble(parameters, MIN_SIZE, context)
        found = found_objects(folder / "found.gpkg", self.ruler(opened, context), threshold, least)
        counts = fill(sink, found, feedback)
        self._tell(reply, counts, feedback)
        facts = {"threshold": threshold, "min_size": least, "refine": request.refine, "area": area.asWkt() if area is not None else ""}
        self.finish_later(dest, engine, opened, reply, facts)
        not_understood = ", ".join(reply.not_understood)
        return {OUTPUT: dest, COUNT: sum(counts.values()), UNDERSTOOD: reply.sentence, NOT_UNDERSTOOD: not_understood}

    def _tell(self, reply: FindReply, counts: dict[str, int], feedback: QgsProcessingFeedback) -> None:
        feedback.pushInfo(self.tr("Understood as: {sentence}").format(sentence=reply.sentence))
        if reply.not_understood:
            feedback.pushWarning(self.tr("Not understood: {words}").format(words=", ".join(reply.not_understood)))
        for note in reply.notes:
            feedback.pushInfo(note)
        for found in reply.classes:
            feedback.pushInfo(f"{found.name}: {counts.get(found.name, 0)}")
