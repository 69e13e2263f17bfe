"""Relations, each in a scene that fits on a stamp. Metres, x to the east, y to the north, near the middle of a UTM zone."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod
from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from rasterscribe.models.language.query import Relation
from rasterscribe.models.selection import references
from rasterscribe.models.selection.metric import Ground
from rasterscribe.models.selection.references import References, chains
from rasterscribe.models.selection.relations import Party, holds

X, Y = 500_000, 3_060_000
GROUND = Ground(CRS("EPSG:32645"), (X, Y), 0.5)
ROAD = box(-1000, -5, 1000, 5)  # runs east
HOUSE = box(0, 20, 10, 30)


def on_map(*geometries: BaseGeometry) -> np.ndarray:
    return np.array([affinity.translate(one, X, Y) for one in geometries], object)


def answer(
    kind: str,
    objects: list[BaseGeometry],
    of: list[BaseGeometry],
    metres: float | None = None,
    other: list[BaseGeometry] | None = None,
    negated: bool = False,
) -> list[bool]:
    """Objects that are also in `of` or `other`, as the same Python object, are themselves references."""

    def party(all_: list[BaseGeometry]) -> Party:
        own = [next((place for place, one in enumerate(all_) if one is asked), -1) for asked in objects]
        return Party(References(GROUND.of(on_map(*all_)), GROUND), np.array(own, int))

    relation = Relation(kind, "it", metres, negated)
    return holds(relation, GROUND.of(on_map(*objects)), [party(one) for one in (of, other) if one is not None]).tolist()


within = partial(answer, "within")


@pytest.mark.parametrize(("metres", "near"), [(14.9, False), (15.1, True)])
def test_near_is_measured_from_outline_to_outline(metres: float, near: bool) -> None:
    assert within([HOUSE], [ROAD], metres) == [near]


def test_what_overlaps_is_near_also_deep_inside() -> None:
    lake = box(-5000, -5000, 5000, 5000)
    assert within([HOUSE, lake], [lake], 1) == [True, False]  # the lake itself has no other lake near
    assert within([lake], [HOUSE], 1) == [True]


@pytest.mark.parametrize(
    "reference", [Point(5, 40), LineString([(-50, 40), (50, 40)]), MultiPolygon([box(90, 90, 91, 91), box(0, 40, 1, 41)])]
)
def test_points_lines_and_polygons_in_parts_serve_as_references(reference: BaseGeometry) -> None:
    assert within([HOUSE], [reference], 9.9) == [False]
    assert within([HOUSE], [reference], 10.1) == [True]


def test_an_object_is_never_its_own_reference() -> None:
    alone, left, right = box(500, 500, 510, 510), box(0, 0, 10, 10), box(15, 0, 25, 10)
    for kind in ("within", "touching", "inside", "along", "between", "north_of"):
        assert answer(kind, [alone], [alone]) == [False]
    assert within([alone, left, right], [alone, left, right], 20) == [False, True, True]


def test_a_copy_of_an_object_in_another_class_is_a_reference() -> None:
    assert within([HOUSE], [affinity.translate(HOUSE, 0)], 1) == [True]


def test_without_references_nothing_is_related_and_everything_not() -> None:
    for kind in ("within", "touching", "inside", "along", "between", "north_of"):
        assert answer(kind, [HOUSE], []) == [False]
        assert answer(kind, [HOUSE], [], negated=True) == [True]
        assert answer(kind, [], [ROAD]) == []


def test_touching_leaves_no_pixel_in_between() -> None:
    beside, off = box(10.4, 20, 20, 30), box(10.6, 20, 20, 30)  # pixels are half a metre wide
    assert answer("touching", [beside, off], [HOUSE]) == [True, False]


def test_inside_is_half_of_the_area_in_one_or_in_several() -> None:
    left, right = box(0, 0, 10, 10), box(10, 0, 20, 10)
    in_left, over_both, half_out, more_out = box(1, 1, 3, 3), box(8, 4, 12, 6), box(0, 8.9, 4, 11), box(0, 9.1, 4, 11)
    assert answer("inside", [in_left, over_both, half_out, more_out], [left, right]) == [True, True, True, False]


def test_what_lies_in_two_overlapping_references_counts_once() -> None:
    same = [box(0, 0, 4, 10), box(0, 0, 4, 9.9)]
    assert answer("inside", [box(0, 0, 10, 10)], same) == [False]


def test_a_pond_in_its_hole_is_in_the_field_but_a_house_in_a_block_is_not_in_the_road() -> None:
    pond = box(40, 40, 60, 60)
    field = box(0, 0, 100, 100).difference(pond.buffer(1))
    roads = box(0, 0, 100, 100).difference(box(5, 5, 95, 95))
    assert answer("inside", [pond], [field]) == [True]
    assert answer("inside", [pond], [roads]) == [False]


def test_nothing_lies_inside_of_points_and_lines() -> None:
    assert answer("inside", [HOUSE], [Point(5, 25), LineString([(0, 25), (10, 25)])]) == [False]


def test_hedges_along_a_road_run_beside_it() -> None:
    beside, across, far = box(0, 8, 80, 11), box(0, 5, 3, 85), box(0, 40, 80, 43)
    tree, distant_tree = Point(0, 15).buffer(4), Point(0, 30).buffer(4)
    assert answer("along", [beside, across, far, tree, distant_tree], [ROAD]) == [True, False, False, True, False]


def test_a_hedge_follows_its_road_around_the_bend() -> None:
    bend = [(0, 0), (100, 0), (100, 100)]
    hedge = LineString([(0, 10), (90, 10), (90, 100)]).buffer(1.5)
    assert answer("along", [hedge], [LineString(bend).buffer(3)]) == [True]
    assert answer("along", [hedge, HOUSE], [hedge, HOUSE]) == [False, True]  # not along itself; the house lines it
    assert answer("along", [hedge], [LineString([(95, 300), (95, -300)]).buffer(3)]) == [True]  # along half of it


def test_between_is_with_one_on_each_side() -> None:
    left, right = box(-30, 0, -20, 10), box(20, 0, 30, 10)
    tree, beyond, aside = Point(0, 5).buffer(2), Point(60, 5).buffer(2), Point(0, 60).buffer(2)
    assert answer("between", [tree, beyond, aside], [left, right]) == [True, False, False]
    assert answer("between", [left, tree], [left, right, tree]) == [False, True]
    assert answer("between", [tree], [left, right], metres=19) == [False]


def test_a_block_between_roads_counts_though_its_roads_are_one_object() -> None:
    roads = box(0, 0, 100, 100).difference(box(5, 5, 95, 95))
    assert answer("between", [box(20, 20, 30, 30), box(0, 0, 3, 3)], [roads]) == [True, False]


def test_between_two_classes_wants_one_of_each() -> None:
    river = box(-1000, 100, 1000, 120)
    inland, beyond = box(0, 50, 10, 60), box(0, 200, 10, 210)
    assert answer("between", [inland, beyond], [ROAD], other=[river]) == [True, False]
    assert answer("between", [inland], [river], other=[ROAD]) == [True]
    assert answer("between", [inland], [ROAD], other=[]) == [False]
    shed = box(0, 30, 5, 35)
    assert answer("between", [inland, shed], [ROAD], other=[inland, shed]) == [False, True]


@pytest.mark.parametrize(("kind", "side"), [("north_of", (0, 60)), ("east_of", (60, 0)), ("south_of", (0, -60)), ("west_of", (-60, 0))])
def test_a_direction_is_a_quarter_of_the_horizon(kind: str, side: tuple[int, int]) -> None:
    tower = box(-5, -5, 5, 5)
    sheds = [affinity.rotate(affinity.translate(Point(0, 0).buffer(2), *side), turn, origin=(0, 0)) for turn in (0, 35, -35, 60, -60, 180)]
    assert answer(kind, sheds, [tower]) == [True, True, True, False, False, False]


def test_directions_are_from_the_nearest_reference() -> None:
    assert answer("north_of", [box(0, 50, 5, 55)], [box(0, 100, 5, 105), ROAD]) == [True]
    assert answer("north_of", [box(0, 80, 5, 85)], [box(0, 100, 5, 105), ROAD]) == [False]
    first, second = box(0, 0, 5, 5), box(0, 20, 5, 25)
    assert answer("north_of", [first, second], [first, second]) == [False, True]


def test_what_lies_in_the_reference_is_in_no_direction_from_it() -> None:
    island = box(0, 0, 2, 2)
    for kind in ("north_of", "south_of", "east_of", "west_of"):
        assert answer(kind, [island], [box(-100, -100, 100, 100)]) == [False]


def test_not_turns_the_answer_round() -> None:
    assert within([HOUSE, box(0, 200, 9, 209)], [ROAD], 50, negated=True) == [False, True]


def test_fifty_metres_are_fifty_metres_at_the_far_end_of_a_continent() -> None:
    degrees, ellipsoid = CRS("EPSG:4326"), Geod(ellps="WGS84")
    ground = Ground(degrees, (85.0, 20.0), 10.0)
    for lon, lat in [(85.0, 20.0), (140.0, 65.0), (30.0, -10.0)]:
        for azimuth in (0, 45, 90):
            spots = [Point(ellipsoid.fwd(lon, lat, azimuth, metres)[:2]).buffer(1e-9) for metres in (49.7, 50.3)]
            party = Party(References(ground.of(np.array([Point(lon, lat)])), ground), np.array([-1, -1]))
            assert holds(Relation("within", "it", 50), ground.of(np.array(spots)), [party]).tolist() == [True, False]


def test_without_a_crs_touching_is_a_pixel_apart() -> None:
    ground = Ground(None, (0, 0), 1.0)
    party = Party(References(np.array([HOUSE], object), ground), np.array([-1, -1]))
    objects = np.array([box(10.9, 20, 20, 30), box(11.1, 20, 20, 30)], object)
    assert holds(Relation("touching", "it"), objects, [party]).tolist() == [True, False]


def test_chains_cover_an_outline_exactly_and_stay_short() -> None:
    shape = Polygon(Point(0, 0).buffer(10, 32).exterior, [Point(0, 0).buffer(5, 5).exterior])
    pieces = chains(np.array([shape, LineString([(20, 0), (30, 0)]), Point(3, 3), None], object))
    assert shapely.length(pieces).sum() == pytest.approx(shape.length + 10)
    assert shapely.get_num_coordinates(pieces).max() == references.CHAIN + 1
    assert shapely.line_merge(shapely.union_all(pieces[shapely.get_dimensions(pieces) == 1])).equals(
        shapely.union(shape.boundary, LineString([(20, 0), (30, 0)]))
    )


def test_many_at_once_answer_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "BATCH", 7)
    random = np.random.default_rng(3)
    blobs = [Point(*xy).buffer(size) for xy, size in zip(random.uniform(-200, 200, (40, 2)), random.uniform(2, 12, 40), strict=True)]
    for kind, metres in (("within", 12), ("between", 60), ("along", 5), ("south_of", None), ("inside", None), ("touching", None)):
        alone = [answer(kind, [one], blobs[:25], metres)[0] for one in blobs]
        assert answer(kind, blobs, blobs[:25], metres) == alone
        assert any(alone) and not all(alone)


def test_distances_are_those_between_the_shapes_themselves() -> None:
    random = np.random.default_rng(4)
    objects = [Point(*xy).buffer(8, 3) for xy in random.uniform(-150, 150, (60, 2))]
    lines = [LineString(random.uniform(-150, 150, (50, 2))).buffer(0.5) for _ in range(2)]
    for metres in (2, 7, 15):
        truth = [any(one.distance(line) <= metres for line in lines) for one in objects]
        assert within(objects, lines, metres) == truth


def test_twenty_thousand_are_answered_at_once() -> None:
    random = np.random.default_rng(5)
    places = random.uniform(0, 4000, (20_000, 2))
    blobs = GROUND.of(shapely.buffer(shapely.points(places + (X, Y)), random.uniform(2, 15, 20_000), quad_segs=2))
    kin = Party(References(blobs, GROUND), np.arange(20_000))
    near = holds(Relation("within", "it", 3), blobs, [kin])
    above = holds(Relation("north_of", "it"), blobs, [kin])
    for index in random.integers(0, 20_000, 20):
        others = np.delete(blobs, index)
        assert near[index] == (shapely.distance(blobs[index], others).min() <= 3)
        centre = blobs[index].centroid
        nearest = others[shapely.distance(centre, others).argmin()]
        (x, y), _ = shapely.shortest_line(nearest, centre).coords
        assert above[index] == (centre.y - y >= abs(centre.x - x) > 0)
