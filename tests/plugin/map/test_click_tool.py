"""Real events on a real canvas."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from qgis.core import QgsPointXY
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QKeySequence, QMouseEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QShortcut

from rasterscribe.plugin.map.click_tool import HOVER_MS, ClickTool

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NO_BUTTON, NONE = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
CENTRE = QPoint(200, 150)


class Heard:
    """Everything a tool emits, in order, but for its hints."""

    def __init__(self, tool: ClickTool) -> None:
        self.events: list[tuple] = []
        self.hints: list[str] = []
        tool.clicked.connect(lambda at, positive: self.events.append(("clicked", round(at.x()), round(at.y()), positive)))
        tool.boxed.connect(
            lambda b: self.events.append(("boxed", *(round(v) for v in (b.xMinimum(), b.yMinimum(), b.xMaximum(), b.yMaximum()))))
        )
        tool.hovered.connect(lambda at: self.events.append(("hovered", round(at.x()), round(at.y()))))
        tool.resized.connect(lambda larger: self.events.append(("resized", larger)))
        for name in ("left", "undone", "redone", "accepted", "cleared"):
            getattr(tool, name).connect(lambda name=name: self.events.append((name,)))
        tool.hinted.connect(self.hints.append)


@pytest.fixture
def stage(window) -> SimpleNamespace:
    tool = ClickTool(window.canvas)
    heard = Heard(tool)
    window.canvas.setMapTool(tool)
    yield SimpleNamespace(
        tool=tool, heard=heard, canvas=window.canvas, viewport=window.canvas.viewport(), field=window.field, main=window.main
    )
    window.canvas.unsetMapTool(tool)


def mouse(stage, kind, at: QPoint, button=NO_BUTTON, buttons=NO_BUTTON, modifiers=NONE) -> None:
    """One mouse event as the window system sends it (QTest's move events carry no buttons on Qt 5)."""
    viewport = stage.viewport
    event = QMouseEvent(kind, QPointF(at), QPointF(viewport.mapToGlobal(at)), button, buttons, modifiers)
    QApplication.sendEvent(viewport, event)


def drag(stage, start: QPoint, end: QPoint, button=LEFT) -> None:
    mouse(stage, QEvent.Type.MouseButtonPress, start, button, button)
    mouse(stage, QEvent.Type.MouseMove, (start + end) / 2, NO_BUTTON, button)
    mouse(stage, QEvent.Type.MouseMove, end, NO_BUTTON, button)
    mouse(stage, QEvent.Type.MouseButtonRelease, end, button)


def test_left_click_adds_and_right_or_shift_click_removes(stage):
    QTest.mouseClick(stage.viewport, LEFT, NONE, QPoint(250, 100))
    QTest.mouseClick(stage.viewport, RIGHT, NONE, CENTRE)
    QTest.mouseClick(stage.viewport, LEFT, SHIFT, QPoint(150, 200))
    assert stage.heard.events == [("clicked", 50, 50, True), ("clicked", 0, 0, False), ("clicked", -50, -50, False)]


def test_middle_button_belongs_to_the_canvas(stage):
    QTest.mouseClick(stage.viewport, Qt.MouseButton.MiddleButton, NONE, CENTRE)
    assert not [event for event in stage.heard.events if event[0] == "clicked"]


def test_drag_draws_a_box_whichever_way_it_goes(stage):
    drag(stage, QPoint(150, 100), QPoint(250, 180))
    drag(stage, QPoint(250, 180), QPoint(150, 100))
    assert stage.heard.events == [("boxed", -50, -30, 50, 50)] * 2


def test_a_trembling_hand_still_clicks(stage):
    less = QApplication.startDragDistance() - 1
    drag(stage, CENTRE, CENTRE + QPoint(less, 0))
    assert stage.heard.events == [("clicked", 0, 0, True)]


def test_a_drag_whose_moves_got_lost_is_still_a_box(stage):
    mouse(stage, QEvent.Type.MouseButtonPress, QPoint(150, 100), LEFT, LEFT)
    mouse(stage, QEvent.Type.MouseButtonRelease, QPoint(250, 180), LEFT)
    assert [event[0] for event in stage.heard.events] == ["boxed"]


def test_dragging_with_the_right_button_does_nothing(stage):
    drag(stage, CENTRE, QPoint(300, 200), RIGHT)
    assert stage.heard.events == []


def test_a_second_button_calls_the_first_one_off(stage):
    mouse(stage, QEvent.Type.MouseButtonPress, CENTRE, LEFT, LEFT)
    mouse(stage, QEvent.Type.MouseButtonPress, CENTRE, RIGHT, LEFT | RIGHT)
    mouse(stage, QEvent.Type.MouseButtonRelease, CENTRE, RIGHT, LEFT)
    mouse(stage, QEvent.Type.MouseButtonRelease, CENTRE, LEFT)
    assert stage.heard.events == []
    QTest.mouseClick(stage.viewport, LEFT, NONE, CENTRE)
    assert stage.heard.events == [("clicked", 0, 0, True)]


def test_esc_while_dragging_gives_up_the_box_only(stage):
    stage.tool.offer(undo=True, redo=False, accept=True)
    mouse(stage, QEvent.Type.MouseButtonPress, CENTRE, LEFT, LEFT)
    mouse(stage, QEvent.Type.MouseMove, QPoint(300, 200), NO_BUTTON, LEFT)
    QTest.keyClick(stage.canvas, Qt.Key.Key_Escape)
    mouse(stage, QEvent.Type.MouseMove, QPoint(310, 200), NO_BUTTON, LEFT)
    mouse(stage, QEvent.Type.MouseButtonRelease, QPoint(310, 200), LEFT)
    assert stage.heard.events == []


def test_zooming_while_dragging_keeps_the_corner_on_the_map(stage):
    mouse(stage, QEvent.Type.MouseButtonPress, QPoint(200, 150), LEFT, LEFT)
    mouse(stage, QEvent.Type.MouseMove, QPoint(250, 180), NO_BUTTON, LEFT)
    stage.canvas.zoomByFactor(2.0)
    mouse(stage, QEvent.Type.MouseButtonRelease, QPoint(250, 180), LEFT)
    assert stage.heard.events == [("boxed", 0, -60, 100, 0)]


def test_on_a_rotated_canvas_the_box_holds_all_that_was_dragged(stage):
    stage.canvas.setRotation(90)
    drag(stage, QPoint(150, 100), QPoint(250, 180))
    ((name, xmin, ymin, xmax, ymax),) = stage.heard.events
    assert (name, xmax - xmin, ymax - ymin) == ("boxed", 80, 100)


def double_click(stage, modifiers=NONE, button=LEFT) -> None:
    mouse(stage, QEvent.Type.MouseButtonPress, CENTRE, button, button, modifiers)
    mouse(stage, QEvent.Type.MouseButtonRelease, CENTRE, button, NO_BUTTON, modifiers)
    mouse(stage, QEvent.Type.MouseButtonDblClick, CENTRE, button, button, modifiers)
    mouse(stage, QEvent.Type.MouseButtonRelease, CENTRE, button, NO_BUTTON, modifiers)


def test_double_click_on_an_outline_leaves_no_click_behind(stage):
    stage.tool.offer(undo=True, redo=False, accept=True)
    double_click(stage)
    assert stage.heard.events == [("clicked", 0, 0, True), ("undone",), ("accepted",)]


def test_double_click_on_fresh_ground_clicks_once_and_accepts(stage):
    stage.tool.clicked.connect(lambda *_: stage.tool.offer(undo=True, redo=False, accept=True))
    double_click(stage)
    assert stage.heard.events == [("clicked", 0, 0, True), ("accepted",)]


@pytest.mark.parametrize(("modifiers", "button"), [(SHIFT, LEFT), (NONE, RIGHT)])
def test_double_click_that_removes_does_not_accept(stage, modifiers, button):
    stage.tool.offer(undo=True, redo=False, accept=True)
    double_click(stage, modifiers, button)
    assert stage.heard.events == [("clicked", 0, 0, False)]


KEYS = [
    (Qt.Key.Key_Return, NONE, "accepted"),
    (Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier, "accepted"),
    (Qt.Key.Key_Escape, NONE, "cleared"),
    (Qt.Key.Key_Backspace, NONE, "undone"),
    (Qt.Key.Key_Z, CTRL, "undone"),
    (Qt.Key.Key_Z, CTRL | SHIFT, "redone"),
]
SHORTCUTS = ["Ctrl+Z", "Ctrl+Shift+Z", "Backspace", "Esc", "Return", "Enter"]


@pytest.mark.parametrize(("key", "modifiers", "verb"), KEYS)
def test_each_key_acts_once(stage, key, modifiers, verb):
    stage.tool.offer(undo=True, redo=True, accept=True)
    QTest.keyClick(stage.canvas, key, modifiers)
    assert stage.heard.events == [(verb,)]


@pytest.mark.parametrize(("key", "modifiers", "verb"), KEYS)
def test_keys_go_before_qgis_shortcuts_only_while_they_mean_something(stage, key, modifiers, verb):
    fired = []
    for sequence in SHORTCUTS:
        QShortcut(QKeySequence(sequence), stage.main).activated.connect(lambda: fired.append("shortcut"))
    stage.tool.offer(undo=True, redo=True, accept=True)
    QTest.keyClick(stage.canvas, key, modifiers)
    assert (stage.heard.events, fired) == ([(verb,)], [])
    stage.tool.offer(undo=False, redo=False, accept=False)
    QTest.keyClick(stage.canvas, key, modifiers)
    assert (stage.heard.events, fired) == ([(verb,)], ["shortcut"])


@pytest.mark.parametrize(("key", "modifiers", "verb"), KEYS)
def test_keys_in_a_text_field_stay_there(stage, qtbot, key, modifiers, verb):
    stage.tool.offer(undo=True, redo=True, accept=True)
    stage.field.setFocus()
    qtbot.waitUntil(stage.field.hasFocus)
    QTest.keyClick(stage.field, key, modifiers)
    assert stage.heard.events == []


def test_keys_that_a_field_on_the_canvas_passes_up_do_nothing(stage, qtbot):
    stage.tool.offer(undo=True, redo=True, accept=True)
    stage.field.setParent(stage.canvas)
    stage.field.show()
    stage.field.setFocus()
    qtbot.waitUntil(stage.field.hasFocus)
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Backspace):
        QTest.keyClick(stage.field, key)
    assert stage.heard.events == []


