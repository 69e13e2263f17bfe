"""A phrase that was taken apart picks its objects. Metres near the middle of a UTM zone, x to the east, y to the north."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from pyproj import CRS
from shapely.affinity import translate
from shapely.geometry import LineString, Point, Polygon, box

from rasterscribe.models.errors import LayerUnknown, PhraseUnits
from rasterscribe.models.language.query import Parse, Query, Rank, Relation, Size, Where
from rasterscribe.models.objects.instances import Instance
from rasterscribe.models.objects.tone import Tone
from rasterscribe.models.selection.select import Selection, check_answerable, classes_named, select

METRES = CRS("EPSG:32645")
X, Y = 500_000, 3_060_000


def thing(class_name: str, outline: Polygon, score: float = 0.9, tone: Tone | None = None) -> Instance:
    return Instance(translate(outline, X, Y), score, class_name, outline.area, tone)


ROAD = thing("road", box(-1000, -5, 1000, 5))
SHED = thing("building", box(0, 10, 5, 15), 0.8)
HOUSE = thing("building", box(20, 10, 30, 20), 0.7)
HALL = thing("building", box(0, 500, 60, 520), 0.6)
GHOST = thing("building", box(0, 1000, 100, 1100), 0.3)  # the largest, and hardly there
FIELD = thing("field", box(0, 600, 100, 700))
POND = thing("water", box(10, 610, 30, 630))
THINGS = [ROAD, SHED, HOUSE, HALL, GHOST, FIELD, POND]
NAMES = {"road": ROAD, "shed": SHED, "house": HOUSE, "hall": HALL, "ghost": GHOST, "field": FIELD, "pond": POND}


def by_class(things: Sequence[Instance]) -> dict[str, list[Instance]]:
    found: dict[str, list[Instance]] = {}
    for one in things:
        found.setdefault(one.class_name, []).append(one)
    return found


def ask(*queries: Query, things: Sequence[Instance] = THINGS, **rest: object) -> Selection:
    given = {"layers": {}, "crs": METRES, "gsd": 0.5, **rest}
    return select(by_class(things), Parse(queries), **given)  # type: ignore[arg-type]


def picked(*queries: Query, **rest: object) -> list[str]:
    return [next(name for name, one in NAMES.items() if one is chosen.instance) for chosen in ask(*queries, **rest).chosen]


BUILDINGS = Query("building")


def test_a_class_alone_gives_all_of_its_objects_the_weak_ones_too() -> None:
    assert picked(BUILDINGS) == ["shed", "house", "hall", "ghost"]


def test_a_class_without_objects_gives_nothing() -> None:
    assert picked(Query("car")) == []
    assert ask(Query("car"), things=[]).chosen == []


@pytest.mark.parametrize(
    ("size", "names"),
    [
        (Size(min_m2=100), ["house", "hall", "ghost"]),
        (Size(max_m2=99), ["shed"]),
        (Size(26, 1300), ["house", "hall"]),
    ],
)
def test_sizes_are_bounds_of_area(size: Size, names: list[str]) -> None:
    assert picked(replace(BUILDINGS, size=size)) == names


def test_shapes_are_all_wanted() -> None:
    assert picked(replace(BUILDINGS, shape=("elongated",))) == ["hall"]
    assert picked(replace(BUILDINGS, shape=("elongated", "round"))) == []
    round_pond = thing("water", Point(0, 0).buffer(10))
    assert [one.instance for one in ask(Query("water", shape=("round",)), things=[POND, round_pond]).chosen] == [round_pond]


def test_tones_are_read_for_those_that_are_left_only() -> None:
    read = []

    def tone_of(instance: Instance) -> Tone | None:
        read.append(instance)
        return {HOUSE: Tone(0.8, 0.33), HALL: Tone(0.2, 0.4)}.get(instance)

    large = replace(BUILDINGS, size=Size(min_m2=100))
    assert picked(replace(large, tone=("bright",)), tone_of=tone_of) == ["house"]
    assert read == [HOUSE, HALL, GHOST]
    assert picked(replace(large, tone=("dark", "green")), tone_of=tone_of) == ["hall"]
    carried = thing("building", box(0, 0, 9, 9), tone=Tone(0.9, 0.33))
    assert len(ask(replace(BUILDINGS, tone=("bright",)), things=[carried]).chosen) == 1


def test_a_rank_counts_after_everything_else_and_without_the_weak() -> None:
    largest = Rank("area", "largest", 2)
    assert picked(replace(BUILDINGS, rank=largest)) == ["hall", "house"]
    assert picked(replace(BUILDINGS, rank=largest, size=Size(max_m2=1000))) == ["house", "shed"]
    assert picked(replace(BUILDINGS, rank=Rank("area", "smallest", 1))) == ["shed"]
    assert picked(replace(BUILDINGS, rank=Rank("elongation", "largest", 1))) == ["hall"]
    assert picked(replace(BUILDINGS, rank=Rank("length", "smallest", 9))) == ["shed", "house", "hall"]
    tones = {SHED: Tone(0.2, 0.3), HOUSE: Tone(0.7, 0.3)}
    assert picked(replace(BUILDINGS, rank=Rank("brightness", "largest", 2)), tone_of=tones.get) == ["house", "shed"]


def test_relations_are_all_wanted() -> None:
    near, wide = Relation("within", "road", 50), Relation("within", "building", 16)
    assert picked(replace(BUILDINGS, relations=(near,))) == ["shed", "house"]
    assert picked(replace(BUILDINGS, relations=(replace(near, negated=True),))) == ["hall", "ghost"]
    assert picked(replace(BUILDINGS, relations=(near, wide))) == ["shed", "house"]
    assert picked(replace(BUILDINGS, relations=(near, replace(wide, negated=True)))) == []


def test_two_betweens_are_one_of_each() -> None:
    between = (Relation("between", "road", 600), Relation("between", "field", 600))
    assert picked(replace(BUILDINGS, relations=between)) == ["shed", "house", "hall"]
    assert picked(replace(BUILDINGS, relations=between[:1])) == []
    assert picked(replace(BUILDINGS, relations=tuple(replace(one, negated=True) for one in between))) == ["ghost"]


def test_the_weak_are_no_references() -> None:
    assert picked(Query("field", relations=(Relation("within", "building", 350),))) == ["field"]
    assert picked(Query("field", relations=(Relation("within", "building", 350),)), things=[FIELD, GHOST]) == []


def test_references_may_have_attributes() -> None:
    large = Relation("within", "building", 60, where=Where(size=Size(min_m2=1000)))
    assert picked(Query("road", relations=(large,))) == []
    assert picked(Query("field", relations=(replace(large, distance_m=100),))) == ["field"]
    long = Relation("within", "building", 100, where=Where(shape=("elongated",)))
    assert picked(Query("field", relations=(long,))) == ["field"]
    assert picked(replace(BUILDINGS, relations=(Relation("within", "building", 20, where=Where(size=Size(max_m2=30))),))) == ["house"]


def test_layers_are_references_by_name() -> None:
    track = LineString([(X - 100, Y + 705), (X + 100, Y + 705)])
    near = Relation("within", "Tracks", 10, of_layer=True)
    assert picked(Query("field", relations=(near,)), layers={"Tracks": [track]}) == ["field"]
    assert picked(replace(BUILDINGS, relations=(near,)), layers={"Tracks": [track]}) == []


def test_a_layer_that_is_not_there_is_a_problem() -> None:
    with pytest.raises(LayerUnknown) as problem:
        ask(replace(BUILDINGS, relations=(Relation("between", "road"), Relation("between", "Tracks", of_layer=True))))
    assert problem.value.data == {"layer": "Tracks"}


def test_what_is_not_wanted_gives_nothing_and_takes_its_own_from_the_others() -> None:
    assert picked(BUILDINGS, Query("building", negated=True, size=Size(min_m2=1000))) == ["shed", "house", "ghost"]
    basin = thing("building", box(10, 605, 30, 620))  # two thirds of it lie in the pond
    NAMES["basin"] = basin
    things = [*THINGS, basin]
    assert picked(BUILDINGS, Query("water", negated=True), things=things) == ["shed", "house", "hall", "ghost"]
    assert picked(Query("field"), Query("water", negated=True), things=things) == ["field"]
    ranked = replace(BUILDINGS, rank=Rank("area", "largest", 1))
    assert picked(ranked, Query("building", negated=True, shape=("elongated",))) == ["house"]


def test_an_object_asked_for_twice_appears_once() -> None:
    selection = ask(replace(BUILDINGS, size=Size(max_m2=30)), BUILDINGS)
    assert [(one.instance is SHED, one.query) for one in selection.chosen] == [(True, 0), (False, 1), (False, 1), (False, 1)]


def test_a_person_is_told_what_was_not_found() -> None:
    near = Relation("within", "road", 50)
    assert ask(replace(BUILDINGS, relations=(near,))).notes == ()
    nothing_near = ask(replace(BUILDINGS, relations=(near, replace(near, negated=True))), things=[HOUSE])
    assert nothing_near.notes == ("No road was found in the area.",)
    assert nothing_near.chosen == []
    assert ask(Query("water", negated=True)).notes == ("The phrase says only what is not asked for.",)
    inside = Relation("inside", "Stops", of_layer=True)
    assert "no polygons" in ask(replace(BUILDINGS, relations=(inside,)), layers={"Stops": [Point(X, Y)]}).notes[0]


def test_without_a_crs_metres_are_a_problem_and_the_rest_is_answered() -> None:
    for query in (
        replace(BUILDINGS, size=Size(min_m2=1)),
        replace(BUILDINGS, relations=(Relation("within", "road"),)),
        replace(BUILDINGS, relations=(Relation("between", "road", 50),)),
        replace(BUILDINGS, relations=(Relation("inside", "road", where=Where(size=Size(min_m2=1))),)),
    ):
        with pytest.raises(PhraseUnits):
            check_answerable(Parse((query,)), (), None)
    beyond = replace(BUILDINGS, relations=(Relation("north_of", "road"),), shape=("rectangular",), rank=Rank("area", "largest", 1))
    assert picked(beyond, crs=None, gsd=1.0) == ["hall"]


def test_the_classes_to_look_for_are_those_named_layers_apart() -> None:
    relations = (Relation("within", "Tracks", of_layer=True), Relation("between", "road"), Relation("between", "water"))
    assert classes_named(Parse((replace(BUILDINGS, relations=relations), Query("road", negated=True)))) == ("building", "road", "water")
