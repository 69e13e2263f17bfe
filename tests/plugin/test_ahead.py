"""What is asked ahead of the click never stands in the click's way."""

from __future__ import annotations

from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Point
from rasterscribe.tests.plugin.fake_client import FakeClient, outline_reply


def test_hovering_asks_one_question_at_a_time_and_ends_where_the_mouse_is(session: Session, client: FakeClient) -> None:
    for x in (1, 2, 3):
        session.hover(x, 0)
    assert [request.points for request in client.requests("click")] == [((1, 0),)]
    client.answer("click")
    assert [request.points for request in client.requests("click")] == [((1, 0),), ((3, 0),)]
    assert all(request.hover for request in client.requests("click"))


def test_hovering_shows_what_one_more_click_would_give(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    client.answer("click")
    session.hover(5, 5)
    assert client.requests("click")[-1].points == ((3, 4), (5, 5))
    client.answer("click")
    assert session.state.hover and session.state.prompt.points == (Point(3, 4),)


def test_hovering_waits_while_anything_else_runs(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    session.hover(5, 5)
    assert len(client.requests("click")) == 1


def test_a_click_overtakes_the_hover(session: Session, client: FakeClient) -> None:
    session.hover(5, 5)
    session.add_click(3, 4)
    client.answer("click", outline_reply(score=0.1))
    assert session.state.hover is None and session.state.pending is None


def test_hovering_never_complains(session: Session, client: FakeClient) -> None:
    session.hover(900, 900)
    client.refuse("click", "click.outside")
    assert session.state.problem is None


def test_leaving_the_canvas_takes_the_hover_away(session: Session, client: FakeClient) -> None:
    session.hover(5, 5)
    client.answer("click")
    session.leave()
    assert session.state.hover is None


def test_moving_the_map_encodes_the_view_once_it_rests(session: Session, client: FakeClient, qtbot) -> None:
    for x in range(5):
        session.look((x, 0, x + 64, 64), 1.0)
    assert len(client.requests("look")) == 1
    qtbot.waitUntil(lambda: len(client.requests("look")) == 2)
    assert client.requests("look")[-1].extent == (4, 0, 68, 64)


def test_looking_beside_the_raster_is_no_problem(session: Session, client: FakeClient, qtbot) -> None:
    session.look((900, 900, 999, 999), 1.0)
    qtbot.waitUntil(lambda: bool(client.open("look")))
    client.refuse("look", "view.empty")
    assert session.state.problem is None
