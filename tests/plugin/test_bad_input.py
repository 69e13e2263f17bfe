"""Whatever goes wrong with a click is said in its own words, and the clicks before it stay."""

from __future__ import annotations

import pytest

from rasterscribe.plugin.problems import SENTENCES
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Point
from rasterscribe.tests.plugin.fake_client import FakeClient

OF_THE_PLACE = ["click.outside", "view.empty"]
OF_THE_ENGINE = ["model.missing", "model.damaged", "memory.exhausted", "request.invalid", "engine.fault"]
OF_THE_FILE = ["raster.missing", "raster.unreadable", "raster.bands"]


@pytest.mark.parametrize("code", OF_THE_PLACE)
def test_a_click_in_a_bad_place_is_taken_back_and_the_one_before_it_stays(session: Session, client: FakeClient, code: str) -> None:
    session.add_click(3, 4)
    client.answer("click")
    session.add_click(900, 900)
    client.refuse("click", code)
    assert session.state.problem and session.state.problem.what == SENTENCES[code][0]
    assert session.state.prompt.points == (Point(3, 4),) and session.state.answered


@pytest.mark.parametrize("code", OF_THE_ENGINE)
def test_a_click_that_the_engine_cannot_answer_stays_with_the_outline_before_it(session: Session, client: FakeClient, code: str) -> None:
    session.add_click(3, 4)
    client.answer("click")
    session.add_click(5, 6)
    client.refuse("click", code)
    assert session.state.problem and session.state.problem.what == SENTENCES[code][0]
    assert session.state.prompt.points == (Point(3, 4), Point(5, 6)) and session.state.pending


@pytest.mark.parametrize("code", OF_THE_FILE)
def test_clicks_on_a_file_that_went_bad_are_asked_again_when_it_is_back(session: Session, client: FakeClient, code: str) -> None:
    session.add_click(3, 4)
    client.refuse("click", code)
    assert session.state.problem and session.state.problem.what == SENTENCES[code][0]
    session.add_click(5, 6)
    client.answer("open")
    assert client.requests("click")[-1].points == ((3, 4), (5, 6)) and session.state.problem is None


def test_no_two_problems_are_said_in_the_same_words() -> None:
    said = [what for what, _ in SENTENCES.values()]
    assert len(set(said)) == len(said)
