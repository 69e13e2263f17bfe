"""Two rasters, or a raster and an old map, to what appeared, disappeared or became something else."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterField,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorLayer,
    QgsWkbTypes,
)

from .algorithm import DOUBLE, MODEL, PIXEL, POLYGONS, EngineAlgorithm

if TYPE_CHECKING:
    from ...models.protocol import ChangeReply
    from .former import Former
    from .run import Run

BEFORE, AFTER, MAP, MAP_FIELD, MAP_CLASS = "BEFORE", "AFTER", "MAP", "MAP_FIELD", "MAP_CLASS"
CLASSES, METHOD, THRESHOLD, MIN_AREA, REFINE = "CLASSES", "METHOD", "THRESHOLD", "MIN_AREA", "REFINE"
BEFORE_DATE, AFTER_DATE, ANY_ORDER = "BEFORE_DATE", "AFTER_DATE", "ANY_ORDER"
OUTPUT, NOT_COMPARED, PROBABILITY, SUMMARY, COUNT = "OUTPUT", "NOT_COMPARED", "PROBABILITY", "SUMMARY", "COUNT"


class DetectChange(EngineAlgorithm):
    ID = "detectchange"
    GROUP = "areas"
    ICON = "change"
    MAIN = AFTER

    def displayName(self) -> str:
        return self.tr("Detect change between two dates")

    def tags(self) -> list[str]:
        return ["change", "change detection", "two dates", "bitemporal", "before", "after", "difference", "update", "map"]

    def shortHelpString(self) -> str:
        return self.tr(
            "Says what is new, what is gone and what became what between two rasters of one place, as polygons with kind (appeared, "
            "disappeared, changed), class, from_class, to_class, score, area_m2 (geodesic), both dates, model and made_at.\n\n"
            "<b>Before</b>, <b>after</b>: they may differ in CRS, pixels, extent and rotation; only what both cover is compared. How the "
            "after raster is shifted is measured, said in the log, and corrected up to 5 pixels.\n"
            "<b>Old map</b>: polygons of what was there, as a further witness, or without a before raster alone. Either a field names the "
            "class of each, or all are of one class.\n"
            "<b>Classes</b>: those of interest, with commas between them; empty: building, road, solar panel, water, forest, field, sand.\n"
            "<b>Method</b>: let it be chosen; all that the networks know together; whether anything changed; the classes of both dates; "
            "the old map; IR-MAD and change vectors need no network and tell no classes, but take any number of bands.\n"
            "<b>Extent</b>, <b>polygons</b>: where to look, in any CRS; where both are given, what they share.\n"
            "<b>Least score</b>: lower finds more, and more that is wrong. <b>Least size</b>: in m²; square pixels without a CRS.\n"
            "<b>Dates</b>: a year, a month or a day, such as 2012-07-31; empty: what the files say.\n"
            "<b>Not compared</b>: ground without data at one of the dates, or under clouds.\n"
            "<b>Summary</b>: a table of areas by class before and after.\n\n"
            "A run that was killed goes on where it was when it is run again with the same output file."
        )

    def initAlgorithm(self, _configuration: Optional[dict[str, Any]] = None) -> None:
        self.addParameter(QgsProcessingParameterRasterLayer(BEFORE, self.tr("Raster before"), optional=True))
        self.addParameter(QgsProcessingParameterRasterLayer(AFTER, self.tr("Raster after")))
        self.addParameter(QgsProcessingParameterVectorLayer(MAP, self.tr("Old map"), [POLYGONS], optional=True))
        words = self.tr("Field with the classes of the old map")
        self.addParameter(QgsProcessingParameterField(MAP_FIELD, words, parentLayerParameterName=MAP, optional=True))
        self.add_string(MAP_CLASS, self.tr("Class of all of the old map, where there is no such field"))
        self.add_string(CLASSES, self.tr("Classes of interest, such as: building, water (empty: those that people map)"))
        self.addParameter(QgsProcessingParameterEnum(METHOD, self.tr("Method"), self._methods(), defaultValue=0))
        self.add_area()
        score, size = self.tr("Least score"), self.tr("Least size (m²)")
        self.addParameter(QgsProcessingParameterNumber(THRESHOLD, score, DOUBLE, 0.5, minValue=0.01, maxValue=0.99))
        self.addParameter(QgsProcessingParameterNumber(MIN_AREA, size, DOUBLE, 0.0, minValue=0.0))
        self.add_string(BEFORE_DATE, self.tr("Date of the before raster (empty: what its file says)"))
        self.add_string(AFTER_DATE, self.tr("Date of the after raster (empty: what its file says)"))
        self.add_advanced(QgsProcessingParameterBoolean(ANY_ORDER, self.tr("Compare although the before raster is the newer one"), False))
        self.add_advanced(QgsProcessingParameterBoolean(REFINE, self.tr("Draw outlines anew with the click network"), True))
        self.add_outline_options(advanced=True)
        self.add_model_and_pixel()
        self._add_outputs()

    def _add_outputs(self) -> None:
        off = {"optional": True, "createByDefault": False}
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, self.tr("Changes"), POLYGONS))
        self.addParameter(QgsProcessingParameterFeatureSink(NOT_COMPARED, self.tr("Not compared"), POLYGONS, **off))
        self.addParameter(QgsProcessingParameterRasterDestination(PROBABILITY, self.tr("Probability of change"), **off))
        files = self.tr("Comma-separated values (*.csv)")
        self.addParameter(QgsProcessingParameterFileDestination(SUMMARY, self.tr("Summary"), files, **off))
        self.addOutput(QgsProcessingOutputNumber(COUNT, self.tr("Number of changes")))

    def _methods(self) -> list[str]:
        """In the order of METHODS, after that of no choice."""
        return [
            self.tr("As fits"),
            self.tr("Combined"),
            self.tr("Changed or not"),
            self.tr("Classes of both dates"),
            self.tr("With the old map"),
            self.tr("IR-MAD"),
            self.tr("Change vectors"),
        ]

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """What is missing is said before the engine starts."""
        from ..problems import problem_of

        lacking = self._lacking(parameters, context)
        if lacking:
            return False, str(problem_of(lacking))
        named = self.parameterAsFields(parameters, MAP_FIELD, context) or self.parameterAsString(parameters, MAP_CLASS, context).strip()
        if parameters.get(MAP) and not named:
            return False, str(problem_of("map.field"))
        fitting: tuple[bool, str] = super().checkParameterValues(parameters, context)
        return fitting

    def _lacking(self, parameters: dict[str, Any], context: QgsProcessingContext) -> str:
        """The code of what cannot be asked for without a raster or a map, "" where all is there."""
        from ...models.protocol import METHODS

        before, old_map = bool(parameters.get(BEFORE)), bool(parameters.get(MAP))
        method = ("", *METHODS)[self.parameterAsEnum(parameters, METHOD, context)]
        if not before and not old_map:
            return "pair.none"
        if method == "map" and not old_map:
            return "method.map"
        if method not in ("", "map") and not before:
            return "method.images"
        return "probability.images" if parameters.get(PROBABILITY) and not before else ""

    def take(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Former:
        from .former import former_of

        before = self.parameterAsRasterLayer(parameters, BEFORE, context)
        after = self.parameterAsRasterLayer(parameters, AFTER, context)
        old_map = self.parameterAsVectorLayer(parameters, MAP, context)
        fields = self.parameterAsFields(parameters, MAP_FIELD, context)
        bounds, pixel = self.bounds(parameters, context, after), self.parameterAsDouble(parameters, PIXEL, context)
        class_name = self.parameterAsString(parameters, MAP_CLASS, context).strip()
        return former_of(before, after, bounds, pixel, old_map, fields[0] if fields else "", class_name)

    def work(self, run: Run) -> dict[str, Any]:
        from ...models.protocol import METHODS, Change
        from ..map.areas import wkb_of

        area, threshold, before = run.area(), run.number(THRESHOLD), run.more.open(run)
        request = Change(
            after=run.file_opened,
            out=str(run.passing_file(OUTPUT)),
            before=before,
            old_map=run.more.map_file(run),
            classes=tuple(filter(None, (" ".join(name.split()) for name in run.text(CLASSES).split(",")))),
            area=wkb_of(area) if area is not None else "",
            method=("", *METHODS)[run.choice(METHOD)],
            threshold=threshold,
            floor=threshold,
            min_area=run.number(MIN_AREA),
            probability=run.file(PROBABILITY) if run.wants(PROBABILITY) else "",
            before_date=run.text(BEFORE_DATE),
            after_date=run.text(AFTER_DATE),
            any_order=run.yes(ANY_ORDER),
            options=run.outline_options(),
            model=run.text(MODEL),
            refine=run.yes(REFINE),
        )
        reply: ChangeReply = run.engine.ask(request)
        self._tell(reply, run)
        return self._filled(run, request, reply)

    def _filled(self, run: Run, request: Any, reply: ChangeReply) -> dict[str, Any]:
        from .outputs import GAPS_URI, change_fields, fields_of, fill, forget, found_changes, found_gaps

        former: Former = run.more
        kind, crs, path = QgsWkbTypes.Type.MultiPolygon, former.crs or run.crs, Path(request.out)
        sink, dest = run.sink(OUTPUT, change_fields(), kind, crs)
        counts = fill(sink, found_changes(path, run.ruler(former.opened, crs), request.threshold), run.feedback)
        outputs: dict[str, Any] = {OUTPUT: dest, COUNT: sum(counts.values())}
        facts = {**asdict(request), "before": former.source, "method": reply.method, "area": request.area[:20_000]}
        facts.pop("out")
        dates = (reply.before_date, reply.after_date)
        run.finish_later(dest, reply, facts, dates=dates)
        if run.wants(NOT_COMPARED):
            sink, outputs[NOT_COMPARED] = run.sink(NOT_COMPARED, fields_of(GAPS_URI), kind, crs)
            fill(sink, found_gaps(path), run.feedback)
        forget(path)
        if reply.probability:
            outputs[PROBABILITY] = reply.probability
        if run.wants(SUMMARY):
            outputs[SUMMARY] = self._summed(run, reply, crs.isValid())
        return outputs

    def _summed(self, run: Run, reply: ChangeReply, metric: bool) -> str:
        from ..change_state import Compared
        from ..change_table import table_text
        from ..cover_table import write_table

        path = Path(run.plain_file(SUMMARY))
        write_table(path, table_text(Compared(reply, metric, matrix=reply.matrix)))
        return str(path)

    def _tell(self, reply: ChangeReply, run: Run) -> None:
        for note in reply.notes:
            run.feedback.pushInfo(note)
        if reply.shift is not None:
            words = self.tr("Shift of the after raster: {x} pixels to the right, {y} down, ± {uncertainty}.")
            x, y, uncertainty = (f"{each:.2f}" for each in (reply.shift.x, reply.shift.y, reply.shift.uncertainty))
            run.feedback.pushInfo(words.format(x=x, y=y, uncertainty=uncertainty))
        unit = self.tr("m²") if (run.more.crs or run.crs).isValid() else self.tr("square pixels")
        for one in reply.matrix:
            words = self.tr("{before} → {after}: {count}, {area} {unit}")
            facts = {"before": one.from_class, "after": one.to_class, "count": one.count, "area": f"{one.area:,.0f}", "unit": unit}
            run.feedback.pushInfo(words.format(**facts))
