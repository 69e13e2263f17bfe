"""Going through changes with the keyboard alone, in a window with a real canvas: the map goes along, flickers, and decisions are edits."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QEvent, Qt
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtTest import QTest

from rasterscribe.plugin.change_dates import remember
from rasterscribe.plugin.change_state import Review
from rasterscribe.plugin.main import Plugin
from rasterscribe.tests.plugin.change_layers import changes_layer
from rasterscribe.tests.plugin.reviewing.reviewer import BRIGHT, CHANGES, DARK, KEY, WAIT, Reviewer

# -- going through


def test_it_begins_with_the_surest_and_goes_on_by_arrows(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    assert reviewer.review.words == "building disappeared, 16 m², 90 %" and (reviewer.review.at, reviewer.review.total) == (0, 3)
    reviewer.press(KEY.Key_Right)
    assert reviewer.review.words == "forest became field, 16 m², 80 %"
    reviewer.press(KEY.Key_Down, KEY.Key_Right)
    assert reviewer.review.words == "building appeared, 16 m², 70 %" and reviewer.review.at == 2
    reviewer.press(KEY.Key_Left)
    assert reviewer.review.at == 1


def test_the_map_goes_to_each_change_and_shows_its_surroundings(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    assert reviewer.canvas.extent().contains(QgsRectangle(40 - 30, 40 - 30, 44 + 30, 44 + 30))
    assert reviewer.canvas.center().distance(42, 42) < 1
    reviewer.press(KEY.Key_Right, KEY.Key_Right)
    assert reviewer.canvas.center().distance(12, 12) < 1


def test_decisions_are_made_with_single_keys_and_lead_to_the_next_undecided_change(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.press(KEY.Key_A)
    assert reviewer.review.at == 1
    reviewer.press(KEY.Key_R)
    assert reviewer.review.at == 2 and reviewer.decisions() == ["", "accepted", "rejected"]
    assert (reviewer.review.accepted, reviewer.review.rejected, reviewer.review.unsaved) == (1, 1, True)
    reviewer.press(KEY.Key_D)
    assert reviewer.review.decided == reviewer.review.total == 3


def test_each_decision_is_taken_back_by_ctrl_z_and_the_map_goes_back_to_it(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.press(KEY.Key_A, KEY.Key_R)
    reviewer.undo()
    assert reviewer.decisions() == ["", "accepted", ""] and reviewer.review.at == 1 and reviewer.review.decided == 1
    reviewer.undo()
    assert reviewer.decisions() == ["", "", ""] and reviewer.review.at == 0 and not reviewer.review.unsaved
    reviewer.press(KEY.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert reviewer.decisions() == ["", "accepted", ""]


def test_an_undo_in_qgis_itself_is_noticed(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.press(KEY.Key_A)
    reviewer.layer.undoStack().undo()
    assert reviewer.review.decided == 0


def test_a_review_goes_on_where_it_was_left(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.press(KEY.Key_A, KEY.Key_Escape)
    assert not reviewer.review.active and not reviewer.layer.isEditable() and reviewer.canvas.mapTool() is not reviewer.link.tool
    on_disk = QgsVectorLayer(reviewer.layer.source(), "again", "ogr")
    assert [str(change["review"]) for change in on_disk.getFeatures()].count("accepted") == 1
    reviewer.session.review.start()
    assert reviewer.review.at == 1 and reviewer.review.accepted == 1


def test_edits_that_the_user_began_are_not_saved_for_him(reviewer: Reviewer) -> None:
    reviewer.layer.startEditing()
    reviewer.session.review.start()
    reviewer.press(KEY.Key_A, KEY.Key_Escape)
    assert reviewer.layer.isModified() and reviewer.review.unsaved
    reviewer.session.review.save()
    assert not reviewer.layer.isModified() and reviewer.layer.isEditable() and not reviewer.review.unsaved


def test_a_click_goes_to_a_change(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    at = reviewer.canvas.getCoordinateTransform().transform(22, 42).toQPointF().toPoint()
    QTest.mouseClick(reviewer.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert reviewer.review.words.startswith("forest became field")


# -- relabelling


def test_two_digits_say_what_it_really_was_and_what_was_said_before_is_kept(reviewer: Reviewer, qtbot) -> None:
    reviewer.session.review.start()
    labels = reviewer.review.labels
    assert labels[:2] == ("other", "building") and "road" in labels
    reviewer.press(KEY.Key_L)
    QTest.keyClick(reviewer.link._menu.menu, str(labels.index("other")))
    QTest.keyClick(reviewer.link._menu.menu, str(labels.index("road")))
    change = list(reviewer.layer.getFeatures())[1]
    assert [change[name] for name in ("kind", "class", "from_class", "to_class")] == ["appeared", "road", "other", "road"]
    assert change["review"] == "relabelled (disappeared: building > other)"
    assert reviewer.review.accepted == 1 and reviewer.review.at == 1
    qtbot.waitUntil(reviewer.canvas.hasFocus)
    reviewer.undo()
    change = list(reviewer.layer.getFeatures())[1]
    assert (change["kind"], change["class"], str(change["review"] or "")) == ("disappeared", "building", "")


def test_what_is_rejected_is_what_the_model_said(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.session.review.relabel("", "road", "other")
    reviewer.press(KEY.Key_Left)
    assert reviewer.review.decision == "relabelled" and reviewer.review.from_class == "road"
    reviewer.press(KEY.Key_R)
    change = list(reviewer.layer.getFeatures())[1]
    assert (change["from_class"], change["class"], change["review"]) == ("building", "building", "rejected")


# -- the flicker


def test_the_before_image_is_seen_for_as_long_as_a_key_is_held(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.settle()
    for key in (KEY.Key_B, KEY.Key_Space):
        assert reviewer.brightness() == BRIGHT and not reviewer.review.before_shown
        QTest.keyPress(reviewer.canvas, key)
        assert reviewer.brightness() == DARK and reviewer.review.before_shown
        QTest.keyRelease(reviewer.canvas, key)
    assert reviewer.brightness() == BRIGHT and not reviewer.review.before_shown


def test_the_next_change_is_painted_before_it_is_asked_for(reviewer: Reviewer, qtbot) -> None:
    reviewer.session.review.start()
    for _ in range(2):
        qtbot.waitUntil(lambda: reviewer.link._flicker.ready_ahead, timeout=WAIT)
        reviewer.press(KEY.Key_A)
        assert reviewer.link._flicker.ready and reviewer.brightness() == BRIGHT


def test_what_is_being_painted_ahead_is_seen_once_it_is_there(reviewer: Reviewer, qtbot) -> None:
    reviewer.session.review.start()
    reviewer.settle()
    reviewer.press(KEY.Key_A)  # the next one has hardly begun
    reviewer.settle()
    assert reviewer.brightness() == BRIGHT
    QTest.keyPress(reviewer.canvas, KEY.Key_B)
    assert reviewer.brightness() == DARK


def test_the_flicker_leaves_the_layer_tree_and_the_canvas_alone(reviewer: Reviewer) -> None:
    root, canvas = QgsProject.instance().layerTreeRoot(), reviewer.canvas
    root.findLayers()[0].setItemVisibilityChecked(False)
    before = [(node.layerId(), node.isVisible()) for node in root.findLayers()], canvas.layers()
    items = len(canvas.scene().items())
    reviewer.session.review.start()
    reviewer.settle()
    QTest.keyPress(canvas, KEY.Key_B)
    assert ([(node.layerId(), node.isVisible()) for node in root.findLayers()], canvas.layers()) == before
    reviewer.session.review.end()
    reviewer.link.tool.remove()
    assert ([(node.layerId(), node.isVisible()) for node in root.findLayers()], canvas.layers()) == before
    assert len(canvas.scene().items()) == items and not reviewer.review.before_shown


def test_a_key_that_goes_up_elsewhere_does_not_leave_the_before_image_there(reviewer: Reviewer, window, qtbot) -> None:
    reviewer.session.review.start()
    reviewer.settle()
    QTest.keyPress(reviewer.canvas, KEY.Key_B)
    window.field.setFocus()
    qtbot.waitUntil(window.field.hasFocus)
    assert not reviewer.review.before_shown


def test_keys_that_are_typed_elsewhere_decide_nothing(reviewer: Reviewer, window, qtbot) -> None:
    reviewer.session.review.start()
    window.field.setFocus()
    qtbot.waitUntil(window.field.hasFocus)
    QTest.keyClicks(window.field, "rad")
    assert window.field.text() == "rad" and reviewer.review.decided == 0


def test_a_key_that_is_held_decides_once(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.press(KEY.Key_A)
    for _ in range(3):
        event = QKeyEvent(QEvent.Type.KeyPress, KEY.Key_A, Qt.KeyboardModifier.NoModifier, "a", True)
        QCoreApplication.sendEvent(reviewer.canvas, event)
    assert reviewer.review.decided == 1


def test_without_a_before_raster_the_old_map_over_the_after_image_is_before(reviewer: Reviewer, tmp_path: Path) -> None:
    after = reviewer.session.state.raster.layer_id
    remember(reviewer.layer, "", after, reviewer.layer.id())
    reviewer.session.review.start()
    assert reviewer.review.has_before
    remember(reviewer.layer, "", after)
    reviewer.session.review.start()
    assert not reviewer.review.has_before
    QTest.keyPress(reviewer.canvas, KEY.Key_B)  # shows the map as it is
    QTest.keyRelease(reviewer.canvas, KEY.Key_B)


# -- what goes away meanwhile


def test_a_raster_that_is_removed_is_not_shown_any_more(reviewer: Reviewer, qtbot) -> None:
    reviewer.session.review.start()
    reviewer.settle()
    QgsProject.instance().removeMapLayer(reviewer.session.state.jobs.change.before_id)
    qtbot.waitUntil(lambda: not reviewer.review.has_before)
    reviewer.settle()
    reviewer.press(KEY.Key_A)
    assert reviewer.review.accepted == 1


def test_a_layer_that_is_removed_ends_its_review(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.press(KEY.Key_A)
    QgsProject.instance().removeMapLayer(reviewer.layer.id())
    assert reviewer.review == Review() and reviewer.canvas.mapTool() is not reviewer.link.tool
    reviewer.press(KEY.Key_A, KEY.Key_Right)


def test_another_tool_pauses_the_review(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.press(KEY.Key_A)
    reviewer.canvas.unsetMapTool(reviewer.link.tool)
    reviewer.press(KEY.Key_A)
    assert not reviewer.review.active and reviewer.review.accepted == 1
    reviewer.session.review.start()
    assert reviewer.review.at == 1


def test_a_deleted_change_is_passed_over(reviewer: Reviewer, qtbot) -> None:
    reviewer.session.review.start()
    reviewer.layer.startEditing()
    reviewer.layer.deleteFeature(reviewer.review.feature)
    qtbot.waitUntil(lambda: reviewer.review.total == 2)
    assert reviewer.review.words.startswith("forest became field")


def test_a_layer_without_changes_cannot_be_reviewed(reviewer: Reviewer) -> None:
    reviewer.layer.setSubsetString("score > 2")
    reviewer.session.review.start()
    assert reviewer.session.state.problem.code == "review.no_changes" and not reviewer.review.active


def test_a_layer_that_cannot_be_edited_is_a_problem(reviewer: Reviewer) -> None:
    reviewer.session.review.start()
    reviewer.layer.setReadOnly(True)
    reviewer.press(KEY.Key_A)
    assert reviewer.session.state.problem.code == "target.read_only" and reviewer.review.decided == 0


def test_the_map_may_have_another_crs_than_the_changes(reviewer: Reviewer) -> None:
    reviewer.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    reviewer.session.review.start()
    reviewer.settle()
    assert reviewer.brightness() == BRIGHT
    assert reviewer.link.tool._band._band.asGeometry().boundingBox().intersects(reviewer.canvas.extent())
    QTest.keyPress(reviewer.canvas, KEY.Key_B)
    assert reviewer.brightness() == DARK


def test_a_plugin_that_is_unloaded_in_the_middle_leaves_the_map_and_the_decisions(running: Plugin, town, tmp_path: Path) -> None:
    layer = changes_layer(tmp_path / "changes.gpkg", CHANGES)
    QgsProject.instance().addMapLayer(layer)
    canvas, session = running.canvas, running.session
    items = len(canvas.scene().items())
    canvas.setCurrentLayer(layer)
    session.review.start()
    session.review.accept()
    session.review.show_before(True)
    running.unload()
    assert canvas.mapTool() is None and len(canvas.scene().items()) <= items
    assert layer.isModified() and [str(change["review"] or "") for change in layer.getFeatures()].count("accepted") == 1
