"""The real engine behind an algorithm that runs in a thread."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsRasterLayer, QgsVectorLayer

from rasterscribe.plugin.engine.environment import Condition, Environment, home_folder
from rasterscribe.tests.plugin.processing.conftest import Runner

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample"
BARN, HOUSE = "Point (412547 5391612)", "Point (412324 5391722)"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        Environment(home_folder()).condition() is not Condition.READY, reason="the engine is not set up; `build.py test` does that first"
    ),
]


@pytest.fixture
def real(provider: Any, qtbot: Any, tmp_path: Path) -> Runner:
    return Runner(qtbot, tmp_path / "none.log", patience=400_000)


@pytest.fixture
def scene(qgis_new_project: Any) -> QgsRasterLayer:
    layer = QgsRasterLayer(str(SAMPLE / "scene.tif"), "scene")
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_points_become_outlines_of_what_they_lie_on(real: Runner, scene: QgsRasterLayer) -> None:
    clicked = QgsVectorLayer("Point?crs=EPSG:32633", "points", "memory")
    for place in (BARN, HOUSE):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(place))
        clicked.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(clicked)
    done = real("segmentpoints", RASTER=scene.id(), POINTS=clicked.id(), CLASS="building", OUTPUT="memory:")
    assert done.well, done.heard.errors
    truth = [feature.geometry() for feature in QgsVectorLayer(str(SAMPLE / "truth.geojson"), "truth", "ogr").getFeatures()]
    for feature, place in zip(done.features("OUTPUT"), (BARN, HOUSE), strict=True):
        outline, there = feature.geometry(), QgsGeometry.fromWkt(place)
        true = next(each for each in truth if each.contains(there))
        assert outline.intersection(true).area() / outline.combine(true).area() > 0.6


def test_a_search_is_cancelled_within_a_second_and_its_engine_ends(real: Runner, scene: QgsRasterLayer) -> None:
    moments: list[float] = []

    def cancel(heard: Any) -> None:
        if "Looking" in heard.lines and not moments:
            moments.append(time.monotonic())
            heard.cancel()

    done = real("findtext", cancel, RASTER=scene.id(), PHRASE="buildings", OUTPUT="memory:")
    assert moments and done.outputs == {} and done.heard.errors == []
    assert engines_of(os.getpid()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the engine's process is looked up in /proc")
def test_a_search_whose_engine_was_killed_goes_on_when_it_is_run_again(real: Runner, scene: QgsRasterLayer, tmp_path: Path) -> None:
    def kill(heard: Any) -> None:
        if heard.progress() > 0:
            for pid in engines_of(os.getpid()):
                os.kill(pid, signal.SIGKILL)

    asked = {"RASTER": scene.id(), "PHRASE": "buildings", "OUTPUT": str(tmp_path / "found.gpkg")}
    first = real("findtext", kill, **asked)
    assert not first.well and "stopped unexpectedly" in first.heard.errors[0]
    assert [path.name for path in tmp_path.iterdir()] == ["..found.found.gpkg.unfinished"]
    again = real("findtext", **asked)
    assert again.well and again.outputs["COUNT"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["found.gpkg"]


def engines_of(parent: int) -> list[int]:
    """Child processes that serve as an engine, where the system tells."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            command = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(fields[1]) == parent and "models serve" in command:
            found.append(int(status.parent.name))
    return found
