"""The plugin in a QGIS with a canvas and an interface, with a fake engine: from the button to the feature."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor, QImage
from qgis.PyQt.QtWidgets import QAction, QDockWidget

from rasterscribe import classFactory
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.state import Engine, MapClass
from rasterscribe.tests.plugin.fake_client import FakeClient

pytestmark = pytest.mark.usefixtures("profile")


@pytest.fixture
def client() -> FakeClient:
    return FakeClient(prompt_answers=True)


@pytest.fixture
def nothing_imported() -> Iterator[None]:
    """As in a QGIS that starts. Afterwards the former modules are back: a second one of a name has classes of its own."""
    former = plugin_modules()
    for name in former:
        del sys.modules[name]
    yield
    for name in plugin_modules():
        del sys.modules[name]
    sys.modules.update(former)
    for name, module in former.items():
        package, _, own = name.rpartition(".")
        setattr(sys.modules[package], own, module)


def plugin_modules() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.startswith("rasterscribe.plugin.")}


def test_the_plugin_adds_one_button_and_makes_nothing_else_until_it_is_pressed(qgis_iface, nothing_imported: None) -> None:
    began = time.process_time()  # not the clock's: other programs run, too
    plugin = classFactory(qgis_iface)
    plugin.initGui()
    spent = time.process_time() - began
    assert "rasterscribe.plugin.ui.dock" not in sys.modules and "rasterscribe.plugin.session" not in sys.modules
    assert spent < 0.08
    plugin.unload()


def test_nothing_stays_behind_after_unloading(qgis_iface, client: FakeClient, town: QgsRasterLayer, qtbot) -> None:
    window, canvas = qgis_iface.mainWindow(), qgis_iface.mapCanvas()
    former, items = canvas.mapTool(), len(canvas.scene().items())
    plugin = Plugin(qgis_iface, client)
    plugin.initGui()
    plugin.show()
    plugin.session.engine_changed(Engine.READY)
    canvas.setMapTool(plugin.tool)
    plugin.session.add_click(3, 4)
    plugin.unload()
    qtbot.wait(10)  # deleteLater
    assert client.calls[-1] == "stop"
    assert canvas.mapTool() is former or canvas.mapTool() is None
    assert len(canvas.scene().items()) <= items
    assert window.findChild(QDockWidget, "Rasterscribe") is None and window.findChild(QAction, "rasterscribe") is None


def test_a_session_that_outlives_the_canvas_draws_nothing_more(running: Plugin, qtbot) -> None:
    parts, session, tool = running._parts, running.session, running.tool
    running.unload()
    sip.delete(tool)  # as QGIS does, in an order of its own
    with qtbot.captureExceptions() as faults:
        session.add_click(3, 4)
    assert parts is not None and session.state.prompt and not faults
    running.initGui()


def test_without_an_engine_the_dock_offers_to_set_it_up(plugin: Plugin) -> None:
    plugin.show()
    assert plugin.session.state.engine is Engine.ABSENT
    assert plugin.dock.engine.isVisibleTo(plugin.dock) and not plugin.dock.click.isVisibleTo(plugin.dock)


def test_the_first_raster_of_the_project_is_chosen(running: Plugin, town: QgsRasterLayer, client: FakeClient) -> None:
    assert running.session.state.raster and running.session.state.raster.layer_id == town.id()
    assert client.requests("open")[-1].path == town.source()


def test_a_removed_raster_is_said(running: Plugin, town: QgsRasterLayer) -> None:
    QgsProject.instance().removeMapLayer(town)
    assert running.session.state.raster is None
    assert running.session.state.problem and running.session.state.problem.code == "layer.removed"


def test_clicks_are_asked_in_the_rasters_crs_and_drawn_in_the_projects(running: Plugin, client: FakeClient) -> None:
    running.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    running.tool.clicked.emit(QgsPointXY(84.0, 28.0), True)
    ((x, y),) = client.requests("click")[-1].points
    assert (x, y) == pytest.approx((204_965, 3_100_709), abs=300)


def test_without_a_crs_clicks_are_asked_as_they_are(running: Plugin, town: QgsRasterLayer, client: FakeClient) -> None:
    town.setCrs(QgsCoordinateReferenceSystem())
    running.session.want_raster()
    running.tool.clicked.emit(QgsPointXY(5, 7), True)
    assert client.requests("click")[-1].points == ((5, 7),)
    assert not running.session.state.metric


def test_a_layer_without_a_file_is_written_out_and_then_clicked(running: Plugin, client: FakeClient, tmp_path: Path, qtbot) -> None:
    image = QImage(256, 256, QImage.Format.Format_RGB32)
    image.fill(QColor(40, 80, 120))
    (tmp_path / "0" / "0").mkdir(parents=True)
    image.save(str(tmp_path / "0" / "0" / "0.png"))
    tiles = QgsRasterLayer(f"type=xyz&url={tmp_path.as_uri()}/{{z}}/{{x}}/{{y}}.png&zmin=0&zmax=0", "tiles", "wms")
    QgsProject.instance().addMapLayer(tiles)
    running.canvas.setDestinationCrs(tiles.crs())
    running.canvas.setExtent(QgsRectangle(-1e6, -1e6, 1e6, 1e6))
    running.session.choose_raster(tiles.id(), "tiles")
    running.session.add_click(10, 10)
    assert client.requests("click") == []
    qtbot.waitUntil(lambda: bool(client.requests("click")), timeout=30_000)
    assert client.requests("open")[-1].path.endswith(".tif")
    assert client.requests("click")[-1].points == ((10, 10),)


def test_moving_the_map_has_the_view_encoded(running: Plugin, client: FakeClient, qtbot) -> None:
    running.canvas.setExtent(QgsRectangle(10, 10, 42, 42))
    qtbot.waitUntil(lambda: bool(client.requests("look")) and client.requests("look")[-1].extent[3] == 42)
    assert client.requests("look")[-1].extent[1] == 10
    assert client.requests("look")[-1].pixel == pytest.approx(running.canvas.mapUnitsPerPixel(), rel=1e-3)


def test_the_click_button_switches_the_map_tool(running: Plugin) -> None:
    running.dock.click.start.click()
    assert running.canvas.mapTool() is running.tool and running.dock.click.start.isChecked()
    running.canvas.unsetMapTool(running.tool)
    assert not running.dock.click.start.isChecked()


def test_classes_and_options_are_remembered(running: Plugin, qgis_iface) -> None:
    running.session.choose_class(MapClass("pond", "#445566"))
    running.session.added()
    running.session.text.set_refine(False)
    running.unload()
    again = Plugin(qgis_iface, FakeClient())
    again.initGui()
    assert again.session.state.map_class == MapClass("pond", "#445566")
    assert not again.session.state.jobs.text.refine
    again.unload()
    running.initGui()


def test_the_engine_moves_to_the_folder_that_the_user_chose(plugin: Plugin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot) -> None:
    monkeypatch.delenv("RASTERSCRIBE_HOME")
    plugin.show()
    former = plugin.session
    former.choose_home(str(tmp_path / "elsewhere"))
    qtbot.waitUntil(lambda: plugin.session is not former)
    assert plugin.session.state.facts.home == str(tmp_path / "elsewhere")
    assert not plugin.dock.isHidden()


def test_diagnostics_go_to_the_clipboard(running: Plugin, qapp) -> None:
    running.dock.engine.diagnose.click()
    assert "Rasterscribe diagnostics" in qapp.clipboard().text()
