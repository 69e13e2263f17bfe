"""What a search finds is drawn while it comes, and becomes a styled layer that a filter thins out without losing an edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from rasterscribe.models.classes import colour_of
from rasterscribe.models.protocol import ClassFound, FindReply, PartialObject
from rasterscribe.plugin.area_state import AreaKind, Found
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.map.found import read_scores
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.plugin.map.results import make_table, open_table
from rasterscribe.plugin.map.styles import save_style
from rasterscribe.tests.plugin.fake_client import SQUARE_WKB, FakeClient

WAIT = 60_000  # ms at most; the machine may be busy with other work
UTM = QgsCoordinateReferenceSystem("EPSG:32645")
Object = tuple[str, float, Optional[float]]  # class, score, area in m2
THREE: tuple[Object, ...] = (("building", 0.9, 100.0), ("building", 0.6, 30.0), ("pond", 0.3, 400.0))


def written(path: Path, objects: Sequence[Object], crs: QgsCoordinateReferenceSystem = UTM) -> FindReply:
    """A GeoPackage as the engine leaves it: squares of 4 units side by side."""
    table = make_table(path, crs)
    layer = open_table(path, table, crs)
    features = []
    for number, (name, score, area) in enumerate(objects):
        feature = QgsFeature(layer.fields())
        x = 6 * number
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(x, 0, x + 4, 4)))
        feature["class"], feature["score"], feature["area_m2"] = name, score, area
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    classes = tuple(ClassFound(name, 1, 1.0) for name in sorted({name for name, _, _ in objects}))
    return FindReply(str(path), len(objects), classes, ("abandoned",), (), "buildings", "text", "d2", 3.0)


class Searcher:
    """Runs a search that finds given objects."""

    def __init__(self, plugin: Plugin, client: FakeClient, qtbot: Any) -> None:
        self.plugin, self.session, self._client, self._qtbot = plugin, plugin.session, client, qtbot

    def start(self, phrase: str = "buildings, ponds") -> None:
        while self._client.open("open"):
            self._client.answer("open")
        self.session.area.choose_kind(AreaKind.WHOLE)
        self.session.text.type(phrase)
        self.session.text.run()

    def find(self, objects: Sequence[Object] = THREE, crs: QgsCoordinateReferenceSystem = UTM) -> QgsVectorLayer:
        self.start()
        self._client.answer("find", written(Path(self._client.requests("find")[-1].out), objects, crs))
        self.wait_for(lambda: bool(self.found.scores))
        return QgsProject.instance().mapLayer(self.found.layer_id)

    def filter(self, threshold: float, min_area: float = 0.0) -> None:
        former = self.found
        self.session.text.set_filter(threshold, min_area)
        self.wait_for(lambda: self.found is not former)

    def wait_for(self, fact: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(fact, timeout=WAIT)

    @property
    def found(self) -> Found:
        assert self.session.state.jobs.text.found is not None
        return self.session.state.jobs.text.found


@pytest.fixture
def searcher(running: Plugin, client: FakeClient, qtbot: Any) -> Searcher:
    return Searcher(running, client, qtbot)


# -- the layer


def test_what_was_found_becomes_a_layer_with_the_phrases_name_and_a_colour_a_class(searcher: Searcher) -> None:
    layer = searcher.find()
    assert layer.name() == "buildings, ponds" and layer.crs() == UTM
    renderer = layer.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    assert {category.value() for category in renderer.categories()} >= {"building", "pond"}


def test_a_style_that_the_file_brings_is_kept(searcher: Searcher, client: FakeClient) -> None:
    searcher.start()
    path = Path(client.requests("find")[-1].out)
    reply = written(path, THREE)
    assert save_style(open_table(path, "objects", UTM))
    client.answer("find", reply)
    searcher.wait_for(lambda: bool(searcher.found.layer_id))
    layer = QgsProject.instance().mapLayer(searcher.found.layer_id)
    assert isinstance(layer.renderer(), QgsSingleSymbolRenderer)


def test_scores_and_areas_of_all_objects_are_read_for_the_histogram(searcher: Searcher) -> None:
    searcher.find()
    assert searcher.found.scores == (0.9, 0.6, 0.3) and searcher.found.areas == (100.0, 30.0, 400.0)


def test_without_a_crs_areas_are_those_of_the_shapes(searcher: Searcher, town: QgsRasterLayer) -> None:
    town.setCrs(QgsCoordinateReferenceSystem())
    layer = searcher.find([("pond", 0.9, None), ("pond", 0.9, None)], QgsCoordinateReferenceSystem())
    assert searcher.found.areas == (16.0, 16.0) and not layer.crs().isValid()
    searcher.filter(0.5, 17.0)
    assert layer.featureCount() == 0 == searcher.found.shown


def test_where_the_objects_come_from_is_stored_with_them(searcher: Searcher) -> None:
    layer = searcher.find()
    (provenance,) = provenance_of(layer)
    assert provenance.prompts == "buildings, ponds" and provenance.digest == "d2" and provenance.source.endswith("town.tif")
    assert provenance.parameters["not_understood"] == ["abandoned"] and provenance.parameters["threshold"] == 0.5
    assert provenance.parameters["refine"] is True
    assert provenance_of(QgsVectorLayer(layer.source(), "again", "ogr")) == [provenance]


def test_a_long_phrase_is_cut_in_the_layers_name_and_whole_in_what_is_said_of_it(searcher: Searcher, client: FakeClient) -> None:
    phrase = "buildings larger than 300 m² within 50 m of a road, ponds"
    searcher.start(phrase)
    client.answer("find", written(Path(client.requests("find")[-1].out), THREE))
    searcher.wait_for(lambda: bool(searcher.found.layer_id))
    layer = QgsProject.instance().mapLayer(searcher.found.layer_id)
    assert layer.name() == "buildings larger than 300 m² within 50…" and layer.title() == phrase
    assert layer.metadata().title() == phrase and phrase in layer.metadata().abstract()


def test_each_search_has_a_file_of_its_own_beside_the_raster(searcher: Searcher, tmp_path: Path) -> None:
    searcher.find()
    searcher.find()
    assert sorted(path.name for path in tmp_path.glob("*.gpkg")) == ["found.gpkg", "found_2.gpkg"]
    assert len(QgsProject.instance().mapLayersByName("buildings, ponds")) == 2


def test_a_file_that_is_open_in_the_project_is_not_written_over(searcher: Searcher, client: FakeClient, tmp_path: Path) -> None:
    searcher.find()
    searcher.session.text.choose_path(str(tmp_path / "found.gpkg"))
    searcher.start()
    assert len(client.requests("find")) == 1
    assert searcher.session.state.problem and searcher.session.state.problem.code == "found.open"


def test_a_file_that_is_no_table_of_objects_is_a_problem(searcher: Searcher, client: FakeClient, tmp_path: Path) -> None:
    searcher.start()
    (tmp_path / "found.gpkg").write_text("no table")
    client.answer("find", FindReply(str(tmp_path / "found.gpkg"), 0, (), (), (), "", "text", "d2", 3.0))
    searcher.wait_for(lambda: searcher.session.state.problem is not None)
    assert searcher.session.state.problem and searcher.session.state.problem.code == "found.unreadable"


def test_a_layer_that_was_removed_is_forgotten(searcher: Searcher) -> None:
    layer = searcher.find()
    QgsProject.instance().removeMapLayer(layer)
    assert searcher.session.state.jobs.text.found is None
    searcher.session.text.set_filter(0.9, 0.0)


# -- the filter


def test_the_filter_shows_what_is_sure_and_large_enough(searcher: Searcher) -> None:
    layer = searcher.find()
    assert layer.featureCount() == searcher.found.shown == 2  # from a score of 0.5
    searcher.filter(0.25)
    assert layer.featureCount() == searcher.found.shown == 3
    searcher.filter(0.25, 50.0)
    assert sorted(feature["score"] for feature in layer.getFeatures()) == [0.3, 0.9] and searcher.found.shown == 2


def test_what_was_kept_is_shown_whatever_the_filter_says(searcher: Searcher) -> None:
    layer = searcher.find([*THREE])
    searcher.filter(0.25)
    from rasterscribe.plugin.map.review import keep

    pond = next(feature for feature in layer.getFeatures() if feature["class"] == "pond")
    keep(layer, pond.id())
    searcher.session.text.save_edits()
    searcher.wait_for(lambda: not layer.isModified() and layer.subsetString().endswith("'kept'"))
    searcher.filter(0.95)
    assert [feature["class"] for feature in layer.getFeatures()] == ["pond"] and searcher.found.shown == 1


def test_what_the_analyst_draws_is_shown_whatever_its_class_and_the_filter(searcher: Searcher) -> None:
    layer = searcher.find()
    assert "" not in classes_shown(layer)
    layer.startEditing()
    for name in (None, "shed"):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(30, 30, 34, 34)))
        feature["class"] = name
        layer.addFeature(feature)
    layer.changeAttributeValue(next(layer.getFeatures("\"class\" = 'shed'")).id(), layer.fields().lookupField("class"), "barn")
    assert {"", "shed", "barn"} <= classes_shown(layer)
    searcher.session.text.save_edits()
    searcher.wait_for(lambda: len(searcher.found.scores) == 5)
    searcher.filter(0.95)
    assert layer.featureCount() == searcher.found.shown == 2


def classes_shown(layer: QgsVectorLayer) -> set[str]:
    return {category.value() for category in layer.renderer().categories()}


def test_the_filter_waits_for_edits_and_loses_none(searcher: Searcher) -> None:
    layer = searcher.find()
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    searcher.filter(0.7)
    assert searcher.found.held and layer.isModified() and layer.featureCount() == 1
    searcher.session.text.save_edits()
    searcher.wait_for(lambda: not searcher.found.held and len(searcher.found.scores) == 2)
    assert layer.isEditable() and layer.featureCount() == 0  # 0.9 is deleted, and the others are below 0.7


def test_the_filter_goes_on_when_edits_are_discarded(searcher: Searcher) -> None:
    layer = searcher.find()
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    searcher.filter(0.7)
    layer.rollBack()
    searcher.wait_for(lambda: not searcher.found.held)
    assert layer.featureCount() == 1


def test_a_layer_that_is_open_for_editing_but_unchanged_is_filtered_and_stays_open(searcher: Searcher) -> None:
    layer = searcher.find()
    layer.startEditing()
    searcher.filter(0.7)
    assert layer.featureCount() == 1 and layer.isEditable() and not searcher.found.held


def test_scores_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "many.gpkg"
    written(path, [("car", number / 1000, float(number)) for number in range(1000)])
    scores = read_scores(path)
    assert scores.scores.tolist() == [number / 1000 for number in range(1000)] and scores.shown(0.5, 600.0) == 400


# -- while it runs


def test_what_is_come_upon_has_the_colour_of_its_class(searcher: Searcher, client: FakeClient, qtbot: Any) -> None:
    canvas = searcher.plugin.canvas
    searcher.start()
    for name, x in (("building", 5), ("water", 45)):
        outline = QgsGeometry.fromRect(QgsRectangle(x, 5, x + 10, 15)).asWkb().toHex().data().decode()
        client.tell_outlines("find", PartialObject(outline, name, 0.8))
    partial = searcher.plugin._parts._found._partial
    qtbot.waitUntil(lambda: partial.count == 2 and partial.done)
    for name, x in (("building", 10), ("water", 50)):
        at = canvas.getCoordinateTransform().transform(x, 10)
        drawn, wanted = partial._item.picture.pixelColor(round(at.x()), round(at.y())), QColor(colour_of(name))
        assert all(abs(one - other) < 8 for one, other in zip(drawn.getRgb()[:3], wanted.getRgb()[:3], strict=True)), name


def test_what_is_come_upon_is_drawn_until_the_layer_is_there(searcher: Searcher, client: FakeClient, qtbot: Any) -> None:
    canvas = searcher.plugin.canvas
    items = len(canvas.scene().items())
    searcher.start()
    client.tell_outlines("find", PartialObject(SQUARE_WKB, "building", 0.8), PartialObject(SQUARE_WKB, "pond", 0.8))
    partial = searcher.plugin._parts._found._partial
    qtbot.waitUntil(lambda: partial.done and partial.count == 2)
    at = canvas.getCoordinateTransform().transform(5, 5)
    assert partial._item.picture.pixelColor(round(at.x()), round(at.y())).alpha() > 0
    canvas.setExtent(QgsRectangle(20, 20, 40, 40))
    qtbot.waitUntil(lambda: partial.done)
    assert partial._item.picture.pixelColor(round(at.x()), round(at.y())).alpha() == 0
    client.refuse("find", "cancelled")
    assert len(canvas.scene().items()) == items
