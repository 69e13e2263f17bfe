"""Planes of two dates become the objects that changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from scipy import ndimage
from shapely.geometry import box

from rasterscribe.models.classes import BACKGROUND
from rasterscribe.models.comparing.objects import Changed, Gathering
from rasterscribe.models.objects.instances import Part
from rasterscribe.models.objects.shares import Sharing, without_pauses
from rasterscribe.models.protocol import OutlineOptions
from rasterscribe.models.surveying.frame import Frame
from rasterscribe.tests.models.comparing.scene import (
    BUILDING,
    CLASSES,
    FIELD,
    SIDE,
    SURE,
    UNSURE,
    WATER,
    draft_of,
    frame_in,
    gather,
    gathered,
    ground,
    planes_of,
    turned,
)

TURNED = {"appeared": "disappeared", "disappeared": "appeared", "changed": "changed"}
BLOTCHED = ("building", "road", "sand")  # of which small ones count
HOUSE = (20, 30, 40, 50, BUILDING)


@pytest.fixture
def frame(tmp_path: Path) -> Frame:
    return frame_in(tmp_path)


def said(change: Changed) -> tuple[str, str, str, str]:
    return change.kind, change.class_name, change.from_class, change.to_class


def rough(seed: int) -> np.ndarray:
    """Planes of blotches in which everything touches everything."""
    random = np.random.default_rng(seed)
    blurred = [ndimage.gaussian_filter(random.standard_normal((SIDE, SIDE)), 4) for _ in range(3)]
    values, was, now = (field / field.std() for field in blurred)
    codes = [np.digitize(field, (-0.7, 0, 0.7)).astype(np.uint8) for field in (was, now)]
    value = (values * 60 + 120).clip(1, 255).astype(np.uint8)
    return np.stack([np.where(codes[0] == codes[1], np.minimum(value, 60), value), *codes]).astype(np.uint8)


def test_a_new_house_has_its_outline_area_score_and_names(frame: Frame, tmp_path: Path) -> None:
    [house] = gathered(tmp_path, frame, planes_of(ground(), ground(HOUSE)))
    assert said(house) == ("appeared", "building", BACKGROUND, "building")
    true = shapely.transform(box(*HOUSE[:4]), lambda x, y: frame.to_map @ (x, y), interleaved=False)
    assert house.outline.intersection(true).area / house.outline.union(true).area > 0.95
    assert house.area == pytest.approx(100, rel=0.03) and house.score == pytest.approx(239 / 254)


def test_a_new_house_on_two_grounds_is_one_object_that_stands_on_most_of_it(frame: Frame, tmp_path: Path) -> None:
    was = ground((0, 0, 32, SIDE, FIELD))
    [house] = gathered(tmp_path, frame, planes_of(was, ground((0, 0, 32, SIDE, FIELD), HOUSE)))
    assert said(house) == ("appeared", "building", "field", "building")


def test_surer_pixels_count_more_in_what_it_stands_on(frame: Frame, tmp_path: Path) -> None:
    was = ground((0, 0, 29, SIDE, FIELD))  # 9 of 20 columns
    planes = planes_of(was, ground((0, 0, 29, SIDE, FIELD), HOUSE))
    planes[0][(planes[0] == SURE) & (was != FIELD)] = 140
    assert [one.from_class for one in gathered(tmp_path, frame, planes)] == ["field"]


@pytest.mark.parametrize(
    ("was", "now", "names"),
    [
        ([HOUSE], [], ("disappeared", "building", "building", BACKGROUND)),
        ([(10, 10, 60, 60, FIELD)], [(10, 10, 60, 60, WATER)], ("changed", "water", "field", "water")),
        ([(10, 10, 60, 60, WATER)], [], ("disappeared", "water", "water", BACKGROUND)),
    ],
)
def test_what_goes_or_turns_into_something_else_is_named(
    frame: Frame, tmp_path: Path, was: list, now: list, names: tuple[str, ...]
) -> None:
    assert [said(one) for one in gathered(tmp_path, frame, planes_of(ground(*was), ground(*now)))] == [names]


def test_new_houses_that_touch_are_told_apart(frame: Frame, tmp_path: Path) -> None:
    row = ground((10, 10, 30, 30, BUILDING), (30, 18, 34, 22, BUILDING), (34, 10, 54, 30, BUILDING))
    assert len(gathered(tmp_path, frame, planes_of(ground(), row))) == 2


def test_a_weak_change_is_kept_with_its_score(frame: Frame, tmp_path: Path) -> None:
    [weak] = gathered(tmp_path, frame, planes_of(ground(), ground(HOUSE), UNSURE))
    assert weak.score == pytest.approx(99 / 254)


def test_without_classes_something_changed(frame: Frame, tmp_path: Path) -> None:
    planes = planes_of(ground(), ground(HOUSE))
    planes[1:] = 0
    assert [said(one) for one in gathered(tmp_path, frame, planes, classes=())] == [("changed", "", "", "")]


def test_what_is_too_small_for_its_class_or_for_the_analyst_is_passed_over(frame: Frame, tmp_path: Path) -> None:
    planes = planes_of(ground(), ground((10, 10, 30, 30, FIELD), (50, 50, 60, 60, BUILDING)))  # 100 and 25 m2
    assert [one.class_name for one in gathered(tmp_path, frame, planes)] == ["building"]
    assert gathered(tmp_path, frame, planes, min_area=30) == []


def test_specks_are_passed_over_but_for_classes_that_are_measured(tmp_path: Path) -> None:
    planes = planes_of(ground(), ground((10, 10, 12, 13, WATER), (50, 50, 52, 51, WATER)))
    with draft_of(tmp_path, frame_in(tmp_path, pixel=5.0), planes) as draft:
        for measured, sizes in ((), []), (("water",), [150.0]), (("field",), []):
            gathering = Gathering(draft, CLASSES, OutlineOptions(smooth=False), 0.25, measured=measured)
            found = without_pauses(gathering.taking(0, planes)) + without_pauses(gathering.finishing())
            assert [one.area for one in found] == pytest.approx(sizes, rel=0.2)


def test_nothing_is_said_where_nothing_is_known(frame: Frame, tmp_path: Path) -> None:
    assert gathered(tmp_path, frame, np.zeros((3, SIDE, SIDE), np.uint8)) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_exchanging_the_dates_exchanges_kinds_and_classes_and_nothing_else(frame: Frame, tmp_path: Path, seed: int) -> None:
    one, other = (gathered(tmp_path, frame, planes, BLOTCHED) for planes in (rough(seed), turned(rough(seed))))
    assert len(one) > 5 and {"appeared", "disappeared"} <= {change.kind for change in one}
    assert described(one) == sorted((wkb, TURNED[kind], now, was, *rest) for wkb, kind, was, now, *rest in described(other))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("high", [1, 7, 40])
def test_strips_of_any_height_give_the_same_bytes(frame: Frame, tmp_path: Path, seed: int, high: int) -> None:
    planes = rough(seed)
    whole = gathered(tmp_path, frame, planes, BLOTCHED)
    with draft_of(tmp_path, frame, planes, high) as draft:
        gathering = Gathering(draft, BLOTCHED, OutlineOptions(smooth=False), 0.25)
        strips = [without_pauses(gathering.taking(row, planes[:, row : row + high])) for row in range(0, SIDE, high)]
        found = [one for strip in [*strips, without_pauses(gathering.finishing())] for one in strip]
    assert described(found) == described(whole)


def described(changes: list[Changed]) -> list[tuple]:
    return sorted((shapely.to_wkb(one.outline), one.kind, one.from_class, one.to_class, one.score, one.area) for one in changes)


class Recorder:
    """A refiner that changes nothing and remembers what it was asked for."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def apart(self, parts: Sequence[Part]) -> Sharing[list[list[Part]]]:
        self.parts += parts
        yield 1.0
        return [[part] for part in parts]


