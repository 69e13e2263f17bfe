"""What a shift between the pictures explains is no change; what it does not explain is one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rasterscribe.models.comparing.objects import Changed
from rasterscribe.models.comparing.slivers import Slivers, shifts_of, shifts_within
from rasterscribe.models.objects.shares import without_pauses
from rasterscribe.models.protocol import Shift
from rasterscribe.models.surveying.frame import Frame
from rasterscribe.tests.models.comparing.scene import (
    BUILDING,
    CLASSES,
    FIELD,
    SIDE,
    WATER,
    Rectangle,
    draft_of,
    frame_in,
    gather,
    ground,
    planes_of,
    turned,
)

UNCERTAINTY = 2.0
HOUSE = (20, 20, 50, 50, BUILDING)


@pytest.fixture
def frame(tmp_path: Path) -> Frame:
    return frame_in(tmp_path)


def left(folder: Path, frame: Frame, planes: np.ndarray, shifts: np.ndarray | None = None, pictures: Any = None) -> list[Changed]:
    """The changes that are left, and the same with the dates exchanged."""
    kept = []
    for way, given in ((1, planes), (-1, turned(planes))):
        with draft_of(folder, frame, given) as draft:
            classes = () if pictures else CLASSES
            found = gather(draft, classes)
            tried = shifts_within(UNCERTAINTY) if shifts is None else way * shifts
            kept.append(without_pauses(Slivers(draft, classes, tried, pictures and pictures(way)).without(found)))
    one, other = kept
    assert [change.outline for change in one] == [change.outline for change in sorted(other, key=lambda one: order(one, kept[0]))]
    return one


def order(change: Changed, among: list[Changed]) -> int:
    return [one.outline.equals(change.outline) for one in among].index(True)


def moved(rectangle: Rectangle, across: int, down: int = 0) -> Rectangle:
    first, top, right, bottom, code = rectangle
    return first + across, top + down, right + across, bottom + down, code


@pytest.mark.parametrize("step", [(1, 0), (2, 0), (0, -2), (-1, 1), (2, 1)])
@pytest.mark.parametrize("around", [[], [(0, 0, SIDE, SIDE, FIELD)], [(0, 0, 35, SIDE, FIELD)]], ids=["other", "field", "both"])
def test_nothing_is_left_of_a_square_that_lies_a_little_beside_itself(
    frame: Frame, tmp_path: Path, step: tuple[int, int], around: list[Rectangle]
) -> None:
    planes = planes_of(ground(*around, HOUSE), ground(*around, moved(HOUSE, *step)))
    assert left(tmp_path, frame, planes) == []


def test_a_square_that_moved_by_more_than_the_uncertainty_changed(frame: Frame, tmp_path: Path) -> None:
    found = left(tmp_path, frame, planes_of(ground(HOUSE), ground(moved(HOUSE, 4))))
    assert [one.kind for one in found] == ["appeared", "disappeared"]


@pytest.mark.parametrize("uncertainty", [0.5, 1, 2, 3])
def test_the_uncertainty_that_was_measured_counts(frame: Frame, tmp_path: Path, uncertainty: float) -> None:
    planes = planes_of(ground(HOUSE), ground(moved(HOUSE, 2)))
    assert bool(left(tmp_path, frame, planes, shifts_within(uncertainty))) == (uncertainty < 2)


def test_a_new_square_stays(frame: Frame, tmp_path: Path) -> None:
    assert len(left(tmp_path, frame, planes_of(ground(), ground(HOUSE)))) == 1


def test_an_annexe_wider_than_the_uncertainty_stays(frame: Frame, tmp_path: Path) -> None:
    assert len(left(tmp_path, frame, planes_of(ground(HOUSE), ground((20, 20, 54, 50, BUILDING))))) == 1


@pytest.mark.parametrize("wider", [1, 3])
def test_a_pond_that_grew_all_around_stays(frame: Frame, tmp_path: Path, wider: int) -> None:
    pond = (20 - wider, 20 - wider, 50 + wider, 50 + wider, WATER)
    assert len(left(tmp_path, frame, planes_of(ground((20, 20, 50, 50, WATER)), ground(pond)))) == 1


def test_a_gap_between_roofs_that_was_closed_stays(frame: Frame, tmp_path: Path) -> None:
    roofs = (10, 20, 30, 50, BUILDING), (32, 20, 52, 50, BUILDING)
    assert len(left(tmp_path, frame, planes_of(ground(*roofs), ground((10, 20, 52, 50, BUILDING))))) == 1


def test_a_border_between_field_and_water_that_lies_beside_itself_is_no_change(frame: Frame, tmp_path: Path) -> None:
    dates = [ground((0, 0, SIDE, SIDE, FIELD), (30 + step, 0, SIDE, SIDE, WATER)) for step in (0, 2)]
    assert left(tmp_path, frame, planes_of(*dates)) == []
    dates = [ground((0, 0, SIDE, SIDE, FIELD), (30 + step, 0, SIDE, SIDE, WATER)) for step in (0, 9)]
    assert [one.kind for one in left(tmp_path, frame, planes_of(*dates))] == ["changed"]


def test_what_lies_beside_ground_that_nobody_knows_is_not_explained_by_it(frame: Frame, tmp_path: Path) -> None:
    planes = planes_of(ground(HOUSE), ground(moved(HOUSE, 2)))
    planes[:, :, 22:40] = 0
    assert [one.kind for one in left(tmp_path, frame, planes)] == ["disappeared"]


def test_a_border_that_wobbles_besides_is_no_change(frame: Frame, tmp_path: Path) -> None:
    now = ground(moved(HOUSE, 2))
    now[20:50:3, 52] = BUILDING
    now[21:50:5, 51] = 0
    assert left(tmp_path, frame, planes_of(ground(HOUSE), now)) == []


def test_shifts_lie_around_the_one_that_was_not_taken_away(frame: Frame) -> None:
    one = shifts_of(Shift(6, -7, None, 1.0, False), frame)
    other = shifts_of(Shift(-6, 7, None, 1.0, False), frame)
    assert one.mean(axis=0).tolist() == [-6, 7] and {*map(tuple, one)} == {*map(tuple, -other)}
    assert np.abs(shifts_of(Shift(2, 2, None, 0.5, True), frame)).max() == 1 == np.abs(shifts_of(None, frame)).max()
    half = Frame(frame.raster, 1, 0, 0, SIDE // 2, SIDE // 2)
    assert np.abs(shifts_of(Shift(0, 0, None, 5.0, True), half)).max() == 3  # 2.5 of twice as large pixels, and half of one


class Pictures:
    """Two pictures of a frame, grey values at both dates."""

    def __init__(self, before: np.ndarray, after: np.ndarray) -> None:
        self._dates = [np.pad(date, SIDE, mode="edge") for date in (before, after)]

    def read(self, col: int, row: int, width: int, height: int, out_width: int, out_height: int) -> Any:
        rows, cols = slice(SIDE + row, SIDE + row + height), slice(SIDE + col, SIDE + col + width)
        rgb = np.stack([date[rows, cols] for date in self._dates for _ in range(3)], axis=2)
        return SimpleNamespace(rgb=rgb, valid=np.ones(rgb.shape[:2], bool))


def grey(*rectangles: Rectangle, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(-3, 4, (SIDE, SIDE))
    return (80 + 50 * ground(*rectangles).astype(int) + noise).astype(np.uint8)


@pytest.mark.parametrize(
    ("was", "now", "count"),
    [
        (HOUSE, moved(HOUSE, 2), 0),
        (HOUSE, moved(HOUSE, 4), 2),
        (HOUSE, (20, 20, 54, 50, BUILDING), 1),
        ((0, 0, 0, 0, BUILDING), HOUSE, 1),
        ((0, 0, 15, SIDE, BUILDING), (0, 0, 17, SIDE, BUILDING), 0),
    ],
    ids=["beside itself", "moved", "grown", "new", "a road's edge"],
)
def test_where_nobody_knows_classes_the_pictures_are_asked(
    frame: Frame, tmp_path: Path, was: Rectangle, now: Rectangle, count: int
) -> None:
    planes = planes_of(ground(was), ground(now))
    planes[1:] = 0
    dates = grey(was, seed=1), grey(now, seed=2)
    assert len(left(tmp_path, frame, planes, pictures=lambda way: Pictures(*dates[::way]))) == count


def test_without_pictures_and_classes_everything_stays(frame: Frame, tmp_path: Path) -> None:
    planes = planes_of(ground(HOUSE), ground(moved(HOUSE, 2)))
    planes[1:] = 0
    with draft_of(tmp_path, frame, planes) as draft:
        found = gather(draft, ())
        assert without_pauses(Slivers(draft, (), shifts_within(2)).without(found)) == found != []
