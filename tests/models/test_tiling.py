"""Views that overlap and cover, and blending that leaves no seam."""

from __future__ import annotations

import numpy as np
import pytest

from models.errors import RequestInvalid
from models.tiling import at_least, blended, starts, strips, views_of, window


@pytest.mark.parametrize("length, expected", [(1, [0]), (8, [0]), (9, [0, 1]), (14, [0, 6]), (15, [0, 6, 7]), (20, [0, 6, 12])])
def test_views_cover_the_image_and_end_with_it(length, expected):
    assert starts(length, 8, 2) == expected


def test_where_views_overlap_their_weights_add_up_to_one():
    line = window(8, 2)[4]
    assert np.allclose(line[-2:] + line[:2], 1) and np.all(line[2:-2] == 1) and line.min() > 0


def coordinates(height: int, width: int) -> np.ndarray:
    return np.stack(np.mgrid[:height, :width]).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 1), (3, 20), (8, 8), (9, 8), (31, 23)])
@pytest.mark.parametrize("overlap", [0, 2, 4])
def test_what_does_not_depend_on_the_view_comes_out_as_it_is(shape, overlap):
    truth = coordinates(*shape)
    image = at_least(np.moveaxis(truth, 0, -1), 8)
    whole = blended(*shape, 8, overlap, lambda places: np.moveaxis(views_of(image, places, 8), -1, 1))
    assert whole.shape == truth.shape and np.allclose(whole, truth, atol=1e-4)


def test_two_views_that_disagree_meet_in_a_smooth_step():
    whole = blended(8, 14, 8, 4, lambda places: [np.full((1, 8, 8), left, np.float32) for _, left in places])
    steps = np.diff(whole[0, 4])
    assert whole[0, 4, 0] == 0 and whole[0, 4, -1] == 6 and np.all(steps >= 0) and steps.max() < 3


def test_a_strip_comes_as_soon_as_it_is_done():
    tops = []
    for top, strip in strips(100, 8, 8, 2, lambda places: (tops.append(places[0][0]), np.zeros((len(places), 1, 8, 8), np.float32))[1]):
        assert tops[-1] == top and strip.shape[1] <= 8


def test_small_images_are_continued_by_their_edges():
    image = np.array([[1, 2]], np.uint8)
    assert at_least(image, 3).tolist() == [[1, 2, 2]] * 3 and at_least(image, 1) is image


def test_what_cannot_be_tiled_is_refused():
    with pytest.raises(RequestInvalid):
        blended(8, 8, 8, 5, lambda places: [])
    with pytest.raises(RequestInvalid):
        at_least(np.zeros((0, 4, 3), np.uint8), 8)
