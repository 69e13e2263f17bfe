"""The detectors without weights: what they call changed, and that the order of the dates does not matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from rasterscribe.models.comparing.spectral import METHODS, sampled, spectral_looker, threshold_of
from rasterscribe.models.errors import PairApart, RequestInvalid
from rasterscribe.models.raster import Pixels
from rasterscribe.tests.models.comparing.grounds import TwoDates


@dataclass
class Bands(TwoDates):
    """What `bands.BandPair` is to a survey, of two arrays (h, w, B)."""

    valid: np.ndarray

    def read(self, col: int, row: int, width: int, height: int, out_width: int, out_height: int) -> Pixels:
        rows = (row + (np.arange(out_height) + 0.5) * height / out_height).astype(int)
        cols = (col + (np.arange(out_width) + 0.5) * width / out_width).astype(int)
        values = np.concatenate([date[rows][:, cols] for date in (self.before, self.after)], axis=2).astype(np.float32)
        return Pixels(values, self.valid[rows][:, cols])

    @property
    def swapped(self) -> Bands:
        return Bands(self.after, self.before, self.valid)


def ground(side: int = 128, bands: int = 4, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = np.kron(rng.normal(100, 25, (side // 8, side // 8, bands)), np.ones((8, 8, 1)))
    return coarse + rng.normal(0, 4, coarse.shape)


def other_light(image: np.ndarray, seed: int = 1) -> np.ndarray:
    """Brighter, of more contrast, each band its own, with the noise of another day."""
    bands = image.shape[2]
    return image * np.linspace(1.1, 1.4, bands) + np.linspace(5, 30, bands) + np.random.default_rng(seed).normal(0, 4, image.shape)


@pytest.fixture
def pair() -> Bands:
    """A patch of 24 x 24 pixels is new."""
    before = ground()
    after = other_light(before)
    after[40:64, 80:104] = (20, 190, 30, 220)
    return Bands(before, after, np.ones(before.shape[:2], bool))


def looked(bands: Bands, method: str) -> np.ndarray:
    looker = spectral_looker(bands, method, side=128)
    [logits] = looker.look(bands.read(0, 0, 128, 128, 128, 128).rgb[None])
    assert logits.shape == (1, 128, 128) and logits.dtype == np.float32
    return logits[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_new_patch_is_seen_through_another_light_and_little_else(pair, method):
    changed = looked(pair, method) > 0
    assert changed[40:64, 80:104].mean() > 0.95
    changed[40:64, 80:104] = False
    assert changed.mean() < 0.02


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_the_dates_does_not_matter_to_the_last_bit(pair, method):
    assert np.array_equal(looked(pair, method), looked(pair.swapped, method))


@pytest.mark.parametrize("method", METHODS)
def test_two_copies_of_one_image_have_not_changed(pair, method):
    same = Bands(pair.before, pair.before, pair.valid)
    assert not (looked(same, method) > 0).any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("bands", [1, 2, 7])
def test_any_number_of_bands_will_do(method, bands):
    before = ground(bands=bands)
    after = other_light(before)
    after[40:64, 80:104] += 150 * (-1) ** np.arange(bands)
    assert (looked(Bands(before, after, np.ones((128, 128), bool)), method) > 0)[40:64, 80:104].mean() > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_valid_teaches_nothing(pair, method):
    sound = looked(pair, method)
    pair.valid[:, :20] = False
    pair.after[:, :20] = np.nan
    broken = looked(pair, method)
    assert np.isfinite(broken).all() and np.corrcoef(broken[:, 20:].ravel(), sound[:, 20:].ravel())[0, 1] > 0.95


def test_a_large_pair_is_sampled_everywhere():
    rows, cols = np.mgrid[0:2000, 0:3000].astype(np.float32)
    before, after = sampled(Bands(rows[..., None], cols[..., None], np.ones(rows.shape, bool)))
    assert len(before) <= 1 << 18 and before.shape == after.shape
    assert (before.min(), before.max(), after.min(), after.max()) == (0, 1999, 0, 2999)


def test_a_pair_with_data_in_a_corner_alone_is_sampled_there():
    valid = np.zeros((2000, 3000), bool)
    valid[40:120, 40:180] = True  # between the patches
    before, _ = sampled(Bands(np.ones((2000, 3000, 1)), np.ones((2000, 3000, 1)), valid))
    assert len(before) > 500


def test_without_common_ground_it_is_said():
    nothing = Bands(np.ones((8, 8, 1)), np.ones((8, 8, 1)), np.zeros((8, 8), bool))
    with pytest.raises(PairApart):
        spectral_looker(nothing, "cva")
    with pytest.raises(RequestInvalid, match="irmad, cva"):
        spectral_looker(nothing, "ndvi")


def test_the_threshold_is_above_what_most_pixels_do():
    lengths = np.abs(np.random.default_rng(0).normal(2, 0.5, 100_000))
    lengths[:20_000] = 9
    assert 3.5 < threshold_of(lengths, 1) < 4.5
    assert threshold_of(np.zeros(5), 3) > 3  # two copies of one file
