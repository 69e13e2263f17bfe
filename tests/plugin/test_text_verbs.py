"""Searching by words: what is typed is explained, what is run is followed, and one job over an area runs at a time."""

from __future__ import annotations

import pytest

from rasterscribe.models.protocol import ExplainReply, FindReply, OutlineOptions, PartialObject
from rasterscribe.plugin.area_state import Area, AreaKind, Panel
from rasterscribe.plugin.area_verbs import Place, Wish
from rasterscribe.plugin.problems import problem_of
from rasterscribe.plugin.run_state import Run
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, Raster, State
from rasterscribe.tests.plugin.conftest import TOWN
from rasterscribe.tests.plugin.fake_client import SQUARE_WKB, FakeClient

ROOF = PartialObject(SQUARE_WKB, "building", 0.8)


@pytest.fixture
def placed(session: Session) -> Session:
    """A session with a phrase, and somebody who knows that its area is the square of the raster that is open."""
    session.area.wanted.connect(lambda wish: wish.ready(Place(session.state.raster, SQUARE_WKB)))
    session.text.choose_path("found.gpkg")
    session.text.type("buildings")
    return session


def run_of(session: Session) -> Run:
    assert session.state.jobs.text.run is not None
    return session.state.jobs.text.run


# -- typing


def test_a_phrase_is_explained_once_the_keys_rest(session: Session, client: FakeClient, qtbot) -> None:
    session.text.type("build")
    session.text.type("buildings")
    qtbot.waitUntil(lambda: bool(client.requests("explain")))
    assert [request.phrase for request in client.requests("explain")] == ["buildings"]
    client.answer("explain")
    assert session.state.jobs.text.explained and session.state.jobs.text.explained.runnable


def test_only_the_newest_phrase_is_explained_however_late_the_others_are(session: Session, client: FakeClient, qtbot) -> None:
    session.text.type("ponds")
    qtbot.waitUntil(lambda: len(client.requests("explain")) == 1)
    session.text.type("roads")
    qtbot.waitUntil(lambda: len(client.requests("explain")) == 2)
    client.answer("explain", ExplainReply({}, "pond", True))
    assert session.state.jobs.text.explained is None
    client.answer("explain", ExplainReply({}, "road", True))
    assert session.state.jobs.text.explained and session.state.jobs.text.explained.sentence == "road"


def test_an_emptied_phrase_has_no_explanation(session: Session, client: FakeClient, qtbot) -> None:
    session.text.type("ponds")
    qtbot.waitUntil(lambda: bool(client.requests("explain")))
    client.answer("explain")
    session.text.type("")
    qtbot.wait(300)
    assert session.state.jobs.text.explained is None and len(client.requests("explain")) == 1


def test_a_phrase_is_explained_again_with_the_layers_that_come(session: Session, client: FakeClient, qtbot) -> None:
    session.text.type("ponds near parks")
    session.text.set_layers(["parks"])
    qtbot.waitUntil(lambda: bool(client.requests("explain")))
    assert client.requests("explain")[-1].layers == ("parks",)


def test_what_was_typed_before_the_engine_came_is_explained_when_it_comes(client: FakeClient, qtbot) -> None:
    session = Session(client, State(engine=Engine.STOPPED))
    session.text.type("ponds")
    qtbot.wait(250)
    assert client.requests("explain") == []
    session.engine_changed(Engine.READY)
    qtbot.waitUntil(lambda: bool(client.requests("explain")))


# -- running


def test_a_run_asks_for_the_phrase_in_the_area_on_the_open_raster(placed: Session, client: FakeClient) -> None:
    placed.text.set_filter(0.4, 20.0)
    placed.text.run()
    (request,) = client.requests("find")
    assert (request.raster, request.text, request.area, request.out) == ("r1", "buildings", SQUARE_WKB, "found.gpkg")
    assert request.threshold == 0.4 and request.floor <= 0.25


def test_outlines_are_drawn_by_clicks_unless_one_does_without(placed: Session, client: FakeClient) -> None:
    placed.set_options(OutlineOptions(right_angles=True))
    placed.text.run()
    client.answer("find")
    placed.text.set_refine(False)
    placed.text.run()
    assert [(request.refine, request.options.right_angles) for request in client.requests("find")] == [(True, True), (False, True)]


def test_a_run_shows_how_far_it_is_and_what_it_has_come_upon(placed: Session, client: FakeClient) -> None:
    placed.text.run()
    client.tell_progress("find", 25.0, 100.0, "Looking")
    client.tell_outlines("find", ROOF, ROOF)
    client.tell_outlines("find", ROOF)
    run = run_of(placed)
    assert (run.done, run.total, run.what, len(run.objects)) == (25.0, 100.0, "Looking", 3)


def test_a_finished_run_hands_on_what_was_found(placed: Session, client: FakeClient) -> None:
    handed = []
    placed.text.foundReady.connect(lambda reply, place: handed.append((reply, place)))
    placed.text.run()
    client.answer("find")
    text = placed.state.jobs.text
    assert text.run is None and text.found and text.found.shown == 2
    assert handed[0][0] == text.found.reply and handed[0][1].raster.id == "r1"


def test_a_cancelled_run_ends_without_a_problem(placed: Session, client: FakeClient) -> None:
    placed.text.run()
    placed.text.cancel()
    assert run_of(placed).cancelling and client.cancelled == [client.open("find")[0].number]
    client.refuse("find", "cancelled")
    assert placed.state.jobs.text.run is None and placed.state.problem is None


def test_a_run_that_fails_says_why(placed: Session, client: FakeClient) -> None:
    placed.text.run()
    client.refuse("find", "disk.full")
    assert placed.state.jobs.text.run is None
    assert placed.state.problem and placed.state.problem.code == "disk.full"


