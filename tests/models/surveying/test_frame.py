"""The window of survey pixels that holds an area."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from shapely.geometry import MultiPolygon, Point, box

from rasterscribe.models.errors import AreaOutside
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.frame import frame_of


@pytest.fixture
def raster(write_raster):
    """100 x 60 pixels of half a metre."""
    return open_raster(write_raster(np.zeros((1, 60, 100), np.uint8)))


def around(raster, left, top, right, bottom):
    """An area in map coordinates from native pixels."""
    (x0, y0), (x1, y1) = raster.to_map(left, top), raster.to_map(right, bottom)
    return box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def test_without_an_area_it_is_the_whole_raster(raster):
    frame = frame_of(raster)
    assert (frame.col, frame.row, frame.width, frame.height) == (0, 0, 100, 60)
    assert frame.to_native == Affine.identity() and frame.to_map == raster.transform
    assert frame.pixel_area == pytest.approx(0.25, rel=0.01)


def test_an_area_is_framed_by_whole_pixels(raster):
    frame = frame_of(raster, 0, around(raster, 10.5, 20.2, 12.1, 22))
    assert (frame.col, frame.row, frame.width, frame.height) == (10, 20, 3, 2)
    assert frame.to_native @ (0, 0) == (10, 20) and frame.to_map @ (1, 1) == raster.to_map(11, 21)


def test_a_coarser_frame_counts_from_the_corner_of_the_raster(raster):
    frame = frame_of(raster, 3, around(raster, 10, 20, 30, 59))
    assert (frame.col, frame.row, frame.width, frame.height) == (1, 2, 3, 6)
    assert frame.to_native @ (0, 0) == (8, 16) and frame.pixel_area == pytest.approx(16, rel=0.01)
    assert frame.whole == (13, 8)


def test_what_hangs_over_the_border_is_cut_off(raster):
    frame = frame_of(raster, 0, around(raster, -50, -50, 5, 5))
    assert (frame.col, frame.row, frame.width, frame.height) == (0, 0, 5, 5)


def test_several_parts_are_framed_together(raster):
    frame = frame_of(raster, 0, MultiPolygon([around(raster, 1, 1, 2, 2), around(raster, 8, 5, 9, 9)]))
    assert (frame.col, frame.row, frame.width, frame.height) == (1, 1, 8, 8)


@pytest.mark.parametrize("window", [(-9, 0, -1, 9), (100, 0, 120, 9), (-5, -5, 0, 60)])
def test_an_area_beside_the_raster_is_refused(raster, window):
    with pytest.raises(AreaOutside):
        frame_of(raster, 0, around(raster, *window))


def test_an_area_beside_a_rotated_raster_is_refused_though_their_boxes_meet(write_raster):
    turned = Affine.translation(350000, 3060000) @ Affine.rotation(45) @ Affine.scale(1, -1)
    raster = open_raster(write_raster(np.zeros((1, 100, 100), np.uint8), transform=turned))
    corner = Point(raster.to_map(0, 0)).buffer(1)
    assert frame_of(raster, 0, corner).width == 1
    xmin, ymax = min(raster.to_map(0, 0)[0], raster.to_map(0, 100)[0]), max(raster.to_map(0, 0)[1], raster.to_map(100, 0)[1])
    with pytest.raises(AreaOutside):
        frame_of(raster, 0, box(xmin, ymax - 1, xmin + 1, ymax))
