"""Real QGIS, the real engine and the shipped weights: from a class list to a map of it, and from a word to the tiles that show it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsGeometry, QgsPalettedRasterRenderer, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer

from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.plugin.state import Engine
from rasterscribe.tests.end_to_end import test_click_to_layer
from rasterscribe.tests.end_to_end.test_click_to_layer import PATIENCE, desk  # noqa: F401  (a fixture)
from rasterscribe.tools.desk import Desk

pytestmark = test_click_to_layer.pytestmark
HOUSE = test_click_to_layer.HOUSE


def cover(desk: Desk) -> QgsRasterLayer:  # noqa: F811
    session = desk.plugin.session
    session.cover.run()
    desk.wait_for(lambda: bool(session.state.problem or session.state.jobs.cover.covered), "the run", PATIENCE)
    assert session.state.problem is None, session.state.problem
    return QgsProject.instance().mapLayer(session.state.jobs.cover.covered.layer_id)


def choose_classes(desk: Desk, typed: str, count: int) -> None:  # noqa: F811
    session = desk.plugin.session
    session.show_panel(Panel.COVER)
    session.area.choose_kind(AreaKind.WHOLE)
    session.cover.set_classes(())
    session.cover.add(typed)
    desk.wait_for(lambda: len(session.state.jobs.cover.classes) == count, "the classes", PATIENCE)


def test_a_typed_class_list_becomes_a_map_its_polygons_and_its_table(desk: Desk, tmp_path: Path) -> None:  # noqa: F811
    session = desk.plugin.session
    choose_classes(desk, "house, water, grassland, other", 4)
    layer = cover(desk)
    covered = session.state.jobs.cover.covered
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    assert [one.label for one in renderer.classes()] == ["house", "water", "grassland", "other"]
    assert covered.colours == tuple(one.color.name() for one in renderer.classes()) and len(set(covered.colours)) == 4
    assert layer.dataProvider().sample(HOUSE, 1) == (1.0, True)
    file = gdal.Open(layer.source())  # held: its bands go with it
    counts = np.bincount(file.GetRasterBand(1).ReadAsArray().ravel(), minlength=5)
    assert [one.pixels for one in covered.reply.areas] == counts[1:].tolist()
    assert sum(one.share for one in covered.reply.areas) == pytest.approx(1.0)
    assert provenance_of(layer)[0].parameters["classes"] == ["house", "water", "grassland", "other"]
    desk.wait_for(lambda: len(QgsProject.instance().mapLayersByName("Land cover, polygons")) == 1, "the polygons", PATIENCE)
    (polygons,) = QgsProject.instance().mapLayersByName("Land cover, polygons")
    assert isinstance(polygons, QgsVectorLayer)
    at = QgsGeometry.fromPointXY(HOUSE)
    assert [feature["class"] for feature in polygons.getFeatures() if feature.geometry().contains(at)] == ["house"]
    session.cover.export_areas(str(tmp_path / "areas.csv"))
    desk.wait_for((tmp_path / "areas.csv").exists, "the table", PATIENCE)
    assert len((tmp_path / "areas.csv").read_text().splitlines()) == 5


def test_a_word_that_the_engine_does_not_know_stays_out_of_the_list(desk: Desk) -> None:  # noqa: F811
    session = desk.plugin.session
    session.show_panel(Panel.COVER)
    session.cover.add("forst")
    desk.wait_for(lambda: session.state.jobs.cover.refused is not None, "the refusal", PATIENCE)
    assert "forst" not in session.state.jobs.cover.classes and "forest" in session.state.jobs.cover.refused.instead


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_map_whose_engine_was_killed_is_run_again_to_its_end(desk: Desk) -> None:  # noqa: F811
    session = desk.plugin.session
    choose_classes(desk, "building, water, other", 3)
    session.cover.run()
    desk.wait_for(lambda: session.state.jobs.cover.run is not None and session.state.jobs.cover.run.total > 0, "progress", PATIENCE)
    os.kill(session._client._child.pid, signal.SIGKILL)
    desk.wait_for(lambda: session.state.engine is Engine.FAILED, "the plugin to notice", PATIENCE)
    assert session.state.jobs.cover.run is None and session.state.problem and session.state.problem.code == "engine.gone"
    session.restart_engine()
    desk.wait_for(lambda: session.state.engine is Engine.READY, "the engine", PATIENCE)
    assert cover(desk).isValid()


def test_the_tiles_that_show_a_word_are_ranked_and_looked_at(desk: Desk) -> None:  # noqa: F811
    session = desk.plugin.session
    session.show_panel(Panel.TILES)
    session.area.choose_kind(AreaKind.WHOLE)
    session.tiles.type("houses")
    session.tiles.run()
    desk.wait_for(lambda: bool(session.state.problem or session.state.jobs.tiles.ranked), "the search", PATIENCE)
    assert session.state.problem is None, session.state.problem
    ranked = session.state.jobs.tiles.ranked
    layer = QgsProject.instance().mapLayer(ranked.layer_id)
    assert layer.renderer().type() == "singlebandpseudocolor"
    scores = [tile.score for tile in ranked.reply.tiles]
    assert scores == sorted(scores, reverse=True) and 0 <= scores[-1] < scores[0] <= 1
    session.tiles.zoom_to(0)
    assert desk.canvas.extent().contains(QgsRectangle(*ranked.reply.tiles[0].extent))
