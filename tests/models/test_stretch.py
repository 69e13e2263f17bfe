"""Values become bytes the same way for a whole raster."""

from __future__ import annotations

import numpy as np
import pytest

from rasterscribe.models.stretch import to_bytes, usual_stretch


def test_the_stretch_leaves_out_two_percent_at_either_end() -> None:
    assert usual_stretch(np.arange(101)) == pytest.approx((2, 98))


def test_nan_and_infinity_do_not_count() -> None:
    assert usual_stretch(np.array([np.nan, 1, 1, 3, 3, np.inf])) == pytest.approx((1, 3))


def test_rare_values_count_where_there_is_nothing_else() -> None:
    assert usual_stretch(np.array([0] * 99 + [7])) == (0, 7)


def test_no_values_at_all_still_give_a_stretch() -> None:
    assert usual_stretch(np.array([np.nan])) == (0, 1)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", "float64"])
def test_low_is_black_and_high_is_white(dtype: str) -> None:
    values = np.array([[[0, 10, 60, 110, 120]]], dtype)
    assert to_bytes(values, [(10, 110)]).tolist() == [[[0, 0, 128, 255, 255]]]


def test_a_constant_band_is_middle_grey() -> None:
    assert np.unique(to_bytes(np.full((1, 2, 2), 5.0), [(5, 5)])).tolist() == [127]


def test_nan_and_infinity_become_bytes_without_a_warning() -> None:
    assert to_bytes(np.array([[[np.nan, -np.inf, np.inf]]], np.float32), [(0, 1)]).tolist() == [[[0, 0, 255]]]


def test_a_stretch_upside_down_turns_white_to_black() -> None:
    assert to_bytes(np.array([[[0, 255]]], np.uint8), [(255, 0)]).tolist() == [[[255, 0]]]