def test_one_job_over_an_area_runs_at_a_time(placed: Session, client: FakeClient) -> None:
    placed.text.run()
    placed.text.run()
    assert len(client.requests("find")) == 1
    client.answer("find")
    placed.text.run()
    assert len(client.requests("find")) == 2


def test_an_empty_phrase_is_not_run(placed: Session, client: FakeClient) -> None:
    placed.text.type("  ")
    placed.text.run()
    assert placed.state.problem and placed.state.problem.code == "phrase.empty" and client.requests("find") == []


def test_a_phrase_that_is_not_understood_is_not_run(placed: Session, client: FakeClient, qtbot) -> None:
    qtbot.waitUntil(lambda: bool(client.requests("explain")))
    client.answer("explain", ExplainReply({}, "", False, ("buildings",)))
    placed.text.run()
    assert placed.state.problem and placed.state.problem.code == "phrase.unknown" and client.requests("find") == []


def test_examples_take_the_place_of_a_phrase(placed: Session, client: FakeClient) -> None:
    placed.text.type("")
    placed.text.examples_ready(SQUARE_WKB, 1)
    placed.text.run()
    assert client.requests("find")[-1].examples == SQUARE_WKB
    client.answer("find")
    placed.text.type("ponds")
    placed.text.drop_examples()
    placed.text.run()
    assert client.requests("find")[-1].examples == ""


def test_a_raster_that_the_engine_has_not_open_is_opened_first(session: Session, client: FakeClient) -> None:
    part = Raster("layer1", "town", "part.tif", (1, 2, 3))
    session.area.wanted.connect(lambda wish: wish.ready(Place(part, SQUARE_WKB)))
    session.text.type("ponds")
    session.text.run()
    assert client.requests("open")[-1].path == "part.tif" and client.requests("find") == []
    client.answer("open")
    assert client.requests("find")[-1].raster == "r1"


def test_clicking_goes_on_while_a_job_runs(placed: Session, client: FakeClient) -> None:
    placed.text.run()
    placed.add_click(3, 4)
    client.answer("click")
    assert placed.state.pending and placed.state.jobs.text.run


def test_a_job_stays_when_another_panel_is_shown(placed: Session, client: FakeClient) -> None:
    placed.text.run()
    placed.show_panel(Panel.CLICK)
    client.answer("find", FindReply("found.gpkg", 7, (), (), (), "building", "text", "d2", 3.0))
    assert placed.state.jobs.text.found and placed.state.jobs.text.found.reply.count == 7


# -- the engine


def test_a_run_wakes_the_engine_and_waits_for_it(client: FakeClient) -> None:
    session = Session(client, State(engine=Engine.STOPPED))
    session.area.wanted.connect(lambda wish: wish.ready(Place(TOWN)))
    session.text.type("ponds")
    session.text.run()
    assert client.calls == ["start"] and session.state.jobs.text.run and client.requests("find") == []
    session.engine_changed(Engine.STARTING)
    session.engine_changed(Engine.READY)
    client.answer("open")
    assert len(client.requests("find")) == 1


def test_a_run_without_an_engine_says_that_there_is_none(placed: Session) -> None:
    placed.engine_changed(Engine.FAILED, problem=problem_of("engine.gone"))
    placed.dismiss_problem()
    placed.text.run()
    assert placed.state.problem and placed.state.problem.code == "engine.gone" and placed.state.jobs.text.run is None


def test_an_engine_that_dies_ends_the_run_and_the_next_one_has_the_same_file(placed: Session, client: FakeClient) -> None:
    placed.text.run()
    client.tell_progress("find", 50.0, 100.0)
    placed.engine_changed(Engine.FAILED, problem=problem_of("engine.gone"))
    assert placed.state.jobs.text.run is None and placed.state.problem and placed.state.problem.code == "engine.gone"
    placed.engine_changed(Engine.READY)
    placed.text.run()
    while client.open("open"):
        client.answer("open")
    first, second = client.requests("find")
    assert first.out == second.out


# -- the area


def test_a_job_asks_for_the_area_that_was_chosen(session: Session) -> None:
    wishes: list[Wish] = []
    session.area.wanted.connect(wishes.append)
    session.area.choose_kind(AreaKind.WHOLE)
    session.text.type("ponds")
    session.text.run()
    assert wishes[0].area == Area(AreaKind.WHOLE) and session.state.jobs.text.run


def test_an_area_that_cannot_be_had_is_a_problem(session: Session) -> None:
    session.area.wanted.connect(lambda wish: wish.failed(problem_of("area.outside")))
    session.text.type("ponds")
    session.text.run()
    assert session.state.problem and session.state.problem.code == "area.outside" and session.state.jobs.text.run is None


def test_a_job_cancelled_while_its_area_is_prepared_hears_no_more_of_it(session: Session, client: FakeClient) -> None:
    wishes: list[Wish] = []
    session.area.wanted.connect(wishes.append)
    session.text.type("ponds")
    session.text.run()
    session.text.cancel()
    wishes[0].ready(Place(TOWN))
    assert wishes[0].withdrawn and session.state.jobs.text.run is None and client.requests("find") == []


def test_choosing_a_rectangle_that_is_not_there_has_it_drawn(session: Session) -> None:
    asked: list[bool] = []
    session.area.drawingWanted.connect(lambda: asked.append(True))
    session.area.choose_kind(AreaKind.RECTANGLE)
    session.area.set_rectangle((0, 0, 5, 5))
    session.area.choose_kind(AreaKind.RECTANGLE)
    assert asked == [True] and session.state.jobs.area.rectangle == (0, 0, 5, 5)
    session.area.set_rectangle(None)
    assert session.state.jobs.area.kind is AreaKind.VISIBLE
