"""A session with a fake engine behind it."""

from __future__ import annotations

import pytest

from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, Raster, State
from rasterscribe.tests.plugin.fake_client import FakeClient

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
