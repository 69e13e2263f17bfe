"""How fine a comparison looks, and in how large views."""

from __future__ import annotations

import pytest
from affine import Affine

from rasterscribe.models.classes import MAPPED
from rasterscribe.models.comparing.fineness import coarser_gsd, level_of, side_of
from rasterscribe.models.comparing.pair import open_pair
from rasterscribe.models.protocol import Open

from .grounds import ground


@pytest.fixture
def pair_of(write_raster):
    """pair_of(width, height, metres a pixel before and after): an open pair of one ground."""

    def make(width: int, height: int, *pixels: float):
        paths = []
        for date, pixel in zip(("2016", "2020"), pixels, strict=True):
            scale = pixels[0] / pixel
            image = ground(round(height * scale), round(width * scale))
            transform = Affine(pixel, 0, 500_000, 0, -pixel, 5_000_000)
            paths.append(write_raster(image, name=f"{date}.tif", transform=transform, crs="EPSG:32633"))
        return open_pair(*(Open(str(path)) for path in paths))

    return make


@pytest.mark.parametrize(("width", "height", "side"), [(90, 60, 256), (300, 900, 320), (512, 600, 512), (700, 2000, 512)])
def test_views_do_not_hang_far_over_a_small_pair(pair_of, width, height, side):
    assert side_of(pair_of(width, height, 0.3, 0.3), 0) == side


def test_a_small_pair_counts_the_pixels_that_are_looked_at(pair_of):
    pair = pair_of(700, 700, 0.07, 0.07)
    assert level_of(pair, MAPPED) == 1 and side_of(pair, 1) == 352


def test_pixels_finer_than_those_of_the_coarser_raster_are_not_looked_at(pair_of):
    pair = pair_of(600, 600, 0.3, 1.2)
    assert coarser_gsd(pair) == pytest.approx(1.2, rel=1e-3)
    assert level_of(pair, MAPPED) == 2
    assert level_of(pair_of(600, 600, 0.3, 0.3), MAPPED) == 0
