"""QGIS stays quick while a search of thousands of objects runs, and while its result is thinned out; see test_responsiveness.py.

What takes longer than a frame of the screen: putting the found layer into the project and filtering it, where QGIS counts the layer's
features anew (10 to 20 ms of computing for 200,000 of them). Reading scores and storing provenance are done in the background.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsCoordinateTransform, QgsProject
from qgis.PyQt.QtTest import QTest

from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.engine.client import Client
from rasterscribe.plugin.main import Plugin
from rasterscribe.tests.plugin.engine.test_client import ready_environment, small_engine
from rasterscribe.tests.plugin.recorder import recorded
from rasterscribe.tests.plugin.test_found_link import written
from rasterscribe.tests.plugin.test_responsiveness import EXCEPTION, FRAME, MERCATOR, UTM, small_raster, wavy
from rasterscribe.tools import desk as tools_desk
from rasterscribe.tools.desk import Desk

OBJECTS = 2000


@pytest.fixture
def desk(profile: None, qgis_new_project: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """A real canvas in another CRS than the raster's, and the line to a process that finds thousands of objects at once."""
    written(tmp_path / "engine.gpkg", [("building", number / OBJECTS, float(number)) for number in range(OBJECTS)])
    found = {"SMALL_ENGINE_OBJECTS": str(OBJECTS), "SMALL_ENGINE_OUTLINE": wavy(20), "SMALL_ENGINE_FOUND": str(tmp_path / "engine.gpkg")}
    client = Client(ready_environment(tmp_path / "home"), make_child=small_engine(**found))
    monkeypatch.setattr(tools_desk, "classFactory", lambda interface: Plugin(interface, client))
    desk = Desk()
    layer = desk.open(small_raster(tmp_path))
    desk.canvas.setDestinationCrs(MERCATOR)
    desk.look_at(QgsCoordinateTransform(UTM, MERCATOR, QgsProject.instance()).transformBoundingBox(layer.extent()))
    session = desk.plugin.session
    session.show_panel(Panel.TEXT)
    session.area.choose_kind(AreaKind.WHOLE)
    desk.wait_for(lambda: bool(session.state.raster_id) and not session.state.busy, "the raster")
    yield desk
    desk.close()


def test_objects_that_come_by_the_thousand_never_hold_qgis_for_a_frame(desk: Desk) -> None:
    session = desk.plugin.session
    partial = desk.plugin._parts._found._partial
    session.text.type("silent")
    session.text.run()  # the first drawing of all has PROJ open its database
    desk.wait_for(lambda: partial.count > 0, "the first outlines")
    session.text.cancel()
    with recorded() as record:
        session.text.run()
        desk.wait_for(lambda: partial.count == OBJECTS and partial.done, "the outlines")
        for factor in (1.3, 0.8):
            desk.canvas.zoomByFactor(factor)
            desk.wait_for(lambda: partial.done, "the outlines")
        session.text.cancel()
        desk.wait_for(lambda: session.state.jobs.text.run is None, "the end")
    assert {"Client._hear_outlines", "Partial._work"} <= record.names
    assert record.slowest.cpu < FRAME, record.slowest
    assert not record.waits


def test_a_found_layer_is_brought_and_thinned_out_in_the_background_as_far_as_qgis_lets_it(desk: Desk) -> None:
    session = desk.plugin.session
    session.text.type("buildings")
    with recorded() as record:
        session.text.run()
        desk.wait_for(lambda: bool(session.state.jobs.text.found and session.state.jobs.text.found.scores), "the layer")
        for threshold in (0.3, 0.6, 0.9):
            session.text.set_filter(threshold, 10.0)
            QTest.qWait(150)
    layer = QgsProject.instance().mapLayer(session.state.jobs.text.found.layer_id)
    assert layer.featureCount() == session.state.jobs.text.found.shown == OBJECTS // 10
    allowed = ("Background.finished", "FilteredLayer._show", "FilteredLayer._thin_out")
    slow = [stay for stay in record.stays if stay.cpu >= FRAME and stay.name not in allowed]
    assert not slow, "\n".join(map(str, slow))
    assert record.slowest.cpu < EXCEPTION, record.slowest
