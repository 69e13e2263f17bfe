"""A class list is put together from words that are known, and an area is mapped by it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rasterscribe.models.protocol import ClassArea, CoverReply, ExplainReply, Offer
from rasterscribe.plugin.area_state import AreaJobs, ClassList, Covered, CoverState, Panel
from rasterscribe.plugin.area_verbs import Place
from rasterscribe.plugin.class_words import meaning_of
from rasterscribe.plugin.cover_table import table_text, write_table
from rasterscribe.plugin.problems import PluginProblem, problem_of
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, Raster, State
from rasterscribe.tests.plugin.conftest import TOWN
from rasterscribe.tests.plugin.fake_client import SQUARE_WKB, FakeClient

MEANINGS = {"woodland": "forest", "house": "building", "meadow": "vegetation"}


def explanation(word: str, meanings: Mapping[str, str] = MEANINGS) -> ExplainReply:
    """What the engine says of a name; it offers "forest" for whatever it does not know."""
    if word in meanings:
        return ExplainReply({"queries": [{"class": meanings[word]}]}, word, True)
    return ExplainReply({"queries": []}, "", False, (word,), (Offer(word, ("forest",)),))


def explain(client: FakeClient, meanings: Mapping[str, str] = MEANINGS) -> None:
    while client.open("explain"):
        client.answer("explain", explanation(client.open("explain")[0].request.phrase, meanings))


def cover_of(session: Session) -> CoverState:
    return session.state.jobs.cover


@pytest.fixture
def placed(session: Session) -> Session:
    """A session with a class list, and somebody who knows where the area is."""
    session.area.wanted.connect(lambda wish: wish.ready(Place(session.state.raster, SQUARE_WKB)))
    session.cover.choose_path("maps/cover.tif")
    session.cover.set_classes(["building", "water", "other"])
    return session


# -- the class list


def test_a_class_of_the_networks_is_added_without_asking_what_it_means(session: Session, client: FakeClient) -> None:
    session.cover.add("Water")
    assert cover_of(session).classes == ("Water",) and cover_of(session).meanings == {"Water": "water"}
    assert client.requests("explain") == []


def test_another_word_is_added_once_the_engine_knows_it(session: Session, client: FakeClient) -> None:
    session.cover.type("woodland")
    session.cover.add("woodland")
    assert cover_of(session).classes == () and cover_of(session).adding == ("woodland",)
    explain(client)
    assert cover_of(session).classes == ("woodland",) and cover_of(session).meanings["woodland"] == "forest"
    assert cover_of(session).phrase == "" and cover_of(session).adding == ()


def test_an_unknown_word_is_refused_and_the_nearest_known_ones_are_offered(session: Session, client: FakeClient) -> None:
    session.cover.add("forst")
    explain(client)
    refused = cover_of(session).refused
    assert refused and (refused.word, refused.same, refused.instead) == ("forst", "", ("forest",))
    assert cover_of(session).classes == () and cover_of(session).phrase == "forst"


@pytest.mark.parametrize(("word", "same"), [("WATER", "water"), ("house", "building"), ("background", "other")])
def test_a_class_that_is_there_is_refused_in_other_words_too(session: Session, client: FakeClient, word: str, same: str) -> None:
    session.cover.set_classes(["water", "building", "other"])
    session.cover.add(word)
    explain(client)
    refused = cover_of(session).refused
    assert refused and refused.same == same and len(cover_of(session).classes) == 3


def test_several_classes_are_added_in_their_order_however_they_are_understood(session: Session, client: FakeClient) -> None:
    session.cover.add("meadow,  water , xyzzy, woodland,")
    assert cover_of(session).classes == ()
    explain(client)
    assert cover_of(session).classes == ("meadow", "water", "woodland")
    assert cover_of(session).refused and cover_of(session).phrase == "xyzzy"


def test_typing_again_takes_the_refusal_away(session: Session, client: FakeClient) -> None:
    session.cover.add("forst")
    explain(client)
    session.cover.type("forest")
    assert cover_of(session).refused is None


def test_what_is_typed_is_explained_for_the_completer_once_the_keys_rest(session: Session, client: FakeClient, qtbot) -> None:
    session.cover.type("wood")
    qtbot.waitUntil(lambda: bool(client.open("explain")))
    client.answer("explain", ExplainReply({}, "", False, ("wood",), suggestions=("woodland",)))
    explained = cover_of(session).explained
    assert explained and explained.suggestions == ("woodland",)


def test_a_list_is_taken_over_and_its_words_are_looked_up_once(session: Session, client: FakeClient) -> None:
    session.cover.set_classes(["woodland", "water", "woodland", " "])
    session.cover.set_classes(["water", "woodland"])
    assert cover_of(session).classes == ("water", "woodland")
    assert [request.phrase for request in client.requests("explain")] == ["woodland"]


def test_a_word_is_added_when_the_engine_comes(client: FakeClient) -> None:
    session = Session(client, State(engine=Engine.STOPPED))
    session.show_panel(Panel.COVER)
    session.cover.add("woodland")
    assert client.calls == ["start"] and client.requests("explain") == []
    session.engine_changed(Engine.READY)
    explain(client)
    assert cover_of(session).classes == ("woodland",)


def test_the_last_times_classes_are_looked_up_once_somebody_sees_them(client: FakeClient) -> None:
    session = Session(client, State(engine=Engine.STOPPED, jobs=AreaJobs(cover=CoverState(classes=("woodland",)))))
    session.engine_changed(Engine.READY)
    assert client.requests("explain") == []
    session.show_panel(Panel.COVER)
    explain(client)
    assert cover_of(session).meanings == {"woodland": "forest"}


def test_a_word_that_the_engine_cannot_look_up_is_given_back_with_the_reason(session: Session, client: FakeClient) -> None:
    session.cover.add("woodland")
    client.refuse("explain", "model.damaged")
    assert cover_of(session).adding == () and session.state.problem and session.state.problem.code == "model.damaged"
    session.cover.add("woodland")
    assert len(client.requests("explain")) == 2


def test_own_lists_are_saved_replaced_and_deleted(session: Session) -> None:
    session.cover.save_list("nothing yet")
    session.cover.set_classes(["water", "sand"])
    session.cover.save_list(" coast ")
    session.cover.set_classes(["water", "sand", "marsh"])
    session.cover.save_list("coast")
    assert cover_of(session).lists == (ClassList("coast", ("water", "sand", "marsh")),)
    session.cover.delete_list("coast")
    assert cover_of(session).lists == () and len(cover_of(session).classes) == 3


@pytest.mark.parametrize(
    ("parse", "meaning"),
    [
        ({"queries": [{"class": "forest"}]}, "forest"),
        ({"queries": []}, ""),
        ({"queries": [{"class": "forest"}, {"class": "water"}]}, ""),
        ({"queries": [{"class": "forest", "negated": True}]}, ""),
        ({"queries": [{"class": "forest", "relations": [{"kind": "within", "of": "water"}]}]}, ""),
    ],
)
def test_a_name_means_one_class_or_none(parse: dict, meaning: str) -> None:
    assert meaning_of(ExplainReply(parse, "", True)) == meaning


# -- the run


def test_a_run_asks_for_the_classes_in_the_area_on_the_open_raster(placed: Session, client: FakeClient) -> None:
    placed.cover.set_simplify(2.5)
    placed.cover.run()
    (request,) = client.requests("cover")
    assert (request.raster, request.classes, request.area) == ("r1", ("building", "water", "other"), SQUARE_WKB)
    assert (request.out, request.polygons, request.simplify) == ("maps/cover.tif", "maps/cover.gpkg", 2.5)


def test_polygons_are_made_only_where_they_are_wanted(placed: Session, client: FakeClient) -> None:
    placed.cover.set_polygons(False)
    placed.cover.run()
    assert client.requests("cover")[-1].polygons == ""


def test_both_files_of_a_run_must_be_free(placed: Session) -> None:
    wished = []
    placed.area.wanted.connect(lambda wish: wished.append(wish.files))
    placed.cover.run()
    assert wished == [("maps/cover.tif", "maps/cover.gpkg")]


@pytest.mark.parametrize(
    ("classes", "code"),
    [([], "classes.none"), (["other"], "classes.none"), (["xyzzy", "water"], "classes.unknown")],
)
def test_a_list_that_cannot_be_mapped_is_not_run(placed: Session, client: FakeClient, classes: list[str], code: str) -> None:
    placed.cover.set_classes(classes)
    explain(client)
    placed.cover.run()
    assert placed.state.problem and placed.state.problem.code == code and client.requests("cover") == []


def test_one_job_over_an_area_runs_at_a_time(placed: Session, client: FakeClient) -> None:
    placed.text.type("ponds")
    placed.text.run()
    placed.cover.run()
    assert client.requests("cover") == []


def test_a_run_is_followed_and_handed_on(placed: Session, client: FakeClient) -> None:
    handed = []
    placed.cover.coverReady.connect(lambda reply, place: handed.append((reply, place)))
    placed.cover.run()
    client.tell_progress("cover", 3.0, 4.0, "looking")
    run = cover_of(placed).run
    assert run and (run.done, run.total) == (3.0, 4.0)
    client.answer("cover")
    assert cover_of(placed).run is None and cover_of(placed).covered == Covered(client.replies["cover"])
    assert handed == [(client.replies["cover"], Place(placed.state.raster, SQUARE_WKB))]


def test_a_cancelled_run_leaves_the_former_result_and_no_problem(placed: Session, client: FakeClient) -> None:
    placed.cover.run()
    client.answer("cover")
    placed.cover.run()
    placed.cover.cancel()
    client.refuse("cover", "cancelled")
    assert cover_of(placed).run is None and cover_of(placed).covered and placed.state.problem is None


@pytest.mark.parametrize("code", ["area.outside", "classes.repeated", "disk.full", "output.busy"])
def test_a_run_that_fails_says_why(placed: Session, client: FakeClient, code: str) -> None:
    placed.cover.run()
    client.refuse("cover", code)
    assert cover_of(placed).run is None and placed.state.problem and placed.state.problem.code == code


def test_an_engine_killed_in_the_middle_ends_the_run_and_the_next_one_resumes_in_the_same_file(placed: Session, client: FakeClient) -> None:
    placed.cover.run()
    client.tell_progress("cover", 50.0, 100.0)
    placed.engine_changed(Engine.FAILED, problem=problem_of("engine.gone"))
    assert cover_of(placed).run is None and placed.state.problem and placed.state.problem.code == "engine.gone"
    placed.engine_changed(Engine.READY)
    placed.cover.run()
    while client.open("open"):
        client.answer("open")
    first, second = client.requests("cover")
    assert first == second


def test_without_a_crs_areas_are_known_to_be_square_pixels_whatever_raster_is_chosen_later(session: Session, client: FakeClient) -> None:
    bare = Raster("layer2", "scan", "scan.tif", id="r2")
    session.area.wanted.connect(lambda wish: wish.ready(Place(bare)))
    session.cover.set_classes(["water"])
    session.cover.run()
    client.answer("cover")
    assert session.state.metric and session.state.raster and session.state.raster.crs == TOWN.crs
    assert cover_of(session).covered and not cover_of(session).covered.metric


# -- the table


AREAS = (ClassArea("water, still", 2, 8.5, 0.1), ClassArea("Gebäude", 18, 76.5, 0.9))


def test_the_table_has_a_decimal_point_and_quotes_what_it_must() -> None:
    covered = Covered(CoverReply("cover.tif", "", AREAS, "text", "d", 1.0))
    assert table_text(covered, by_area=False) == ('class,pixels,area_m2,share\n"water, still",2,8.50,0.100000\nGebäude,18,76.50,0.900000\n')
    assert table_text(covered, by_area=True, separator="\t").splitlines()[1] == "Gebäude\t18\t76.50\t0.900000"


def test_without_a_crs_the_table_says_that_areas_are_square_pixels() -> None:
    assert "area_px2" in table_text(Covered(CoverReply("cover.tif", "", AREAS, "text", "d", 1.0), metric=False), by_area=True)


def test_a_table_is_written_whole_or_not_at_all(tmp_path) -> None:
    write_table(tmp_path / "areas.csv", "Gebäude\n")
    assert (tmp_path / "areas.csv").read_bytes() == "Gebäude\n".encode()
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(PluginProblem, match="taken.csv"):
        write_table(tmp_path / "taken.csv", "Gebäude\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["areas.csv", "taken.csv"]
