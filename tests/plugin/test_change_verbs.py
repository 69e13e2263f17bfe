"""Two dates are chosen, looked at together, compared, and swapped where they are the wrong way round."""

from __future__ import annotations

import dataclasses

import pytest

from rasterscribe.models.protocol import ChangeReply, FromTo, OldMap, Open
from rasterscribe.plugin.area_state import Panel
from rasterscribe.plugin.area_verbs import Place
from rasterscribe.plugin.change_state import ChangeState, Compared, MapChoice, MapUse
from rasterscribe.plugin.problems import problem_of
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, Raster
from rasterscribe.tests.plugin.conftest import TOWN
from rasterscribe.tests.plugin.fake_client import SQUARE_WKB, FakeClient

OPEN = dataclasses.replace(TOWN, id="r1")
OLD = Raster("layer0", "old town", "old.tif", crs="EPSG:32645")
BEFORE, AFTER = Open("old.tif"), Open("town.tif")
ROOFS = MapChoice(MapUse.ALONE, "layer7", class_name="building")


def change_of(session: Session) -> ChangeState:
    return session.state.jobs.change


@pytest.fixture
def pair(session: Session) -> Session:
    """A session whose panel has two rasters chosen."""
    session.show_panel(Panel.CHANGE)
    session.change.choose_before("layer0", "old town")
    session.change.offer_pair(BEFORE, AFTER)
    return session


@pytest.fixture
def placed(pair: Session) -> Session:
    """With somebody who knows where everything is."""
    pair.area.wanted.connect(lambda wish: wish.ready(Place(OPEN, SQUARE_WKB)))
    pair.change.beforeWanted.connect(lambda place, wish: wish.ready(dataclasses.replace(place, before=OLD)))
    pair.change.choose_path("maps/changes.gpkg")
    return pair


# -- how the two lie to each other


def test_as_soon_as_two_rasters_are_chosen_the_engine_says_how_they_lie(pair: Session, client: FakeClient) -> None:
    (request,) = client.requests("pair")
    assert (request.before, request.after) == (BEFORE, AFTER)
    client.answer("pair")
    assert change_of(pair).pair == client.replies["pair"] and change_of(pair).pair_problem is None


def test_a_file_that_is_offered_as_soon_as_the_raster_is_chosen_counts(session: Session, client: FakeClient) -> None:
    session.show_panel(Panel.CHANGE)
    session.changed.connect(lambda state: session.change.offer_pair(BEFORE, AFTER) if state.jobs.change.before_id else None)
    session.change.choose_before("layer0", "old town")
    client.answer("pair")
    assert change_of(session).pair == client.replies["pair"]


def test_why_they_cannot_be_compared_stands_beside_them_and_is_no_alarm(pair: Session, client: FakeClient) -> None:
    client.refuse("pair", "pair.apart")
    problem = change_of(pair).pair_problem
    assert problem and problem.code == "pair.apart" and pair.state.problem is None and change_of(pair).pair is None


def test_an_answer_about_a_raster_that_is_not_chosen_any_more_is_not_heard(pair: Session, client: FakeClient) -> None:
    pair.change.choose_before("layer5", "older town")
    client.answer("pair")
    assert change_of(pair).pair is None
    pair.change.offer_pair(Open("older.tif"), AFTER)
    client.answer("pair")
    assert client.requests("pair")[-1].before.path == "older.tif" and change_of(pair).pair is not None


def test_nothing_is_asked_twice_and_nothing_behind_another_panel(session: Session, client: FakeClient) -> None:
    session.change.choose_before("layer0")
    session.change.offer_pair(BEFORE, AFTER)
    assert client.requests("pair") == []
    session.show_panel(Panel.CHANGE)
    session.change.offer_pair(BEFORE, AFTER)
    session.show_panel(Panel.CLICK)
    session.show_panel(Panel.CHANGE)
    assert len(client.requests("pair")) == 1


def test_dates_that_are_corrected_are_looked_at_again(pair: Session, client: FakeClient) -> None:
    client.refuse("pair", "pair.order")
    pair.change.set_dates("2010", "2012-07 ")
    assert change_of(pair).pair_problem is None
    request = client.requests("pair")[-1]
    assert (request.before_date, request.after_date) == ("2010", "2012-07")


def test_a_layer_without_a_file_is_not_looked_at_before_the_run(pair: Session, client: FakeClient) -> None:
    client.answer("pair")
    pair.change.offer_pair(None, AFTER)
    assert len(client.requests("pair")) == 1 and change_of(pair).pair is None


