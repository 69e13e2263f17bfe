"""What the analyst chooses on the map becomes a polygon in the raster's CRS, and the raster a file that covers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.gui import QgsMapMouseEvent, QgsMapToolPan
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtGui import QColor, QImage, QKeyEvent

from rasterscribe.models.protocol import ExplainReply
from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.area_verbs import Place
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.problems import Problem
from rasterscribe.tests.plugin.fake_client import FakeClient

WAIT = 60_000  # ms at most; the machine may be busy with other work


@pytest.fixture
def client() -> FakeClient:
    return FakeClient(prompt_answers=True)


class Asker:
    """Asks for the place of a job and waits for the answer."""

    def __init__(self, plugin: Plugin, qtbot: Any) -> None:
        self.plugin, self._qtbot = plugin, qtbot

    def ask(self) -> Place:
        places, problems = self._answers()
        assert not problems, problems
        return places[0]

    def problem(self) -> str:
        places, problems = self._answers()
        assert not places
        return problems[0].code

    def area(self) -> QgsGeometry:
        geometry = QgsGeometry()
        geometry.fromWkb(bytes.fromhex(self.ask().area))
        return geometry

    def _answers(self) -> tuple[list[Place], list[Problem]]:
        places: list[Place] = []
        problems: list[Problem] = []
        self.plugin.session.area.want(places.append, problems.append)
        self._qtbot.waitUntil(lambda: bool(places or problems), timeout=WAIT)
        return places, problems


@pytest.fixture
def asker(running: Plugin, qtbot: Any) -> Asker:
    return Asker(running, qtbot)


def polygons(*shapes: str, crs: str = "EPSG:32645") -> QgsVectorLayer:
    layer = QgsVectorLayer(f"Polygon?crs={crs}", "blocks", "memory")
    features = []
    for shape in shapes:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(shape))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    return layer


def square(x: float, y: float, side: float) -> str:
    return f"POLYGON(({x} {y}, {x + side} {y}, {x + side} {y + side}, {x} {y + side}, {x} {y}))"


# -- the kinds of area


def test_what_the_map_shows_is_the_area(asker: Asker) -> None:
    asker.plugin.canvas.setExtent(QgsRectangle(10, 10, 30, 30))
    assert asker.area().isGeosEqual(QgsGeometry.fromRect(asker.plugin.canvas.mapSettings().visibleExtent()))


def test_the_whole_raster_needs_no_polygon_and_no_file_but_its_own(asker: Asker, town: QgsRasterLayer) -> None:
    asker.plugin.session.area.choose_kind(AreaKind.WHOLE)
    place = asker.ask()
    assert place.area == "" and place.raster.path == town.source() and place.raster.id == "r1"


def test_a_turned_map_shows_a_turned_area(asker: Asker) -> None:
    asker.plugin.canvas.setExtent(QgsRectangle(10, 10, 30, 30))
    asker.plugin.canvas.setRotation(30)
    area = asker.area()
    assert area.area() < 0.9 * area.boundingBox().area()
    asker.plugin.canvas.setRotation(0)


def test_selected_polygons_are_the_area(asker: Asker) -> None:
    layer = polygons(square(0, 0, 10), square(20, 20, 10), square(40, 40, 10))
    layer.selectByIds([1, 2])
    asker.plugin.session.area.choose_layer(layer.id())
    assert asker.area().area() == pytest.approx(200) and asker.area().boundingBox().xMaximum() == 30
    assert "2" in asker.plugin.session.state.jobs.area.words


def test_where_nothing_is_selected_all_polygons_count_and_that_is_said(asker: Asker) -> None:
    layer = polygons(square(0, 0, 10), square(5, 0, 10))
    asker.plugin.session.area.choose_layer(layer.id())
    assert asker.area().area() == pytest.approx(150)
    assert "all" in asker.plugin.session.state.jobs.area.words
    layer.selectAll()
    assert "2" in asker.plugin.session.state.jobs.area.words


def test_polygons_in_another_crs_are_brought_to_the_rasters_with_bent_sides(asker: Asker, town: QgsRasterLayer) -> None:
    layer = polygons(square(82.0, -0.5, 1.0), crs="EPSG:4326")
    asker.plugin.session.area.choose_layer(layer.id())
    area = asker.area()
    assert area.contains(QgsPointXY(0, 50)) and area.boundingBox().width() == pytest.approx(111_400, rel=0.01)
    assert area.constGet().nCoordinates() > 200


def test_a_polygon_that_crosses_itself_is_mended(asker: Asker) -> None:
    layer = polygons("POLYGON((0 0, 10 10, 10 0, 0 10, 0 0))")
    asker.plugin.session.area.choose_layer(layer.id())
    area = asker.area()
    assert area.isGeosValid() and area.area() == pytest.approx(50)


# -- a drawn rectangle


def drag(plugin: Plugin, start: QPoint, end: QPoint) -> None:
    tool, left = plugin.canvas.mapTool(), Qt.MouseButton.LeftButton
    tool.canvasPressEvent(QgsMapMouseEvent(plugin.canvas, QEvent.Type.MouseButtonPress, start, left, left))
    tool.canvasMoveEvent(QgsMapMouseEvent(plugin.canvas, QEvent.Type.MouseMove, end, left, left))
    tool.canvasReleaseEvent(QgsMapMouseEvent(plugin.canvas, QEvent.Type.MouseButtonRelease, end, left))


def test_a_dragged_rectangle_is_the_area_and_the_former_tool_comes_back(asker: Asker) -> None:
    plugin = asker.plugin
    former = QgsMapToolPan(plugin.canvas)
    plugin.canvas.setMapTool(former)
    plugin.session.area.choose_kind(AreaKind.RECTANGLE)
    assert asker.problem() == "area.undrawn"
    centre = plugin.canvas.getCoordinateTransform().transform(32, 32)
    at = QPoint(round(centre.x()), round(centre.y()))
    drag(plugin, at, at + QPoint(40, 30))
    pixel = plugin.canvas.mapUnitsPerPixel()
    assert asker.area().area() == pytest.approx(40 * 30 * pixel**2, rel=0.1)
    assert plugin.canvas.mapTool() is former


def test_escape_abandons_the_rectangle(asker: Asker) -> None:
    plugin = asker.plugin
    plugin.session.area.choose_kind(AreaKind.RECTANGLE)
    plugin.canvas.mapTool().keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier))
    assert plugin.session.state.jobs.area.kind is AreaKind.VISIBLE and plugin.canvas.mapTool() is None


def test_another_tool_abandons_the_rectangle_and_stays(asker: Asker) -> None:
    plugin = asker.plugin
    plugin.session.area.choose_kind(AreaKind.RECTANGLE)
    other = QgsMapToolPan(plugin.canvas)
    plugin.canvas.setMapTool(other)
    assert plugin.session.state.jobs.area.kind is AreaKind.VISIBLE and plugin.canvas.mapTool() is other


def test_the_rectangle_stays_on_the_map_while_it_is_the_area(running: Plugin) -> None:
    band = running._parts._area._band
    running.session.show_panel(Panel.TEXT)
    running.session.area.set_rectangle((10, 10, 20, 20), QgsCoordinateReferenceSystem("EPSG:32645").toWkt())
    assert band._band.asGeometry().boundingBox().xMaximum() == pytest.approx(20)
    running.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    assert band._band.asGeometry().boundingBox().xMaximum() > 1_000_000
    running.session.area.choose_kind(AreaKind.WHOLE)
    assert band._band.asGeometry().isEmpty()


# -- what cannot be an area


def test_an_area_beside_the_raster_is_a_problem(asker: Asker) -> None:
    asker.plugin.canvas.setExtent(QgsRectangle(1000, 1000, 1010, 1010))
    assert asker.problem() == "area.outside"


def test_an_area_that_has_no_place_in_the_rasters_crs_is_a_problem(asker: Asker) -> None:
    layer = polygons(square(0, 95, 20), crs="EPSG:4326")
    asker.plugin.session.area.choose_layer(layer.id())
    assert asker.problem() in ("area.crs", "area.outside")


def test_a_layer_without_polygons_is_a_problem(asker: Asker) -> None:
    asker.plugin.session.area.choose_layer(polygons().id())
    assert asker.problem() == "area.empty"


def test_a_polygon_layer_that_was_removed_is_a_problem(asker: Asker) -> None:
    layer = polygons(square(0, 0, 10))
    asker.plugin.session.area.choose_layer(layer.id())
    QgsProject.instance().removeMapLayer(layer)
    assert asker.plugin.session.state.problem and asker.plugin.session.state.problem.code == "area.layer"
    assert asker.problem() == "area.layer"


def test_without_a_raster_there_is_no_area(asker: Asker, town: QgsRasterLayer) -> None:
    QgsProject.instance().removeMapLayer(town)
    assert asker.problem() == "area.no_raster"


# -- rasters without a file


@pytest.fixture
def service(asker: Asker, tmp_path: Path) -> QgsRasterLayer:
    """A tiled map service, chosen and looked at."""
    image = QImage(256, 256, QImage.Format.Format_RGB32)
    image.fill(QColor(40, 80, 120))
    (tmp_path / "0" / "0").mkdir(parents=True)
    image.save(str(tmp_path / "0" / "0" / "0.png"))
    tiles = QgsRasterLayer(f"type=xyz&url={tmp_path.as_uri()}/{{z}}/{{x}}/{{y}}.png&zmin=0&zmax=0", "tiles", "wms")
    QgsProject.instance().addMapLayer(tiles)
    asker.plugin.canvas.setDestinationCrs(tiles.crs())
    asker.plugin.canvas.setExtent(QgsRectangle(-1e6, -1e6, 1e6, 1e6))
    asker.plugin.session.choose_raster(tiles.id(), "tiles")
    return tiles


def test_a_map_service_is_written_out_for_the_area(asker: Asker, service: QgsRasterLayer) -> None:
    place = asker.ask()
    file = QgsRasterLayer(place.raster.path, "part")
    assert file.isValid() and file.extent().contains(QgsRectangle(-9e5, -9e5, 9e5, 9e5)) and place.raster.id == ""


def test_the_whole_of_a_map_service_is_refused(asker: Asker, service: QgsRasterLayer) -> None:
    asker.plugin.session.area.choose_kind(AreaKind.WHOLE)
    assert asker.problem() == "area.endless"


def test_more_of_a_map_service_than_can_be_written_is_refused(asker: Asker, service: QgsRasterLayer) -> None:
    asker.plugin.canvas.setExtent(QgsRectangle(-100, -100, 100, 100))
    asker.plugin.session.area.set_rectangle((-1e6, -1e6, 1e6, 1e6), service.crs().toWkt())
    assert asker.problem() == "area.large"


# -- layers that a phrase may name


def test_vector_layers_with_a_file_may_be_named_as_the_user_sees_them(asker: Asker, tmp_path: Path, qtbot) -> None:
    source = polygons(square(0, 0, 10))
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = "table_1"
    QgsVectorFileWriter.writeAsVectorFormatV3(source, str(tmp_path / "parks.gpkg"), QgsProject.instance().transformContext(), options)
    parks = QgsVectorLayer(f"{tmp_path / 'parks.gpkg'}|layername=table_1", "parks", "ogr")
    QgsProject.instance().addMapLayer(parks)
    (layer,) = asker.ask().layers
    assert (layer.name, layer.path, layer.table) == ("parks", str(tmp_path / "parks.gpkg"), "table_1")
    session = asker.plugin.session
    qtbot.waitUntil(lambda: set(session.state.jobs.text.layers) == {"parks", "blocks"})
    parks.setName("green")
    qtbot.waitUntil(lambda: set(session.state.jobs.text.layers) == {"green", "blocks"})
    QgsProject.instance().removeMapLayers([parks.id(), source.id()])
    qtbot.waitUntil(lambda: session.state.jobs.text.layers == ())


def test_a_layer_in_memory_that_the_phrase_names_is_written_out_with_its_edits(asker: Asker) -> None:
    blocks = polygons(square(0, 0, 10))
    assert asker.ask().layers == ()
    blocks.startEditing()
    another = QgsFeature()
    another.setGeometry(QgsGeometry.fromWkt(square(20, 20, 5)))
    blocks.addFeature(another)
    asker.plugin.session.text.type("ponds inside Blocks")
    (layer,) = asker.ask().layers
    copy = QgsVectorLayer(f"{layer.path}|layername={layer.table}", "copy", "ogr")
    assert layer.name == "blocks" and copy.featureCount() == 2 and copy.crs() == blocks.crs()
    blocks.rollBack()


def test_a_layer_that_the_explained_phrase_does_not_relate_to_is_not_written_out(asker: Asker, client: FakeClient, qtbot) -> None:
    polygons(square(0, 0, 10))
    asker.plugin.session.text.type("ponds near blocks")
    client.replies["explain"] = ExplainReply({"queries": [{"class": "pond", "relations": [{"of": "road"}]}]}, "pond near road", True)
    qtbot.waitUntil(lambda: asker.plugin.session.state.jobs.text.explained is not None)
    assert asker.ask().layers == ()


def test_a_file_with_a_filter_is_written_out_as_the_user_sees_it(asker: Asker, tmp_path: Path) -> None:
    source = polygons(square(0, 0, 10), square(20, 20, 5))
    QgsProject.instance().takeMapLayer(source)
    QgsVectorFileWriter.writeAsVectorFormatV3(
        source, str(tmp_path / "parks.gpkg"), QgsProject.instance().transformContext(), QgsVectorFileWriter.SaveVectorOptions()
    )
    parks = QgsVectorLayer(str(tmp_path / "parks.gpkg"), "parks", "ogr")
    parks.setSubsetString("fid = 1")
    QgsProject.instance().addMapLayer(parks)
    asker.plugin.session.text.type("ponds near parks")
    (layer,) = asker.ask().layers
    assert QgsVectorLayer(f"{layer.path}|layername={layer.table}", "copy", "ogr").featureCount() == 1
