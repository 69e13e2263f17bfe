"""The phrase line passes on what is typed, offers words of the vocabulary, and shows what can be said."""

from __future__ import annotations

from typing import Any

import pytest
from qgis.PyQt.QtCore import Qt

from rasterscribe.models.protocol import ExplainReply
from rasterscribe.plugin.ui.phrase_line import PhraseLine, completed, offered
from rasterscribe.tests.plugin.ui.fake_session import FakeSession, with_text


class Typist(FakeSession):
    """A session that keeps the phrase, as the real one does, and an engine that knows two words."""

    def __init__(self) -> None:
        super().__init__()
        self.widget: Any = None
        self.text.type = self._type

    def _type(self, phrase: str) -> None:
        self.calls.append(("text.type", phrase))
        self.draw(phrase=phrase, explained=None)
        words = tuple(word for word in ("solar farm", "solar panel") if phrase and word.startswith(phrase.split(", ")[-1]))
        self.draw(explained=ExplainReply({}, "", bool(words), suggestions=words))

    def draw(self, **text: Any) -> None:
        self.state = with_text(self.state, **text)
        self.widget.render(self.state)


@pytest.fixture
def session() -> Typist:
    return Typist()


@pytest.fixture
def ran() -> list[bool]:
    return []


@pytest.fixture
def widget(session: Typist, ran: list[bool], qtbot) -> PhraseLine:
    widget = session.widget = PhraseLine(session, lambda: ran.append(True))
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    widget.line.setFocus()
    qtbot.waitUntil(widget.line.hasFocus)
    return widget


def words(widget: PhraseLine) -> list[str]:
    """What is offered at the moment."""
    return widget._words.stringList() if widget.completer.popup().isVisible() else []


def test_every_key_is_passed_on_and_enter_runs(widget: PhraseLine, session: Typist, ran: list[bool], qtbot) -> None:
    qtbot.keyClicks(widget.line, "car")
    assert [call[1] for call in session.calls] == ["c", "ca", "car"] and ran == []
    qtbot.keyClick(widget.line, Qt.Key.Key_Return)
    assert ran == [True]


def test_words_are_offered_while_one_types(widget: PhraseLine, qtbot) -> None:
    qtbot.keyClicks(widget.line, "pond, sol")
    assert words(widget) == ["solar farm", "solar panel"]
    qtbot.keyClicks(widget.line, "x")
    assert words(widget) == []


def test_a_word_is_taken_by_the_keyboard_without_running(widget: PhraseLine, session: Typist, ran: list[bool], qtbot) -> None:
    qtbot.keyClicks(widget.line, "pond, sol")
    popup = widget.completer.popup()
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert widget.line.text() == session.state.jobs.text.phrase == "pond, solar panel"
    assert ran == [] and words(widget) == []


def test_enter_runs_what_is_typed_where_no_word_was_chosen(widget: PhraseLine, ran: list[bool], qtbot) -> None:
    qtbot.keyClicks(widget.line, "sol")
    qtbot.keyClick(widget.completer.popup(), Qt.Key.Key_Return)
    assert ran == [True] and widget.line.text() == "sol" and words(widget) == []


def test_escape_closes_the_words_and_keeps_the_phrase(widget: PhraseLine, qtbot) -> None:
    qtbot.keyClicks(widget.line, "sol")
    qtbot.keyClick(widget.completer.popup(), Qt.Key.Key_Escape)
    assert words(widget) == [] and widget.line.text() == "sol"


def test_nothing_is_offered_to_who_does_not_type(widget: PhraseLine, session: Typist) -> None:
    session.text.type("sol")
    assert widget.line.text() == "sol" and words(widget) == []


def test_drawing_the_same_phrase_leaves_the_cursor_where_it_is(widget: PhraseLine, session: Typist) -> None:
    session.text.type("red car")
    widget.line.setCursorPosition(3)
    session.draw(threshold=0.7)
    assert widget.line.cursorPosition() == 3


def test_an_example_becomes_the_phrase(widget: PhraseLine, session: Typist) -> None:
    actions = widget.help.menu().actions()
    examples = [action for action in actions if not action.isSeparator()]
    assert len(examples) > 10 and actions[0].isSeparator() and actions[0].text()  # a headline
    examples[0].trigger()
    assert session.state.jobs.text.phrase == widget.line.text() == examples[0].text()


@pytest.mark.parametrize(
    ("phrase", "word", "expected"),
    [
        ("bui", "building", "building"),
        ("ponds, Bui", "building", "ponds, building"),
        ("ponds,bui", "building", "ponds,building"),
        ("large solar pa", "solar panel", "large solar panel"),
        ("large bulding", "building", "large building"),
        ("large ", "building", "large building"),
        ("car", "car", "car"),
    ],
)
def test_a_word_completes_the_end_of_the_phrase_that_it_begins_with(phrase: str, word: str, expected: str) -> None:
    assert completed(phrase, word) == expected


@pytest.mark.parametrize(
    ("phrase", "unknown", "expected"),
    [
        ("buil", (), ["building"]),  # a beginning
        ("building", (), []),  # all of it
        ("buildings", (), []),  # a plural that is understood
        ("bulding", ("bulding",), ["building"]),  # spelt nearly so
        ("bulding near", ("bulding",), []),  # not the word that is being typed
    ],
)
def test_a_word_is_offered_where_it_helps(phrase: str, unknown: tuple[str, ...], expected: list[str]) -> None:
    assert offered(phrase, ExplainReply({}, "", True, unknown, suggestions=("building",))) == expected
