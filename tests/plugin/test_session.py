"""The session's promises: the newest prompt wins, no click is lost, and nothing is let go before it is saved."""

from __future__ import annotations

from rasterscribe.models.protocol import OutlineOptions
from rasterscribe.plugin.problems import problem_of
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, Point, Raster, State
from rasterscribe.tests.plugin.fake_client import FakeClient, outline_reply

TOWN = Raster("layer1", "town", "town.tif", crs="EPSG:32645")


# -- clicks


def test_a_click_asks_for_its_outline_at_the_scale_of_the_screen(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    (request,) = client.requests("click")
    assert (request.raster, request.points, request.labels, request.pixel, request.hover) == ("r1", ((3, 4),), (1,), 1.0, False)


def test_the_answer_becomes_the_pending_outline(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    assert session.state.busy
    client.answer("click")
    assert session.state.pending and session.state.pending.score == 0.93
    assert session.state.answered and session.state.busy == ""


def test_every_further_click_is_asked_together_with_the_former_ones(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    session.add_click(8, 8, positive=False)
    session.add_box(0, 0, 10, 10)
    request = client.requests("click")[-1]
    assert (request.points, request.labels, request.box) == (((3, 4), (8, 8)), (1, 0), (0, 0, 10, 10))


def test_only_the_newest_click_counts_however_late_the_others_are_answered(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    session.add_click(5, 5)
    assert client.cancelled == [client.open("click")[0].number]
    client.answer_newest("click", outline_reply(score=0.8))
    client.answer("click", outline_reply(score=0.1))
    assert session.state.pending and session.state.pending.score == 0.8


def test_undo_brings_back_the_former_prompt_and_redo_the_later(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    session.add_click(5, 5)
    session.undo()
    assert client.requests("click")[-1].points == ((3, 4),)
    session.redo()
    assert client.requests("click")[-1].points == ((3, 4), (5, 5))
    session.undo()
    session.undo()
    assert not session.state.prompt and session.state.pending is None


def test_a_new_click_after_undo_forgets_what_was_undone(session: Session) -> None:
    session.add_click(3, 4)
    session.undo()
    session.add_click(5, 5)
    session.redo()
    assert session.state.prompt.points == (Point(5, 5),)


def test_clearing_drops_the_outline_and_can_be_undone(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    client.answer("click")
    session.clear()
    assert session.state.pending is None and not session.state.prompt
    session.undo()
    assert session.state.prompt.points == (Point(3, 4),)


def test_clicks_that_only_take_away_ask_for_nothing(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4, positive=False)
    assert client.requests("click") == []
    session.add_click(5, 5)
    assert client.requests("click")[-1].labels == (0, 1)


def test_an_option_is_seen_at_once_on_the_pending_outline(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    session.set_options(OutlineOptions(right_angles=True))
    assert client.requests("click")[-1].options.right_angles
    session.set_options(OutlineOptions(right_angles=True))
    assert len(client.requests("click")) == 2


def test_a_click_beside_the_raster_is_taken_back_and_the_others_stay(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    client.answer("click")
    session.add_click(900, 900)
    client.refuse("click", "click.outside")
    assert session.state.prompt.points == (Point(3, 4),)
    assert session.state.answered
    assert session.state.problem and session.state.problem.code == "click.outside"


def test_the_next_click_closes_the_problem_of_the_former(session: Session, client: FakeClient) -> None:
    session.add_click(900, 900)
    client.refuse("click", "click.outside")
    session.add_click(3, 4)
    assert session.state.problem is None


# -- the engine comes and goes


def test_no_click_is_lost_when_the_engine_dies(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    session.add_click(5, 5)
    client.open("click")[-1].on_problem(problem_of("engine.gone"))
    session.engine_changed(Engine.FAILED)
    assert session.state.prompt.points == (Point(3, 4), Point(5, 5))
    assert session.state.problem and session.state.problem.code == "engine.gone" and session.state.busy == ""

    session.restart_engine()
    assert client.calls[-1] == "restart"
    session.engine_changed(Engine.READY)
    client.answer("open")
    assert client.requests("click")[-1].points == ((3, 4), (5, 5))
    assert session.state.problem is None


def test_a_click_before_the_engine_runs_starts_it_and_is_asked_then() -> None:
    client = FakeClient()
    session = Session(client, State(engine=Engine.STOPPED))
    session.choose_raster("layer1", "town")
    session.raster_ready(TOWN)
    session.add_click(3, 4)
    assert "start" in client.calls and client.sent == []
    session.engine_changed(Engine.READY)
    client.answer("open")
    assert client.requests("click")[-1].points == ((3, 4),)


def test_a_raster_that_cannot_be_read_is_opened_again_by_the_next_click(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    client.refuse("click", "raster.missing")
    assert session.state.problem and session.state.problem.code == "raster.missing" and session.state.prompt
    session.add_click(5, 5)
    assert len(client.requests("open")) == 2
    client.answer("open")
    assert client.requests("click")[-1].points == ((3, 4), (5, 5))


def test_the_models_are_listed_as_soon_as_the_engine_is_there(session: Session) -> None:
    assert [model.id for model in session.state.models] == ["click"]


# -- rasters and views


def test_another_raster_begins_with_an_empty_prompt(session: Session, client: FakeClient) -> None:
    wanted: list[Raster] = []
    session.rasterWanted.connect(wanted.append)
    session.add_click(3, 4)
    session.choose_raster("layer2", "field")
    assert not session.state.prompt and [raster.layer_id for raster in wanted] == ["layer2"]
    client.answer("click")
    assert session.state.pending is None


def test_a_file_for_a_layer_that_is_no_longer_chosen_is_not_opened(session: Session, client: FakeClient) -> None:
    session.choose_raster("layer2", "field")
    session.raster_ready(TOWN)
    assert len(client.requests("open")) == 1


def test_a_new_file_of_the_same_layer_keeps_the_clicks(session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    session.raster_ready(Raster("layer1", "town", "window2.tif", crs="EPSG:32645"))
    client.answer("open")
    assert client.requests("open")[-1].path == "window2.tif"
    assert client.requests("click")[-1].points == ((3, 4),)


def test_the_state_is_announced_only_when_it_changed(session: Session) -> None:
    states: list[State] = []
    session.changed.connect(states.append)
    session.dismiss_problem()
    session.choose_class(session.state.map_class)
    assert states == []
