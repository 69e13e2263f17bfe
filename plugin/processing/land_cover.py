"""A raster and a class list to a class raster, its polygons and the area of each class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    NULL,
    QgsFeature,
    QgsFields,
    QgsProcessing,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ...models.classes import PRESETS
from .algorithm import DOUBLE, MODEL, POLYGONS, EngineAlgorithm

if TYPE_CHECKING:
    from ...models.protocol import ClassArea
    from .run import Run

CLASSES, PRESET, SIMPLIFY = "CLASSES", "PRESET", "SIMPLIFY"
OUTPUT, POLYGONS_OUT, AREAS = "OUTPUT", "POLYGONS", "AREAS"
AREAS_URI = "None?field=class:string(0,0)&field=pixels:integer(0,0)&field=area_m2:double(0,0)&field=share:double(0,0)"


class LandCover(EngineAlgorithm):
    ID = "landcover"
    GROUP = "areas"
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
        self.add_area()
        words = self.tr("Simplify borders by (pixels)")
        self.addParameter(QgsProcessingParameterNumber(SIMPLIFY, words, DOUBLE, 1.0, minValue=0.0, maxValue=50.0))
        self.add_model_and_pixel()
        self.addParameter(QgsProcessingParameterRasterDestination(OUTPUT, self.tr("Class raster")))
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink(POLYGONS_OUT, self.tr("Polygons"), POLYGONS, optional=True))
        self.addParameter(QgsProcessingParameterFeatureSink(AREAS, self.tr("Class areas"), table, optional=True))

    def work(self, run: Run) -> dict[str, Any]:
        from ...models.protocol import Cover, CoverReply
        from ..map.areas import wkb_of
        from .outputs import colours_in, fields_of, fill, found_objects, object_fields

        area, out = run.area(), run.file(OUTPUT)
        request = Cover(
            raster=run.opened.raster,
            classes=self._classes(run),
            out=out,
            polygons=str(run.folder / "cover.gpkg") if run.wants(POLYGONS_OUT) else "",
            area=wkb_of(area) if area is not None else "",
            model=run.text(MODEL),
            simplify=run.number(SIMPLIFY),
        )
        reply: CoverReply = run.engine.ask(request)
        outputs: dict[str, Any] = {OUTPUT: out}
        if request.polygons:
            path = Path(request.polygons)
            sink, outputs[POLYGONS_OUT] = run.sink(POLYGONS_OUT, object_fields(), QgsWkbTypes.Type.MultiPolygon)
            fill(sink, found_objects(path, run.ruler()), run.feedback)
            facts = {"simplify": request.simplify, "classes": list(request.classes), "area": area.asWkt() if area is not None else ""}
            run.finish_later(outputs[POLYGONS_OUT], reply, facts, colours_in(path))
        if run.wants(AREAS):
            fields = fields_of(AREAS_URI)
            sink, outputs[AREAS] = run.sink(AREAS, fields, QgsWkbTypes.Type.NoGeometry)
            fill(sink, (_row(fields, each, run.crs.isValid()) for each in reply.areas), run.feedback)
        unit = self.tr("m²") if run.crs.isValid() else self.tr("square pixels")
        for each in reply.areas:
            run.feedback.pushInfo(f"{each.name}: {each.area:,.0f} {unit} ({100 * each.share:.1f} %)")
        return outputs

    def _classes(self, run: Run) -> tuple[str, ...]:
        named = tuple(name.strip() for name in run.text(CLASSES).split(",") if name.strip())
        return named or tuple(PRESETS.values())[run.choice(PRESET)]


def _row(fields: QgsFields, each: ClassArea, metric: bool) -> QgsFeature:
    row = QgsFeature(fields)
    row.setAttributes([each.name, each.pixels, each.area if metric else NULL, each.share])
    return row
