"""Real QGIS, the real engine and the shipped weights: from two dates to a layer of what changed, and its summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsCategorizedSymbolRenderer, QgsFeature, QgsGeometry, QgsProject, QgsRasterLayer, QgsVectorLayer

from rasterscribe.models import catalog
from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.change_state import Compared
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.tests.end_to_end import test_click_to_layer
from rasterscribe.tests.end_to_end.test_click_to_layer import PATIENCE, desk, true_outline  # noqa: F401  (a fixture)
from rasterscribe.tools.desk import Desk

pytestmark = [
    *test_click_to_layer.pytestmark,
    pytest.mark.skipif(not any(card.job == "change" for card in catalog.cards()), reason="no weights to compare with are at hand"),
]
HOUSE = test_click_to_layer.HOUSE
GARDEN = (46, 395, 60, 52)  # the house with its shadow: left, top, width and height in pixels of the scene
MEADOW = (660, 615)  # a place for it


def with_a_second_house(scene: Path) -> Path:
    """The generated scene of an earlier year, when a house stood on the meadow, too."""
    path = scene.with_name("scene_2012.tif")
    file = gdal.GetDriverByName("GTiff").CreateCopy(str(path), gdal.Open(str(scene)))
    for number in range(1, file.RasterCount + 1):
        band = file.GetRasterBand(number)
        band.WriteRaster(*MEADOW, *GARDEN[2:], band.ReadRaster(*GARDEN))
    file.FlushCache()
    return path


def second_house(desk: Desk) -> QgsGeometry:  # noqa: F811
    """Its outline."""
    layer = QgsProject.instance().mapLayer(desk.plugin.session.state.raster.layer_id)
    outline, side = true_outline(HOUSE), layer.rasterUnitsPerPixelX()
    outline.translate(side * (MEADOW[0] - GARDEN[0]), -side * (MEADOW[1] - GARDEN[1]))
    return outline


@pytest.fixture
def pair(desk: Desk, tmp_path: Path) -> Desk:  # noqa: F811
    """The scene with one more house as the before raster of the scene."""
    old = QgsRasterLayer(str(with_a_second_house(tmp_path / "scene.tif")), "2012")
    QgsProject.instance().addMapLayer(old)
    session = desk.plugin.session
    session.change.choose_before(old.id(), old.name())
    session.change.set_dates("2012", "2020")
    session.area.choose_kind(AreaKind.WHOLE)
    session.show_panel(Panel.CHANGE)
    return desk


def compared(desk: Desk) -> Compared:  # noqa: F811
    session = desk.plugin.session
    session.change.run()
    change = lambda: session.state.jobs.change  # noqa: E731
    desk.wait_for(lambda: bool(session.state.problem or (change().compared and change().compared.layer_id)), "the comparison", PATIENCE)
    assert session.state.problem is None, session.state.problem
    return change().compared


def test_the_engine_says_how_the_two_lie_before_anything_runs(pair: Desk) -> None:
    change = lambda: pair.plugin.session.state.jobs.change  # noqa: E731
    pair.wait_for(lambda: bool(change().pair or change().pair_problem), "the pair", PATIENCE)
    assert change().pair is not None, change().pair_problem
    assert (change().pair.before_date, change().pair.after_date, change().pair.overlap) == ("2012", "2020", 1.0)
    assert change().pair.shift is not None and abs(change().pair.shift.x) < 0.5


def at(layer: QgsVectorLayer, outline: QgsGeometry) -> QgsFeature:
    """The one change in the middle of an outline, sure to be about as large."""
    (found,) = (feature for feature in layer.getFeatures() if feature.geometry().contains(outline.centroid()))
    assert found.geometry().intersection(outline).area() > 0.6 * found.geometry().combine(outline).area()
    return found


def test_a_house_that_was_torn_down_becomes_a_change_in_a_styled_layer(pair: Desk, tmp_path: Path) -> None:
    session = pair.plugin.session
    result = compared(pair)
    layer: Any = QgsProject.instance().mapLayer(result.layer_id)
    renderer = layer.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer) and renderer.classAttribute() == "kind"
    gone = at(layer, second_house(pair))
    assert (gone["kind"], gone["from_class"]) == ("disappeared", "building")
    assert result.shown == layer.featureCount() == sum(one.count for one in result.matrix)
    assert provenance_of(layer)[0].parameters["dates"] == ["2012", "2020"] and layer.temporalProperties().isActive()
    session.change.export_summary(str(tmp_path / "summary.csv"))
    pair.wait_for((tmp_path / "summary.csv").exists, "the summary", PATIENCE)
    assert "\nbuilding," in (tmp_path / "summary.csv").read_text()


def test_swapping_the_two_tells_the_same_story_backwards(pair: Desk) -> None:
    session = pair.plugin.session
    session.change.swap()
    session.change.set_dates("2012", "2020")
    pair.wait_for(lambda: bool(session.state.raster_id), "the raster", PATIENCE)
    layer = QgsProject.instance().mapLayer(compared(pair).layer_id)
    assert isinstance(layer, QgsVectorLayer)
    new = at(layer, second_house(pair))
    assert (new["kind"], new["to_class"]) == ("appeared", "building")
