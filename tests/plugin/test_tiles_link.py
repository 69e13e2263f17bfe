"""The heat map of a search for tiles comes into the project, and the map goes to the tile that is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.gui import QgsRubberBand

from rasterscribe.models.protocol import RankedTile, TilesReply
from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.tests.plugin.fake_client import FakeClient

UTM = QgsCoordinateReferenceSystem("EPSG:32645")
STYLE = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology"><pipe><rasterrenderer type="singlebandpseudocolor" band="1" alphaBand="-1" opacity="0.6" nodataColor=""
 classificationMin="0" classificationMax="1"><rastershader><colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0"
 minimumValue="0" maximumValue="1" labelPrecision="2"><item value="0" color="#ffffcc" alpha="0" label="0"/>
 <item value="1" color="#bd0026" alpha="255" label="1"/></colorrampshader></rastershader></rasterrenderer></pipe></qgis>
"""
TILES = (RankedTile((32.0, 0.0, 64.0, 32.0), 0.9), RankedTile((0.0, 32.0, 32.0, 64.0), 0.4))


class Finder:
    def __init__(self, plugin: Plugin, client: FakeClient) -> None:
        self.plugin, self.session, self.canvas, self._client = plugin, plugin.session, plugin.canvas, client
        self.session.show_panel(Panel.TILES)

    def start(self) -> None:
        self.session.area.choose_kind(AreaKind.WHOLE)
        self.session.tiles.type("solar panels")
        self.session.tiles.run()
        while self._client.open("open"):
            self._client.answer("open")

    def find(self) -> QgsRasterLayer:
        """A heat map of 2 x 2 tiles, as the engine leaves it."""
        self.start()
        path = Path(self._client.requests("tiles")[-1].out)
        file = gdal.GetDriverByName("GTiff").Create(str(path), 2, 2, 1, gdal.GDT_Float32)
        file.SetGeoTransform((0, 32, 0, 64, 0, -32))
        file.SetProjection(UTM.toWkt())
        del file
        path.with_suffix(".qml").write_text(STYLE)
        self._client.answer("tiles", TilesReply(str(path), TILES, "text", "d2", 3.0, ("Not understood: 'shiny'.",)))
        return QgsProject.instance().mapLayer(self.session.state.jobs.tiles.ranked.layer_id)

    @property
    def outlined(self) -> list[QgsRectangle]:
        """What is drawn around on the canvas."""
        bands = [item for item in self.canvas.scene().items() if isinstance(item, QgsRubberBand) and item.numberOfVertices()]
        return [band.asGeometry().boundingBox() for band in bands]


@pytest.fixture
def finder(running: Plugin, client: FakeClient) -> Finder:
    return Finder(running, client)


def around(box: QgsRectangle) -> Any:
    return pytest.approx((box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()), abs=1e-6)


def test_the_heat_map_lies_between_the_raster_and_the_vector_layers_in_its_own_style(finder: Finder) -> None:
    QgsProject.instance().addMapLayer(QgsVectorLayer("Point?crs=EPSG:32645", "trees", "memory"))
    layer = finder.find()
    order = [layer.name() for layer in QgsProject.instance().layerTreeRoot().layerOrder()]
    assert order == ["trees", "Tiles: solar panels", "town"] and layer.crs() == UTM
    assert layer.renderer().type() == "singlebandpseudocolor"


def test_the_map_stays_until_a_tile_is_chosen_and_then_shows_it_whole(finder: Finder) -> None:
    before = finder.canvas.extent()
    finder.find()
    assert finder.canvas.extent() == before and finder.outlined == []
    finder.session.tiles.zoom_to(0)
    shown, tile = finder.canvas.extent(), QgsRectangle(*TILES[0].extent)
    assert shown.contains(tile) and shown.center() == tile.center() and min(shown.width(), shown.height()) < 64
    assert [around(box) for box in finder.outlined] == [TILES[0].extent]


def test_the_next_tile_takes_the_outline_along(finder: Finder) -> None:
    finder.find()
    finder.session.tiles.zoom_to(0)
    finder.session.tiles.zoom_to(1)
    assert [around(box) for box in finder.outlined] == [TILES[1].extent]


def test_a_tile_is_shown_where_it_lies_in_the_projects_crs(finder: Finder) -> None:
    finder.find()
    finder.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    finder.session.tiles.zoom_to(0)
    (box,) = finder.outlined
    assert box.xMinimum() == pytest.approx(82.5, abs=3) and box.width() < 0.001 and finder.canvas.extent().contains(box)


def test_the_outline_moves_when_the_project_gets_another_crs(finder: Finder) -> None:
    finder.find()
    finder.session.tiles.zoom_to(0)
    finder.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    (box,) = finder.outlined
    assert box.width() < 0.001


def test_other_panels_show_no_outline_and_the_way_back_does(finder: Finder) -> None:
    finder.find()
    finder.session.tiles.zoom_to(1)
    finder.session.show_panel(Panel.CLICK)
    assert finder.outlined == []
    finder.session.show_panel(Panel.TILES)
    assert len(finder.outlined) == 1


def test_with_its_heat_map_the_ranking_goes(finder: Finder) -> None:
    layer = finder.find()
    finder.session.tiles.zoom_to(1)
    QgsProject.instance().removeMapLayer(layer.id())
    assert finder.session.state.jobs.tiles.ranked is None and finder.outlined == []


def test_where_it_comes_from_is_noted(finder: Finder) -> None:
    (provenance,) = provenance_of(finder.find())
    assert provenance.prompts == "solar panels" and provenance.digest == "d2"
    assert provenance.parameters["notes"] == ["Not understood: 'shiny'."]


def test_each_search_has_a_file_of_its_own(finder: Finder, tmp_path: Path) -> None:
    finder.find()
    finder.find()
    assert sorted(path.name for path in tmp_path.glob("tiles*.tif")) == ["tiles.tif", "tiles_2.tif"]


def test_a_raster_that_was_removed_meanwhile_leaves_the_tiles_where_they_are(
    finder: Finder, town: QgsRasterLayer, client: FakeClient
) -> None:
    finder.start()
    QgsProject.instance().removeMapLayer(town.id())
    client.answer("tiles", TilesReply("nowhere.tif", TILES, "text", "d2", 3.0))
    assert finder.session.state.problem and finder.session.state.problem.code == "found.unreadable"
    finder.session.tiles.zoom_to(0)
    assert [around(box) for box in finder.outlined] == [TILES[0].extent]


def test_nothing_stays_on_the_map_after_unloading(finder: Finder, running: Plugin, qtbot) -> None:
    finder.find()
    finder.session.tiles.zoom_to(0)
    running.unload()
    qtbot.wait(10)  # deleteLater
    assert finder.outlined == []
    running.initGui()
