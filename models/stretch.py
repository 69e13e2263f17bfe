"""From a raster's own values to the bytes that a network sees: one stretch a raster, never one a view."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

Range = tuple[float, float]
LOW_PERCENT, HIGH_PERCENT = 2.0, 98.0
MIDDLE_GREY = 127


def usual_stretch(values: np.ndarray) -> Range:
    """The values at 2 and 98 % of one band's valid `values` (any shape, any real dtype); NaN and infinity are left out.

    A band that hardly ever leaves one value (a mask, a few bright panels) falls back on its full range, so that the
    rare pixels stay visible. Without any value the answer is (0, 1).
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return (0.0, 1.0)
    low, high = np.percentile(finite, (LOW_PERCENT, HIGH_PERCENT))
    if low == high:
        low, high = finite.min(), finite.max()
    return (float(low), float(high))


def to_bytes(values: np.ndarray, stretch: Sequence[Range]) -> np.ndarray:
    """Stretch `values` (bands, height, width) to uint8 of the same shape: low becomes 0, high 255, both clipped.

    NaN becomes 0. Where low equals high everything is middle grey, because the band says nothing.
    """
    out = np.empty(values.shape, np.uint8)
    for band, (low, high) in enumerate(stretch):
        if low == high:
            out[band] = MIDDLE_GREY
        elif values.dtype.kind in "ui" and values.dtype.itemsize <= 2:
            np.take(_table(values.dtype.str, low, high), values[band].view(f"u{values.dtype.itemsize}"), out=out[band], mode="clip")
        else:
            out[band] = _scaled(values[band], low, high)
    return out


@lru_cache(maxsize=16)
def _table(dtype: str, low: float, high: float) -> np.ndarray:
    """The byte of every value that a type of one or two bytes can have, by its bits."""
    size = np.dtype(dtype).itemsize
    return _scaled(np.arange(1 << 8 * size, dtype=f"u{size}").view(dtype), low, high)


def _scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    # Clipped before the arithmetic: an infinity or a float32 near its limit must not overflow on the way.
    clipped = np.clip(values.astype(np.float64), min(low, high), max(low, high))
    return np.nan_to_num((clipped - low) * 255.0 / (high - low) + 0.5).astype(np.uint8)
