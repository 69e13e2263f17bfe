"""A coarse mask's border follows the pixels where they have an edge, and stays where they have none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from rasterscribe.models.clicks.border import SIDE_AT_MOST, refined
from rasterscribe.models.clicks.views import View
from rasterscribe.models.raster import open_raster

VIEW = View(3, 0, 0, 256)  # 8 native pixels a mask pixel
CENTRE, RADIUS = (1000, 1000), 300
BOX = (CENTRE[0] - RADIUS, CENTRE[1] - RADIUS, CENTRE[0] + RADIUS, CENTRE[1] + RADIUS)


def disc(shift=0.0, side=2048):
    y, x = np.mgrid[:side, :side] + 0.5
    return np.hypot(x - CENTRE[0] - shift, y - CENTRE[1]) < RADIUS


def coarse_logits(inside):
    """As a network would see it: averaged, blurred."""
    blocks = inside.reshape(256, 8, 256, 8).mean(axis=(1, 3))
    probability = np.clip(ndimage.gaussian_filter(blocks, 1.5), 1e-4, 1 - 1e-4)
    return np.log(probability / (1 - probability)).astype(np.float32)


def wrong(probability, to_native, truth):
    """Native pixels on the wrong side."""
    assert to_native.a == 1
    found = np.zeros_like(truth)
    col, row = int(to_native.c), int(to_native.f)
    found[row : row + probability.shape[0], col : col + probability.shape[1]] = probability > 0.5
    return np.count_nonzero(found != truth)


def raster_of(write_raster, inside, contrast, noise=8):
    random = np.random.default_rng(1)
    values = 100 + contrast * inside + random.normal(0, noise, (3, *inside.shape))
    return open_raster(write_raster(values.clip(0, 255).astype("uint8")), stretch=((0, 255),) * 3)


def test_a_border_a_mask_pixel_off_comes_back_to_the_edge(write_raster):
    truth = disc()
    raster = raster_of(write_raster, truth, contrast=80)
    logits = coarse_logits(disc(shift=8))
    before = np.count_nonzero(np.kron(logits > 0, np.ones((8, 8), bool)) != truth)
    assert wrong(*refined(raster, VIEW, logits, BOX), truth) < before / 4


def test_where_there_is_no_edge_the_mask_is_left_alone(write_raster):
    raster = raster_of(write_raster, disc(), contrast=0)
    logits = coarse_logits(disc())
    assert wrong(*refined(raster, VIEW, logits, BOX), disc()) < 0.02 * disc().sum()


def test_a_mask_as_fine_as_the_pixels_is_not_touched(write_raster):
    raster = raster_of(write_raster, disc(), contrast=80)
    view = View(0, 8, 8, 256)
    logits = np.zeros((256, 256), np.float32)
    probability, to_native = refined(raster, view, logits, (600, 600, 700, 700))
    assert (probability == 0.5).all() and to_native == view.to_native


def test_a_huge_object_costs_no_more_than_a_large_one(write_raster):
    raster = raster_of(write_raster, disc(), contrast=80)
    probability, to_native = refined(raster, VIEW, coarse_logits(disc()), (0, 0, 2048, 2048))
    assert max(probability.shape) <= SIDE_AT_MOST and to_native.a == 4


def test_what_lies_outside_of_the_raster_is_never_inside(write_raster):
    raster = raster_of(write_raster, disc(side=1100), contrast=80)
    probability, to_native = refined(raster, VIEW, np.full((256, 256), 9, np.float32), BOX)
    right, bottom = to_native @ (probability.shape[1], probability.shape[0])
    assert right <= 1101 and bottom <= 1101
    assert (probability[:, :-2] > 0.5).all()


@pytest.mark.parametrize("level", [2, 3])
def test_the_mask_stays_where_it_was_on_the_ground(write_raster, level):
    truth = disc()
    raster = raster_of(write_raster, truth, contrast=80, noise=1)
    view = View.around(CENTRE, level, 256)
    rows, cols = np.mgrid[:256, :256] + 0.5
    x, y = view.to_native @ (cols, rows)
    distance = (RADIUS - np.hypot(x - CENTRE[0], y - CENTRE[1])) / view.pixel
    assert wrong(*refined(raster, view, distance.clip(-8, 8).astype(np.float32), BOX), truth) < 0.005 * truth.sum()
