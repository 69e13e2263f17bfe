"""What a change is called, and how that turns round with the dates."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rasterscribe.models.classes import BACKGROUND, CLASSES, MAPPED, kind_of
from rasterscribe.models.comparing.kinds import APPEARED, CHANGED, DISAPPEARED, STANDING, group_of, groups_of

TURNED = {APPEARED: DISAPPEARED, DISAPPEARED: APPEARED, CHANGED: CHANGED}


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        (BACKGROUND, "building", APPEARED),
        (BACKGROUND, "water", APPEARED),
        ("field", "building", APPEARED),
        ("water", BACKGROUND, DISAPPEARED),
        ("road", "field", DISAPPEARED),
        ("forest", "field", CHANGED),
        ("tree", "building", CHANGED),
        ("", "", CHANGED),
    ],
)
def test_things_come_and_go_and_ground_turns_into_other_ground(was: str, now: str, kind: str) -> None:
    assert kind_of(was, now) == kind


@pytest.mark.parametrize(("was", "now"), list(itertools.permutations((BACKGROUND, *CLASSES), 2)))
def test_exchanging_the_dates_turns_the_kind_round(was: str, now: str) -> None:
    assert kind_of(now, was) == TURNED[kind_of(was, now)]


def test_a_new_house_is_of_one_group_whatever_it_stands_on() -> None:
    groups = groups_of(["building", "field"])
    [house] = {groups.all[groups.table[was, 1] - 1] for was in (0, 2)}
    assert (house.kind, house.class_name, house.is_parted) == (APPEARED, "building", True)


@pytest.mark.parametrize("classes", [MAPPED, CLASSES, ("water",)])
def test_every_pair_has_a_group_and_what_stays_has_none(classes: tuple[str, ...]) -> None:
    groups = groups_of(classes)
    same = np.eye(1 + len(classes), dtype=bool)
    assert (groups.table[same] == STANDING + np.arange(1 + len(classes))).all()
    assert set(groups.table[~same].tolist()) == set(range(1, 1 + len(groups.all)))
    for was, now in itertools.permutations(range(1 + len(classes)), 2):
        there, back = (groups.all[groups.table[pair] - 1] for pair in ((was, now), (now, was)))
        assert (there.was, there.now, there.is_parted, there.least) == (back.now, back.was, back.is_parted, back.least)


def test_without_classes_there_is_one_group() -> None:
    groups = groups_of([])
    assert [group.kind for group in groups.all] == [CHANGED] and groups.table[0, 0] == 1


def test_a_small_pond_may_dry_up_where_no_field_is_as_small() -> None:
    pairs = ("water", "field"), ("field", "water"), (BACKGROUND, "field"), ("field", "building"), ("", "")
    assert [group_of(*pair).least for pair in pairs] == [20, 20, 200, 4, 0]


@pytest.mark.parametrize("classes", [(), ("building",), CLASSES])
def test_all_pixels_get_the_numbers_of_the_table(classes: tuple[str, ...]) -> None:
    groups = groups_of(classes)
    was, now = np.random.default_rng(1).integers(0, 1 + len(classes), (2, 40, 50), np.uint8)
    np.testing.assert_array_equal(groups.numbers(was, now), groups.table[was, now])
