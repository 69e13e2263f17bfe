"""A raster and a layer of points to one outline a point."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterString,
    QgsRectangle,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDateTime, Qt

from ...models.protocol import SIZES, Click, ClickReply, OpenReply, OutlineOptions
from ..map.areas import brought_to
from ..problems import PluginProblem
from .algorithm import MODEL, PIXEL, EngineAlgorithm
from .engine import BlockingEngine
from .outputs import Ruler, fill, object_fields

POINTS, CLASS, SIZE, OUTPUT, COUNT, MISSED = "POINTS", "CLASS", "SIZE", "OUTPUT", "COUNT", "MISSED"
AROUND = 512  # pixels of a web map to fetch around the points
NOTHING = ("click.outside", "view.empty")  # what an engine says of a point where there is nothing to outline
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
        polygons = QgsProcessing.SourceType.TypeVectorPolygon
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, self.tr("Outlines"), polygons))
        self.addOutput(QgsProcessingOutputNumber(COUNT, self.tr("Number of outlines")))
        self.addOutput(QgsProcessingOutputNumber(MISSED, self.tr("Number of points without one")))

    def bounds(self, parameters: dict[str, Any], context: QgsProcessingContext, layer: Any) -> Optional[QgsRectangle]:
        source = self._points(parameters, context)
        box = source.sourceExtent()
        if source.featureCount() == 0 or layer.dataProvider().xSize() > 0:
            return None
        margin = AROUND * max(self.parameterAsDouble(parameters, PIXEL, context), 1e-9)
        around = QgsGeometry.fromRect(QgsRectangle(box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()).buffered(1e-9))
        moved = brought_to(around, source.sourceCrs(), layer.crs(), context.transformContext())
        return moved.boundingBox().buffered(margin)

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        engine: BlockingEngine,
        folder: Path,
    ) -> dict[str, Any]:
        source = self._points(parameters, context)
        feedback.setProgressText(self.tr("Opening the raster"))
        opened = self.raster.open(engine, context, feedback)
        sink, dest = self.open_sink(parameters, OUTPUT, context, object_fields(), QgsWkbTypes.Type.MultiPolygon)
        run = _Clicking(
            engine,
            opened,
            self.ruler(opened, context),
            self.parameterAsString(parameters, CLASS, context).strip(),
            ("", *SIZES)[self.parameterAsEnum(parameters, SIZE, context)],
            self.outline_options(parameters, context),
            self.parameterAsString(parameters, MODEL, context).strip(),
        )
        total = max(source.featureCount(), 1)
        feedback.setProgressText(self.tr("Outlining"))
        counts = fill(sink, run.outlines(self._prompts(source, context), total, feedback), feedback)
        self._warn(run.missed, feedback)
        if run.reply is not None:
            options = run.options
            facts = {"smooth": options.smooth, "right_angles": options.right_angles, "min_hole": options.min_hole}
            self.finish_later(dest, engine, opened, run.reply, facts)
        return {OUTPUT: dest, COUNT: sum(counts.values()), MISSED: len(run.missed)}

    def _points(self, parameters: dict[str, Any], context: QgsProcessingContext) -> QgsProcessingFeatureSource:
        source = self.parameterAsSource(parameters, POINTS, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, POINTS))
        return source

    def _prompts(self, source: QgsProcessingFeatureSource, context: QgsProcessingContext) -> Iterator[tuple[int, QgsGeometry]]:
        """Each feature's id and its points in the raster's CRS; without a CRS on either side they stay as they are."""
        transform = None
        crs, raster_crs = source.sourceCrs(), self.raster.crs
        if crs.isValid() and raster_crs.isValid() and crs != raster_crs:
            transform = QgsCoordinateTransform(crs, raster_crs, context.transformContext())
        for feature in source.getFeatures(QgsFeatureRequest().setNoAttributes()):
            geometry = feature.geometry()
            try:
                if transform is not None:
                    geometry.transform(transform)
            except QgsCsException:
                geometry = QgsGeometry()
            yield feature.id(), geometry

    def _warn(self, missed: list[int], feedback: QgsProcessingFeedback) -> None:
        if missed:
            ids = ", ".join(str(id) for id in missed[:NAMED]) + ("…" if len(missed) > NAMED else "")
            words = self.tr("Nothing was outlined for {count} points: they lie outside the raster, or no object was seen there ({ids}).")
            feedback.pushWarning(words.format(count=len(missed), ids=ids))


class _Clicking:
    """One prompt after the other."""

    def __init__(
        self, engine: BlockingEngine, opened: OpenReply, ruler: Ruler, name: str, size: str, options: OutlineOptions, model: str
    ) -> None:
        self._engine, self._opened, self._ruler = engine, opened, ruler
        self._name, self._size, self._model = name, size, model
        self._fields = object_fields()
        self.options = options
        self.missed: list[int] = []  # ids of the features that got no outline
        self.reply: Optional[ClickReply] = None  # the last one

    def outlines(self, prompts: Iterator[tuple[int, QgsGeometry]], total: int, feedback: QgsProcessingFeedback) -> Iterator[QgsFeature]:
        """Raises PluginProblem, unless that is about one point alone."""
        for number, (id, geometry) in enumerate(prompts):
            feedback.setProgress(100.0 * number / total)
            points = tuple((vertex.x(), vertex.y()) for vertex in geometry.vertices())
            reply = self._asked(points) if points and geometry.boundingBox().isFinite() else None
            if reply is None or not reply.outline:
                self.missed.append(id)
            else:
                self.reply = reply
                yield self._feature(points, reply)
        feedback.setProgress(100.0)

    def _asked(self, points: tuple[tuple[float, float], ...]) -> Optional[ClickReply]:
        click = Click(self._opened.raster, points, (1,) * len(points), options=self.options, model=self._model, size=self._size)
        try:
            reply: ClickReply = self._engine.ask(click)
        except PluginProblem as trouble:
            if trouble.problem.code in NOTHING:
                return None
            raise
        return reply

    def _feature(self, points: tuple[tuple[float, float], ...], reply: ClickReply) -> QgsFeature:
        outline = QgsGeometry()
        outline.fromWkb(bytes.fromhex(reply.outline))
        outline.convertToMultiType()
        prompt = {"points": [[x, y, 1] for x, y in points], **({"size": self._size} if self._size else {}), "pixel": 0.0}
        feature = QgsFeature(self._fields)
        feature.setGeometry(outline)
        feature["class"] = self._name
        feature["score"] = round(reply.score, 4)
        feature["area_m2"] = self._ruler.square_metres(outline)
        feature["model"] = reply.model
        feature["prompt"] = json.dumps(prompt)
        feature["made_at"] = _now()
        return feature


def _now() -> QDateTime:
    moment = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return QDateTime.fromString(moment, Qt.DateFormat.ISODateWithMs).toUTC()
