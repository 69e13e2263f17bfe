"""Tiles are ranked by what a phrase names, and looked at one by one."""

from __future__ import annotations

import pytest

from rasterscribe.models.protocol import ExplainReply, RankedTile, TilesReply
from rasterscribe.plugin.area_state import TilesState
from rasterscribe.plugin.area_verbs import Place
from rasterscribe.plugin.problems import problem_of
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine
from rasterscribe.tests.plugin.fake_client import SQUARE_WKB, FakeClient

THREE = TilesReply("tiles.tif", tuple(RankedTile((x, 0.0, x + 8.0, 8.0), 0.9 - x / 100) for x in (0.0, 8.0, 16.0)), "text", "d", 1.0)


def tiles_of(session: Session) -> TilesState:
    return session.state.jobs.tiles


@pytest.fixture
def placed(session: Session) -> Session:
    session.area.wanted.connect(lambda wish: wish.ready(Place(session.state.raster, SQUARE_WKB)))
    session.tiles.choose_path("maps/tiles.tif")
    session.tiles.type("solar  panels ")
    return session


@pytest.fixture
def ranked(placed: Session, client: FakeClient) -> Session:
    placed.tiles.run()
    client.answer("tiles", THREE)
    return placed


def test_a_phrase_is_explained_by_the_model_that_is_chosen(placed: Session, client: FakeClient, qtbot) -> None:
    placed.tiles.choose_model("clip")
    qtbot.waitUntil(lambda: bool(client.requests("explain")))
    assert client.requests("explain")[-1].model == "clip"
    client.answer("explain")
    assert tiles_of(placed).explained


def test_a_search_asks_for_the_phrase_in_the_area_on_the_open_raster(placed: Session, client: FakeClient) -> None:
    placed.tiles.run()
    (request,) = client.requests("tiles")
    assert (request.raster, request.text, request.area, request.out) == ("r1", "solar panels", SQUARE_WKB, "maps/tiles.tif")


def test_a_finished_search_is_named_by_what_was_asked_and_handed_on(placed: Session, client: FakeClient) -> None:
    handed = []
    placed.tiles.tilesReady.connect(lambda reply, place: handed.append((reply, place)))
    placed.tiles.run()
    placed.tiles.type("ponds")
    client.answer("tiles", THREE)
    ranked = tiles_of(placed).ranked
    assert ranked and (ranked.reply, ranked.words, ranked.chosen) == (THREE, "solar panels", -1)
    assert handed == [(THREE, Place(placed.state.raster, SQUARE_WKB))]


@pytest.mark.parametrize(("asked", "shown"), [(1, 1), (-1, 0), (99, 2)])
def test_the_map_is_asked_for_a_tile_that_there_is(ranked: Session, asked: int, shown: int) -> None:
    wanted: list[int] = []
    ranked.tiles.tileWanted.connect(wanted.append)
    ranked.tiles.zoom_to(asked)
    assert wanted == [shown] and tiles_of(ranked).ranked and tiles_of(ranked).ranked.chosen == shown


def test_the_same_tile_can_be_asked_for_again(ranked: Session) -> None:
    wanted: list[int] = []
    ranked.tiles.tileWanted.connect(wanted.append)
    ranked.tiles.zoom_to(1)
    ranked.tiles.zoom_to(1)
    assert wanted == [1, 1]


def test_without_tiles_no_map_is_moved(placed: Session, client: FakeClient) -> None:
    placed.tiles.tileWanted.connect(lambda _index: pytest.fail("there is no tile"))
    placed.tiles.zoom_to(0)
    placed.tiles.run()
    client.answer("tiles", TilesReply("tiles.tif", (), "text", "d", 1.0))
    placed.tiles.zoom_to(0)


def test_nothing_to_search_for_is_not_run(placed: Session, client: FakeClient, qtbot) -> None:
    placed.tiles.type(" ")
    placed.tiles.run()
    assert placed.state.problem and placed.state.problem.code == "phrase.empty"
    placed.tiles.type("xyzzy")
    qtbot.waitUntil(lambda: bool(client.open("explain")))
    client.answer("explain", ExplainReply({}, "", False, ("xyzzy",)))
    placed.tiles.run()
    assert placed.state.problem and placed.state.problem.code == "phrase.unknown" and client.requests("tiles") == []


def test_one_job_over_an_area_runs_at_a_time(placed: Session, client: FakeClient) -> None:
    placed.cover.set_classes(["water"])
    placed.cover.run()
    placed.tiles.run()
    assert client.requests("tiles") == []


def test_a_search_is_cancelled_without_a_problem(placed: Session, client: FakeClient) -> None:
    placed.tiles.run()
    placed.tiles.cancel()
    client.refuse("tiles", "cancelled")
    assert tiles_of(placed).run is None and placed.state.problem is None


def test_an_engine_that_dies_ends_the_search(placed: Session) -> None:
    placed.tiles.run()
    placed.engine_changed(Engine.FAILED, problem=problem_of("engine.gone"))
    assert tiles_of(placed).run is None and placed.state.problem and placed.state.problem.code == "engine.gone"
