"""How far two dates lie apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rasterscribe.models.comparing.blocks import Block
from rasterscribe.models.comparing.shift import measured, shift_of
from rasterscribe.tests.models.comparing.grounds import ground, later, moved, shown

GROUND = ground()


@pytest.mark.parametrize(("x", "y"), [(0, 0), (0.25, -0.5), (2, 0), (-3.5, 4.25), (12, -9)])
def test_a_known_shift_is_found_to_a_tenth_of_a_pixel(x: float, y: float) -> None:
    found = measured(shown(GROUND), shown(moved(GROUND, x, y)))
    assert found is not None
    assert math.hypot(found.x - x, found.y - y) < 0.1


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1.5, 2), (-4, 3.5)])
def test_season_noise_and_a_fifth_of_the_ground_built_over_do_not_matter(x: float, y: float) -> None:
    found = measured(shown(GROUND), shown(later(moved(GROUND, x, y))))
    assert found is not None
    assert math.hypot(found.x - x, found.y - y) < 0.15


def test_the_other_way_round_is_exactly_the_opposite() -> None:
    before, after = shown(GROUND), shown(later(moved(GROUND, 1.3, -0.7)))
    there, back = measured(before, after), measured(after, before)
    assert there is not None and back is not None
    assert (there.x, there.y, there.uncertainty) == (-back.x, -back.y, back.uncertainty)


def test_blocks_say_by_how_much_they_differ() -> None:
    bent = np.concatenate([moved(GROUND, 0, 0)[:, :150], moved(GROUND, 2, 0)[:, 150:]], axis=1)
    found = measured(shown(GROUND), shown(bent))
    assert found is not None
    assert found.uncertainty >= 0.9
    assert found.blocks[:, 2].min() < 0.2
    assert found.blocks[:, 2].max() > 1.8


def test_the_uncertainty_is_never_less_than_half_a_pixel() -> None:
    found = measured(shown(GROUND), shown(GROUND))
    assert found is not None
    assert (found.x, found.y, found.uncertainty) == (0, 0, 0.5)


def test_other_ground_has_no_shift() -> None:
    assert measured(shown(GROUND), shown(ground(seed=7))) is None


def test_bare_ground_has_no_shift() -> None:
    flat = np.full((300, 300, 3), 90, np.uint8)
    assert measured(flat, flat) is None


def test_tiny_images_have_no_shift() -> None:
    assert measured(shown(GROUND)[:16, :16], shown(GROUND)[:16, :16]) is None


def test_holes_in_both_dates_do_not_hold_what_lies_around_them() -> None:
    rng = np.random.default_rng(7)
    valid = np.ones((256, 256), bool)
    for row, col in rng.integers(0, 240, (60, 2)):
        valid[row : row + 16, col : col + 16] = False
    faint = [(image * 0.3 + 120).astype(np.uint8) for image in (ground(256, 256), later(moved(ground(256, 256), 2, -2)))]
    before, after = (np.where(valid[..., None], shown(image), 0) for image in faint)
    found = shift_of([Block(0, 0, before, after, valid)])
    assert found is not None and (found.x, found.y) == pytest.approx((2, -2), abs=0.2)
    back = shift_of([Block(0, 0, after, before, valid)])
    assert back is not None and (back.x, back.y) == (-found.x, -found.y)
