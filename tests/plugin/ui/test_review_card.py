"""The review card says which change the map shows, and turns decisions into verbs."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QWidget

from rasterscribe.plugin.change_state import Review
from rasterscribe.plugin.ui.review_card import ReviewCard
from rasterscribe.tests.plugin.ui.fake_session import FakeSession, shown, with_change

REVIEW = Review(
    "layer9", True, 300, 8, 3, 11, 77, "building appeared, 240 m²", "appeared", "other", "building", "", ("other", "building", "road"), True
)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def card(session: FakeSession, qtbot) -> ReviewCard:
    QLocale.setDefault(QLocale("en_GB"))
    card = ReviewCard(session)
    qtbot.addWidget(card)
    draw(card, session)
    return card


def draw(card: ReviewCard, session: FakeSession, **changes: Any) -> None:
    session.state = with_change(review=dataclasses.replace(REVIEW, **changes))
    card.render(session.state)


def choose(combo: Any, name: str) -> None:
    combo.setCurrentIndex(combo.findData(name))


def test_it_is_there_only_during_a_review(card: ReviewCard, session: FakeSession) -> None:
    assert not card.isHidden()
    draw(card, session, active=False)
    assert card.isHidden()


def test_it_says_which_change_is_shown_and_how_far_one_is(card: ReviewCard, session: FakeSession) -> None:
    assert (card.headline.text(), card.words.text()) == ("12 of 300", "building appeared, 240 m²")
    assert card.decided.text() == "Accepted: 8, rejected: 3, left: 289" and (card.progress.value(), card.progress.maximum()) == (11, 300)
    draw(card, session, accepted=290, rejected=10)
    assert card.decided.text() == "All are decided. Accepted: 290, rejected: 10"


@pytest.mark.parametrize(
    ("button", "verb"),
    [("accept", "accept"), ("reject", "reject"), ("next", "next"), ("previous", "previous"), ("end", "end"), ("undo", "undo")],
)
def test_each_button_is_a_verb(card: ReviewCard, session: FakeSession, button: str, verb: str) -> None:
    draw(card, session, unsaved=True)
    getattr(card, button).click()
    assert session.calls == [(f"review.{verb}",)]


def test_what_is_saved_cannot_be_taken_back(card: ReviewCard, session: FakeSession) -> None:
    assert not card.undo.isEnabled()
    draw(card, session, unsaved=True)
    assert card.undo.isEnabled()


def test_the_image_before_is_shown_while_the_button_is_held(card: ReviewCard, session: FakeSession, qtbot) -> None:
    qtbot.mousePress(card.before, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(card.before, Qt.MouseButton.LeftButton)
    assert session.calls == [("review.show_before", True), ("review.show_before", False)]
    draw(card, session, has_before=False)
    assert not card.before.isEnabled()


def test_a_click_on_a_button_leaves_the_keys_to_the_map(card: ReviewCard, qtbot) -> None:
    canvas = QWidget()
    canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window = QWidget()
    row = QHBoxLayout(window)
    row.addWidget(canvas)
    row.addWidget(card)
    qtbot.addWidget(window)
    window.show()
    canvas.setFocus()
    for button in (card.accept, card.before, card.next):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert window.focusWidget() is canvas
    card.setParent(None)  # each of the two is put away by itself


def test_buttons_name_their_keys(card: ReviewCard) -> None:
    buttons = ((card.accept, "A"), (card.reject, "R"), (card.before, "B"), (card.relabel.button, "L"))
    assert all(f"({key})" in button.text() for button, key in buttons)
    assert "←" in card.previous.toolTip() and "→" in card.next.toolTip() and "Esc" in card.end.toolTip()


@pytest.mark.parametrize(
    ("decision", "accepted", "rejected"),
    [("", False, False), ("accepted", True, False), ("relabelled", True, False), ("rejected", False, True)],
)
def test_what_was_decided_is_seen(card: ReviewCard, session: FakeSession, decision: str, accepted: bool, rejected: bool) -> None:
    card.accept.click()  # a button that is pressed must not stay down by itself
    draw(card, session, decision=decision)
    assert (card.accept.isChecked(), card.reject.isChecked()) == (accepted, rejected) and decision in card.words.text()


def test_another_class_is_said_by_what_it_was_and_what_it_is(card: ReviewCard, session: FakeSession) -> None:
    relabel = card.relabel
    assert (relabel.was.currentText(), relabel.now.currentText()) == ("other", "building") and not relabel.button.isEnabled()
    choose(relabel.now, "road")
    assert relabel.button.isEnabled()
    relabel.button.click()
    choose(relabel.now, "other")  # which it was
    assert not relabel.button.isEnabled() and session.calls == [("review.relabel", "", "other", "road")]


def test_what_is_being_chosen_stays_until_another_change_is_shown(card: ReviewCard, session: FakeSession) -> None:
    choose(card.relabel.now, "road")
    draw(card, session, before_shown=True)
    assert card.relabel.now.currentData() == "road"
    draw(card, session, feature=78)
    assert card.relabel.now.currentData() == "building"


def test_a_class_that_no_list_has_is_shown_all_the_same(card: ReviewCard, session: FakeSession) -> None:
    draw(card, session, feature=78, from_class="orchard", labels=("other", "building"))
    assert card.relabel.was.currentText() == "orchard"


def test_decisions_that_are_not_in_the_file_can_be_saved(card: ReviewCard, session: FakeSession) -> None:
    assert not shown(card, card.save)
    draw(card, session, unsaved=True)
    card.save.click()
    assert shown(card, card.save) and session.calls == [("review.save",)]


def test_nothing_jumps_as_decisions_come(card: ReviewCard, session: FakeSession) -> None:
    card.resize(300, 600)
    height = card.sizeHint().height()
    draw(card, session, unsaved=True, decision="relabelled")
    assert abs(card.sizeHint().height() - height) <= 1


def test_before_the_first_change_is_shown_nothing_is_decided(card: ReviewCard, session: FakeSession) -> None:
    draw(card, session, at=-1, words="", accepted=0, rejected=0)
    assert card.headline.text() == "Review" and not any(button.isEnabled() for button in (card.accept, card.reject, card.next, card.undo))
