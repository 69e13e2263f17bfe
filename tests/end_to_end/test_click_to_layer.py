"""Real QGIS, the real engine and the shipped weights: from a mouse click on the canvas to a saved layer."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from qgis.core import QgsFeatureRequest, QgsGeometry, QgsPointXY, QgsProject, QgsRectangle, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtCore import Qt

from rasterscribe.models import catalog
from rasterscribe.plugin.engine.environment import Condition, Environment, home_folder
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.plugin.state import NEW_GEOPACKAGE, Engine, MapClass, Target
from rasterscribe.tools.desk import Desk

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
BARN = QgsPointXY(412_547, 5_391_612)
HOUSE = QgsPointXY(412_324, 5_391_722)
PATIENCE = 240  # seconds at most: a busy machine takes long to load PyTorch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        Environment(home_folder()).condition() is not Condition.READY, reason="the engine is not set up; `build.py test` does that first"
    ),
    pytest.mark.skipif(
        not any(card.job == "click" and card.state() == catalog.READY for card in catalog.cards()), reason="no weights are at hand"
    ),
]


@pytest.fixture
def desk(qgis_app: object, tmp_path: Path) -> Iterator[Desk]:
    """The plugin before the generated scene, its results going to a new GeoPackage, its engine running and the view read."""
    QgsSettings().remove("rasterscribe")
    scene = Path(shutil.copy(SAMPLE / "scene.tif", tmp_path))
    with closing(Desk()) as desk:  # also where it does not get ready: nothing of it may outlive its window
        session = desk.plugin.session
        desk.open(scene)
        session.choose_target(Target(NEW_GEOPACKAGE, str(tmp_path / "objects.gpkg")))
        session.choose_class(MapClass("building", "#cc3311"))
        desk.wait_for(lambda: session.state.engine is Engine.READY, "the engine", PATIENCE)
        desk.wait_for(lambda: bool(session.state.raster_id) and not session.state.busy, "the view", PATIENCE)
        yield desk


def true_outline(place: QgsPointXY) -> QgsGeometry:
    truth = QgsVectorLayer(str(SAMPLE / "truth.geojson"), "truth", "ogr")
    around = QgsFeatureRequest().setFilterRect(QgsRectangle(place, place))
    return next(feature.geometry() for feature in truth.getFeatures(around) if feature.geometry().contains(place))


def overlap(one: QgsGeometry, other: QgsGeometry) -> float:
    """Intersection over union."""
    return one.intersection(other).area() / one.combine(other).area()


def answered(desk: Desk) -> Callable[[], bool]:
    return lambda: desk.plugin.session.state.answered


def result_layer(desk: Desk) -> QgsVectorLayer:
    return QgsProject.instance().mapLayer(desk.plugin.session.state.target.layer_id)


def test_a_click_on_a_roof_becomes_a_styled_object_with_its_provenance(desk: Desk, tmp_path: Path) -> None:
    session = desk.plugin.session
    desk.click(BARN.x(), BARN.y())
    desk.wait_for(answered(desk), "the outline", PATIENCE)
    desk.key(Qt.Key.Key_Return)
    desk.wait_for(lambda: not session.state.prompt, "the object", PATIENCE)
    layer = result_layer(desk)
    assert layer.featureCount() == 1 and layer.isEditable()

    layer.undoStack().undo()
    assert layer.featureCount() == 0
    layer.undoStack().redo()
    assert layer.commitChanges(), layer.commitErrors()

    saved = QgsVectorLayer(f"{tmp_path / 'objects.gpkg'}|layername=objects", "saved", "ogr")
    (barn,) = saved.getFeatures()
    outline = barn.geometry()
    assert outline.isGeosValid() and overlap(outline, true_outline(BARN)) > 0.6
    assert barn["class"] == "building" and 0 < barn["score"] <= 1
    assert barn["area_m2"] == pytest.approx(outline.area(), rel=0.01)
    assert saved.listStylesInDatabase()[0] > 0
    (source,) = provenance_of(saved)
    assert source.source.endswith("scene.tif") and source.model == barn["model"] and len(source.digest) == 64


def test_a_second_click_and_taking_it_back_give_the_first_outline_again(desk: Desk) -> None:
    session = desk.plugin.session
    desk.click(HOUSE.x(), HOUSE.y())
    desk.wait_for(answered(desk), "the first outline", PATIENCE)
    first = session.state.pending.wkb
    desk.click(HOUSE.x() + 12, HOUSE.y(), Qt.MouseButton.RightButton)
    desk.wait_for(answered(desk), "the second outline", PATIENCE)
    assert len(session.state.prompt.points) == 2
    desk.key(Qt.Key.Key_Backspace)
    desk.wait_for(answered(desk), "the first outline again", PATIENCE)
    assert session.state.pending.wkb == first


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_no_click_is_lost_when_the_engine_is_killed(desk: Desk) -> None:
    session, client = desk.plugin.session, desk.plugin.session._client
    desk.click(HOUSE.x(), HOUSE.y())
    desk.wait_for(answered(desk), "the first outline", PATIENCE)
    os.kill(client._child.pid, signal.SIGSTOP)  # so that the next click is on its way when the engine dies
    desk.click(HOUSE.x() + 2, HOUSE.y() + 1)
    os.kill(client._child.pid, signal.SIGKILL)
    desk.wait_for(lambda: session.state.engine is Engine.FAILED, "the plugin to notice", PATIENCE)
    assert session.state.problem is not None and str(session.state.problem)
    assert len(session.state.prompt.points) == 2

    desk.click(HOUSE.x() - 2, HOUSE.y() - 1)  # and a click while there is no engine
    session.restart_engine()
    desk.wait_for(answered(desk), "the outline of all three clicks", PATIENCE)
    assert len(session.state.pending.prompt.points) == 3 and session.state.pending
    desk.key(Qt.Key.Key_Return)
    desk.wait_for(lambda: not session.state.prompt, "the object", PATIENCE)
    assert result_layer(desk).featureCount() == 1
