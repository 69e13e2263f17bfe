"""Accepted outlines become features, and what belongs to them is stored with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsProject, QgsRasterLayer, QgsVectorLayer

from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.plugin.state import NEW_GEOPACKAGE, MapClass, Target
from rasterscribe.tests.plugin.fake_client import SQUARE, FakeClient

WAIT = 60_000  # ms at most; the machine may be busy with other work


@pytest.fixture
def client() -> FakeClient:
    return FakeClient(prompt_answers=True)


def polygons(crs: str = "EPSG:32645") -> QgsVectorLayer:
    layer = QgsVectorLayer(f"MultiPolygon?crs={crs}&field=class:string&field=score:double&field=area_m2:double", "mine", "memory")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def accept(running: Plugin, qtbot: Any) -> Callable[[], QgsVectorLayer]:
    """Clicks, accepts, waits until the object is in its layer, and gives that layer."""

    def accept() -> QgsVectorLayer:
        running.session.add_click(5, 5)
        running.session.accept()
        qtbot.waitUntil(lambda: not running.session.state.accepting, timeout=WAIT)
        return QgsProject.instance().mapLayer(running.session.state.target.layer_id)

    return accept


def save(layer: QgsVectorLayer) -> None:
    assert layer.commitChanges(False), layer.commitErrors()


def test_a_click_on_the_canvas_becomes_a_feature_of_a_new_geopackage(running: Plugin, client: FakeClient, tmp_path: Path, qtbot) -> None:
    running.session.choose_class(MapClass("roof", "#112233"))
    running.tool.clicked.emit(QgsPointXY(5, 5), True)
    assert client.requests("click")[-1].points == ((5, 5),)
    running.tool.accepted.emit()
    qtbot.waitUntil(lambda: not running.session.state.prompt, timeout=WAIT)
    target = running.session.state.target
    layer = QgsProject.instance().mapLayer(target.layer_id)
    assert Path(target.path) == tmp_path / "objects.gpkg" and Path(target.path).exists()
    (feature,) = layer.getFeatures()
    assert feature.geometry().isGeosEqual(QgsGeometry.fromWkt(SQUARE))
    assert (feature["class"], feature["score"], feature["model"]) == ("roof", 0.93, "click")
    assert feature["area_m2"] == pytest.approx(100, rel=0.01)
    assert json.loads(feature["prompt"]) == {"points": [[5, 5, 1]], "pixel": client.requests("click")[-1].pixel}


def test_undo_in_qgis_takes_the_feature_back(running: Plugin) -> None:
    layer = polygons()
    running.session.choose_target(Target(layer.id()))
    running.session.add_click(5, 5)
    running.session.accept()
    assert layer.featureCount() == 1
    layer.undoStack().undo()
    assert layer.featureCount() == 0
    layer.rollBack()


def test_a_read_only_target_is_a_problem_and_the_outline_stays(running: Plugin) -> None:
    layer = polygons()
    layer.setReadOnly(True)
    running.session.choose_target(Target(layer.id()))
    running.session.add_click(5, 5)
    running.session.accept()
    assert running.session.state.problem and running.session.state.problem.code == "target.read_only"
    assert running.session.state.pending
    assert running.dock.problem.isVisibleTo(running.dock)


def test_a_removed_target_is_a_problem_and_the_outline_stays(running: Plugin) -> None:
    layer = polygons()
    running.session.choose_target(Target(layer.id()))
    running.session.add_click(5, 5)
    QgsProject.instance().removeMapLayer(layer)
    assert running.session.state.problem and running.session.state.problem.code == "target.removed"
    assert running.session.state.pending


def test_style_and_provenance_are_stored_when_the_layer_is_saved(accept, town: QgsRasterLayer) -> None:
    layer = accept()
    assert layer.listStylesInDatabase()[0] == 0
    save(layer)
    again = QgsVectorLayer(layer.source(), "again", "ogr")
    assert "object" in [category.value() for category in again.renderer().categories()]
    assert [one.source for one in provenance_of(again)] == [town.source()]


def test_one_run_is_one_line_of_provenance_whatever_the_zoom(accept, running: Plugin) -> None:
    layer = accept()
    save(layer)
    running.session.look((0, 0, 16, 16), 0.25)
    accept()
    save(layer)
    assert len(provenance_of(layer)) == 1
    assert [json.loads(feature["prompt"])["pixel"] for feature in layer.getFeatures()][-1] == 0.25


def test_discarded_objects_leave_no_provenance(accept, running: Plugin) -> None:
    layer = accept()
    layer.rollBack()
    layer.startEditing()
    save(layer)
    assert provenance_of(QgsVectorLayer(layer.source(), "again", "ogr")) == []


def test_a_plugin_that_has_gone_no_longer_watches_the_layer(accept, running: Plugin) -> None:
    layer = accept()
    running.unload()
    save(layer)
    assert provenance_of(layer) == []
    running.initGui()


def test_a_further_object_goes_into_a_further_table_of_a_geopackage_that_is_there(accept, running: Plugin, tmp_path: Path) -> None:
    first = accept()
    save(first)
    running.session.choose_target(Target(NEW_GEOPACKAGE, str(tmp_path / "objects.gpkg")))
    second = accept()
    save(second)
    assert second.source().endswith("objects_2") and second.featureCount() == 1
    assert second.commitChanges() and first.commitChanges()
    assert QgsVectorLayer(first.source(), "again", "ogr").featureCount() == 1


def test_a_geopackage_deleted_under_its_layer_is_a_problem_when_accepting_and_when_saving(accept, running: Plugin, tmp_path: Path) -> None:
    layer = accept()
    for path in tmp_path.glob("objects.gpkg*"):
        path.unlink()
    accept()
    assert running.session.state.problem and running.session.state.problem.code == "target.gone"
    assert running.session.state.pending and layer.featureCount() == 1
    running.session.dismiss_problem()
    layer.commitChanges(False)
    assert running.session.state.problem and running.session.state.problem.code == "target.gone"


def test_a_place_that_cannot_be_written_is_a_problem_and_the_outline_stays(accept, running: Plugin, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    running.session.choose_target(Target(NEW_GEOPACKAGE, str(tmp_path / "file" / "objects.gpkg")))
    assert accept() is None
    assert running.session.state.problem and running.session.state.problem.code == "output.unwritable"
    assert running.session.state.pending and not running.session.state.accepting


def test_the_area_shown_is_the_features_also_in_a_crs_set_by_hand(accept, running: Plugin, town: QgsRasterLayer) -> None:
    """The engine says 100 m2, by the file's CRS; in Web Mercator at the equator they are a little less."""
    town.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    running.session.want_raster()
    running.session.add_click(5, 5)
    shown = running.session.state.pending.area
    running.session.undo()
    (feature,) = accept().getFeatures()
    assert feature["area_m2"] == shown and shown == pytest.approx(99.33, abs=0.05)