def test_the_layer_itself_is_no_other_date(pair: Session, client: FakeClient) -> None:
    pair.change.choose_before("layer1", "town")
    problem = change_of(pair).pair_problem
    assert problem and problem.code == "pair.same"
    pair.change.run()
    assert pair.state.problem and pair.state.problem.code == "pair.same" and client.requests("change") == []


def test_an_engine_that_comes_back_is_asked_again(pair: Session, client: FakeClient) -> None:
    client.answer("pair")
    pair.engine_changed(Engine.FAILED, problem=problem_of("engine.gone"))
    assert change_of(pair).pair is None
    pair.engine_changed(Engine.READY)
    assert len(client.requests("pair")) == 2


def test_swapping_works_on_the_former_before_raster_and_takes_the_dates_along(pair: Session) -> None:
    pair.change.set_dates("2020", "2012")
    pair.change.swap()
    assert pair.state.raster and pair.state.raster.layer_id == "layer0"
    change = change_of(pair)
    assert (change.before_id, change.before_name) == ("layer1", "town")
    assert (change.before_date, change.after_date) == ("2012", "2020") and change.pair_problem is None


# -- the old map


def test_a_layer_that_is_chosen_without_a_field_is_looked_at_for_one(session: Session) -> None:
    asked: list[MapChoice] = []
    session.change.fieldWanted.connect(asked.append)
    session.change.choose_map(MapChoice(MapUse.WITNESS, "layer7"))
    session.change.choose_map(MapChoice(MapUse.WITNESS, "layer7", "type"))
    assert asked == [MapChoice(MapUse.WITNESS, "layer7")] and change_of(session).old_map.field == "type"


def test_with_the_old_map_alone_no_two_rasters_are_looked_at(pair: Session, client: FakeClient) -> None:
    client.answer("pair")
    pair.change.choose_map(ROOFS)
    assert change_of(pair).pair is None and not change_of(pair).with_before


# -- the run


def test_a_run_compares_the_two_over_the_area(placed: Session, client: FakeClient) -> None:
    placed.change.set_classes(["building", " water", "building"])
    placed.change.choose_method("direct")
    placed.change.set_filter(0.6, 40.0)
    placed.change.set_probability(True)
    placed.change.run()
    (request,) = client.requests("change")
    assert (request.before, request.after, request.area) == (BEFORE, AFTER, SQUARE_WKB)
    assert (request.classes, request.method) == (("building", "water"), "direct")
    assert (request.threshold, request.floor, request.out) == (0.6, 0.25, "maps/changes.gpkg")
    assert request.probability == "maps/changes.tif"


def test_every_change_stays_in_the_file_whatever_its_size_so_that_the_filter_can_go_back(placed: Session, client: FakeClient) -> None:
    placed.change.set_filter(0.1, 500.0)
    placed.change.run()
    (request,) = client.requests("change")
    assert (request.min_area, request.floor) == (0.0, 0.1)


def test_the_old_map_alone_needs_no_before_raster(session: Session, client: FakeClient) -> None:
    old_map = OldMap("roofs.gpkg", class_name="building")
    session.area.wanted.connect(lambda wish: wish.ready(Place(OPEN)))
    session.change.beforeWanted.connect(lambda place, wish: wish.ready(dataclasses.replace(place, old_map=old_map)))
    session.change.choose_map(ROOFS)
    session.change.run()
    (request,) = client.requests("change")
    assert (request.before, request.old_map) == (None, old_map)


def test_with_the_old_map_alone_no_pixel_is_said_to_be_likely(session: Session, client: FakeClient) -> None:
    session.area.wanted.connect(lambda wish: wish.ready(Place(OPEN)))
    session.change.beforeWanted.connect(lambda place, wish: wish.ready(dataclasses.replace(place, old_map=OldMap("roofs.gpkg"))))
    session.change.choose_path("maps/changes.gpkg")
    session.change.set_probability(True)
    session.change.choose_map(ROOFS)
    session.change.run()
    assert [request.probability for request in client.requests("change")] == [""]


@pytest.mark.parametrize(("method", "map_use", "code"), [("map", MapUse.NONE, "method.map"), ("irmad", MapUse.ALONE, "method.images")])
def test_a_method_that_lacks_what_it_compares_is_refused_and_another_goes_on(
    placed: Session, client: FakeClient, method: str, map_use: MapUse, code: str
) -> None:
    placed.change.choose_map(dataclasses.replace(ROOFS, use=map_use))
    placed.change.choose_method(method)
    placed.change.run()
    assert placed.state.problem and placed.state.problem.code == code and change_of(placed).run is None
    placed.change.choose_method("")
    placed.change.run()
    assert len(client.requests("change")) == 1


