"""Outlines become features of whatever polygon layer there is."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt import sip

from rasterscribe.plugin.map import results
from rasterscribe.plugin.map.results import add_object, make_table, obstacle_to_saving, open_table, square_metres, trouble_with
from rasterscribe.plugin.problems import PluginProblem

UTM, DEGREES, NONE = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326"), QgsCoordinateReferenceSystem()
SQUARE = QgsGeometry.fromWkt("Polygon ((500000 5000000, 500100 5000000, 500100 5000100, 500000 5000100, 500000 5000000))")
TWO = QgsGeometry.fromWkt(
    "MultiPolygon (((500000 5000000, 500010 5000000, 500010 5000010, 500000 5000010, 500000 5000000)),"
    "((500020 5000000, 500040 5000000, 500040 5000010, 500020 5000010, 500020 5000000)))"
)
FACTS = {
    "class": "house",
    "score": 0.875,
    "area_m2": 300.0,
    "model": "lite0",
    "prompt": '{"points": [[500050.0, 5000050.0, 1]]}' + " " * 300,
    "made_at": datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc),
}


def code_of(call, *args) -> str:
    with pytest.raises(PluginProblem) as caught:
        call(*args)
    return caught.value.problem.code


def memory(uri: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(uri, "memory", "memory")
    assert layer.isValid()
    return layer


def new_geopackage(path: Path, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    return open_table(path, make_table(path, crs), crs)


def save(layer: QgsVectorLayer) -> None:
    assert layer.commitChanges(False), layer.commitErrors()


def only(layer: QgsVectorLayer) -> QgsFeature:
    (feature,) = layer.getFeatures()
    return feature


def rows(path, table="objects") -> list[dict]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    return [dict(row) for row in connection.execute(f"select * from {table}")]


def test_an_object_lands_in_a_new_geopackage_with_all_its_facts(qgis_app, tmp_path):
    layer = new_geopackage(tmp_path / "nëw folder" / "objects.gpkg", UTM)
    add_object(layer, SQUARE, UTM, FACTS)
    save(layer)
    (row,) = rows(tmp_path / "nëw folder" / "objects.gpkg")
    assert (row["class"], row["score"], row["area_m2"], row["model"], row["prompt"]) == tuple(FACTS.values())[:5]
    assert row["made_at"].startswith("2024-05-06T07:08:09")
    assert only(layer).geometry().equals(TWO) is False and only(layer).geometry().area() == 10000
    assert layer.isEditable()
    assert [name for name in os.listdir(tmp_path / "nëw folder") if name.endswith(".gpkg")] == ["objects.gpkg"]


def test_qgis_undoes_and_redoes_an_accepted_object(qgis_app, tmp_path):
    layer = new_geopackage(tmp_path / "objects.gpkg", UTM)
    add_object(layer, SQUARE, UTM, FACTS)
    add_object(layer, TWO, UTM, FACTS)
    stack = layer.undoStack()
    assert stack.undoText() == "Rasterscribe: add house"
    stack.undo()
    assert layer.featureCount() == 1
    stack.undo()
    assert layer.featureCount() == 0
    stack.redo()
    stack.redo()
    assert layer.featureCount() == 2
    save(layer)
    assert len(rows(tmp_path / "objects.gpkg")) == 2


def test_several_parts_in_a_layer_of_single_polygons_are_one_edit(qgis_app):
    layer = memory("Polygon?crs=EPSG:32633&field=area_m2:double")
    assert add_object(layer, TWO, UTM, FACTS) < 0
    areas = sorted(feature["area_m2"] for feature in layer.getFeatures())
    assert areas == [pytest.approx(100, rel=0.01), pytest.approx(200, rel=0.01)]
    layer.undoStack().undo()
    assert layer.featureCount() == 0


def test_a_geopackage_gets_a_further_table(qgis_app, tmp_path):
    path = tmp_path / "objects.gpkg"
    first = new_geopackage(path, UTM)
    add_object(first, SQUARE, UTM, FACTS)
    save(first)
    second = new_geopackage(path, DEGREES)
    add_object(second, SQUARE, UTM, FACTS)
    save(second)
    assert (len(rows(path)), len(rows(path, "objects_2"))) == (1, 1)


def test_an_outline_is_brought_into_the_layers_crs(qgis_app):
    layer = memory("MultiPolygon?crs=EPSG:4326&field=class:string")
    add_object(layer, SQUARE, UTM, FACTS)
    box = only(layer).geometry().boundingBox()
    assert (box.xMinimum(), box.yMinimum()) == (pytest.approx(15.0, abs=1e-6), pytest.approx(45.1535, abs=1e-3))


@pytest.mark.parametrize("made_in", [UTM, NONE])
def test_without_a_crs_coordinates_stay_as_they_are(qgis_app, tmp_path, made_in):
    layer = new_geopackage(tmp_path / "objects.gpkg", NONE)
    assert not layer.crs().isValid()
    add_object(layer, SQUARE, made_in, FACTS)
    save(layer)
    assert only(layer).geometry().boundingBox() == SQUARE.boundingBox()


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon", "PolygonZ", "MultiPolygonZM", "CurvePolygon", "MultiSurface"])
def test_every_kind_of_polygon_layer_takes_it(qgis_app, kind):
    layer = memory(f"{kind}?crs=EPSG:32633")
    add_object(layer, SQUARE, UTM, FACTS)
    assert only(layer).geometry().isMultipart() == kind.startswith("Multi")
    assert only(layer).geometry().constGet().is3D() == ("Z" in kind)
    assert only(layer).geometry().area() == pytest.approx(10000)


def test_only_fields_that_exist_and_fit_are_written(qgis_app):
    layer = memory("Polygon?crs=EPSG:32633&field=CLASS:integer&field=score:string&field=made_at:string&field=owner:string")
    add_object(layer, SQUARE, UTM, {**FACTS, "model": None})
    feature = only(layer)
    assert not feature["CLASS"] and feature["score"] == "0.875"
    assert feature["made_at"].startswith("2024-05-06T07:08:09")
    assert not feature["owner"]


def test_a_local_time_is_written_as_utc(qgis_app, tmp_path):
    layer = new_geopackage(tmp_path / "objects.gpkg", UTM)
    add_object(layer, SQUARE, UTM, {"made_at": datetime(2024, 5, 6, 9, 8, 9, tzinfo=timezone(timedelta(hours=2)))})
    save(layer)
    assert rows(tmp_path / "objects.gpkg")[0]["made_at"].startswith("2024-05-06T07:08:09")


def test_layers_that_cannot_take_it_are_named_and_stay_as_they_were(qgis_app, tmp_path):
    read_only = memory("Polygon?crs=EPSG:32633")
    read_only.setReadOnly(True)
    query = QgsVectorLayer("?query=select 1 as id, st_geomfromtext('POLYGON((0 0,1 0,1 1,0 0))', 32633) as geometry", "v", "virtual")
    assert query.isValid() and trouble_with(query) == "target.read_only"
    deleted = memory("Polygon")
    sip.delete(deleted)
    for layer, code in [
        (read_only, "target.read_only"),
        (query, "target.read_only"),
        (deleted, "target.removed"),
        (None, "target.removed"),
        (memory("LineString"), "target.not_polygons"),
        (QgsRasterLayer("/nowhere.tif"), "target.removed"),
    ]:
        assert code_of(add_object, layer, SQUARE, UTM, FACTS) == code
    assert not read_only.isEditable()


def test_an_outline_without_a_place_in_the_layers_crs_changes_nothing(qgis_app):
    layer = memory("Polygon?crs=EPSG:32633")
    pole = QgsGeometry.fromWkt("Polygon ((0 5000, 1 5000, 1 5001, 0 5000))")
    assert code_of(add_object, layer, pole, DEGREES, FACTS) == "target.rejected"
    assert code_of(add_object, layer, QgsGeometry(), UTM, FACTS) == "target.rejected"
    assert not layer.isEditable() and layer.featureCount() == 0


def test_a_place_that_cannot_be_written_is_named_and_left_alone(qgis_app, tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert code_of(new_geopackage, tmp_path / "file" / "objects.gpkg", UTM) == "output.unwritable"
    (tmp_path / "text.gpkg").write_text("not a GeoPackage")
    assert code_of(new_geopackage, tmp_path / "text.gpkg", UTM) == "output.unwritable"
    assert (tmp_path / "text.gpkg").read_text() == "not a GeoPackage"
    assert code_of(new_geopackage, Path("/proc/objects.gpkg"), UTM) == "output.unwritable"
    assert sorted(os.listdir(tmp_path)) == ["file", "text.gpkg"]


def test_a_geopackage_that_can_only_be_read_is_named(qgis_app, tmp_path):
    save_here = new_geopackage(tmp_path / "objects.gpkg", UTM)
    add_object(save_here, SQUARE, UTM, FACTS)
    save(save_here)
    sip.delete(save_here)
    with zipfile.ZipFile(tmp_path / "objects.zip", "w") as archive:
        archive.write(tmp_path / "objects.gpkg", "objects.gpkg")
    layer = QgsVectorLayer(f"/vsizip/{tmp_path}/objects.zip/objects.gpkg|layername=objects", "zipped", "ogr")
    assert layer.isValid() and layer.featureCount() == 1
    assert code_of(add_object, layer, SQUARE, UTM, FACTS) == "target.read_only"


def test_a_geopackage_deleted_under_the_layer_is_named_and_the_objects_stay(qgis_app, tmp_path):
    layer = new_geopackage(tmp_path / "objects.gpkg", UTM)
    add_object(layer, SQUARE, UTM, FACTS)
    assert obstacle_to_saving(layer) is None
    for path in tmp_path.iterdir():
        path.unlink()
    assert obstacle_to_saving(layer) == "target.gone"
    assert code_of(add_object, layer, SQUARE, UTM, FACTS) == "target.gone"
    assert layer.isEditable() and layer.featureCount() == 1


def test_a_layer_without_a_file_has_none_to_miss(qgis_app):
    assert obstacle_to_saving(memory("Polygon?crs=EPSG:32633")) is None


def test_a_failed_save_loses_nothing_and_can_be_repeated(qgis_app, tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    path = tmp_path / "objects.gpkg"
    layer = new_geopackage(path, UTM)
    for _ in range(300):
        add_object(layer, SQUARE, UTM, FACTS)
    monkeypatch.setattr(results, "SPARE", 1 << 62)
    assert obstacle_to_saving(layer) == "disk.full"
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 8192, former[1]))  # files cannot grow: a full disk
    try:
        assert not layer.commitChanges(False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert layer.isEditable() and layer.featureCount() == 300
    save(layer)
    assert len(rows(path)) == 300


def test_no_room_for_a_new_file_is_named(qgis_app, tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(results, "SPARE", 1 << 62)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, former[1]))
    try:
        code = code_of(new_geopackage, tmp_path / "objects.gpkg", UTM)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert code == "disk.full"
    assert os.listdir(tmp_path) == []


def test_areas_are_those_on_the_ellipsoid(qgis_app):
    degree = QgsGeometry.fromWkt("Polygon ((0 0, 0.01 0, 0.01 0.01, 0 0.01, 0 0))")
    assert square_metres(degree, DEGREES) == pytest.approx(1113.195 * 1105.743, rel=1e-4)
    assert square_metres(degree, NONE) is None
    mercator = QgsGeometry.fromWkt("Polygon ((0 8399737.9, 200 8399737.9, 200 8399937.9, 0 8399937.9, 0 8399737.9))")  # 60 degrees north
    assert square_metres(mercator, QgsCoordinateReferenceSystem("EPSG:3857")) == pytest.approx(10000, rel=0.01)
