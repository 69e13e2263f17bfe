"""Where the evaluation clicks."""

from __future__ import annotations

import numpy as np

from models.training.clicks import largest_disc, next_click


def test_the_first_click_is_at_the_centre_of_the_largest_disc():
    target = np.zeros((40, 40), bool)
    target[5:26, 5:26] = True  # a square of 21 with a long arm
    target[10:12, 26:38] = True
    assert next_click(target, np.zeros_like(target)) == (15.5, 15.5, 1)


def test_the_image_border_ends_a_region():
    x, y, radius = largest_disc(np.ones((9, 21), bool))
    assert y == 4.5 and radius == 5


def test_too_much_is_removed_where_it_is_the_larger_error():
    target = np.zeros((30, 30), bool)
    target[:, :10] = True
    mask = np.zeros_like(target)
    mask[:, 2:] = True
    x, y, label = next_click(target, mask)
    assert label == 0 and x > 10
