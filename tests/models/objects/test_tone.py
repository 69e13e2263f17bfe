"""Objects are bright, dark or green as the raster shows them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import box

from rasterscribe.models.objects.tone import tone_of
from rasterscribe.models.raster import Raster, open_raster

COLOURS = ((255, 255, 255), (0, 0, 0), (60, 180, 60), (128, 128, 128))


@pytest.fixture
def raster(tmp_path: Path) -> Raster:
    """Four stripes ten pixels wide, white, black, green and grey; the last ten of the fifty columns have no data."""
    rgb = np.zeros((3, 40, 50), np.uint8)
    for stripe, colour in enumerate(COLOURS):
        rgb[:, :, stripe * 10 : stripe * 10 + 10] = np.array(colour)[:, None, None]
    path = tmp_path / "stripes.tif"
    profile = {"driver": "GTiff", "width": 50, "height": 40, "count": 3, "dtype": "uint8", "crs": "EPSG:32651"}
    with rasterio.open(path, "w", **profile, transform=Affine(2, 0, 1000, 0, -2, 2000)) as file:
        file.write(rgb)
        file.write_mask(np.arange(50)[None].repeat(40, 0) < 40)
    return open_raster(path, stretch=[(0, 255)] * 3)


def stripe(number: int) -> object:
    return box(1000 + 20 * number, 1940, 1020 + 20 * number, 1980)


def test_white_is_bright_and_black_is_dark_and_neither_is_green(raster: Raster) -> None:
    white, black = tone_of(stripe(0), raster), tone_of(stripe(1), raster)
    assert (white.brightness, black.brightness) == pytest.approx((1, 0))
    assert (white.greenness, black.greenness) == pytest.approx((1 / 3, 1 / 3))


def test_green_is_green(raster: Raster) -> None:
    assert tone_of(stripe(2), raster).greenness == pytest.approx(0.6, abs=0.01)


def test_only_the_inside_counts(raster: Raster) -> None:
    corner = box(1000, 1940, 1040, 1980).difference(box(1020, 1940, 1040, 1980))
    assert tone_of(corner, raster).brightness == pytest.approx(1)


def test_an_object_narrower_than_a_pixel_has_the_tone_of_what_it_touches(raster: Raster) -> None:
    assert tone_of(box(1004.1, 1960.1, 1004.4, 1960.4), raster).brightness == pytest.approx(1)


def test_where_nothing_is_known_there_is_no_tone(raster: Raster) -> None:
    assert tone_of(stripe(4), raster) is None
