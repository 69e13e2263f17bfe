"""Two dates in one light."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from rasterscribe.models.comparing.blocks import blocks_of_images
from rasterscribe.models.comparing.radiometry import matched
from rasterscribe.models.stretch import Range, to_bytes
from rasterscribe.tests.models.comparing.grounds import ground, shown

PLAIN: tuple[Range, ...] = ((0.0, 255.0),) * 3
GROUND = (ground() * 0.5 + 40).astype(np.uint8)
BRIGHTER = (GROUND * 1.3 + 12).clip(0, 255).astype(np.uint8)


def test_both_dates_meet_in_the_middle() -> None:
    one, other = matched(blocks_of_images(shown(GROUND), shown(BRIGHTER)), (PLAIN, PLAIN))
    before, after = to_bytes(GROUND, one).astype(float), to_bytes(BRIGHTER, other).astype(float)
    assert np.abs(before - after).mean() < 1
    assert before.mean() == pytest.approx((GROUND.mean() + BRIGHTER.mean()) / 2, abs=2)


def test_what_changed_does_not_count() -> None:
    changed = BRIGHTER.copy()
    changed[:, 40:160, 40:200] = 20
    one, other = matched(blocks_of_images(shown(GROUND), shown(changed)), (PLAIN, PLAIN))
    same = np.s_[:, 170:, :]
    assert np.abs(to_bytes(GROUND, one)[same].astype(float) - to_bytes(changed, other)[same]).mean() < 2


def test_the_other_way_round_gives_the_same_to_the_last_bit() -> None:
    there = matched(blocks_of_images(shown(GROUND), shown(BRIGHTER)), (PLAIN, PLAIN))
    back = matched(blocks_of_images(shown(BRIGHTER), shown(GROUND)), (PLAIN, PLAIN))
    assert there == back[::-1]


def test_dates_in_one_light_stay_as_they_are() -> None:
    one, other = matched(blocks_of_images(shown(GROUND), shown(GROUND)), (PLAIN, PLAIN))
    assert one == other
    assert np.array(one) == pytest.approx(np.array(PLAIN))


def test_a_copy_that_was_painted_on_stays_as_it_is() -> None:
    painted = GROUND.copy()
    painted[:, 40:90, 60:140] = 90
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of numbers that have run over
        one, other = matched(blocks_of_images(shown(GROUND), shown(painted)), (PLAIN, PLAIN))
    assert np.array([one, other]) == pytest.approx(np.array([PLAIN, PLAIN]), abs=0.01)


def test_a_shift_is_taken_into_account() -> None:
    before, after = GROUND[:, 4:, 3:], BRIGHTER[:, :-4, :-3]
    one, other = matched(blocks_of_images(shown(before), shown(after)), (PLAIN, PLAIN), (3, 4))
    assert np.abs(to_bytes(GROUND, one).astype(float) - to_bytes(BRIGHTER, other)).mean() < 1


def test_night_is_not_made_day() -> None:
    dark = (GROUND * 0.1 + 1).astype(np.uint8)
    _, other = matched(blocks_of_images(shown(GROUND), shown(dark)), (PLAIN, PLAIN))
    assert other[0][1] - other[0][0] > 255 / 1.7


def test_too_little_to_see_leaves_the_stretches_alone() -> None:
    white = np.full((300, 300, 3), 255, np.uint8)
    assert matched(blocks_of_images(white, shown(GROUND)), (PLAIN, PLAIN)) == (PLAIN, PLAIN)
    assert matched([], (PLAIN, PLAIN)) == (PLAIN, PLAIN)
