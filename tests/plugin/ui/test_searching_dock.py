"""From the phrase to what was found, and on to the next phrase, without leaving the keyboard."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QPoint, QRect, Qt
from qgis.PyQt.QtWidgets import QAction, QApplication, QWidget

from rasterscribe.plugin.area_state import AreaKind, Panel
from rasterscribe.plugin.area_verbs import Place
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.ui.dock import Dock
from rasterscribe.tests.plugin.fake_client import FakeClient


@pytest.fixture
def searching(session: Session, qtbot, qgis_new_project) -> Dock:
    """The text panel in a low dock, where the cursor is in its line and the area is known."""
    dock = Dock(session, QAction("Click objects", session), QAction("Copy diagnostics", session))
    qtbot.addWidget(dock)
    session.area.wanted.connect(lambda wish: wish.ready(Place(session.state.raster)))
    session.show_panel(Panel.TEXT)
    dock.resize(320, 360)
    dock.show()
    dock.activateWindow()
    dock.text.phrase.line.setFocus()
    qtbot.waitUntil(dock.text.phrase.line.hasFocus)
    return dock


def find(dock: Dock, client: FakeClient, qtbot, phrase: str) -> None:
    qtbot.keyClicks(dock.text.phrase.line, phrase)
    qtbot.keyClick(dock.text.phrase.line, Qt.Key.Key_Return)
    client.answer("find")


def test_the_next_phrase_is_typed_over_the_former_one_and_searched_at_once(searching: Dock, client: FakeClient, qtbot) -> None:
    find(searching, client, qtbot, "ponds")
    assert searching.text.phrase.line.hasFocus()
    find(searching, client, qtbot, "roads")
    assert [request.text for request in client.requests("find")] == ["ponds", "roads"]


def test_a_phrase_that_was_not_searched_is_mended(searching: Dock, session: Session, client: FakeClient, qtbot) -> None:
    session.area.choose_kind(AreaKind.SELECTED)  # of no layer yet
    qtbot.keyClicks(searching.text.phrase.line, "pond")
    qtbot.keyClick(searching.text.phrase.line, Qt.Key.Key_Return)
    qtbot.keyClicks(searching.text.phrase.line, "s")
    assert not client.requests("find") and session.state.jobs.text.phrase == "ponds"


def test_what_was_found_comes_into_view_once(searching: Dock, session: Session, client: FakeClient, qtbot) -> None:
    bar = searching.scroll.verticalScrollBar()
    find(searching, client, qtbot, "ponds")
    card = searching.text.card
    qtbot.waitUntil(lambda: bar.value() > 0 and card.headline.visibleRegion().boundingRect() == card.headline.rect())
    bar.setValue(0)
    session.text.set_filter(0.7, 0.0)
    session.show_panel(Panel.TILES)
    session.show_panel(Panel.TEXT)
    assert bar.value() == 0 and not searching._laid_out.isActive()


def test_the_keyboard_goes_from_top_to_bottom(searching: Dock, session: Session, qtbot) -> None:
    for panel in Panel:
        session.show_panel(panel)
        QApplication.processEvents()  # lays it out
        shown = [widget for widget in chain_of(searching) if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
        inside = [widget for widget in shown if searching.scroll.widget().isAncestorOf(widget)]
        places = [QRect(widget.mapTo(searching, QPoint()), widget.size()) for widget in inside]
        upwards = [after for before, after in zip(places, places[1:], strict=False) if after.bottom() < before.top()]
        assert len(inside) > 4 and not upwards, panel


def chain_of(dock: Dock) -> list[QWidget]:
    first = widget = dock.modes
    chain = [first]
    while (widget := widget.nextInFocusChain()) is not first:
        chain.append(widget)
    return chain