def test_without_anything_to_compare_with_the_user_is_told(session: Session, client: FakeClient) -> None:
    session.change.run()
    assert session.state.problem and session.state.problem.code == "pair.none" and client.requests("change") == []


def test_a_map_of_which_nobody_knows_the_classes_is_refused(session: Session) -> None:
    session.change.choose_map(MapChoice(MapUse.ALONE, "layer7"))
    session.change.run()
    assert session.state.problem and session.state.problem.code == "map.field"


def test_a_run_that_waits_for_the_before_raster_is_cancelled_at_once(pair: Session, client: FakeClient) -> None:
    wishes = []
    pair.area.wanted.connect(lambda wish: wish.ready(Place(OPEN)))
    pair.change.beforeWanted.connect(lambda place, wish: wishes.append((place, wish)))
    pair.change.run()
    assert change_of(pair).run is not None
    pair.change.cancel()
    place, wish = wishes[0]
    assert change_of(pair).run is None and wish.withdrawn
    wish.ready(dataclasses.replace(place, before=OLD))
    assert client.requests("change") == []


def test_a_before_raster_that_cannot_be_written_out_ends_the_run_with_the_reason(pair: Session, client: FakeClient) -> None:
    pair.area.wanted.connect(lambda wish: wish.ready(Place(OPEN)))
    pair.change.beforeWanted.connect(lambda place, wish: wish.failed(problem_of("disk.full")))
    pair.change.run()
    assert change_of(pair).run is None and pair.state.problem and pair.state.problem.code == "disk.full"


@pytest.mark.parametrize("code", ["pair.apart", "map.empty", "disk.full", "output.busy", "raster.unreadable", "date.unknown"])
def test_a_run_that_failed_says_why_and_the_next_one_runs(placed: Session, client: FakeClient, code: str) -> None:
    placed.change.run()
    client.refuse("change", code)
    assert placed.state.problem and placed.state.problem.code == code
    assert change_of(placed).run is None and change_of(placed).before_id == "layer0"
    placed.change.choose_path("maps/other.gpkg")
    placed.change.run()
    assert [request.out for request in client.requests("change")] == ["maps/changes.gpkg", "maps/other.gpkg"]
    assert change_of(placed).run is not None


def test_one_job_over_an_area_runs_at_a_time(placed: Session, client: FakeClient) -> None:
    placed.change.run()
    placed.tiles.type("ponds")
    placed.tiles.run()
    placed.change.run()
    assert len(client.requests("change")) == 1 and client.requests("tiles") == []


# -- the result


def test_what_comes_out_is_told_with_its_place_and_then_with_its_layer(placed: Session, client: FakeClient) -> None:
    told: list[tuple[ChangeReply, Place]] = []
    placed.change.compareReady.connect(lambda reply, place: told.append((reply, place)))
    placed.change.run()
    client.answer("change")
    reply = client.replies["change"]
    assert [(one, place.before) for one, place in told] == [(reply, OLD)]
    assert change_of(placed).run is None and change_of(placed).compared == Compared(reply, shown=2, matrix=reply.matrix)
    placed.change.layer_ready("layer9", [0.9, 0.4], [100.0, 60.0])
    placed.change.filtered(1)
    placed.change.summed([FromTo("other", "building", 1, 100.0)])
    compared = change_of(placed).compared
    assert compared and (compared.layer_id, compared.scores, compared.shown) == ("layer9", (0.9, 0.4), 1)
    assert compared.matrix == (FromTo("other", "building", 1, 100.0),)


def test_without_a_crs_areas_are_pixels(placed: Session, client: FakeClient) -> None:
    placed.change.beforeWanted.disconnect()
    bare = dataclasses.replace(OLD, crs="")
    placed.change.beforeWanted.connect(lambda place, wish: wish.ready(dataclasses.replace(place, before=bare)))
    placed.change.run()
    client.answer("change")
    compared = change_of(placed).compared
    assert compared and not compared.metric


def test_a_run_that_was_cancelled_leaves_the_former_result(placed: Session, client: FakeClient) -> None:
    placed.change.run()
    client.answer("change")
    placed.change.run()
    placed.change.cancel()
    client.refuse("change", "cancelled")
    assert change_of(placed).compared is not None and placed.state.problem is None
