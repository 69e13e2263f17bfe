"""What was there before is proposed from the project's layers, and the engine gets files of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsLayerMetadata,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.change_state import ChangeState, MapChoice, MapUse
from rasterscribe.plugin.dates import date_in, first_day
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.map.earlier import likely_before
from rasterscribe.plugin.map.provenance import PREFIX
from rasterscribe.plugin.session import Session
from rasterscribe.tests.plugin.fake_client import FakeClient

WAIT = 60_000  # ms at most; the machine may be busy with other work


def copy_of(town: QgsRasterLayer, name: str, left: float = 0.0) -> QgsRasterLayer:
    """A file of the town's size in the project; `left` moves it away."""
    path = Path(town.source()).with_name(f"{name}.tif")
    file = gdal.GetDriverByName("GTiff").CreateCopy(str(path), gdal.Open(town.source()))
    file.SetGeoTransform((left, 1, 0, 64, 0, -1))
    del file
    layer = QgsRasterLayer(str(path), name)
    QgsProject.instance().addMapLayer(layer)
    return layer


def virtual(layer: QgsRasterLayer, name: str = "virtual") -> QgsRasterLayer:
    """The same pixels in the middle of 256 x 256, described in text: a layer without a file."""
    left, top = layer.extent().xMinimum() - 96, layer.extent().yMaximum() + 96
    window = [left, top, left + 256, top - 256]
    text = gdal.Translate("", layer.source(), format="VRT", projWin=window).GetMetadata("xml:VRT")[0]
    made = QgsRasterLayer(text, name, "gdal")
    QgsProject.instance().addMapLayer(made)
    return made


def parcels(*fields: str, name: str = "parcels") -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32645" + "".join(f"&field={field}:string" for field in fields), name, "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(8, 8, 16, 16)))
    feature.setAttributes(["house"] * len(fields))
    layer.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(layer)
    return layer


def change_of(session: Session) -> ChangeState:
    return session.state.jobs.change


@pytest.fixture
def session(running: Plugin, town: QgsRasterLayer) -> Session:
    running.session.choose_raster(town.id(), town.name())
    running.session.area.choose_kind(AreaKind.WHOLE)
    return running.session


def run(session: Session, client: FakeClient, qtbot: Any) -> Any:
    """The request of a run."""
    session.change.run()

    def asked() -> bool:
        while client.open("open"):
            client.answer("open")
        return bool(client.requests("change") or session.state.problem)

    qtbot.waitUntil(asked, timeout=WAIT)
    assert session.state.problem is None, session.state.problem
    return client.requests("change")[-1]


# -- what is proposed


def test_of_the_other_rasters_the_newest_older_one_is_proposed(town: QgsRasterLayer) -> None:
    after = copy_of(town, "town_2020")
    for name in ("town_2012-07-31", "town_2016", "town_2023", "elsewhere"):
        copy_of(town, name, left=1000.0 if name == "elsewhere" else 0.0)
    before = likely_before(after, QgsProject.instance().mapLayers().values())
    assert before is not None and before.name() == "town_2016"


def test_what_is_far_away_or_made_by_a_job_or_from_the_network_is_not_proposed(town: QgsRasterLayer) -> None:
    copy_of(town, "elsewhere", left=1000.0)
    result = copy_of(town, "cover")
    metadata = QgsLayerMetadata()
    metadata.addHistoryItem(PREFIX + "{}")
    result.setMetadata(metadata)
    service = QgsRasterLayer("type=xyz&url=http://127.0.0.1/{x}/{y}/{z}.png", "map", "wms")
    assert likely_before(town, [town, service, *QgsProject.instance().mapLayers().values()]) is None


def test_a_before_raster_is_proposed_once_somebody_wants_to_compare(session: Session, town: QgsRasterLayer, qtbot: Any) -> None:
    old = copy_of(town, "town_2012")
    assert change_of(session).before_id == ""
    session.show_panel(Panel.CHANGE)
    qtbot.waitUntil(lambda: change_of(session).before_id == old.id(), timeout=WAIT)


def test_a_raster_that_is_added_later_is_proposed_and_none_against_the_users_will(
    session: Session, town: QgsRasterLayer, qtbot: Any
) -> None:
    session.show_panel(Panel.CHANGE)
    old = copy_of(town, "town_2012")
    qtbot.waitUntil(lambda: change_of(session).before_id == old.id(), timeout=WAIT)
    session.change.choose_before("")
    copy_of(town, "town_2011")
    qtbot.wait(50)
    assert change_of(session).before_id == ""


def test_a_before_raster_that_is_removed_is_chosen_no_more(session: Session, town: QgsRasterLayer) -> None:
    old = copy_of(town, "town_2012")
    session.change.choose_before(old.id(), old.name())
    QgsProject.instance().removeMapLayer(old)
    assert change_of(session).before_id == ""


