"""Parts are found whole, whatever the strips that they come in."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy import ndimage

from rasterscribe.models.objects.components import Component, Components, Rows, joined_to, large_polygon


def drawn(text: str) -> np.ndarray:
    """A drawing of digits as uint8 values, tens of what they say; . is 0."""
    return np.array([[0 if letter == "." else 20 * int(letter) for letter in line] for line in text.split()], np.uint8)


def gathered(plane: np.ndarray, high: int, level: int = 100, **limits: int) -> tuple[list[Component], int]:
    """The parts of a plane in strips so many rows high, and the most rows that were held."""
    rows, held = Rows(), 0
    parts = Components(rows, level, **limits)
    found = []
    for row in range(0, len(plane), high):
        strip = plane[row : row + high]
        rows.add(row, strip)
        held = max(held, rows.held)
        found += parts.take(row, strip)
        needed = parts.first_needed
        rows.forget(row + len(strip) if needed is None else needed)
    return found + parts.finish(), held


def noise(seed: int, shape: tuple[int, int] = (60, 50), blur: float = 1.2) -> np.ndarray:
    rough = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(shape), blur)
    return (rough / rough.std() * 60 + 120).clip(1, 255).astype(np.uint8)


def facts(part: Component) -> tuple:
    return part.top, part.left, part.bottom, part.right, part.row, part.col, part.count, part.total


U_SHAPE = drawn("""
    9..9..
    9..9.5
    9999..
    ......
    """)


@pytest.mark.parametrize("high", [1, 2, 3, 4])
def test_arms_that_meet_further_down_are_one_part(high: int) -> None:
    found, _ = gathered(U_SHAPE, high)
    assert [facts(part) for part in found] == [(1, 5, 2, 6, 1, 5, 1, 100), (0, 0, 3, 4, 0, 0, 8, 8 * 180)]


@pytest.mark.parametrize("high", [1, 2, 3, 7, 16, 59])
@pytest.mark.parametrize("seed", range(5))
def test_the_parts_are_those_of_the_whole_plane_in_the_same_order(seed: int, high: int) -> None:
    plane = noise(seed)
    labels, count = ndimage.label(plane >= 100)
    sums = ndimage.sum_labels(plane, labels, np.arange(1, count + 1))
    found, _ = gathered(plane, high)
    assert sorted(part.total for part in found) == sorted(sums.astype(int))
    assert [facts(part) for part in found] == [facts(part) for part in gathered(plane, 60)[0]]


def test_a_part_is_reported_with_the_row_below_it() -> None:
    rows = Rows()
    parts = Components(rows, 100)
    for row in range(3):
        rows.add(row, U_SHAPE[row : row + 1])
        assert len(parts.take(row, U_SHAPE[row : row + 1])) == (1 if row == 2 else 0)
    assert len(parts.take(3, U_SHAPE[3:])) == 1


def test_parts_with_a_peak_are_passed_over_and_hold_no_rows() -> None:
    plane = drawn("5555 5555 9..5 5..5 5..5 ....")
    found, _ = gathered(plane, 1, limit=180)
    assert found == []
    found, held = gathered(np.repeat(drawn("5.9"), 50, axis=0), 1, limit=180)
    assert [part.left for part in found] == [0]


@pytest.mark.parametrize("high", [1, 3, 10, 60])
@pytest.mark.parametrize("seed", range(3))
def test_a_large_part_comes_as_one_polygon_that_is_the_same_to_the_vertex(seed: int, high: int) -> None:
    plane = noise(seed, blur=2.0)
    found, _ = gathered(plane, high, largest=400)
    whole, _ = gathered(plane, 60, largest=400)
    assert [part.is_large for part in found] == [part.is_large for part in whole]
    large = [part for part in found if part.is_large]
    assert large
    for part, same in zip(large, (part for part in whole if part.is_large), strict=True):
        polygon = large_polygon(part)
        assert polygon.is_valid
        assert polygon.area == part.count
        assert shapely.equals_exact(polygon, large_polygon(same))
        mask = joined_to(plane >= 100, part.row, part.col)
        x, y = np.meshgrid(np.arange(50) + 0.5, np.arange(60) + 0.5)
        assert (shapely.contains_xy(polygon, x, y) == mask).all()


def test_no_more_rows_are_held_than_a_part_may_be_tall() -> None:
    river = np.zeros((500, 8), np.uint8)
    river[:, 3:5] = 200
    found, held = gathered(river, 10, tallest=40)
    assert held <= 60
    assert large_polygon(found[0]).equals(shapely.box(3, 0, 5, 500))
    assert shapely.get_num_coordinates(large_polygon(found[0])) == 5
