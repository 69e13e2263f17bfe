"""A copy of a map with the accepted changes: what is gone is marked, what appeared is added, and the map itself is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate

from rasterscribe.models.classes import KIND_COLOURS
from rasterscribe.plugin.map.map_update import OldMap, Updated, update_map
from rasterscribe.plugin.problems import PluginProblem
from rasterscribe.tests.plugin.change_layers import Seen, changes_layer, square

AFTER = QDate(2020, 6, 1)
HOUSE, SHED, WOOD = square(10, 10, 10), square(30, 10, 4), square(50, 50, 40)


def old_map(*objects: tuple[Any, ...], field: str = "use:string(12,0)", crs: str = "EPSG:32645") -> QgsVectorLayer:
    """Polygons (WKT) with a value of one field."""
    layer = QgsVectorLayer(f"Polygon?crs={crs}&field=nr:integer&field={field}", "town", "memory")
    features = []
    for number, (outline, value) in enumerate(objects, 1):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(outline))
        feature.setAttributes([number, value])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


class Result:
    def __init__(self, path: Path, updated: Updated) -> None:
        self.path, self.updated = path, updated
        self.layer = QgsVectorLayer(f"{path}|layername=map", "map", "ogr")
        self.rows = list(self.layer.getFeatures())

    def column(self, name: str) -> list[Any]:
        return [row[name] or None for row in self.rows]


@pytest.fixture
def updated(qgis_app, tmp_path: Path):
    """updated(map layer, *changes, field="use", class_name="", crs=...) -> Result."""

    def update(layer: QgsVectorLayer, *changes: Seen, field: str = "use", class_name: str = "", crs: str = "EPSG:32645") -> Result:
        features = seen(tmp_path, changes, crs)
        to_map = QgsCoordinateTransform(QgsCoordinateReferenceSystem(crs), layer.crs(), QgsProject.instance().transformContext())
        path = tmp_path / "updated.gpkg"
        return Result(path, update_map(path, OldMap.of(layer, field, class_name), features, to_map, "what it is"))

    return update


def seen(folder: Path, changes: Sequence[Seen], crs: str = "EPSG:32645", name: Optional[str] = None) -> list[QgsFeature]:
    path = folder / (name or f"changes_{len(list(folder.iterdir()))}.gpkg")
    return list(changes_layer(path, changes, crs, (QDate(2012, 1, 1), AFTER)).getFeatures())


def test_what_appeared_is_added_with_its_class_in_the_maps_words(updated):
    result = updated(old_map((HOUSE, "Buildings"), (WOOD, "wood")), Seen(square(100, 100), "other", "building", "appeared"))
    assert result.column("status") == [None, None, "added"]
    new = result.rows[-1]
    assert (new["use"], new["change_class"], new["date_after"]) == ("Buildings", "building", AFTER)
    assert new.geometry().area() == 16 and result.updated.states == {"added": 1}


def test_what_disappeared_is_marked_and_its_shape_is_kept(updated):
    result = updated(old_map((HOUSE, "building"), (SHED, "building")), Seen(square(11, 11, 8), "building", "other", "disappeared"))
    house, shed = result.rows
    assert (house["status"], house["use"], house["date_after"]) == ("gone", "building", AFTER)
    assert house.geometry().area() == 100 and not shed["status"]


def test_what_changed_has_its_new_class_and_the_former_one(updated):
    result = updated(old_map((WOOD, "forest"), (HOUSE, "building")), Seen(square(50, 50, 38), "forest", "solar panel", "changed"))
    wood = result.rows[0]
    assert (wood["status"], wood["use"], wood["class_was"]) == ("changed", "solar panel", "forest")
    assert result.layer.fields().field("use").length() == 0


def test_a_change_of_a_part_marks_the_object_and_no_more(updated):
    part = Seen(square(52, 52, 10), "forest", "field", "changed")
    lost = Seen(square(11, 11, 3), "building", "other", "disappeared")
    result = updated(old_map((WOOD, "forest"), (HOUSE, "building")), part, lost)
    assert result.column("status") == ["partly changed", "partly gone"] and result.column("use") == ["forest", "building"]


def test_several_changes_together_may_take_a_whole_object_and_one_several(updated):
    halves = [Seen(f"POLYGON(({x} 10, {x + 4} 10, {x + 4} 20, {x} 20, {x} 10))", "building", "other", "disappeared") for x in (10, 15)]
    row = Seen("POLYGON((29 9, 45 9, 45 15, 29 15, 29 9))", "building", "other", "disappeared")
    result = updated(old_map((HOUSE, "building"), (SHED, "building"), (square(38, 10), "building")), *halves, row)
    assert result.column("status") == ["gone", "gone", "gone"] and result.updated.strays == 0


def test_of_objects_one_above_the_other_that_of_the_class_is_meant(updated):
    result = updated(old_map((square(8, 8, 14), "parcel"), (HOUSE, "building")), Seen(square(9, 9, 12), "building", "other", "disappeared"))
    assert result.column("status") == [None, "gone"]


def test_what_the_map_has_already_is_not_added_and_a_change_beside_everything_is_counted(updated):
    known = Seen(square(11, 11, 8), "other", "building", "appeared")
    beside = Seen(square(200, 200), "building", "other", "disappeared")
    result = updated(old_map((HOUSE, "building"), (WOOD, "forest")), known, beside)
    assert result.column("status") == [None, None] and (result.updated.there, result.updated.strays) == (1, 1)


def test_a_building_in_a_field_is_added_although_the_map_has_a_field_there(updated):
    result = updated(old_map((WOOD, "field")), Seen(square(60, 60), "field", "building", "appeared"))
    assert result.column("status") == [None, "added"] and result.column("use") == ["field", "building"]


def test_numbers_stand_for_classes_where_the_map_has_numbers(updated):
    layer = old_map((HOUSE, 7), (SHED, 7), (WOOD, 3), field="use:integer")
    gone, new = Seen(HOUSE, "building", "other", "disappeared"), Seen(square(100, 100), "other", "building", "appeared")
    result = updated(layer, gone, new, Seen(square(120, 100), "other", "road", "appeared"))
    assert result.column("use") == [7, 7, 3, 7, None] and result.updated.unnamed == 1
    assert result.column("change_class")[-1] == "road"


def test_a_map_of_one_class_has_no_field_for_it(updated):
    result = updated(
        old_map((HOUSE, "a"), (SHED, "b")),
        Seen(HOUSE, "building", "other", "disappeared"),
        Seen(square(30.5, 10.5, 3), "other", "building", "appeared"),
        Seen(square(100, 100), "other", "building", "appeared"),
        field="",
        class_name="building",
    )
    assert result.column("status") == ["gone", None, "added"] and result.updated.there == 1
    assert result.column("use") == ["a", "b", None]


def test_the_map_may_have_another_crs(updated):
    place = QgsGeometry.fromWkt(square(500_010, 5_000_010, 10))
    to = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:32645"), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    )
    there = QgsGeometry(place)
    there.transform(to)
    layer = old_map((there.asWkt(12), "building"), crs="EPSG:4326")
    result = updated(
        layer, Seen(place.asWkt(), "building", "other", "disappeared"), Seen(square(500_050, 5_000_010), "other", "building", "appeared")
    )
    assert result.column("status") == ["gone", "added"] and result.layer.crs().authid() == "EPSG:4326"
    assert result.rows[1].geometry().boundingBox().xMinimum() == pytest.approx(87.0, abs=0.01)


def test_a_second_update_keeps_what_the_first_one_marked(updated, tmp_path: Path):
    first = updated(old_map((HOUSE, "building"), (SHED, "building")), Seen(HOUSE, "building", "other", "disappeared"))
    again = tmp_path / "again.gpkg"
    changes = seen(tmp_path, [Seen(HOUSE, "other", "building", "appeared"), Seen(SHED, "building", "other", "disappeared")])
    second = Result(again, update_map(again, OldMap.of(first.layer, "use", ""), changes, QgsCoordinateTransform(), ""))
    assert second.column("status") == ["gone", "gone", "added"] and second.layer.fields().count() == first.layer.fields().count()
    assert [row.id() for row in second.rows][:2] == [row.id() for row in first.rows]


def test_fields_that_the_map_has_by_these_names_are_not_ours(updated):
    result = updated(
        old_map((HOUSE, "fine"), (SHED, "poor"), field="status:string(8,0)"), Seen(HOUSE, "building", "other", "disappeared"), field=""
    )
    assert result.column("status") == ["fine", "poor"] and result.column("status_2") == ["gone", None]


def test_the_map_itself_is_not_touched_and_nothing_is_left_beside(updated, tmp_path: Path):
    layer = old_map((HOUSE, "building"))
    result = updated(layer, Seen(HOUSE, "building", "other", "disappeared"))
    assert layer.fields().names() == ["nr", "use"] and [row["use"] for row in layer.getFeatures()] == ["building"]
    del result.rows, result.layer
    assert not [one.name for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_the_file_brings_a_style_by_what_happened(updated):
    result = updated(old_map((HOUSE, "building")), Seen(HOUSE, "building", "other", "disappeared"))
    renderer = result.layer.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer) and renderer.classAttribute() == "status"
    colours = {each.value(): each.symbol().color().name() for each in renderer.categories()}
    assert colours["gone"] == colours["partly gone"] == KIND_COLOURS["disappeared"] and colours["added"] == KIND_COLOURS["appeared"]


def test_a_field_that_is_not_there_and_a_map_of_lines_are_problems(qgis_app):
    with pytest.raises(PluginProblem) as trouble:
        OldMap.of(old_map((HOUSE, "a")), "class", "")
    assert trouble.value.problem.code == "map.field"
    with pytest.raises(PluginProblem) as trouble:
        OldMap.of(QgsVectorLayer("LineString?crs=EPSG:32645", "roads", "memory"), "", "road")
    assert trouble.value.problem.code == "target.not_polygons"
