"""The parse view says back what was understood of the phrase, and offers words for what was not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from rasterscribe.models.protocol import ExplainReply, Offer
from rasterscribe.plugin.state import Engine
from rasterscribe.plugin.ui.parse_view import ParseView, replaced, unfamiliar, with_classes_bold
from rasterscribe.tests.plugin.ui.fake_session import READY, FakeSession, with_text

PARSE = {"queries": [{"class": "building", "relations": [{"kind": "within", "of": "road", "distance_m": 50}]}]}
UNDERSTOOD = ExplainReply(PARSE, "building, within 50 m of road", True)
PARTLY = ExplainReply(
    {"queries": [{"class": "water", "relations": []}]},
    "water; not understood: 'abandned'",
    True,
    ("abandned", "of"),
    (Offer("abandned", ("abandoned road", "<car>")),),
)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def view(session: FakeSession, qtbot) -> ParseView:
    view = ParseView(session)
    qtbot.addWidget(view)
    return view


def draw(view: ParseView, session: FakeSession, **text: Any) -> None:
    session.state = with_text(session.state, **text)
    view.render(session.state)


def test_the_parse_is_said_back_with_its_classes_bold(view: ParseView, session: FakeSession) -> None:
    draw(view, session, phrase="houses near roads", explained=UNDERSTOOD)
    assert view.said.text() == "Finds <b>building</b>, within 50 m of <b>road</b>"
    assert not view.unknown.isVisibleTo(view)


def test_an_empty_line_is_told_what_to_say(view: ParseView, session: FakeSession) -> None:
    draw(view, session)
    assert "Say" in view.said.text() and not view.unknown.isVisibleTo(view)


def test_who_gave_examples_needs_no_words(view: ParseView, session: FakeSession) -> None:
    draw(view, session, examples=2)
    assert view.said.text() == ""


def test_what_is_not_understood_is_named_apart_with_words_instead(view: ParseView, session: FakeSession) -> None:
    draw(view, session, phrase="abandned ponds of", explained=PARTLY)
    assert view.said.text() == "Finds <b>water</b>"
    first, second = view.unknown.text().split("<br>")
    assert "<b>abandned</b>" in first and ">abandoned road</a>" in first and "&lt;car&gt;" in first
    assert "<b>of</b> is not understood" in second and "<a" not in second


def test_a_link_replaces_the_word_in_the_phrase(view: ParseView, session: FakeSession) -> None:
    draw(view, session, phrase="Abandned ponds, abandned roads", explained=PARTLY)
    view.unknown.linkActivated.emit("abandned|abandoned road")
    assert session.calls == [("text.type", "abandoned road ponds, abandned roads")]


def test_where_nothing_is_understood_it_says_so(view: ParseView, session: FakeSession) -> None:
    draw(view, session, phrase="xyzzy", explained=ExplainReply({"queries": []}, "not understood: 'xyzzy'", False, ("xyzzy",)))
    assert view.said.text() == "Nothing to search for yet." and "xyzzy" in view.unknown.text()


def test_while_the_engine_thinks_the_former_words_stay(view: ParseView, session: FakeSession) -> None:
    draw(view, session, phrase="houses near roads", explained=UNDERSTOOD)
    draw(view, session, phrase="houses near roads,", explained=None)
    assert "building" in view.said.text()


def test_it_takes_no_room_that_it_does_not_need_but_does_not_shrink_while_one_types(session: FakeSession, qtbot) -> None:
    column, view = QWidget(), ParseView(session)
    qtbot.addWidget(column)
    layout = QVBoxLayout(column)
    layout.addWidget(view)
    layout.addStretch()
    column.resize(300, 300)
    column.show()
    draw(view, session, phrase="abandned ponds of", explained=PARTLY)
    qtbot.waitUntil(lambda: view.unknown.height() > view.said.height() and not view._rest.isActive())
    high = view.height()
    draw(view, session, phrase="abandoned ponds", explained=UNDERSTOOD)
    layout.activate()
    assert view.height() == high
    qtbot.waitUntil(lambda: view.height() < high)
    assert view.height() == view.said.height() == view.said.heightForWidth(view.width())


def test_without_an_engine_it_says_what_the_phrase_waits_for(view: ParseView, session: FakeSession) -> None:
    session.state = dataclasses.replace(READY, engine=Engine.STOPPED)
    draw(view, session, phrase="ponds")
    assert "as soon as it runs" in view.said.text()


def test_a_word_that_is_still_being_typed_is_not_called_unknown() -> None:
    typing = ExplainReply({}, "", False, ("larg", "buil"), (), ("building",))
    assert [offer.word for offer in unfamiliar("larg buil", typing)] == ["larg"]
    assert [offer.word for offer in unfamiliar("buil, larg", typing)] == ["larg", "buil"]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("ponds near a rod", "ponds near a road"),
        ("rods by the Rod", "rods by the road"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_only_the_whole_word_is_replaced(phrase: str, expected: str) -> None:
    assert replaced(phrase, "rod", "road") == expected


def test_what_the_engine_says_is_no_html() -> None:
    assert with_classes_bold("car & <car>", {"queries": [{"class": "car"}]}) == "<b>car</b> &amp; &lt;<b>car</b>&gt;"
    assert with_classes_bold("area < 5 m²", {}) == "area &lt; 5 m²"
