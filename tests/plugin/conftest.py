"""A session with a fake engine behind it, and the plugin on a canvas."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer, QgsRectangle, QgsSettings
from qgis.PyQt.QtCore import QStandardPaths

from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, Raster, State
from rasterscribe.tests.plugin.fake_client import FakeClient
from rasterscribe.tests.plugin.rasters import flat_file

TOWN = Raster("layer1", "town", "town.tif", crs="EPSG:32645")
VIEW = (0.0, 0.0, 64.0, 64.0)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def session(client: FakeClient) -> Session:
    """A session with a running engine and a raster that is open, looked at from one unit a screen pixel."""
    session = Session(client, State(engine=Engine.STOPPED))
    session.engine_changed(Engine.READY)
    session.choose_raster("layer1", "town")
    session.raster_ready(TOWN)
    session.look(VIEW, 1.0)
    client.answer("models")
    client.answer("open")
    client.answer("look")
    return session


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home without an engine, and no remembered settings."""
    monkeypatch.setenv("RASTERSCRIBE_HOME", str(tmp_path / "home"))
    QgsSettings().remove("rasterscribe")
    QStandardPaths.setTestModeEnabled(True)  # exports go to a cache of the tests' own


@pytest.fixture
def town(tmp_path: Path, qgis_new_project) -> QgsRasterLayer:
    """A raster of 64 x 64 pixels of 1 m, its lower left corner at 0, 0, in EPSG:32645."""
    path = tmp_path / "town.tif"
    flat_file(path, (40, 80, 120))
    layer = QgsRasterLayer(str(path), "town")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def old_town(town: QgsRasterLayer, tmp_path: Path) -> QgsRasterLayer:
    """The same place at another date, in the layer tree above the town."""
    path = tmp_path / "town_2012-07-31.tif"
    shutil.copy(town.source(), path)
    layer = QgsRasterLayer(str(path), "old town")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def plugin(qgis_iface, client: FakeClient, profile: None) -> Iterator[Plugin]:
    plugin = Plugin(qgis_iface, client)
    plugin.initGui()
    canvas = plugin.canvas
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32645"))
    canvas.setExtent(QgsRectangle(0, 0, 64, 64))
    yield plugin
    plugin.unload()


@pytest.fixture
def running(plugin: Plugin, town: QgsRasterLayer) -> Plugin:
    """The plugin with its dock open, the raster chosen and the engine running."""
    plugin.show()
    plugin.session.engine_changed(Engine.READY)
    return plugin
