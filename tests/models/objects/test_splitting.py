"""What touches is told apart where it is narrow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from rasterscribe.models.objects.splitting import depth_of, told_apart


def discs(*circles: tuple[int, int, int], side: int = 64) -> np.ndarray:
    rows, cols = np.mgrid[:side, :side]
    return np.any([(rows - row) ** 2 + (cols - col) ** 2 <= radius**2 for row, col, radius in circles], axis=0)


def test_two_discs_that_overlap_a_little_are_two() -> None:
    labels = told_apart(discs((32, 18, 12), (32, 40, 12)))
    assert labels.max() == 2
    assert labels[32, 18] != labels[32, 40]


@pytest.mark.parametrize("alone", [discs((32, 32, 20)), discs((32, 26, 14), (32, 30, 14)), np.pad(np.ones((20, 45), bool), 3)])
def test_what_has_no_waist_is_one(alone: np.ndarray) -> None:
    assert told_apart(alone).max() == 1


def test_every_pixel_of_it_belongs_to_one_object_and_no_other_pixel_does() -> None:
    inside = discs((20, 20, 12), (20, 42, 12), (42, 30, 14))
    labels = told_apart(inside)
    assert ((labels > 0) == inside).all()
    assert sorted(np.unique(labels)) == [0, 1, 2, 3]


def test_a_deeper_waist_is_asked_for_where_narrowing_is_larger() -> None:
    inside = discs((32, 20, 12), (32, 38, 12))
    assert told_apart(inside, narrowing=0.5).max() == 2
    assert told_apart(inside, narrowing=6).max() == 1
    assert told_apart(inside, share=0.6).max() == 1


def test_nothing_is_nothing() -> None:
    assert not told_apart(np.zeros((8, 8), bool)).any()


@pytest.mark.parametrize("inside", [discs((20, 20, 12), (20, 42, 12)), np.ones((30, 50), bool), np.zeros((5, 5), bool)])
def test_depth_is_the_distance_to_what_lies_outside(inside: np.ndarray) -> None:
    right = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    assert np.array_equal(depth_of(inside), right.astype(np.float32))
    assert np.array_equal(told_apart(inside, depth=depth_of(inside)), told_apart(inside))
