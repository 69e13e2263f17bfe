"""What a comparison finds becomes layers in a group, that a filter thins out and QGIS's temporal controller plays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDateTimeRange,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsTemporalUtils,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsVectorLayerTemporalContext,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QTime

from rasterscribe.models.protocol import ChangeReply, FromTo, PartialObject
from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.change_state import Compared, MapChoice, MapUse
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.tests.plugin.change_layers import Seen, changes_layer, square
from rasterscribe.tests.plugin.fake_client import SQUARE_WKB, FakeClient

WAIT = 60_000  # ms at most; the machine may be busy with other work
UTM = QgsCoordinateReferenceSystem("EPSG:32645")
DATES = (QDate(2012, 7, 31), QDate(2020, 1, 1))
HOUSE = Seen(square(0, 0), "other", "building", "appeared", 0.9)
SHED = Seen(square(10, 0, 3.0), "building", "other", "disappeared", 0.6)
POND = Seen(square(20, 0, 10.0), "field", "water", "changed", 0.4)
THREE = (HOUSE, SHED, POND)


def written(request: Any, reply: ChangeReply, changes: Sequence[Seen], gaps: int = 1) -> ChangeReply:
    """A GeoPackage as the engine leaves it, and the raster where one was asked for."""
    changes_layer(Path(request.out), changes, dates=DATES)
    made = QgsVectorLayer("MultiPolygon?crs=EPSG:32645&field=reason:string(0,0)", "not_compared", "memory")
    for number in range(gaps):
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(40, 10 * number, 44, 10 * number + 4)))
        made.dataProvider().addFeature(feature)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "not_compared"
    options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    QgsVectorFileWriter.writeAsVectorFormatV3(made, request.out, QgsCoordinateTransformContext(), options)
    if request.probability:
        gdal.GetDriverByName("GTiff").CreateCopy(request.probability, gdal.Open(request.after.path))
    matrix = (FromTo("field", "water", 1, 100.0), FromTo("other", "building", 1, 16.0))
    return replace(reply, path=request.out, count=len(changes), matrix=matrix, probability=request.probability)


class Comparer:
    """Runs a comparison that finds given changes."""

    def __init__(self, plugin: Plugin, client: FakeClient, qtbot: Any) -> None:
        self.session, self._client, self._qtbot = plugin.session, client, qtbot

    def start(self) -> Any:
        self.session.area.choose_kind(AreaKind.WHOLE)
        self.session.change.run()
        while self._client.open("open"):
            self._client.answer("open")
        return self._client.requests("change")[-1]

    def compare(self, changes: Sequence[Seen] = THREE, gaps: int = 1, **facts: Any) -> QgsVectorLayer:
        request = self.start()
        self._client.answer("change", replace(written(request, self._client.replies["change"], changes, gaps), **facts))
        self.wait_for(lambda: bool(self.compared.scores) or not changes)
        return QgsProject.instance().mapLayer(self.compared.layer_id)

    def filter(self, threshold: float, min_area: float = 0.0) -> None:
        former = self.compared
        self.session.change.set_filter(threshold, min_area)
        self.wait_for(lambda: self.compared is not former)

    def wait_for(self, fact: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(fact, timeout=WAIT)

    @property
    def compared(self) -> Compared:
        assert self.session.state.jobs.change.compared is not None
        return self.session.state.jobs.change.compared


@pytest.fixture
def comparer(running: Plugin, client: FakeClient, town: QgsRasterLayer, old_town: QgsRasterLayer, qtbot: Any) -> Comparer:
    """The older town is the before raster, the town the after one."""
    running.session.choose_raster(town.id(), town.name())
    running.session.show_panel(Panel.CHANGE)
    running.session.change.choose_before(old_town.id(), old_town.name())
    return Comparer(running, client, qtbot)


def years(first: int, last: int) -> QgsDateTimeRange:
    begin, end = (QDateTime(QDate(year, 1, 1), QTime(0, 0)) for year in (first, last))
    return QgsDateTimeRange(begin, end, True, False)


def played(layer: QgsVectorLayer, frame: QgsDateTimeRange) -> list[str]:
    """Kinds of what QGIS draws of a layer in a frame of the temporal controller."""
    context = QgsVectorLayerTemporalContext()
    context.setLayer(layer)
    shown = layer.temporalProperties().createFilterString(context, frame)
    return sorted(feature["kind"] for feature in layer.getFeatures(QgsFeatureRequest().setFilterExpression(shown)))


# -- the layers


def test_changes_and_what_was_not_compared_come_into_a_group_above_both_rasters(comparer: Comparer) -> None:
    trees = QgsVectorLayer("Point?crs=EPSG:32645", "trees", "memory")
    QgsProject.instance().addMapLayer(trees)
    comparer.session.change.set_probability(True)
    comparer.compare()
    root = QgsProject.instance().layerTreeRoot()
    assert [node.name() for node in root.children()] == ["trees", "old town → town", "old town", "town"]
    group = root.children()[1]
    assert [node.name() for node in group.findLayers()] == ["Changes", "Not compared", "Probability of change"]


def test_changes_are_not_covered_by_the_old_map(comparer: Comparer, tmp_path: Path) -> None:
    path = changes_layer(tmp_path / "map.gpkg", THREE).source()
    old = QgsVectorLayer(path, "parcels", "ogr")
    QgsProject.instance().addMapLayer(old)
    comparer.session.change.choose_map(MapChoice(MapUse.WITNESS, old.id(), class_name="building"))
    comparer.compare()
    names = [node.name() for node in QgsProject.instance().layerTreeRoot().children()]
    assert names == ["old town → town", "parcels", "old town", "town"]


def test_what_is_come_upon_is_drawn_until_the_layer_is_there(comparer: Comparer, running: Plugin, client: FakeClient) -> None:
    request = comparer.start()
    partial = running._parts._change._partial
    client.tell_outlines("change", PartialObject(SQUARE_WKB, "building", 0.8), PartialObject(SQUARE_WKB, "water", 0.8))
    comparer.wait_for(lambda: partial.done and partial.count == 2)
    client.answer("change", written(request, client.replies["change"], THREE))
    assert partial.count == 0


def test_where_everything_was_compared_no_layer_says_otherwise(comparer: Comparer) -> None:
    comparer.compare(gaps=0)
    assert QgsProject.instance().mapLayersByName("Not compared") == []


def test_where_the_changes_come_from_is_stored_with_them(comparer: Comparer) -> None:
    comparer.session.change.set_classes(["building", "water"])
    layer = comparer.compare()
    (provenance,) = provenance_of(layer)
    assert provenance.source.endswith("town.tif") and provenance.digest == "d3" and provenance.prompts == "building, water"
    assert provenance.parameters["before"]["source"].endswith("town_2012-07-31.tif")
    assert provenance.parameters["dates"] == ["2012-07-31", "2020"] and provenance.parameters["shift"]["x"] == 0.8
    assert provenance_of(QgsVectorLayer(layer.source(), "again", "ogr")) == [provenance]


def test_the_layer_remembers_what_was_compared_for_a_review(comparer: Comparer, town: QgsRasterLayer, old_town: QgsRasterLayer) -> None:
    layer = comparer.compare()
    assert (layer.customProperty("rasterscribe/before"), layer.customProperty("rasterscribe/after")) == (old_town.id(), town.id())


def test_each_run_has_a_file_of_its_own(comparer: Comparer, tmp_path: Path) -> None:
    comparer.compare()
    comparer.compare()
    assert sorted(path.name for path in tmp_path.glob("changes*.gpkg")) == ["changes.gpkg", "changes_2.gpkg"]
    assert len(QgsProject.instance().mapLayersByName("Changes")) == 2


def test_a_file_that_is_open_in_the_project_is_not_written_over(comparer: Comparer, client: FakeClient, tmp_path: Path) -> None:
    comparer.compare()
    comparer.session.change.choose_path(str(tmp_path / "changes.gpkg"))
    comparer.start()
    assert len(client.requests("change")) == 1
    assert comparer.session.state.problem and comparer.session.state.problem.code == "found.open"


def test_a_layer_that_was_removed_is_forgotten(comparer: Comparer) -> None:
    layer = comparer.compare()
    QgsProject.instance().removeMapLayer(layer)
    assert comparer.session.state.jobs.change.compared is None
    comparer.session.change.set_filter(0.9, 0.0)


def test_a_comparison_that_found_nothing_is_a_result_too(comparer: Comparer) -> None:
    comparer.compare(())
    comparer.wait_for(lambda: bool(comparer.compared.layer_id))
    assert (comparer.compared.shown, comparer.compared.scores, comparer.compared.matrix) == (0, (), ())


def test_a_plugin_that_is_unloaded_hears_no_more_of_it(comparer: Comparer, running: Plugin, client: FakeClient, qtbot: Any) -> None:
    request = comparer.start()
    running.unload()
    with qtbot.captureExceptions() as faults:
        client.answer("change", written(request, client.replies["change"], THREE))
    assert not faults and len(QgsProject.instance().mapLayers()) == 2
    running.initGui()


# -- the filter and the summary


def test_the_filter_thins_out_the_changes_and_their_matrix_alike(comparer: Comparer) -> None:
    layer = comparer.compare()
    assert comparer.compared.shown == layer.featureCount() == 2  # from a score of 0.5
    comparer.filter(0.3)
    assert layer.featureCount() == 3
    assert comparer.compared.matrix[0] == FromTo("field", "water", 1, 100.0) and len(comparer.compared.matrix) == 3
    comparer.filter(0.3, 12.0)
    assert [(one.from_class, one.to_class) for one in comparer.compared.matrix] == [("field", "water"), ("other", "building")]


def test_what_was_accepted_stays_whatever_the_filter_says_and_what_was_rejected_does_not_count(comparer: Comparer) -> None:
    layer = comparer.compare((HOUSE._replace(review="rejected"), SHED, POND._replace(review="accepted")))
    comparer.filter(0.8)
    assert sorted(feature["review"] for feature in layer.getFeatures()) == ["accepted", "rejected"]
    assert comparer.compared.matrix == (FromTo("field", "water", 1, 100.0),) and comparer.compared.shown == 2


def test_the_filter_waits_for_edits_and_loses_none(comparer: Comparer) -> None:
    layer = comparer.compare()
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    comparer.filter(0.7)
    assert comparer.compared.held and layer.isModified()
    comparer.session.change.save_edits()
    comparer.wait_for(lambda: not comparer.compared.held and len(comparer.compared.scores) == 2)
    assert layer.featureCount() == 0


def test_the_summary_is_exported_as_it_is_shown(comparer: Comparer, tmp_path: Path) -> None:
    comparer.compare()
    comparer.session.change.export_summary(str(tmp_path / "summary.csv"))
    comparer.wait_for((tmp_path / "summary.csv").exists)
    text = "from_class,to_class,count,area_m2\nother,building,1,16.00\nbuilding,other,1,9.00\n"
    assert (tmp_path / "summary.csv").read_text() == text


# -- played by the temporal controller


def test_what_disappears_is_seen_until_the_after_date_and_what_is_new_from_then_on(comparer: Comparer) -> None:
    layer = comparer.compare()
    comparer.filter(0.3)
    assert layer.temporalProperties().isActive()
    assert played(layer, years(2011, 2012)) == []
    assert played(layer, years(2013, 2014)) == played(layer, years(2019, 2020)) == ["disappeared"]
    assert played(layer, years(2020, 2021)) == ["appeared", "changed"]


def test_each_raster_is_seen_at_its_date_and_both_for_as_long(comparer: Comparer, town: QgsRasterLayer, old_town: QgsRasterLayer) -> None:
    comparer.compare()
    before, after = old_town.temporalProperties(), town.temporalProperties()
    assert before.isVisibleInTemporalRange(years(2019, 2020)) and not after.isVisibleInTemporalRange(years(2019, 2020))
    assert after.isVisibleInTemporalRange(years(2020, 2021)) and not before.isVisibleInTemporalRange(years(2020, 2021))
    whole = QgsTemporalUtils.calculateTemporalRangeForProject(QgsProject.instance())
    assert whole.begin().date() == DATES[0] and whole.begin().daysTo(DATES[1].startOfDay()) * 2 == whole.begin().daysTo(whole.end())


def test_a_change_that_the_analyst_drew_without_dates_is_played_too(comparer: Comparer) -> None:
    layer = comparer.compare()
    layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(50, 50, 54, 54)))
    feature["kind"] = "disappeared"
    layer.addFeature(feature)
    assert played(layer, years(2013, 2014)) == ["disappeared"] * 2


def test_when_the_user_said_when_a_raster_is_seen_that_holds(comparer: Comparer, town: QgsRasterLayer) -> None:
    properties = town.temporalProperties()
    properties.setFixedTemporalRange(years(2000, 2001))
    properties.setIsActive(True)
    comparer.compare()
    assert properties.fixedTemporalRange() == years(2000, 2001)


def test_a_raster_that_is_before_in_a_later_pair_is_seen_until_that_ones_date(comparer: Comparer, town: QgsRasterLayer) -> None:
    comparer.compare(before_date="2012", after_date="2016")
    assert town.temporalProperties().fixedTemporalRange().end().date().year() == 2020
    comparer.session.change.swap()
    comparer.compare(before_date="2016", after_date="2018")
    assert town.temporalProperties().fixedTemporalRange().end().date() == QDate(2018, 1, 1)


def test_without_dates_everything_is_seen_always(comparer: Comparer, town: QgsRasterLayer) -> None:
    layer = comparer.compare(before_date="")
    assert not layer.temporalProperties().isActive() and not town.temporalProperties().isActive()
