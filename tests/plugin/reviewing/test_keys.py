"""The keys of the review count wherever in map or dock the focus is, except where something is typed."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from qgis.PyQt.QtCore import QPoint, QRect, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit, QPushButton, QSlider, QVBoxLayout, QWidget

from rasterscribe.plugin.main import Plugin
from rasterscribe.tests.plugin.reviewing.reviewer import KEY, WAIT, Reviewer


@pytest.fixture
def dock(reviewer: Reviewer, window: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """A widget beside the map with a button, a slider, a list and a line."""
    panel = QWidget()
    column = QVBoxLayout(panel)
    parts = SimpleNamespace(button=QPushButton(), slider=QSlider(Qt.Orientation.Horizontal), combo=QComboBox(), line=QLineEdit())
    for part in vars(parts).values():
        column.addWidget(part)
    parts.combo.addItems(["road", "building"])
    parts.slider.setValue(50)
    window.main.centralWidget().layout().addWidget(panel)
    reviewer.link.tool.hear(panel)
    reviewer.session.review.start()
    yield parts


def focus(widget: QWidget, qtbot) -> None:
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus, timeout=WAIT)


def test_all_keys_count_while_a_button_has_the_focus(reviewer: Reviewer, dock: SimpleNamespace, qtbot) -> None:
    focus(dock.button, qtbot)
    QTest.keyClick(dock.button, KEY.Key_Right)
    assert reviewer.review.at == 1
    QTest.keyClick(dock.button, KEY.Key_Left)
    QTest.keyClick(dock.button, KEY.Key_A)
    QTest.keyClick(dock.button, KEY.Key_R)
    assert (reviewer.review.accepted, reviewer.review.rejected) == (1, 1)
    QTest.keyClick(dock.button, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert reviewer.review.rejected == 0 and dock.button.hasFocus()
    QTest.keyClick(dock.button, KEY.Key_Escape)
    assert not reviewer.review.active


def test_the_before_image_is_seen_until_the_key_goes_up_or_the_focus_elsewhere(reviewer: Reviewer, dock: SimpleNamespace, qtbot) -> None:
    focus(dock.button, qtbot)
    QTest.keyPress(dock.button, KEY.Key_B)
    assert reviewer.review.before_shown
    QTest.keyRelease(dock.button, KEY.Key_B)
    assert not reviewer.review.before_shown
    QTest.keyPress(dock.button, KEY.Key_B)
    focus(dock.line, qtbot)
    assert not reviewer.review.before_shown


def test_a_button_is_pressed_by_the_space_bar_and_a_slider_moved_by_arrows(reviewer: Reviewer, dock: SimpleNamespace, qtbot) -> None:
    focus(dock.button, qtbot)
    with qtbot.waitSignal(dock.button.clicked, timeout=WAIT):
        QTest.keyClick(dock.button, KEY.Key_Space)
    focus(dock.slider, qtbot)
    QTest.keyClick(dock.slider, KEY.Key_Right)
    assert dock.slider.value() == 51 and reviewer.review.at == 0
    QTest.keyClick(dock.slider, KEY.Key_A)
    assert reviewer.review.accepted == 1


def test_what_is_typed_in_the_dock_decides_nothing(reviewer: Reviewer, dock: SimpleNamespace, qtbot) -> None:
    focus(dock.line, qtbot)
    QTest.keyClicks(dock.line, "rad")
    focus(dock.combo, qtbot)
    QTest.keyClicks(dock.combo, "b")
    assert dock.line.text() == "rad" and dock.combo.currentText() == "building"
    assert reviewer.review.decided == 0 and not reviewer.review.before_shown


def test_after_another_class_was_chosen_from_a_list_the_next_key_is_for_the_map(reviewer: Reviewer, dock: SimpleNamespace, qtbot) -> None:
    focus(dock.combo, qtbot)
    reviewer.session.review.relabel("", "other", "road")
    qtbot.waitUntil(reviewer.canvas.hasFocus, timeout=WAIT)


def test_once_the_review_has_ended_keys_mean_nothing(reviewer: Reviewer, dock: SimpleNamespace, qtbot) -> None:
    focus(dock.button, qtbot)
    reviewer.session.review.end()
    QTest.keyClick(dock.button, KEY.Key_A)
    assert reviewer.review.decided == 0


def test_a_list_of_classes_leaves_the_change_in_view(reviewer: Reviewer, dock: SimpleNamespace, qtbot) -> None:
    reviewer.canvas.setFocus()
    reviewer.press(KEY.Key_L)
    middle = reviewer.canvas.mapToGlobal(reviewer.canvas.rect().center())
    menu = reviewer.link._menu.menu
    assert not QRect(menu.mapToGlobal(QPoint(0, 0)), menu.size()).contains(middle)


def test_the_plugins_dock_is_heard(running: Plugin) -> None:
    assert running._parts._change_review.tool._dock is running.dock
