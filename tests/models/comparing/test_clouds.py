"""Clouds and their shadows at one of two dates, and bright things that are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from rasterscribe.models.comparing.clouds import CloudMask, cloud_masks, clouded
from rasterscribe.models.raster import Pixels
from rasterscribe.tests.models.comparing.grounds import TwoDates

PIXEL = 5.0  # metres
OFFSET = (26, -19)  # rows and columns from a cloud to its shadow


@dataclass
class Pair(TwoDates):
    gsd: float = PIXEL

    def read(self, col: int, row: int, width: int, height: int, out_width: int, out_height: int) -> Pixels:
        return Pixels(np.concatenate([self.before, self.after], axis=-1), np.ones(self.before.shape[:2], bool))


def ground(seed: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    fields = np.kron(rng.normal(90, 15, (16, 16, 3)), np.ones((16, 16, 1)))
    return np.clip(fields + np.random.default_rng(seed).normal(0, 6, fields.shape), 0, 255).astype(np.uint8)


def cloud(softness: float = 3.0) -> np.ndarray:
    """float (256, 256), 0..1: how dense a cloud of about 45 pixels and a smaller one are."""
    rows, cols = np.mgrid[:256, :256]
    blobs = ((rows - 90) ** 2 / 22**2 + (cols - 120) ** 2 / 17**2 < 1) | ((rows - 170) ** 2 + (cols - 190) ** 2 < 14**2)
    return gaussian_filter(blobs.astype(float), softness)


def under(image: np.ndarray, density: np.ndarray, shadow: np.ndarray | None = None) -> np.ndarray:
    shaded = image * (1 - 0.55 * (0 if shadow is None else shadow))[..., None] if shadow is not None else image.astype(float)
    return (shaded * (1 - density[..., None]) + 252 * density[..., None]).astype(np.uint8)


def shadow_of(density: np.ndarray) -> np.ndarray:
    return shift(density, OFFSET, order=1)


EVERYWHERE = np.ones((256, 256), bool)


def test_a_cloud_and_its_shadow_are_masked_at_their_date_and_little_else():
    density = cloud()
    before, after = cloud_masks(Pair(under(ground(1), density, shadow_of(density)), ground(2)))
    assert after is None and before is not None
    covered = before.at(0, 0, 256, 256, 256, 256)
    assert covered[density > 0.5].mean() > 0.98 and covered[shadow_of(density) > 0.5].mean() > 0.95
    assert covered[(density < 0.01) & (shadow_of(density) < 0.01)].mean() < 0.03


def test_the_order_of_the_dates_decides_whose_clouds_they_are_and_nothing_else():
    density = cloud()
    cloudy, clear = under(ground(1), density, shadow_of(density)), ground(2)
    before, _ = cloud_masks(Pair(cloudy, clear))
    nothing, after = cloud_masks(Pair(clear, cloudy))
    assert nothing is None and before is not None and after is not None and np.array_equal(before.covered, after.covered)


@pytest.mark.parametrize("softness", [0.3, 3.0], ids=["a white roof", "dry salt"])
def test_what_is_white_and_casts_no_shadow_is_no_cloud(softness):
    assert clouded(under(ground(1), cloud(softness)), ground(2), EVERYWHERE, PIXEL) is None


def test_what_has_a_sharp_edge_is_no_cloud_although_something_dark_lies_beside_it():
    roof = cloud(0.3)
    assert clouded(under(ground(1), roof, shadow_of(roof)), ground(2), EVERYWHERE, PIXEL) is None


def test_ground_in_another_light_has_no_clouds():
    darker = (ground(2) * 0.6).astype(np.uint8)
    assert cloud_masks(Pair(ground(1), darker)) == (None, None)


def test_a_view_of_a_few_houses_shows_no_clouds():
    density = cloud()
    cloudy = under(ground(1), density, shadow_of(density))
    assert cloud_masks(Pair(cloudy, ground(2), gsd=0.5)) == (None, None)


def test_without_data_there_are_none():
    assert clouded(ground(1), ground(2), np.zeros((256, 256), bool), PIXEL) is None


def test_a_mask_is_read_by_window_at_any_scale():
    covered = np.zeros((10, 20), bool)
    covered[2:4, 5:10] = True
    mask = CloudMask(covered, 200, 100)
    assert np.array_equal(mask.at(0, 0, 200, 100, 20, 10), covered)
    assert mask.at(50, 20, 50, 20, 100, 40).all()
    assert mask.at(-30, 20, 40, 20, 4, 2).sum() == 0
    assert mask.at(-50, -20, 400, 200, 40, 20).sum() == covered.sum()
    assert mask.share == pytest.approx(0.05)
