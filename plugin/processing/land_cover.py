"""A raster and a class list to a class raster, its polygons and the area of each class."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    NULL,
    QgsFeature,
    QgsFields,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsRectangle,
    QgsWkbTypes,
)

from ...models.classes import PRESETS
from ...models.protocol import Cover, CoverReply
from ..map.areas import wkb_of
from .algorithm import MODEL, EngineAlgorithm
from .area import AreaInput, area_parameters
from .engine import BlockingEngine
from .outputs import colours_in, fields_of, fill, found_objects, object_fields

CLASSES, PRESET, SIMPLIFY = "CLASSES", "PRESET", "SIMPLIFY"
OUTPUT, POLYGONS, AREAS = "OUTPUT", "POLYGONS", "AREAS"
AREAS_URI = "None?field=class:string(0,0)&field=pixels:integer(0,0)&field=area_m2:double(0,0)&field=share:double(0,0)"


class LandCover(EngineAlgorithm):
    ID = "landcover"
    ICON = "cover"

    def displayName(self) -> str:
        return self.tr("Map land cover")

    def tags(self) -> list[str]:
        return ["land cover", "land use", "classify", "classification", "segmentation", "classes"]

    def shortHelpString(self) -> str:
        return self.tr(
            "Gives every pixel of an area one class of a list: a class raster with its colours and names (band 2: how sure, 1 to 255), "
            "polygons that share their borders, and a table of areas.\n\n"
            "<b>Classes</b>: names with commas between them, such as: building, water, road, other. The last of these stands for what is "
            "none of the others. Left empty, the preset's classes are taken.\n"
            "<b>Extent</b>, <b>polygons</b>: where to look, in any CRS; where both are given, what they share; all of the raster without.\n"
            "<b>Simplify</b>: pixels that a border may move; neighbours keep sharing it.\n\n"
            "The polygons have class, score, area_m2, model, prompt and made_at; the table has class, pixels, area_m2 (geodesic) and share "
            "(0 to 1 of what was classified). A run that was killed goes on where it was when it is run again with the same output file."
        )

    def initAlgorithm(self, _configuration: Optional[dict[str, Any]] = None) -> None:
        self.add_raster()
        words = self.tr("Classes, such as: building, water, road, other (empty: the preset's)")
        self.addParameter(QgsProcessingParameterString(CLASSES, words, "", optional=True))
        presets = [f"{name}: {', '.join(classes)}" for name, classes in PRESETS.items()]
        self.addParameter(QgsProcessingParameterEnum(PRESET, self.tr("Preset"), presets, defaultValue=0))
        for parameter in area_parameters():
            self.addParameter(parameter)
        double, words = QgsProcessingParameterNumber.Type.Double, self.tr("Simplify borders by (pixels)")
        self.addParameter(QgsProcessingParameterNumber(SIMPLIFY, words, double, Cover.simplify, minValue=0.0, maxValue=50.0))
        self.add_model_and_pixel()
        self.addParameter(QgsProcessingParameterRasterDestination(OUTPUT, self.tr("Class raster")))
        polygons, table = QgsProcessing.SourceType.TypeVectorPolygon, QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink(POLYGONS, self.tr("Polygons"), polygons, optional=True))
        self.addParameter(QgsProcessingParameterFeatureSink(AREAS, self.tr("Class areas"), table, optional=True))

    def bounds(self, parameters: dict[str, Any], context: QgsProcessingContext, layer: Any) -> Optional[QgsRectangle]:
        return AreaInput(self, parameters, context).bounds(layer.crs())

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        engine: BlockingEngine,
        folder: Path,
    ) -> dict[str, Any]:
        area = AreaInput(self, parameters, context).polygon(self.raster.crs, self.raster.extent, feedback)
        opened = self.raster.open(engine, context, feedback)
        out = self.parameterAsOutputLayer(parameters, OUTPUT, context)
        request = Cover(
            opened.raster,
            self._classes(parameters, context),
            out,
            str(folder / "cover.gpkg") if parameters.get(POLYGONS) else "",
            wkb_of(area) if area is not None else "",
            self.parameterAsString(parameters, MODEL, context).strip(),
            self.parameterAsDouble(parameters, SIMPLIFY, context),
        )
        reply: CoverReply = engine.ask(request)
        outputs: dict[str, Any] = {OUTPUT: out}
        facts = {"simplify": request.simplify, "classes": list(request.classes), "area": area.asWkt() if area is not None else ""}
        if request.polygons:
            sink, outputs[POLYGONS] = self.open_sink(parameters, POLYGONS, context, object_fields(), QgsWkbTypes.Type.MultiPolygon)
            fill(sink, found_objects(Path(request.polygons), self.ruler(opened, context)), feedback)
            self.finish_later(outputs[POLYGONS], engine, opened, reply, facts, colours_in(Path(request.polygons)))
        if parameters.get(AREAS):
            fields = fields_of(AREAS_URI)
            sink, outputs[AREAS] = self.open_sink(parameters, AREAS, context, fields, QgsWkbTypes.Type.NoGeometry)
            fill(sink, (_row(fields, each, self.raster.crs.isValid()) for each in reply.areas), feedback)
        for each in reply.areas:
            feedback.pushInfo(f"{each.name}: {each.area:,.0f} {self._unit()} ({100 * each.share:.1f} %)")
        return outputs

    def _classes(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[str, ...]:
        typed = self.parameterAsString(parameters, CLASSES, context)
        named = tuple(name.strip() for name in typed.split(",") if name.strip())
        return named or tuple(PRESETS.values())[self.parameterAsEnum(parameters, PRESET, context)]

    def _unit(self) -> str:
        return self.tr("m²") if self.raster.crs.isValid() else self.tr("square pixels")


def _row(fields: QgsFields, each: Any, metric: bool) -> QgsFeature:
    row = QgsFeature(fields)
    row.setAttributes([each.name, each.pixels, each.area if metric else NULL, each.share])
    return row
