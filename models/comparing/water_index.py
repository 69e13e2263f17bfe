"""Water by how much darker it is in near infrared than in green, and than the ground around it.

The index is McFeeters's (1996, https://doi.org/10.1080/01431169608948714), (green - infrared) / (green + infrared). In the numbers that
files have, which are not reflectances, roofs and asphalt reach water's values: of seven cities in NAIP 30 % are above THRESHOLD. So it is
asked only where water stands apart from all else in a histogram of the scene, and a pixel must be dark in infrared, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..errors import PairApart
from ..surveying.source import Source
from .spectral import sampled

THRESHOLD = 0.1  # of the index; lower, down to McFeeters's 0, where water parts from the ground lower
DARK = 0.5  # of what the brightest ground reflects in infrared: water reflects less
BRIGHTEST = 98.0  # percent of the pixels that are darker than such ground
# How much rarer pixels between water and ground are than those of the rarer of both, and how much water there must be to tell. NAIP's
# potholes: 0.03 to 0.15; a river in Landsat: 0.14 to 0.32; 14 pictures of cities: 0.48 and more, but for those with less water than this.
VALLEY, LEAST_WATER = 0.4, 0.02
LOWEST, HIGHEST = -0.1, 0.4  # where the valley may lie
BINS, BLUR = 200, 3.0  # of the histogram from -1 to 1
STEEPNESS = 40.0  # logits a unit: the index of pixels that are half water is known to about 0.03
FARTHEST = 6.0  # of a logit, which is known to a part of LEVELS
LEVELS = 254


@dataclass(frozen=True)
class WaterIndex:
    """What water is at two dates."""

    threshold: float
    brightest: tuple[float, float]  # infrared of the brightest ground, before and after

    def bytes_of(self, values: np.ndarray) -> np.ndarray:
        """float32 (h, w, 4), green and infrared of before and after -> uint8 (h, w, 2): logits of water at both dates, see `logits_of`."""
        dates = [self._said(values[..., 2 * date], values[..., 2 * date + 1], self.brightest[date]) for date in (0, 1)]
        return np.stack(dates, axis=-1)

    def _said(self, green: np.ndarray, infrared: np.ndarray, brightest: float) -> np.ndarray:
        apart = np.minimum(index_of(green, infrared) - self.threshold, DARK - np.nan_to_num(infrared) / brightest)
        share = (np.clip(STEEPNESS * apart, -FARTHEST, FARTHEST) + FARTHEST) / (2 * FARTHEST)
        return np.rint(1 + LEVELS * share).astype(np.uint8)


def logits_of(said: np.ndarray) -> np.ndarray:
    """uint8 -> float32 of the same shape."""
    return (said.astype(np.float32) - 1) * np.float32(2 * FARTHEST / LEVELS) - np.float32(FARTHEST)


def learnt(bands: Source) -> WaterIndex | None:
    """By a sample of a pair whose views are float32 (h, w, 4), green and infrared of before and after. None where water does not stand
    apart: at neither date, or at one where much would be taken for water; and where no pixel is valid at both. Exchanging the dates changes
    nothing. Raises what reading raises.
    """
    try:
        dates = sampled(bands)
    except PairApart:
        return None
    brightest = tuple(float(np.percentile(date[:, 1], BRIGHTEST)) for date in dates)
    if min(brightest) <= 0:
        return None
    apart = [np.minimum(index_of(*date.T), DARK - date[:, 1] / most) for date, most in zip(dates, brightest, strict=True)]
    valleys = [_valley(values) for values in apart]
    clear = [valley for valley in valleys if valley is not None]
    if not clear:
        return None
    threshold = min(max(sum(clear) / len(clear), 0.0), THRESHOLD)
    dry = [np.minimum(values, index_of(*date.T) - threshold) for values, date in zip(apart, dates, strict=True)]
    if any(valley is None and (values > 0).mean() > LEAST_WATER for valley, values in zip(valleys, dry, strict=True)):
        return None
    return WaterIndex(threshold, (brightest[0], brightest[1]))


def index_of(green: np.ndarray, infrared: np.ndarray) -> np.ndarray:
    """-1..1, -1 where there is no light."""
    green, infrared = np.maximum(np.nan_to_num(green), 0), np.maximum(np.nan_to_num(infrared), 0)
    both = green + infrared
    return np.where(both > 0, (green - infrared) / np.where(both > 0, both, 1), -1.0)


def _valley(values: np.ndarray) -> float | None:
    """Where water's values part from those of the ground, the rest; None where they do not."""
    counts, edges = np.histogram(values, BINS, (-1, 1))
    smooth = gaussian_filter1d(counts / len(values), BLUR)
    below, above = np.maximum.accumulate(smooth), np.maximum.accumulate(smooth[::-1])[::-1]
    depth = smooth / np.maximum(np.minimum(below, above), np.finfo(float).tiny)
    middles = (edges[:-1] + edges[1:]) / 2
    depth[(middles < LOWEST) | (middles > HIGHEST)] = np.inf
    place = int(depth.argmin())
    return float(middles[place]) if depth[place] <= VALLEY and counts[place:].sum() >= LEAST_WATER * len(values) else None
