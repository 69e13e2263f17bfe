"""Real QGIS, the real engine and the shipped weights: from a phrase to a layer that is thinned out and gone through."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from qgis.core import QgsGeometry, QgsProject, QgsVectorLayer

from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.plugin.map.review_tool import ReviewMode
from rasterscribe.plugin.state import Engine
from rasterscribe.tests.end_to_end import test_click_to_layer
from rasterscribe.tests.end_to_end.test_click_to_layer import PATIENCE, desk, true_outline  # noqa: F401  (a fixture)
from rasterscribe.tools.desk import Desk

pytestmark = test_click_to_layer.pytestmark
HOUSE = test_click_to_layer.HOUSE


def search(desk: Desk, phrase: str) -> QgsVectorLayer:  # noqa: F811
    session = desk.plugin.session
    session.show_panel(Panel.TEXT)
    session.area.choose_kind(AreaKind.WHOLE)
    session.text.type(phrase)
    desk.wait_for(lambda: session.state.jobs.text.explained is not None, "the explanation", PATIENCE)
    session.text.run()
    desk.wait_for(lambda: bool(session.state.problem or session.state.jobs.text.found), "the search", PATIENCE)
    assert session.state.problem is None, session.state.problem
    desk.wait_for(lambda: bool(session.state.jobs.text.found and session.state.jobs.text.found.layer_id), "the layer", PATIENCE)
    return QgsProject.instance().mapLayer(session.state.jobs.text.found.layer_id)


def test_what_a_phrase_names_becomes_a_layer_and_only_the_sure_ones_stay(desk: Desk, tmp_path: Path) -> None:  # noqa: F811
    session = desk.plugin.session
    layer = search(desk, "buildings larger than 40 m²")
    text = session.state.jobs.text
    assert text.explained is not None and "building" in text.explained.sentence
    assert layer.name() == "buildings larger than 40 m²" and Path(text.found.reply.path) == tmp_path / "found.gpkg"
    house = true_outline(HOUSE)
    assert any(feature.geometry().intersection(house).area() > 0.5 * house.area() for feature in layer.getFeatures())
    assert all(feature["area_m2"] >= 40 for feature in layer.getFeatures())
    assert provenance_of(layer)[0].parameters["understood"] == text.found.reply.sentence
    session.text.set_filter(0.8, 0.0)
    desk.wait_for(lambda: "0.8" in layer.subsetString(), "the filter")
    assert layer.featureCount() == session.state.jobs.text.found.shown < len(text.found.scores)


def test_a_search_that_is_cancelled_leaves_nothing(desk: Desk, tmp_path: Path) -> None:  # noqa: F811
    session = desk.plugin.session
    session.area.choose_kind(AreaKind.WHOLE)
    session.text.type("buildings")
    session.text.run()
    desk.wait_for(lambda: session.state.jobs.text.run is not None and session.state.jobs.text.run.total > 0, "progress", PATIENCE)
    session.text.cancel()
    assert session.state.jobs.text.run is None and session.state.problem is None
    desk.wait_for(lambda: sorted(path.name for path in tmp_path.iterdir()) == ["scene.tif"], "the engine to tidy up", PATIENCE)


def test_what_was_found_is_kept_by_a_click_and_saved(desk: Desk) -> None:  # noqa: F811
    session, review = desk.plugin.session, desk.plugin._parts._review
    layer = search(desk, "buildings")
    number = layer.featureCount()
    review.actions[ReviewMode.KEEP].trigger()
    desk.click(HOUSE.x(), HOUSE.y())
    at = QgsGeometry.fromPointXY(HOUSE)
    kept = next(feature for feature in layer.getFeatures() if feature.geometry().contains(at))
    assert kept["review"] == "kept" and layer.featureCount() == number
    assert layer.commitChanges(), layer.commitErrors()
    assert session.state.problem is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_search_whose_engine_was_killed_is_run_again_to_its_end(desk: Desk) -> None:  # noqa: F811
    session = desk.plugin.session
    session.area.choose_kind(AreaKind.WHOLE)
    session.text.type("buildings")
    session.text.run()
    desk.wait_for(lambda: session.state.jobs.text.run is not None and session.state.jobs.text.run.total > 0, "progress", PATIENCE)
    os.kill(session._client._child.pid, signal.SIGKILL)
    desk.wait_for(lambda: session.state.engine is Engine.FAILED, "the plugin to notice", PATIENCE)
    assert session.state.jobs.text.run is None and session.state.problem and session.state.problem.code == "engine.gone"
    session.restart_engine()
    desk.wait_for(lambda: session.state.engine is Engine.READY, "the engine", PATIENCE)
    assert search(desk, "buildings").featureCount() > 0
