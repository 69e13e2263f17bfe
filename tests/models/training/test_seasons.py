"""Another day over the same ground."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.training import seasons  # noqa: E402

SIDE = 256


@pytest.fixture
def street() -> np.ndarray:
    """Green ground with a grey roof in the middle."""
    rgb = np.full((SIDE, SIDE, 3), (70, 120, 60), np.uint8)
    rgb[100:150, 100:150] = 180
    return rgb


ROOF = np.zeros((SIDE, SIDE), bool)
ROOF[100:150, 100:150] = True


def test_the_same_draws_make_the_same_day(street):
    days = [seasons.another_day(street, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(days[0], days[1]) and not np.array_equal(days[0], days[2])
    assert days[0].dtype == np.uint8 and days[0].shape == street.shape


def test_a_season_dries_what_is_green_and_leaves_the_roof(street):
    seen = [seasons.season(street, np.random.default_rng(seed)) for seed in range(12)]
    redder = [int(view[20, 20, 0]) - int(street[20, 20, 0]) for view in seen]
    assert max(redder) > 20
    assert max(np.abs(view[120:130, 120:130].astype(int) - 180).max() for view in seen) < 25


def test_what_is_high_leans_over_ground_that_stays(street):
    leant = [seasons.leaning(street, ROOF, np.random.default_rng(seed)) for seed in range(5)]
    for view in leant:
        assert np.array_equal(view[:80], street[:80]) and np.array_equal(view[120:130, 120:130], street[120:130, 120:130])
    assert max((view != street).any(2).sum() for view in leant) > 50


def test_shadows_fall_beside_what_is_high(street):
    view = seasons.shaded(street, ROOF, np.random.default_rng(0))
    darker = (view.astype(int).sum(2) < street.astype(int).sum(2) - 20) & ~ROOF
    assert darker.any() and not darker[:80].any() and np.array_equal(view[120:130, 120:130], street[120:130, 120:130])


def test_a_date_lies_a_few_pixels_beside_at_most(street):
    for seed in range(6):
        moved = seasons.beside(street, np.random.default_rng(seed))
        rows, columns = np.nonzero(moved[..., 0] > 130)
        assert abs(rows.mean() - 124.5) < 4.5 and abs(columns.mean() - 124.5) < 4.5