SIZE_KEYS = [
    (Qt.Key.Key_Plus, NONE, True),  # a German keyboard
    (Qt.Key.Key_Plus, SHIFT, True),  # a French or an American one
    (Qt.Key.Key_Equal, NONE, True),  # the same without Shift
    (Qt.Key.Key_Plus, Qt.KeyboardModifier.KeypadModifier, True),
    (Qt.Key.Key_Minus, NONE, False),
    (Qt.Key.Key_Minus, Qt.KeyboardModifier.KeypadModifier, False),
]


@pytest.mark.parametrize(("key", "modifiers", "larger"), SIZE_KEYS)
def test_plus_and_minus_ask_for_another_size_only_where_there_is_one(stage, key, modifiers, larger):
    stage.tool.offer(undo=True, redo=False, accept=True, larger=larger, smaller=not larger)
    QTest.keyClick(stage.canvas, key, modifiers)
    stage.tool.offer(undo=True, redo=False, accept=True, larger=not larger, smaller=larger)
    QTest.keyClick(stage.canvas, key, modifiers)
    assert stage.heard.events == [("resized", larger)]


def test_zooming_keys_and_the_wheel_stay_the_canvas_own(stage):
    stage.tool.offer(undo=True, redo=True, accept=True, larger=True, smaller=True)
    former = stage.canvas.scale()
    QTest.keyClick(stage.canvas, Qt.Key.Key_PageUp)
    assert stage.canvas.scale() < former
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        QTest.keyClick(stage.canvas, key, CTRL)
    assert stage.heard.events == []


