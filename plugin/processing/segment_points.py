"""A raster and a layer of points to one outline a point."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsRectangle,
    QgsWkbTypes,
)

from .algorithm import MODEL, PIXEL, POLYGONS, EngineAlgorithm

if TYPE_CHECKING:
    from .run import Run

POINTS, CLASS, SIZE, OUTPUT, COUNT, MISSED = "POINTS", "CLASS", "SIZE", "OUTPUT", "COUNT", "MISSED"
AROUND = 512  # pixels of a web map to fetch around the points
NAMED = 20  # points that are named in a warning


class SegmentPoints(EngineAlgorithm):
    ID = "segmentpoints"
    ICON = "click"

    def displayName(self) -> str:
        return self.tr("Outline the objects at points")

    def tags(self) -> list[str]:
        return ["segment", "click", "outline", "digitize", "polygon", "prompt", "sam"]

    def shortHelpString(self) -> str:
        return self.tr(
            "Outlines the object at each point of a layer, as a click of the plugin does: one polygon a feature. The points of a "
            "multipoint feature click one object together. Points in another CRS are brought into the raster's.\n\n"
            "<b>Class</b>: what the objects are, such as building; it goes into the field class and gives the colour.\n"
            "<b>Size</b>: where a point can mean several nested things: a part (a plane of the roof), the object (the house) or the "
            "group (the row of houses); or the one that is likely meant.\n"
            "<b>Fill holes</b>: smaller ones are filled; a courtyard stays.\n\n"
            "Each outline has class, score (0 to 1: the overlap with the true outline that the model expects), area_m2 (geodesic), "
            "model, prompt and made_at. Points outside the raster, or where the model sees nothing, are left out and named in the log."
        )

    def initAlgorithm(self, _configuration: Optional[dict[str, Any]] = None) -> None:
        self.add_raster()
        kinds = [QgsProcessing.SourceType.TypeVectorPoint]
        self.addParameter(QgsProcessingParameterFeatureSource(POINTS, self.tr("Points"), kinds))
        self.addParameter(QgsProcessingParameterString(CLASS, self.tr("Class of the objects"), "object", optional=True))
        sizes = [self.tr("Likely meant"), self.tr("Part"), self.tr("Object"), self.tr("Group")]
        self.addParameter(QgsProcessingParameterEnum(SIZE, self.tr("Size"), sizes, defaultValue=0))
        self.add_outline_options(advanced=False)
        self.add_model_and_pixel()
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, self.tr("Outlines"), POLYGONS))
        self.addOutput(QgsProcessingOutputNumber(COUNT, self.tr("Number of outlines")))
        self.addOutput(QgsProcessingOutputNumber(MISSED, self.tr("Number of points without one")))

    def bounds(self, parameters: dict[str, Any], context: QgsProcessingContext, layer: QgsRasterLayer) -> Optional[QgsRectangle]:
        from .clicking import around_points

        if layer.dataProvider().xSize() > 0:
            return None
        margin = AROUND * self.parameterAsDouble(parameters, PIXEL, context)
        return around_points(self.parameterAsSource(parameters, POINTS, context), margin, layer.crs(), context)

    def work(self, run: Run) -> dict[str, Any]:
        from ...models.protocol import SIZES
        from .clicking import Clicking, prompts
        from .outputs import fill, object_fields

        source, options = run.source(POINTS), run.outline_options()
        sink, dest = run.sink(OUTPUT, object_fields(), QgsWkbTypes.Type.MultiPolygon)
        clicking = Clicking(run, run.text(CLASS), ("", *SIZES)[run.choice(SIZE)], options, run.text(MODEL))
        run.feedback.setProgressText(self.tr("Outlining"))
        counts = fill(sink, clicking.outlines(prompts(source, run), source.featureCount()), run.feedback)
        self._warn(clicking.missed, run.feedback)
        if clicking.reply is not None:
            run.finish_later(dest, clicking.reply, asdict(options))
        return {OUTPUT: dest, COUNT: sum(counts.values()), MISSED: len(clicking.missed)}

    def _warn(self, missed: list[int], feedback: QgsProcessingFeedback) -> None:
        if missed:
            ids = ", ".join(str(id) for id in missed[:NAMED]) + ("…" if len(missed) > NAMED else "")
            words = self.tr("Nothing was outlined for {count} points: they lie outside the raster, or no object was seen there ({ids}).")
            feedback.pushWarning(words.format(count=len(missed), ids=ids))
