"""The tile finder's panel draws the state and turns what the user does into verbs of the session."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QAction

from rasterscribe.models.protocol import ExplainReply, RankedTile, TilesReply
from rasterscribe.plugin.area_state import AreaKind, Ranked, TextState
from rasterscribe.plugin.area_verbs import Place
from rasterscribe.plugin.run_state import Run
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import State
from rasterscribe.plugin.ui.click_panel import ClickPanel
from rasterscribe.plugin.ui.colours import ACCENT
from rasterscribe.plugin.ui.tiles_panel import TilesPanel
from rasterscribe.tests.plugin.fake_client import FakeClient
from rasterscribe.tests.plugin.ui.fake_session import READY, FakeSession, shown, with_area, with_jobs

TILES = tuple(RankedTile((x, 0.0, x + 1.0, 1.0), score) for x, score in ((0.0, 0.9), (1.0, 0.45), (2.0, 0.1)))
REPLY = TilesReply("tiles.tif", TILES, "text", "d", 8.0, ("Not understood: 'shiny'.",))
RANKED = Ranked(REPLY, "shiny solar panels", "layer2")
UNDERSTOOD = ExplainReply({"queries": [{"class": "solar panel"}]}, "solar panel", True)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def panel(session: FakeSession, qtbot, qgis_new_project) -> TilesPanel:
    QLocale.setDefault(QLocale("en_GB"))
    panel = TilesPanel(session)
    qtbot.addWidget(panel)
    draw(panel, session)
    return panel


def with_tiles(state: State = READY, **changes: Any) -> State:
    return with_jobs(state, tiles=dataclasses.replace(state.jobs.tiles, **changes))


def draw(panel: TilesPanel, session: FakeSession, state: State = READY, **tiles: Any) -> None:
    session.state = with_tiles(state, **tiles)
    panel.render(session.state)


# -- searching


def test_a_phrase_is_typed_and_run_by_the_button_and_by_enter(panel: TilesPanel, session: FakeSession, qtbot) -> None:
    qtbot.keyClicks(panel.phrase.line, "p")
    draw(panel, session, phrase="ponds", explained=UNDERSTOOD)
    panel.run.run.click()
    qtbot.keyClick(panel.phrase.line, Qt.Key.Key_Return)
    assert session.calls == [("tiles.type", "p"), ("tiles.run",), ("tiles.run",)]


def test_an_empty_line_is_told_to_name_one_thing(panel: TilesPanel) -> None:
    assert "one thing" in panel.parse.said.text() and "commas" not in panel.parse.said.text()


def test_it_says_back_what_was_understood(panel: TilesPanel, session: FakeSession) -> None:
    draw(panel, session, phrase="pv", explained=UNDERSTOOD)
    assert "<b>solar panel</b>" in panel.parse.said.text()


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (READY, ""),
        (dataclasses.replace(with_tiles(phrase="ponds"), raster=None), "Choose a raster first."),
        (with_tiles(phrase="xyzzy", explained=ExplainReply({}, "", False, ("xyzzy",))), "Name something to find."),
        (with_area(with_tiles(phrase="ponds"), kind=AreaKind.RECTANGLE), "Draw the rectangle to search."),
        (with_jobs(with_tiles(phrase="ponds"), text=TextState(run=Run())), "Another job is running."),
    ],
)
def test_what_cannot_be_run_is_not_run(panel: TilesPanel, session: FakeSession, qtbot, state: State, says: str) -> None:
    session.state = state
    panel.render(state)
    assert not panel.run.run.isEnabled() and panel.run.line.text() == says
    qtbot.keyClick(panel.phrase.line, Qt.Key.Key_Return)
    assert session.calls == []


def test_a_search_under_way_shows_no_former_tiles_and_is_cancelled(panel: TilesPanel, session: FakeSession) -> None:
    draw(panel, session, phrase="ponds", run=Run(1, 4, "Looking at the area"), ranked=RANKED)
    assert not shown(panel, panel.card)
    panel.run.cancel.click()
    assert session.calls == [("tiles.cancel",)]


# -- the tiles


def test_tiles_are_listed_the_best_first_with_what_did_not_count(panel: TilesPanel, session: FakeSession) -> None:
    draw(panel, session, ranked=RANKED)
    tiles = panel.card.tiles
    assert [tiles.item(row).text() for row in range(tiles.count())] == ["Tile 1: 90 %", "Tile 2: 45 %", "Tile 3: 10 %"]
    assert panel.card.headline.text() == "The best 3 tiles" and panel.run.line.text() == "Took 8.0 s."
    assert "“shiny solar panels”" in panel.card.advice.text() and "Not understood: 'shiny'." in panel.card.advice.text()


def test_a_tile_is_chosen_by_a_click_and_by_a_second_one(panel: TilesPanel, session: FakeSession, qtbot) -> None:
    draw(panel, session, ranked=RANKED)
    tiles = panel.card.tiles
    panel.resize(300, 700)
    place = tiles.visualItemRect(tiles.item(1)).center()
    qtbot.mouseClick(tiles.viewport(), Qt.MouseButton.LeftButton, pos=place)
    draw(panel, session, ranked=dataclasses.replace(RANKED, chosen=1))
    assert session.calls == [("tiles.zoom_to", 1)]
    qtbot.mouseClick(tiles.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.calls == [("tiles.zoom_to", 1)] * 2


def test_the_arrow_keys_go_through_the_tiles(panel: TilesPanel, session: FakeSession, qtbot) -> None:
    draw(panel, session, ranked=dataclasses.replace(RANKED, chosen=0))
    qtbot.keyClick(panel.card.tiles, Qt.Key.Key_Down)
    qtbot.keyClick(panel.card.tiles, Qt.Key.Key_End)
    assert session.calls == [("tiles.zoom_to", 1), ("tiles.zoom_to", 2)]


def test_previous_and_next_stop_at_the_ends(panel: TilesPanel, session: FakeSession) -> None:
    card = panel.card
    draw(panel, session, ranked=RANKED)
    assert not card.former.isEnabled() and card.next.isEnabled() and "Alt+Down" in card.next.toolTip()
    card.next.click()
    draw(panel, session, ranked=dataclasses.replace(RANKED, chosen=2))
    assert card.headline.text() == "Tile 3 of 3" and card.tiles.currentRow() == 2 and not card.next.isEnabled()
    card.former.click()
    assert session.calls == [("tiles.zoom_to", 0), ("tiles.zoom_to", 1)]


def test_bars_are_as_long_as_scores_are_high(panel: TilesPanel, session: FakeSession, qtbot) -> None:
    draw(panel, session, ranked=RANKED)
    panel.resize(300, 700)
    panel.show()
    tiles = panel.card.tiles
    image = tiles.viewport().grab().toImage()
    widths = [
        sum(image.pixelColor(x, tiles.visualItemRect(tiles.item(row)).center().y()) == QColor(ACCENT) for x in range(image.width()))
        for row in range(3)
    ]
    assert widths[1] == pytest.approx(widths[0] / 2, abs=4) and widths[2] == pytest.approx(widths[0] / 9, abs=4) and widths[2] > 0


def test_where_there_is_no_data_it_says_so(panel: TilesPanel, session: FakeSession) -> None:
    draw(panel, session, ranked=dataclasses.replace(RANKED, reply=dataclasses.replace(REPLY, tiles=())))
    assert panel.card.headline.text() == "No tiles" and "no data" in panel.card.advice.text()
    assert not any(shown(panel, widget) for widget in (panel.card.tiles, panel.card.former, panel.card.next))


def test_before_the_first_search_there_is_no_result(panel: TilesPanel) -> None:
    assert not shown(panel, panel.card)


# -- all of it


def test_no_verb_is_called_by_drawing(panel: TilesPanel, session: FakeSession) -> None:
    for state in (with_tiles(phrase="ponds", ranked=dataclasses.replace(RANKED, chosen=1)), with_tiles(run=Run()), READY):
        panel.render(state)
    assert session.calls == []


def test_it_needs_no_wider_dock_than_clicking_does(panel: TilesPanel, session: FakeSession) -> None:
    widest = ClickPanel(session, QAction("Click objects")).minimumSizeHint().width()
    for changes in ({"phrase": "x" * 200, "path": "/a" * 90, "ranked": RANKED}, {"run": Run()}):
        draw(panel, session, **changes)
        assert panel.minimumSizeHint().width() <= widest


def test_from_typing_to_the_tile_that_the_map_is_to_show(qtbot, qgis_new_project) -> None:
    """With the real session; who knows maps is played by the test: it says where the area is."""
    client = FakeClient()
    session = Session(client, READY)
    panel = TilesPanel(session)
    qtbot.addWidget(panel)
    session.changed.connect(panel.render)
    session.area.wanted.connect(lambda wish: wish.ready(Place(READY.raster)))
    wanted: list[int] = []
    session.tiles.tileWanted.connect(wanted.append)
    qtbot.keyClicks(panel.phrase.line, "solar panels")
    qtbot.keyClick(panel.phrase.line, Qt.Key.Key_Return)
    assert client.requests("tiles")[-1].text == "solar panels" and shown(panel, panel.run.cancel)
    client.answer("tiles", REPLY)
    panel.card.next.click()
    qtbot.keyClick(panel.card.tiles, Qt.Key.Key_Down)
    assert wanted == [0, 1] and panel.card.headline.text() == "Tile 2 of 3"
