"""Two rasters, or one and an old map, to changes in a sink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate

from rasterscribe.models.protocol import Change, OldMap, Open
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.plugin.processing import former
from rasterscribe.plugin.processing.outputs import STYLE


def parcels() -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32645&field=owner:string&field=use:string", "parcels", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt("Polygon ((10 10, 30 10, 30 30, 10 30, 10 10))"))
    feature.setAttributes(["somebody", "house"])
    layer.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_what_changed_goes_to_the_sink_with_all_that_is_known_of_it(runner: Any, town: QgsRasterLayer, old_town: QgsRasterLayer) -> None:
    done = runner("detectchange", BEFORE=old_town.id(), AFTER=town.id(), CLASSES=" building,water ", THRESHOLD=0.5, OUTPUT="memory:")
    assert done.well, done.heard.errors
    new, gone = done.features("OUTPUT")
    assert (new["kind"], new["class"], new["from_class"], new["to_class"]) == ("appeared", "building", "other", "building")
    assert (gone["kind"], gone["score"], gone["prompt"]) == ("disappeared", 0.6, "building, water")
    assert new["area_m2"] == pytest.approx(100, rel=0.01) and new["date_after"] == QDate(2020, 7, 1)
    assert done.layer("OUTPUT").crs() == town.crs() and done.outputs["COUNT"] == 2
    (asked,) = runner.asked(Change)
    assert (asked.before, asked.after, asked.old_map) == (*runner.asked(Open)[::-1], None)
    assert (asked.before.path, asked.classes, asked.method) == (old_town.source(), ("building", "water"), "")


def test_the_least_score_and_size_are_asked_for_and_the_log_says_what_came_out(
    runner: Any, town: QgsRasterLayer, old_town: QgsRasterLayer
) -> None:
    numbers = {"THRESHOLD": 0.7, "MIN_AREA": 50.0, "METHOD": 6, "BEFORE_DATE": "2010", "AFTER_DATE": "2021-07"}
    done = runner("detectchange", BEFORE=old_town.id(), AFTER=town.id(), OUTPUT="memory:", **numbers)
    assert [feature["kind"] for feature in done.features("OUTPUT")] == ["appeared"]
    (asked,) = runner.asked(Change)
    assert (asked.threshold, asked.floor, asked.min_area, asked.method) == (0.7, 0.7, 50.0, "cva")
    assert (asked.before_date, asked.after_date, asked.any_order) == ("2010", "2021-07", False)
    assert "Clouds hide a part." in done.heard.lines and "other → building: 1, 100 m²" in done.heard.lines
    assert any("0.80 pixels to the right" in line for line in done.heard.lines)


def test_the_other_outputs_are_made_where_they_are_wanted(
    runner: Any, town: QgsRasterLayer, old_town: QgsRasterLayer, tmp_path: Path
) -> None:
    files = {"PROBABILITY": str(tmp_path / "likely.tif"), "SUMMARY": str(tmp_path / "summary.csv"), "NOT_COMPARED": "memory:"}
    done = runner("detectchange", BEFORE=old_town.id(), AFTER=town.id(), OUTPUT=str(tmp_path / "changes.gpkg"), **files)
    assert done.well, done.heard.errors
    assert QgsRasterLayer(files["PROBABILITY"], "likely").isValid() and done.outputs["SUMMARY"] == files["SUMMARY"]
    assert (tmp_path / "summary.csv").read_text().splitlines() == [
        "from_class,to_class,count,area_m2",
        "other,building,1,100.00",
        "building,other,1,400.00",
    ]
    assert [feature["reason"] for feature in done.features("NOT_COMPARED")] == ["clouds"]


def test_the_file_brings_its_style_its_times_and_where_it_comes_from(
    runner: Any, town: QgsRasterLayer, old_town: QgsRasterLayer, tmp_path: Path
) -> None:
    out = tmp_path / "changes.gpkg"
    done = runner("detectchange", BEFORE=old_town.id(), AFTER=town.id(), OUTPUT=str(out))
    layer = QgsVectorLayer(f"{out}|layername=changes", "changes", "ogr")
    renderer = layer.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer) and renderer.classAttribute() == "kind"
    assert [category.label() for category in renderer.categories()][:3] == ["appeared", "disappeared", "changed"]
    STYLE.postProcessLayer(layer, QgsProcessingContext(), done.heard)  # as QGIS does with what it loads
    assert layer.temporalProperties().isActive()
    (provenance,) = provenance_of(layer)
    assert provenance.digest == "ef" and provenance.source == town.source() and provenance.parameters["before"] == old_town.source()
    assert sorted(path.name for path in tmp_path.iterdir() if "changes" in path.name) == ["changes.gpkg"]


def test_an_old_map_alone_will_do_and_brings_its_classes(runner: Any, town: QgsRasterLayer) -> None:
    done = runner("detectchange", AFTER=town.id(), MAP=parcels().id(), MAP_FIELD="use", OUTPUT="memory:")
    assert done.well, done.heard.errors
    (asked,) = runner.asked(Change)
    assert asked.before is None and asked.old_map.field == "use" and asked.old_map.class_name == ""


def test_a_map_without_a_file_is_written_with_the_field_that_counts(
    runner: Any, town: QgsRasterLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[list[str]] = []
    original = former.Former.map_file

    def looked(self: former.Former, run: Any) -> Any:
        file = original(self, run)
        layer = QgsVectorLayer(f"{file.path}|layername={file.table}", "map", "ogr")
        written.append([name for name in layer.fields().names() if name != "fid"] + [one["use"] for one in layer.getFeatures()])
        return file

    monkeypatch.setattr(former.Former, "map_file", looked)
    assert runner("detectchange", AFTER=town.id(), MAP=parcels().id(), MAP_FIELD="use", OUTPUT="memory:").well
    assert written == [["use", "house"]]


def test_all_of_a_map_may_be_of_one_class(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    done = runner("detectchange", AFTER=town.id(), MAP=parcels().id(), MAP_CLASS="building", OUTPUT="memory:")
    assert done.well, done.heard.errors
    old_map = runner.asked(Change)[0].old_map
    assert old_map == OldMap(old_map.path, "layer", "", "building")


def test_changes_lie_where_the_before_raster_does(runner: Any, town: QgsRasterLayer, old_town: QgsRasterLayer) -> None:
    old_town.setCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    done = runner("detectchange", BEFORE=old_town.id(), AFTER=town.id(), OUTPUT="memory:")
    assert done.layer("OUTPUT").crs() == old_town.crs()


@pytest.mark.parametrize(("given", "sentence"), [
    ({}, "nothing to compare the raster with"),
    ({"MAP": "parcels"}, "old map's field is missing"),
    ({"MAP": "parcels", "MAP_CLASS": "field", "METHOD": 5}, "compares two images"),
    ({"BEFORE": "old", "METHOD": 4}, "there is none"),
    ({"MAP": "parcels", "MAP_CLASS": "field", "PROBABILITY": "p.tif"}, "how likely"),
])  # fmt: skip
def test_what_is_missing_is_said_before_the_engine_starts(
    runner: Any, provider: Any, town: QgsRasterLayer, given: dict[str, str], sentence: str
) -> None:
    parcels()
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("rasterscribe:detectchange")
    fitting, why = algorithm.checkParameterValues({"AFTER": town.id(), "OUTPUT": "memory:", **given}, QgsProcessingContext())
    assert not fitting and sentence in why


def test_a_run_is_cancelled_and_leaves_nothing(runner: Any, town: QgsRasterLayer, old_town: QgsRasterLayer, tmp_path: Path) -> None:
    def cancel(heard: Any) -> None:
        if runner.asked(Change):
            heard.cancel()

    out = tmp_path / "changes.gpkg"
    done = runner("detectchange", cancel, BEFORE=old_town.id(), AFTER=town.id(), MODEL="silent", OUTPUT=str(out))
    assert done.outputs == {} and done.heard.errors == [] and not list(tmp_path.glob("*changes*"))
