"""Two dates in one light: each date's stretch moved halfway to the other's, so that what did not change looks alike.

What did not change is found as IR-MAD finds it (Nielsen, 2007, https://doi.org/10.1109/TIP.2006.888195): pixels count for less the more
they depart from what most have in common, over and over.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import chi2

from ..stretch import Range
from .blocks import Block

EVERY = 3  # pixels between two of a block that are looked at
FEWEST = 500  # pixels that show both dates within their stretches
ROUNDS = 12
MOST_GAIN = 1.6  # times: a date is not brightened more, whatever the other looks like
MOST_OFFSET = 48.0  # grey levels
LEVELS = 255.0
LEAST_SPREAD = 1e-6  # of what does not differ at all, as where one picture is a copy of the other

Stretch = tuple[Range, ...]


def matched(
    blocks: Sequence[Block], stretches: tuple[Sequence[Range], Sequence[Range]], moved: tuple[int, int] = (0, 0)
) -> tuple[Stretch, Stretch]:
    """The stretches of both dates with which unchanged pixels of the blocks have the same mean and spread: the mean of both.

    blocks: as the present stretches show them. moved: columns and rows by which the after date lies to the right and below.
    The two the other way round give the same stretches the other way round, to the last bit. Too few pixels leave them as they are.
    """
    count = min(len(stretch) for stretch in stretches)
    pixels = [_pixels(block, moved, count) for block in blocks]
    if sum(len(before) for before, _ in pixels) < FEWEST:
        return tuple(stretches[0]), tuple(stretches[1])
    before, after = (np.concatenate(parts) for parts in zip(*pixels, strict=True))
    weights = _unchanged(before, after)
    one, other = _moments(before, weights), _moments(after, weights)
    return _towards(stretches[0], one, other), _towards(stretches[1], other, one)


def _pixels(block: Block, moved: tuple[int, int], count: int) -> tuple[np.ndarray, np.ndarray]:
    """float (n, count) of both dates, of pixels that neither stretch clips."""
    across, down = moved
    side = len(block.valid)
    rows, cols = slice(max(0, -down), side - max(0, down)), slice(max(0, -across), side - max(0, across))
    rows_after, cols_after = slice(max(0, down), side - max(0, -down)), slice(max(0, across), side - max(0, -across))
    before = block.before[rows, cols, :count][::EVERY, ::EVERY].astype(float)
    after = block.after[rows_after, cols_after, :count][::EVERY, ::EVERY].astype(float)
    valid = (block.valid[rows, cols] & block.valid[rows_after, cols_after])[::EVERY, ::EVERY]
    for values in (before, after):
        valid &= ((values > 0) & (values < LEVELS)).all(axis=-1)
    return before[valid], after[valid]


def _unchanged(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(n,): how likely each pixel is unchanged. The same whichever date comes first."""
    weights = np.ones(len(before))
    for _ in range(ROUNDS):
        departure = _standard(before, weights) - _standard(after, weights)
        spread = weights @ departure**2 / weights.sum()
        weights = chi2.sf((departure**2 / np.maximum(spread, LEAST_SPREAD)).sum(axis=1), before.shape[1])
        if not weights.sum() > 0:
            return np.ones(len(before))
    return weights


def _standard(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    mean, spread = _moments(values, weights)
    standard: np.ndarray = (values - mean) / np.maximum(spread, LEAST_SPREAD)
    return standard


def _moments(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (bands,) under weights."""
    mean = weights @ values / weights.sum()
    return mean, np.sqrt(weights @ (values - mean) ** 2 / weights.sum())


def _towards(stretch: Sequence[Range], own: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> Stretch:
    """A stretch with which a date's pixels of the moments `own` have those between `own` and `other`."""
    found = []
    for (low, high), mean, spread, other_mean, other_spread in zip(stretch, *own, *other, strict=True):
        if low == high or not (spread > 0 and other_spread > 0):
            found.append((low, high))
            continue
        gain = float(np.clip(np.sqrt(spread * other_spread) / spread, 1 / MOST_GAIN, MOST_GAIN))
        goal = mean + float(np.clip((other_mean - mean) / 2, -MOST_OFFSET, MOST_OFFSET))
        ends = (mean - goal / gain, mean + (LEVELS - goal) / gain)  # grey levels that become 0 and 255
        found.append((float(low + ends[0] * (high - low) / LEVELS), float(low + ends[1] * (high - low) / LEVELS)))
    return tuple(found)
