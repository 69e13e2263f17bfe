"""Going through what was found: each click is one edit that QGIS's undo takes back, and the layer says what was decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QKeyEvent

from rasterscribe.models.protocol import FindReply
from rasterscribe.plugin.area_state import AreaKind
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.map.results import make_table, open_table
from rasterscribe.plugin.map.review_tool import ReviewMode
from rasterscribe.tests.plugin.fake_client import FakeClient, outline_reply
from rasterscribe.tests.plugin.test_found_link import UTM

WAIT = 60_000  # ms at most; the machine may be busy with other work
LEFT, RIGHT, APART = (
    "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))",
    "POLYGON((10 0, 20 0, 20 10, 10 10, 10 0))",
    "POLYGON((40 40, 42 40, 42 42, 40 40))",
)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient(prompt_answers=True)


class Reviewer:
    """Somebody with a found layer of three objects and the review tool in hand."""

    def __init__(self, plugin: Plugin, layer: QgsVectorLayer) -> None:
        self.plugin, self.layer, self.session = plugin, layer, plugin.session
        self._link = plugin._parts._review

    def click(self, mode: ReviewMode, *places: tuple[float, float]) -> None:
        if self._link.tool.mode is not mode or self.plugin.canvas.mapTool() is not self._link.tool:
            self._link.actions[mode].trigger()
        for place in places:
            self._link.tool.picked.emit(QgsPointXY(*place))

    def key(self, key: Qt.Key) -> bool:
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        canvas = self.plugin.canvas
        canvas.hasFocus = lambda: True
        try:
            return self._link.tool.eventFilter(canvas, event)
        finally:
            del canvas.hasFocus

    @property
    def shapes(self) -> list[QgsGeometry]:
        return [feature.geometry() for feature in self.layer.getFeatures()]

    def object_at(self, x: float, y: float) -> QgsFeature:
        point = QgsGeometry.fromPointXY(QgsPointXY(x, y))
        return next(feature for feature in self.layer.getFeatures() if feature.geometry().contains(point))

    @property
    def problem(self) -> str:
        return self.session.state.problem.code if self.session.state.problem else ""


@pytest.fixture
def reviewer(running: Plugin, client: FakeClient, tmp_path: Path, qtbot: Any) -> Reviewer:
    path = tmp_path / "found.gpkg"
    table = open_table(path, make_table(path, UTM), UTM)
    features = []
    for shape, score in ((LEFT, 0.9), (RIGHT, 0.7), (APART, 0.6)):
        feature = QgsFeature(table.fields())
        feature.setGeometry(QgsGeometry.fromWkt(shape))
        feature["class"], feature["score"], feature["area_m2"] = "building", score, feature.geometry().area()
        features.append(feature)
    table.dataProvider().addFeatures(features)
    del table
    client.replies["find"] = FindReply(str(path), 3, (), (), (), "building", "text", "d2", 3.0)
    session = running.session
    session.area.choose_kind(AreaKind.WHOLE)
    session.text.type("building")
    session.text.choose_path(str(path) + ".new")
    session.text.run()
    qtbot.waitUntil(lambda: bool(session.state.jobs.text.found and session.state.jobs.text.found.layer_id), timeout=WAIT)
    return Reviewer(running, QgsProject.instance().mapLayer(session.state.jobs.text.found.layer_id))


def test_a_kept_object_is_marked_as_kept(reviewer: Reviewer) -> None:
    reviewer.click(ReviewMode.KEEP, (5, 5))
    assert reviewer.object_at(5, 5)["review"] == "kept"
    assert reviewer.layer.undoStack().undoText() == "Keep an object"
    reviewer.layer.undoStack().undo()
    assert reviewer.object_at(5, 5)["review"] != "kept" and not reviewer.layer.isModified()


def test_a_discarded_object_is_gone_until_it_is_undone(reviewer: Reviewer) -> None:
    reviewer.click(ReviewMode.DISCARD, (5, 5))
    assert len(reviewer.shapes) == 2
    reviewer.layer.undoStack().undo()
    assert len(reviewer.shapes) == 3


def test_merged_objects_are_one_with_the_area_of_both_and_their_mean_score(reviewer: Reviewer) -> None:
    reviewer.click(ReviewMode.MERGE, (5, 5), (15, 5))
    whole = reviewer.object_at(5, 5)
    assert len(reviewer.shapes) == 2 and whole.geometry().area() == pytest.approx(200)
    assert whole["score"] == pytest.approx(0.8) and whole["area_m2"] == pytest.approx(200, rel=0.01)
    reviewer.layer.undoStack().undo()
    assert len(reviewer.shapes) == 3 and reviewer.object_at(5, 5)["score"] == 0.9


def test_enter_begins_another_object_to_merge(reviewer: Reviewer) -> None:
    reviewer.click(ReviewMode.MERGE, (5, 5))
    reviewer.key(Qt.Key.Key_Return)
    reviewer.click(ReviewMode.MERGE, (15, 5))
    assert len(reviewer.shapes) == 3
    reviewer.click(ReviewMode.MERGE, (5, 5), (41.5, 41))
    assert len(reviewer.shapes) == 1


def test_what_the_engine_outlines_in_an_object_is_cut_out_of_it(reviewer: Reviewer, client: FakeClient) -> None:
    reviewer.click(ReviewMode.MERGE, (5, 5), (15, 5))
    reviewer.click(ReviewMode.SPLIT, (5, 5))  # the fake outlines the left half
    assert client.requests("click")[-1].points == ((5, 5),)
    assert len(reviewer.shapes) == 3
    left, right = reviewer.object_at(5, 5), reviewer.object_at(15, 5)
    assert left.geometry().area() == right.geometry().area() == pytest.approx(100)
    assert left["area_m2"] == pytest.approx(100, rel=0.01) and left["class"] == "building"
    reviewer.layer.undoStack().undo()
    assert len(reviewer.shapes) == 2


def test_an_outline_that_is_the_whole_object_splits_nothing(reviewer: Reviewer) -> None:
    reviewer.click(ReviewMode.SPLIT, (5, 5))
    assert len(reviewer.shapes) == 3 and reviewer.problem == "review.nothing"


def test_where_the_engine_sees_nothing_nothing_is_split(reviewer: Reviewer, client: FakeClient) -> None:
    client.replies["click"] = outline_reply("")
    reviewer.click(ReviewMode.SPLIT, (5, 5))
    assert len(reviewer.shapes) == 3 and reviewer.problem == "review.nothing"


def test_what_was_decided_survives_saving(reviewer: Reviewer) -> None:
    reviewer.click(ReviewMode.KEEP, (5, 5))
    reviewer.click(ReviewMode.MERGE, (15, 5), (41.5, 41))
    assert reviewer.layer.commitChanges(), reviewer.layer.commitErrors()
    assert reviewer.object_at(5, 5)["review"] == "kept" and len(reviewer.shapes) == 2


def test_a_click_beside_every_object_changes_nothing(reviewer: Reviewer) -> None:
    for mode in ReviewMode:
        reviewer.click(mode, (30, 30))
    assert len(reviewer.shapes) == 3 and not reviewer.layer.isModified() and not reviewer.problem


def test_a_layer_that_cannot_be_edited_is_a_problem(reviewer: Reviewer) -> None:
    reviewer.layer.setReadOnly(True)
    reviewer.click(ReviewMode.DISCARD, (5, 5))
    assert reviewer.problem == "target.read_only" and len(reviewer.shapes) == 3


def test_without_anything_found_there_is_nothing_to_go_through(running: Plugin) -> None:
    running._parts._review.actions[ReviewMode.KEEP].trigger()
    running._parts._review.tool.picked.emit(QgsPointXY(5, 5))
    assert running.session.state.problem and running.session.state.problem.code == "review.no_layer"


@pytest.mark.parametrize(
    ("key", "mode"), [(Qt.Key.Key_D, ReviewMode.DISCARD), (Qt.Key.Key_M, ReviewMode.MERGE), (Qt.Key.Key_K, ReviewMode.KEEP)]
)
def test_a_key_changes_what_a_click_means(reviewer: Reviewer, key: Qt.Key, mode: ReviewMode) -> None:
    reviewer.click(ReviewMode.SPLIT)
    assert reviewer.key(key)
    actions = reviewer.plugin._parts._review.actions
    assert [one for one, action in actions.items() if action.isChecked()] == [mode]


def test_another_tool_unchecks_the_buttons(reviewer: Reviewer) -> None:
    reviewer.click(ReviewMode.KEEP)
    reviewer.plugin.canvas.setMapTool(reviewer.plugin.tool)
    assert not any(action.isChecked() for action in reviewer.plugin._parts._review.actions.values())


# -- more like this one


def test_selected_polygons_become_the_examples_of_the_next_search(reviewer: Reviewer, client: FakeClient, town: QgsRasterLayer) -> None:
    reviewer.layer.selectByExpression("score > 0.8")
    reviewer.session.text.use_examples()
    assert reviewer.session.state.jobs.text.examples == 1
    reviewer.session.text.run()
    shape = QgsGeometry()
    shape.fromWkb(bytes.fromhex(client.requests("find")[-1].examples))
    assert shape.isMultipart() and shape.area() == pytest.approx(100)


def test_without_a_selection_there_are_no_examples(reviewer: Reviewer) -> None:
    reviewer.session.text.use_examples()
    assert reviewer.problem == "examples.none" and reviewer.session.state.jobs.text.examples == 0
