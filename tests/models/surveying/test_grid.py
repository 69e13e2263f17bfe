"""Views along one axis: each pixel has one view, or two that share it."""

from __future__ import annotations

import numpy as np
import pytest

from rasterscribe.models.errors import RequestInvalid
from rasterscribe.models.surveying.grid import Axis


@pytest.mark.parametrize("length", [1, 7, 8, 9, 14, 15, 16, 20, 21, 100])
@pytest.mark.parametrize("overlap", [1, 2, 4])
def test_the_weights_of_all_views_add_up_to_one_at_every_pixel(length, overlap):
    axis = Axis(length, 8, overlap)
    total = np.zeros(length)
    for view in range(len(axis.starts)):
        total[axis.first(view) : axis.end(view)] += axis.weights(view)
    assert np.allclose(total, 1, atol=1e-6)


@pytest.mark.parametrize("length", [1, 8, 9, 20, 21, 100])
def test_what_views_settle_follows_on_without_gaps(length):
    axis = Axis(length, 8, 2)
    views = range(len(axis.starts))
    assert [axis.first(view) for view in views] == [0, *(axis.settled(view) for view in views[:-1])]
    assert axis.settled(views[-1]) == length


def test_the_last_view_ends_with_the_raster_and_is_heard_from_where_the_one_before_fades():
    axis = Axis(15, 8, 2)
    assert axis.starts == [0, 6, 7] and (axis.first(2), axis.end(2)) == (12, 15)
    assert axis.inside(2) == slice(5, 8)


def test_a_raster_smaller_than_a_view_has_one_view():
    axis = Axis(5, 8, 2)
    assert axis.starts == [0] and axis.inside(0) == slice(0, 5) and axis.weights(0).tolist() == [1] * 5


@pytest.mark.parametrize("start, stop, views", [(0, 1, [0]), (5, 7, [0, 1]), (7, 8, [0, 1]), (8, 9, [1]), (0, 20, [0, 1, 2])])
def test_the_views_of_a_window_are_those_that_give_it_something(start, stop, views):
    assert list(Axis(20, 8, 2).meeting(start, stop)) == views


@pytest.mark.parametrize("overlap", [0, 5, 8])
def test_views_overlap_by_something_and_by_half_at_most(overlap):
    with pytest.raises(RequestInvalid):
        Axis(20, 8, overlap)