@pytest.mark.parametrize(("fields", "name", "choice"), [
    (("fid2", "Type"), "parcels", ("Type", "")),
    (("owner",), "Buildings 2012", ("", "building")),
    (("owner",), "parcels", ("", "")),
])  # fmt: skip
def test_the_class_of_the_maps_polygons_is_guessed(session: Session, fields: Any, name: str, choice: tuple[str, str]) -> None:
    layer = parcels(*fields, name=name)
    session.change.choose_map(MapChoice(MapUse.ALONE, layer.id()))
    old_map = change_of(session).old_map
    assert (old_map.field, old_map.class_name) == choice


@pytest.mark.parametrize(("name", "date"), [
    ("town_20120731.tif", "2012-07-31"), ("2012-07", "2012-07"), ("naip 2020", "2020"), ("LC08_005063_20130714_T1", "2013-07-14"),
    ("tile_123456", ""), ("roofs", ""), ("2012_31", "2012"),
])  # fmt: skip
def test_a_date_is_read_from_a_name(name: str, date: str) -> None:
    assert date_in(name) == date


def test_a_year_begins_with_its_first_day_and_a_word_has_none() -> None:
    assert str(first_day("2012")) == "2012-01-01" and str(first_day("2012-07")) == "2012-07-01"
    assert first_day("") is first_day("soon") is first_day("2012-13") is None


# -- the pair as it lies


def test_two_layers_with_files_are_looked_at_with_what_their_renderers_show(
    session: Session, client: FakeClient, town: QgsRasterLayer
) -> None:
    old = copy_of(town, "town_2012")
    session.change.choose_before(old.id(), old.name())
    session.show_panel(Panel.CHANGE)
    (request,) = client.requests("pair")
    assert (request.before.path, request.after.path) == (old.source(), town.source()) and request.before.bands == (1, 2, 3)


def test_swapping_turns_the_pair_round(session: Session, client: FakeClient, town: QgsRasterLayer) -> None:
    old = copy_of(town, "town_2012")
    session.change.choose_before(old.id(), old.name())
    session.show_panel(Panel.CHANGE)
    session.change.swap()
    request = client.requests("pair")[-1]
    assert (request.before.path, request.after.path) == (town.source(), old.source())


# -- the files of a run


def test_a_before_raster_with_a_file_goes_as_it_is(session: Session, client: FakeClient, town: QgsRasterLayer, qtbot: Any) -> None:
    old = copy_of(town, "town_2012")
    session.change.choose_before(old.id(), old.name())
    request = run(session, client, qtbot)
    assert (request.before.path, request.after.path, request.old_map) == (old.source(), town.source(), None)


def test_one_without_a_file_is_written_out_for_the_area(session: Session, client: FakeClient, town: QgsRasterLayer, qtbot: Any) -> None:
    old = virtual(town)
    session.area.set_rectangle((0.0, 0.0, 16.0, 16.0), town.crs().toWkt())
    session.change.choose_before(old.id(), old.name())
    request = run(session, client, qtbot)
    written = gdal.Open(request.before.path)
    left, side, _, top, _, _ = written.GetGeoTransform()
    assert side == 1.0 and left <= 0 and top >= 16 and written.RasterXSize < 256
    assert written.ReadAsArray(round(-left), round(top - 16), 16, 16)[1].tolist() == [[80] * 16] * 16


def test_one_that_lies_elsewhere_cannot_be_written_out(session: Session, town: QgsRasterLayer, tmp_path: Path) -> None:
    far = virtual(copy_of(town, "elsewhere", left=1000.0))
    session.change.choose_before(far.id(), far.name())
    session.change.run()
    assert session.state.problem and session.state.problem.code == "pair.apart" and change_of(session).run is None


def test_a_map_without_a_file_is_written_out_with_its_classes(session: Session, client: FakeClient, qtbot: Any) -> None:
    layer = parcels("use", "class")
    session.change.choose_map(MapChoice(MapUse.ALONE, layer.id()))
    request = run(session, client, qtbot)
    old_map = request.old_map
    assert request.before is None and (old_map.field, old_map.class_name) == ("class", "")
    written = QgsVectorLayer(f"{old_map.path}|layername={old_map.table}", "written", "ogr")
    assert [feature["class"] for feature in written.getFeatures()] == ["house"]
    assert written.crs() == QgsCoordinateReferenceSystem("EPSG:32645")


def test_a_field_that_the_map_lost_is_a_problem(session: Session) -> None:
    layer = parcels("class")
    session.change.choose_map(MapChoice(MapUse.ALONE, layer.id(), "former"))
    session.change.run()
    assert session.state.problem and session.state.problem.code == "map.field" and change_of(session).run is None


# -- what is remembered


def test_classes_method_and_outputs_are_remembered(running: Plugin, qgis_iface: Any) -> None:
    change = running.session.change
    change.set_classes(["building"])
    change.choose_method("cva")
    change.set_probability(True)
    change.set_refine(False)
    change.choose_map(MapChoice(MapUse.ALONE, "layer7", "class"))
    running.unload()
    again = Plugin(qgis_iface, FakeClient())
    again.initGui()
    state = again.session.state.jobs.change
    assert (state.classes, state.method, state.probability, state.refine) == (("building",), "cva", True, False)
    assert state.old_map == MapChoice()
    again.unload()
    running.initGui()
