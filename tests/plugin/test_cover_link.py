"""A finished land-cover map comes into the project with names and colours, and its table into a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from rasterscribe.models.protocol import ClassArea, CoverReply
from rasterscribe.plugin.area_state import AreaKind, ClassList, Covered
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.plugin.map.results import make_table, open_table
from rasterscribe.tests.plugin.fake_client import FakeClient

WAIT = 60_000  # ms at most; the machine may be busy with other work
UTM = QgsCoordinateReferenceSystem("EPSG:32645")
NAMES, COLOURS = ("building", "water"), ("#e4572e", "#123456")


def written(path: Path, polygons: str = "", crs: QgsCoordinateReferenceSystem = UTM) -> CoverReply:
    """A class raster as the engine leaves it: a building of 8 x 8 pixels in water, with its style, and a polygon of it."""
    file = gdal.GetDriverByName("GTiff").Create(str(path), 64, 64, 2)
    file.SetGeoTransform((0, 1, 0, 64, 0, -1))
    file.SetProjection(crs.toWkt() if crs.isValid() else "")
    file.GetRasterBand(1).Fill(2)
    file.GetRasterBand(1).WriteRaster(8, 8, 8, 8, bytes([1]) * 64)
    del file
    entries = "".join(
        f'<paletteEntry value="{number}" alpha="255" color="{colour}" label="{name}"/>'
        for number, name, colour in zip((1, 2), NAMES, COLOURS, strict=True)
    )
    path.with_suffix(".qml").write_text(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis styleCategories="Symbology"><pipe><rasterrenderer type="paletted" band="1" alphaBand="-1" opacity="1" nodataColor="">'
        f"<colorPalette>{entries}</colorPalette></rasterrenderer></pipe></qgis>\n"
    )
    if polygons:
        layer = open_table(Path(polygons), make_table(Path(polygons), crs), crs)
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(8, 48, 16, 56)))
        feature["class"], feature["score"] = "building", 0.9
        layer.dataProvider().addFeatures([feature])
    areas = (ClassArea("building", 64, 64.0, 64 / 4096), ClassArea("water", 4032, 4032.0, 4032 / 4096))
    return CoverReply(str(path), polygons, areas, "text", "d2", 3.0)


class Mapper:
    """Runs a land-cover job that maps a building in water."""

    def __init__(self, plugin: Plugin, client: FakeClient, qtbot: Any) -> None:
        self.session, self._client, self._qtbot = plugin.session, client, qtbot

    def start(self) -> None:
        self.session.area.choose_kind(AreaKind.WHOLE)
        self.session.cover.set_classes(NAMES)
        self.session.cover.run()
        while self._client.open("open"):
            self._client.answer("open")

    def answer(self, crs: QgsCoordinateReferenceSystem = UTM) -> QgsRasterLayer:
        request = self._client.requests("cover")[-1]
        self._client.answer("cover", written(Path(request.out), request.polygons, crs))
        if request.polygons:
            self.wait_for(lambda: bool(polygon_layers()))
        return QgsProject.instance().mapLayer(self.covered.layer_id)

    def map(self, crs: QgsCoordinateReferenceSystem = UTM) -> QgsRasterLayer:
        self.start()
        return self.answer(crs)

    def wait_for(self, fact: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(fact, timeout=WAIT)

    @property
    def covered(self) -> Covered:
        assert self.session.state.jobs.cover.covered is not None
        return self.session.state.jobs.cover.covered


def polygon_layers() -> list[QgsVectorLayer]:
    return [layer for layer in QgsProject.instance().mapLayers().values() if isinstance(layer, QgsVectorLayer)]


@pytest.fixture
def mapper(running: Plugin, client: FakeClient, qtbot: Any) -> Mapper:
    return Mapper(running, client, qtbot)


# -- the layers


def test_the_class_raster_has_the_classes_names_and_the_colours_that_the_chart_has(mapper: Mapper) -> None:
    layer = mapper.map()
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    assert [(one.value, one.label, one.color.name()) for one in renderer.classes()] == [
        (1, "building", COLOURS[0]),
        (2, "water", COLOURS[1]),
    ]
    assert mapper.covered.colours == COLOURS


def test_polygons_lie_above_the_class_raster_and_that_above_the_raster_and_below_all_else(mapper: Mapper) -> None:
    others = QgsVectorLayer("Point?crs=EPSG:32645", "trees", "memory")
    QgsProject.instance().addMapLayer(others)
    mapper.map()
    mapper.wait_for(lambda: len(QgsProject.instance().mapLayers()) == 4)
    order = [layer.name() for layer in QgsProject.instance().layerTreeRoot().layerOrder()]
    assert order == ["trees", "Land cover, polygons", "Land cover of town", "town"]


def test_the_layers_come_into_the_group_of_the_raster(mapper: Mapper, town: QgsRasterLayer) -> None:
    root = QgsProject.instance().layerTreeRoot()
    group = root.addGroup("imagery")
    group.addChildNode(root.findLayer(town.id()).clone())
    root.removeChildNode(root.findLayer(town.id()))
    mapper.session.cover.set_polygons(False)
    mapper.map()
    assert [node.name() for node in group.findLayers()] == ["Land cover of town", "town"]


def test_without_polygons_there_is_the_raster_alone(mapper: Mapper, client: FakeClient) -> None:
    mapper.session.cover.set_polygons(False)
    mapper.map()
    assert polygon_layers() == [] and len(QgsProject.instance().mapLayers()) == 2


def test_where_the_map_comes_from_is_kept_beside_its_file_and_with_the_polygons(mapper: Mapper) -> None:
    layer = mapper.map()
    (provenance,) = provenance_of(layer)
    assert provenance.digest == "d2" and provenance.parameters["classes"] == list(NAMES) and provenance.source.endswith("town.tif")
    again = QgsRasterLayer(layer.source(), "again")
    again.loadDefaultMetadata()
    assert provenance_of(again) == [provenance]
    assert provenance_of(polygon_layers()[0]) == [provenance]


def test_each_run_has_files_of_its_own_beside_the_raster(mapper: Mapper, tmp_path: Path) -> None:
    mapper.session.cover.set_polygons(False)
    (tmp_path / "cover_2.gpkg").touch()
    mapper.map()
    mapper.map()
    assert sorted(path.name for path in tmp_path.glob("cover*.tif")) == ["cover.tif", "cover_3.tif"]


def test_files_that_are_open_in_the_project_are_not_written_over(mapper: Mapper, client: FakeClient, tmp_path: Path) -> None:
    mapper.map()
    mapper.session.cover.choose_path(str(tmp_path / "cover.tif"))
    mapper.start()
    assert len(client.requests("cover")) == 1
    assert mapper.session.state.problem and mapper.session.state.problem.code == "found.open"


def test_a_crs_that_the_user_set_by_hand_is_that_of_the_results(mapper: Mapper, town: QgsRasterLayer) -> None:
    other = QgsCoordinateReferenceSystem("EPSG:3857")
    town.setCrs(other)
    assert mapper.map().crs() == other and polygon_layers()[0].crs() == other


def test_without_a_crs_areas_are_square_pixels(mapper: Mapper, town: QgsRasterLayer) -> None:
    town.setCrs(QgsCoordinateReferenceSystem())
    mapper.session.want_raster()  # the map's joint reads the layer again
    layer = mapper.map(QgsCoordinateReferenceSystem())
    assert not layer.crs().isValid() and not mapper.covered.metric


def test_a_raster_that_was_removed_meanwhile_does_not_take_the_result_along(mapper: Mapper, town: QgsRasterLayer) -> None:
    mapper.start()
    QgsProject.instance().removeMapLayer(town.id())
    layer = mapper.answer()
    assert layer.isValid() and layer.crs() == UTM and polygon_layers()


def test_a_result_that_cannot_be_opened_is_a_problem_and_its_table_is_shown_still(mapper: Mapper, client: FakeClient) -> None:
    mapper.start()
    client.answer("cover")
    assert mapper.session.state.problem and mapper.session.state.problem.code == "found.unreadable"
    assert mapper.covered.reply == client.replies["cover"] and mapper.covered.layer_id == ""


def test_when_the_class_raster_is_removed_its_table_goes_too(mapper: Mapper) -> None:
    layer = mapper.map()
    QgsProject.instance().removeMapLayer(layer.id())
    assert mapper.session.state.jobs.cover.covered is None


def test_a_plugin_that_is_unloaded_hears_no_more_of_it(mapper: Mapper, running: Plugin, client: FakeClient, qtbot) -> None:
    mapper.start()
    request, session = client.requests("cover")[-1], running.session
    running.unload()
    with qtbot.captureExceptions() as faults:
        client.answer("cover", written(Path(request.out), request.polygons))
    assert not faults and len(QgsProject.instance().mapLayers()) == 1 and session.state.jobs.cover.covered
    running.initGui()


# -- the table


def test_the_table_is_exported_as_it_is_shown(mapper: Mapper, tmp_path: Path) -> None:
    mapper.map()
    mapper.session.cover.export_areas(str(tmp_path / "areas.csv"))
    mapper.wait_for((tmp_path / "areas.csv").exists)
    assert (tmp_path / "areas.csv").read_text() == ("class,pixels,area_m2,share\nwater,4032,4032.00,0.984375\nbuilding,64,64.00,0.015625\n")


def test_a_table_that_cannot_be_written_is_a_problem(mapper: Mapper, tmp_path: Path) -> None:
    mapper.map()
    mapper.session.cover.export_areas(str(tmp_path / "nowhere" / "areas.csv"))
    mapper.wait_for(lambda: mapper.session.state.problem is not None)
    problem = mapper.session.state.problem
    assert problem and problem.code == "table.unwritable" and "areas.csv" in problem.what


# -- what is remembered


def test_classes_and_own_lists_are_remembered(running: Plugin, qgis_iface) -> None:
    running.session.cover.set_classes(["water", "sand"])
    running.session.cover.save_list("coast")
    running.session.cover.set_polygons(False)
    running.session.cover.set_simplify(3.0)
    running.unload()
    again = Plugin(qgis_iface, FakeClient())
    again.initGui()
    cover = again.session.state.jobs.cover
    assert (cover.classes, cover.lists) == (("water", "sand"), (ClassList("coast", ("water", "sand")),))
    assert (cover.polygons, cover.simplify) == (False, 3.0)
    again.unload()
    running.initGui()


def test_whoever_has_no_list_yet_begins_with_that_of_aerial_images(running: Plugin) -> None:
    assert running.session.state.jobs.cover.classes == ("building", "woodland", "water", "road", "other")


def test_nothing_is_left_of_a_table_that_could_not_be_written(mapper: Mapper, tmp_path: Path) -> None:
    mapper.map()
    (tmp_path / "taken.csv").mkdir()
    mapper.session.cover.export_areas(str(tmp_path / "taken.csv"))
    mapper.wait_for(lambda: mapper.session.state.problem is not None)
    shutil.rmtree(tmp_path / "taken.csv")
    assert not list(tmp_path.glob("*.csv*")) and not list(tmp_path.glob(".*.unfinished"))