def test_other_keys_and_modifiers_are_left_to_qgis(stage):
    stage.tool.offer(undo=True, redo=True, accept=True)
    for key, modifiers in [(Qt.Key.Key_A, NONE), (Qt.Key.Key_Backspace, SHIFT), (Qt.Key.Key_Return, CTRL), (Qt.Key.Key_Escape, SHIFT)]:
        QTest.keyClick(stage.canvas, key, modifiers)
    assert stage.heard.events == []


def test_hover_says_the_newest_place_and_not_too_often(stage, qtbot):
    for x in range(200, 220):
        mouse(stage, QEvent.Type.MouseMove, QPoint(x, 150))
    assert stage.heard.events == []
    qtbot.wait(HOVER_MS * 3)
    assert stage.heard.events == [("hovered", 19, 0)]


def test_nothing_is_hovered_while_a_button_is_down(stage, qtbot):
    mouse(stage, QEvent.Type.MouseMove, CENTRE)
    mouse(stage, QEvent.Type.MouseButtonPress, CENTRE, LEFT, LEFT)
    mouse(stage, QEvent.Type.MouseMove, QPoint(260, 150), NO_BUTTON, LEFT)
    qtbot.wait(HOVER_MS * 3)
    assert stage.heard.events == []


def test_leaving_the_canvas_ends_the_hover(stage, qtbot):
    mouse(stage, QEvent.Type.MouseMove, CENTRE)
    QApplication.sendEvent(stage.viewport, QEvent(QEvent.Type.Leave))
    qtbot.wait(HOVER_MS * 3)
    assert stage.heard.events == [("left",)]


def test_status_bar_says_what_can_be_done_now(stage):
    stage.tool.offer(undo=False, redo=False, accept=False)
    assert "Click an object" in stage.heard.hints[-1]
    stage.tool.offer(undo=True, redo=False, accept=True)
    assert "Enter" in stage.heard.hints[-1]
    mouse(stage, QEvent.Type.MouseButtonPress, CENTRE, LEFT, LEFT)
    mouse(stage, QEvent.Type.MouseMove, QPoint(300, 200), NO_BUTTON, LEFT)
    assert "box" in stage.heard.hints[-1]


def test_put_away_the_tool_is_silent(stage, qtbot):
    stage.tool.offer(undo=True, redo=True, accept=True)
    mouse(stage, QEvent.Type.MouseMove, CENTRE)
    stage.canvas.unsetMapTool(stage.tool)
    assert stage.heard.events == [("left",)] and stage.heard.hints[-1] == ""
    QTest.mouseClick(stage.viewport, LEFT, NONE, CENTRE)
    QTest.keyClick(stage.canvas, Qt.Key.Key_Return)
    qtbot.wait(HOVER_MS * 2)
    assert stage.heard.events == [("left",)]


def test_coordinates_are_those_of_the_canvas(stage):
    stage.canvas.setCenter(QgsPointXY(1000, 2000))
    QTest.mouseClick(stage.viewport, LEFT, NONE, CENTRE)
    assert stage.heard.events == [("clicked", 1000, 2000, True)]
