"""Where a click can mean a part, an object or a group, the analyst goes from one to the other, and back."""

from __future__ import annotations

import dataclasses
import json

import pytest
from qgis.core import QgsPointXY

from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.result_link import prompt_text
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Point, Prompt
from rasterscribe.tests.plugin.fake_client import FakeClient, outline_reply

HOUSE = dataclasses.replace(outline_reply(), size="object", others=("part", "group"))
PLANE = dataclasses.replace(HOUSE, size="part", others=("object", "group"))
ROW = dataclasses.replace(HOUSE, size="group", others=("object",))


@pytest.fixture
def clicked(session: Session, client: FakeClient) -> Session:
    """A session where a house was clicked that is one of a row and has a roof of two planes."""
    session.add_click(3, 4)
    client.answer("click", HOUSE)
    return session


def sizes_asked(client: FakeClient) -> list[str]:
    return [request.size for request in client.requests("click")]


def test_a_click_asks_for_the_likely_size(clicked: Session, client: FakeClient) -> None:
    assert sizes_asked(client) == [""]
    assert (clicked.state.larger, clicked.state.smaller) == ("group", "part")


@pytest.mark.parametrize(("larger", "size", "reply"), [(True, "group", ROW), (False, "part", PLANE)])
def test_another_size_is_asked_of_the_same_clicks(clicked: Session, client: FakeClient, larger: bool, size: str, reply) -> None:
    clicked.resize(larger)
    assert client.requests("click")[-1].points == ((3, 4),) and sizes_asked(client)[-1] == size
    client.answer("click", reply)
    assert clicked.state.answered and clicked.state.pending and clicked.state.pending.size == size


def test_the_next_size_is_the_nearest_that_looks_different(clicked: Session, client: FakeClient) -> None:
    clicked.resize(False)
    client.answer("click", PLANE)
    assert (clicked.state.larger, clicked.state.smaller) == ("object", "")
    clicked.resize(True)
    client.answer("click", dataclasses.replace(HOUSE, others=("group",)))
    assert (clicked.state.larger, clicked.state.smaller) == ("group", "")


def test_where_nothing_looks_different_nothing_is_asked(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    client.answer("click")
    session.resize(True)
    session.resize(False)
    assert sizes_asked(client) == [""] and len(session.state.history.past) == 1


def test_while_an_answer_is_on_its_way_there_is_no_other_size(clicked: Session, client: FakeClient) -> None:
    clicked.resize(True)
    clicked.resize(True)
    clicked.resize(False)
    assert sizes_asked(client) == ["", "group"]


def test_undo_brings_the_former_size_back(clicked: Session, client: FakeClient) -> None:
    clicked.resize(True)
    client.answer("click", ROW)
    clicked.undo()
    assert clicked.state.prompt == Prompt((Point(3, 4),)) and sizes_asked(client)[-1] == ""
    clicked.redo()
    assert sizes_asked(client)[-1] == "group"


def test_further_clicks_and_the_hover_keep_the_size(clicked: Session, client: FakeClient) -> None:
    clicked.resize(True)
    client.answer("click", ROW)
    clicked.hover(8, 8)
    clicked.add_click(9, 9, positive=False)
    assert sizes_asked(client)[-2:] == ["group", "group"]


@pytest.mark.parametrize("end", [lambda session: session.clear(), lambda session: (session.accept(), session.added())])
def test_the_next_object_begins_with_the_likely_size(clicked: Session, client: FakeClient, end) -> None:
    clicked.resize(True)
    client.answer("click", ROW)
    end(clicked)
    clicked.add_click(50, 50)
    assert sizes_asked(client)[-1] == ""


def test_an_object_on_its_way_to_its_layer_keeps_its_size(clicked: Session, client: FakeClient) -> None:
    clicked.accept()
    clicked.resize(True)
    assert sizes_asked(client) == [""] and clicked.state.accepting


def test_where_no_object_is_seen_a_larger_one_may_be(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    client.answer("click", dataclasses.replace(outline_reply(wkb=""), size="object", others=("group",)))
    assert session.state.larger == "group"


def test_the_size_is_written_down_with_the_clicks() -> None:
    facts = json.loads(prompt_text(Prompt((Point(3, 4),), size="group"), 0.5))
    assert facts == {"points": [[3, 4, 1]], "size": "group", "pixel": 0.5}


def test_the_map_tool_knows_of_other_sizes_and_its_wish_for_one_reaches_the_engine(running: Plugin, client: FakeClient) -> None:
    client.answer("open")
    running.tool.clicked.emit(QgsPointXY(5, 5), True)
    assert not running.tool._can_grow
    client.answer("click", HOUSE)
    assert running.tool._can_grow and running.tool._can_shrink
    running.tool.resized.emit(True)
    assert sizes_asked(client)[-1] == "group"
