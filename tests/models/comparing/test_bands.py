"""All bands of a pair, as the files have them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp

from rasterscribe.models.comparing.bands import BandPair
from rasterscribe.models.comparing.pair import open_pair
from rasterscribe.models.errors import PairBands
from rasterscribe.models.protocol import Open
from rasterscribe.tests.models.comparing.grounds import ground, moved

Write = Callable[..., str]
HERE = Affine(0.5, 0, 350000, 0, -0.5, 3060000)
GROUND = ground()


def many(image: np.ndarray, count: int) -> np.ndarray:
    """uint16 (count, h, w) of which each band has a level of its own."""
    return np.stack([image[0].astype("uint16") + 1000 * band for band in range(count)])


def bands_of(before: str, after: str) -> BandPair:
    return BandPair(open_pair(Open(before), Open(after)))


def test_windows_hold_the_values_of_the_files_for_all_bands_that_both_have(write_raster: Write) -> None:
    pair = bands_of(write_raster(many(GROUND, 5), "before.tif"), write_raster(many(GROUND, 4) + 7, "after.tif"))
    seen = pair.read(20, 30, 50, 40, 50, 40)
    assert (seen.rgb.dtype, seen.rgb.shape) == (np.float32, (40, 50, 8))
    assert (seen.rgb[..., 3] == GROUND[0, 30:70, 20:70] + 3000.0).all()
    assert (seen.rgb[..., 7] == GROUND[0, 30:70, 20:70] + 3007.0).all()


def test_they_lie_as_the_pair_does(write_raster: Write) -> None:
    pair = bands_of(write_raster(many(GROUND, 4), "before.tif"), write_raster(many(moved(GROUND, 3, 2), 4), "after.tif"))
    assert pair.shift is not None and pair.shift.corrected
    seen = pair.another().read(50, 50, 200, 200, 200, 200)
    assert np.abs(seen.rgb[..., 1] - seen.rgb[..., 5]).mean() < 1


def test_what_is_opaque_is_no_band(write_raster: Write) -> None:
    values = np.concatenate([GROUND, np.full((1, 300, 300), 255, "uint8")])
    values[3, :100] = 0
    paths = [write_raster(values, name) for name in ("before.tif", "after.tif")]
    for path in paths:
        with rasterio.open(path, "r+") as dataset:
            dataset.colorinterp = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
    seen = bands_of(*paths).read(0, 0, 300, 300, 300, 300)
    assert seen.rgb.shape == (300, 300, 6)
    assert not seen.valid[:100].any()
    assert seen.valid[100:].all()


def test_heights_of_one_band_make_two_channels(write_raster: Write) -> None:
    heights = GROUND[:1].astype("float32") / 7
    heights[:, :10] = np.nan
    seen = bands_of(write_raster(heights, "before.tif"), write_raster(heights, "after.tif")).read(0, 0, 300, 300, 300, 300)
    assert seen.rgb.shape == (300, 300, 2)
    assert not seen.valid[:10].any()
    assert not seen.rgb[:10].any()


def test_a_palette_has_no_values_to_compare(write_raster: Write) -> None:
    colours = {index: (index, 255 - index, 9, 255) for index in range(256)}
    paths = [write_raster(GROUND[:1], name, colormap=colours) for name in ("before.tif", "after.tif")]
    with pytest.raises(PairBands):
        bands_of(*paths)
