"""What is kept of every pixel, and how it turns round with the dates."""

from __future__ import annotations

import numpy as np
import pytest

from rasterscribe.models.comparing.planes import CHANGED, IS, WAS, keep_for


def logits_of(changed: float, first: list[float], second: list[float]) -> np.ndarray:
    """float32 (1 + 2 m, 1, 1)"""
    return np.array([changed, *first, *second], np.float32)[:, None, None]


@pytest.mark.parametrize(
    ("changed", "first", "second", "was", "now"),
    [
        (-5, [2, -1], [2, -1], 1, 1),
        (-5, [-2, -1], [-2, -1], 0, 0),
        (5, [-2, -1], [2, -1], 0, 1),
        (5, [3, -1], [-3, 1], 1, 2),
        (5, [3, -1], [0.5, -1], 1, 0),  # both say building; that it is gone costs least
        (5, [0.5, 0.2], [3, -1], 2, 1),
        (5, [-4], [-1], 0, 1),  # both say nothing; that it came costs least
        (-0.5, [-4], [-1], 0, 1),  # it may be a weak one
        (-5, [-4], [-1], 0, 0),
    ],
)
def test_what_a_pixel_was_and_is(changed: float, first: list[float], second: list[float], was: int, now: int) -> None:
    keep = keep_for(len(first))
    assert keep(logits_of(changed, first, second))[1:, 0, 0].tolist() == [was, now]
    assert keep(logits_of(changed, second, first))[1:, 0, 0].tolist() == [now, was]


@pytest.mark.parametrize("m", [1, 2, 7])
def test_exchanging_the_dates_exchanges_the_codes(m: int) -> None:
    """Logits of few levels, so that many are equal."""
    logits = np.random.default_rng(m).integers(-3, 4, (1 + 2 * m, 40, 50)).astype(np.float32)
    turned = np.concatenate([logits[:1], logits[1 + m :], logits[1 : 1 + m]])
    one, other = keep_for(m)(logits), keep_for(m)(turned)
    assert np.array_equal(one[[CHANGED, IS, WAS]], other)


def test_where_neither_way_round_is_likelier_nothing_is_said() -> None:
    assert keep_for(1)(logits_of(5, [2], [2]))[:, 0, 0].tolist() == [253, 1, 1]


def test_without_classes_only_that_something_changed_is_kept() -> None:
    kept = keep_for(0)(np.array([[[-9.0, 0.0, 9.0]]], np.float32))
    assert kept.tolist() == [[[1, 128, 255]], [[0, 0, 0]], [[0, 0, 0]]]
