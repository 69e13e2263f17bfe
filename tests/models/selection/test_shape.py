"""Shapes are told from outlines as the engine draws them, ten pixels wide and at any angle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from rasterio.features import rasterize
from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from rasterscribe.models.objects.outlines import outline
from rasterscribe.models.protocol import OutlineOptions
from rasterscribe.models.selection.shape import elongation, is_elongated, is_rectangular, is_round, rectangularity, roundness, sides

DISC = Point(0, 0).buffer(5, 64)
RECTANGLE = box(-15, -5, 15, 5)
DRAWN = {
    "disc": DISC,
    "small disc": Point(0, 0).buffer(4, 64),
    "oval": affinity.scale(DISC, 1.5, 1),
    "long oval": affinity.scale(DISC, 2, 1),
    "square": box(-5, -5, 5, 5),
    "rectangle": box(-10, -5, 10, 5),
    "long rectangle": RECTANGLE,
    "thin rectangle": box(-7.5, -2.5, 7.5, 2.5),
    "L": box(-10, -10, 10, 10).difference(box(0, 0, 10, 10)),
    "triangle": Polygon([(-8, -6), (8, -6), (0, 8)]),
}


def digitised(name: str) -> np.ndarray:
    """Outlines of a shape cut out of the pixel grid at 24 angles and places."""
    random, found = np.random.default_rng(0), []
    for angle in range(0, 180, 15):
        for _ in range(2):
            placed = affinity.translate(affinity.rotate(DRAWN[name], angle, origin=(0, 0)), *(25 + random.uniform(size=2)))
            mask = rasterize([placed], out_shape=(50, 50)).astype(np.float32)
            found.append(outline(mask, Affine.scale(0.3), OutlineOptions()))
    return np.array(found, object)


@pytest.mark.parametrize("name", DRAWN)
def test_discs_and_ovals_are_round_and_nothing_else_is(name: str) -> None:
    assert (is_round(digitised(name)) == (name in ("disc", "small disc", "oval"))).all()


@pytest.mark.parametrize("name", DRAWN)
def test_squares_and_rectangles_are_rectangular_and_nothing_else_is(name: str) -> None:
    assert (is_rectangular(digitised(name)) == (name in ("square", "rectangle", "long rectangle", "thin rectangle"))).all()


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_three_times_as_long_as_wide_is_elongated_and_twice_is_not(name: str) -> None:
    assert (is_elongated(digitised(name)) == (name in ("long rectangle", "thin rectangle"))).all()


def test_a_winding_river_is_elongated_though_it_fills_a_square() -> None:
    river = LineString([(0, 0), (90, 0), (90, 30), (0, 30), (0, 60), (90, 60), (90, 90), (0, 90)]).buffer(3)
    wing = LineString([(0, 0), (30, 0), (30, 30), (0, 30)]).buffer(5)  # a building around a yard
    assert is_elongated(np.array([river, wing])).tolist() == [True, False]


def test_holes_do_not_count() -> None:
    ring = DISC.difference(Point(0, 0).buffer(4))
    rings = MultiPolygon([ring, affinity.translate(ring, 100)])
    assert roundness(np.array([ring, DISC])) == pytest.approx(1, abs=0.001)
    discs = shapely.union(DISC, affinity.translate(DISC, 100))
    assert rectangularity(np.array([rings])) == pytest.approx(rectangularity(np.array([discs])))


def test_the_tightest_rectangle_is_turned_with_the_outline() -> None:
    long, short = sides(np.array([affinity.rotate(RECTANGLE, angle) for angle in (0, 17, 45, 90)]))
    assert long == pytest.approx(30)
    assert short == pytest.approx(10)
    assert elongation(np.array([RECTANGLE])) == pytest.approx(3)
