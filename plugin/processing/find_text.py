"""A raster and a phrase to the objects that it asks for."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

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
    QgsWkbTypes,
)

from .algorithm import DOUBLE, MODEL, POLYGONS, PhraseAlgorithm

if TYPE_CHECKING:
    from ...models.protocol import FindReply
    from .layers import LayerInput
    from .run import Run

PHRASE, THRESHOLD, MIN_SIZE, LAYERS, REFINE, OUTPUT = "PHRASE", "THRESHOLD", "MIN_SIZE", "LAYERS", "REFINE", "OUTPUT"
COUNT, UNDERSTOOD, NOT_UNDERSTOOD = "COUNT", "UNDERSTOOD", "NOT_UNDERSTOOD"


class FindText(PhraseAlgorithm):
    ID = "findtext"
    ICON = "text"
    WORDS = PHRASE

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
            "A run that was killed goes on where it was when it is run again with the same output file."
        )

    def initAlgorithm(self, _configuration: Optional[dict[str, Any]] = None) -> None:
        self.add_raster()
        self.addParameter(QgsProcessingParameterString(PHRASE, self.tr("Phrase, such as: buildings larger than 300 m² near a road")))
        self.add_area()
        words = self.tr("Least score")
        self.addParameter(QgsProcessingParameterNumber(THRESHOLD, words, DOUBLE, 0.5, minValue=0.01, maxValue=0.99))
        self.addParameter(QgsProcessingParameterNumber(MIN_SIZE, self.tr("Least size (m²)"), DOUBLE, 0.0, minValue=0.0))
        kind, words = QgsProcessing.SourceType.TypeVectorAnyGeometry, self.tr("Vector layers that the phrase may name")
        self.addParameter(QgsProcessingParameterMultipleLayers(LAYERS, words, kind, optional=True))
        self.addParameter(QgsProcessingParameterBoolean(REFINE, self.tr("Draw outlines anew with the click network"), True))
        self.add_outline_options(advanced=True)
        self.add_model_and_pixel()
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, self.tr("Found objects"), POLYGONS))
        self.addOutput(QgsProcessingOutputNumber(COUNT, self.tr("Number of objects")))
        self.addOutput(QgsProcessingOutputString(UNDERSTOOD, self.tr("How the phrase was understood")))
        self.addOutput(QgsProcessingOutputString(NOT_UNDERSTOOD, self.tr("What of it was not")))

    def take(self, parameters: dict[str, Any], context: QgsProcessingContext) -> LayerInput:
        from .layers import LayerInput

        return LayerInput(self.parameterAsLayerList(parameters, LAYERS, context))

    def work(self, run: Run) -> dict[str, Any]:
        from ...models.protocol import Find
        from ..map.areas import wkb_of
        from .outputs import fill, forget, found_objects, object_fields

        area, threshold, least, options = run.area(), run.number(THRESHOLD), run.number(MIN_SIZE), run.outline_options()
        request = Find(
            raster=run.opened.raster,
            text=run.text(PHRASE),
            out=str(run.passing_file(OUTPUT)),
            area=wkb_of(area) if area is not None else "",
            layers=run.more.named(run.folder, run.context, run.feedback),
            threshold=threshold,
            floor=threshold,
            options=options,
            model=run.text(MODEL),
            refine=run.yes(REFINE),
        )
        reply: FindReply = run.engine.ask(request)
        sink, dest = run.sink(OUTPUT, object_fields(), QgsWkbTypes.Type.MultiPolygon)
        counts = fill(sink, found_objects(Path(request.out), run.ruler(), threshold, least), run.feedback)
        forget(Path(request.out))
        self._tell(reply, counts, run.feedback)
        facts = {"threshold": threshold, "min_size": least, "refine": request.refine, "area": area.asWkt() if area is not None else ""}
        run.finish_later(dest, reply, {**facts, **asdict(options)})
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
