"""Ground that two changes claim goes to one of them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import shapely
from shapely.geometry import box

from rasterscribe.models.classes import BACKGROUND
from rasterscribe.models.comparing.claims import settled
from rasterscribe.models.comparing.objects import Changed
from rasterscribe.models.objects.shares import without_pauses
from rasterscribe.models.surveying.frame import Frame
from rasterscribe.tests.models.comparing.scene import SIDE, frame_in


@pytest.fixture
def frame(tmp_path: Path) -> Frame:
    return frame_in(tmp_path)


def change(left: int, top: int, right: int, bottom: int, score: float, kind: str = "appeared") -> Changed:
    """A building on half-metre pixels."""
    outline = box(500_000 + left / 2, 1_500_000 - bottom / 2, 500_000 + right / 2, 1_500_000 - top / 2)
    names = (BACKGROUND, "building") if kind == "appeared" else ("building", BACKGROUND)
    return Changed(outline, kind, *names, "building", score, outline.area)


def sizes(changes: list[Changed], frame: Frame) -> list[tuple[float, float]]:
    return [(one.score, one.outline.area) for one in without_pauses(settled(changes, frame))]


def test_the_surer_one_keeps_the_ground_in_whatever_order_they_come(frame: Frame) -> None:
    three = change(0, 0, 20, 20, 0.9), change(15, 0, 35, 20, 0.8, "disappeared"), change(30, 0, 50, 20, 0.7)
    for some in itertools.permutations(three):
        assert sizes([*some], frame) == [(0.9, 100), (0.8, 75), (0.7, 75)]


def test_of_equally_sure_ones_the_larger_keeps_it(frame: Frame) -> None:
    assert sizes([change(0, 0, 20, 20, 0.8), change(15, 0, 50, 20, 0.8)], frame) == [(0.8, 75), (0.8, 175)]


def test_the_kind_decides_nothing(frame: Frame) -> None:
    for kinds in itertools.product(("appeared", "disappeared"), repeat=2):
        pair = change(0, 0, 20, 20, 0.8, kinds[0]), change(15, 0, 35, 20, 0.8, kinds[1])
        [one, other] = without_pauses(settled(pair, frame))
        assert one.outline.intersection(other.outline).area == 0
        assert [shapely.get_num_coordinates(each.outline) for each in (one, other)] == [5, 5]
        assert (one.area, other.area) in [
            (pytest.approx(100, 0.01), pytest.approx(75, 0.01)),
            (pytest.approx(75, 0.01), pytest.approx(100, 0.01)),
        ]


def test_what_loses_most_of_its_ground_is_not_drawn(frame: Frame) -> None:
    assert sizes([change(0, 0, 20, 20, 0.9), change(8, 0, 28, 20, 0.8)], frame) == [(0.9, 100)]


def test_two_that_are_equal_in_all_lose_what_they_share(frame: Frame) -> None:
    assert sizes([change(0, 0, 20, 20, 0.9), change(0, 0, 20, 20, 0.9, "disappeared")], frame) == []


def test_what_only_touches_stays_as_it_is(frame: Frame) -> None:
    pair = change(0, 0, 20, 20, 0.9), change(20, 0, SIDE, 20, 0.8)
    assert [one.outline for one in without_pauses(settled(pair, frame))] == [one.outline for one in pair]


def test_nothing_is_settled_among_none(frame: Frame) -> None:
    assert without_pauses(settled([], frame)) == []