def test_houses_are_drawn_at_the_date_at_which_they_stand(frame: Frame, tmp_path: Path) -> None:
    gone, new, pond = (10, 10, 20, 20, BUILDING), (50, 10, 70, 20, BUILDING), (10, 50, 40, 80, WATER)
    before, after = Recorder(), Recorder()
    with draft_of(tmp_path, frame, planes_of(ground(gone), ground(new, pond))) as draft:
        gather(draft, refiners=(before, after))
    assert [[int(part.inside.sum()) for part in one.parts] for one in (before, after)] == [[100], [200]]


def test_a_click_into_an_annexe_meets_the_house_beside_it_as_another_object(frame: Frame, tmp_path: Path) -> None:
    house, annexe = (20, 20, 40, 40, BUILDING), (40, 20, 55, 40, BUILDING)
    after = Recorder()
    with draft_of(tmp_path, frame, planes_of(ground(house), ground(house, annexe))) as draft:
        gather(draft, refiners=(None, after))
    [part] = after.parts
    assert (part.values[1:-1, 0] == 255).all() and (part.values[1:-1, -1] == 5).all() and part.inside[1:-1, 1:-1].all()


def test_nothing_is_clicked_for_specks(frame: Frame, tmp_path: Path) -> None:
    after = Recorder()
    speck, shed = (10, 10, 15, 13, BUILDING), (40, 40, 46, 44, BUILDING)
    with draft_of(tmp_path, frame, planes_of(ground(), ground(speck, shed))) as draft:
        gather(draft, refiners=(None, after))
    assert [int(part.inside.sum()) for part in after.parts] == [24]


def test_a_group_that_pauses_for_some_strips_is_found_again(frame: Frame, tmp_path: Path) -> None:
    planes = planes_of(ground(), ground((10, 4, 30, 24, BUILDING), (10, 60, 30, 80, BUILDING)))
    with draft_of(tmp_path, frame, planes) as draft:
        gathering = Gathering(draft, CLASSES, OutlineOptions(smooth=False), 0.25)
        counts = [len(without_pauses(gathering.taking(row, planes[:, row : row + 8]))) for row in range(0, SIDE, 8)]
    assert [row for row, count in enumerate(counts) if count] == [3, 10] and sum(counts) == 2
