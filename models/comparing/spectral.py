"""The detectors without weights in a survey: what they go by is learnt from a sample of the pair, then every view is judged by it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from scipy.stats import chi2

from ..errors import PairApart, RequestInvalid
from ..surveying.lanes import Looker
from ..surveying.source import Source
from .irmad import LEVEL, Alteration
from .vectors import TO_DEVIATION, Vectors

SAMPLE = 1 << 18  # pixels that are learnt from, at most
PATCHES = 16  # across and down, where the pair has more: as they are, because coarser pixels have less noise
FEWEST = 1 << 10  # valid pixels of patches; with fewer the whole is read, coarser
# The median of the lengths and so many deviations, both robust: what more than half of the pixels did is no change. By IR-MAD's own test,
# whose noise is that of the very likest pixels, nearly all of two summers is changed (NAIP potholes 2012 and 2020: 94 % of the area; by
# this rule 9 %, half of it water that came or went); by Kapur's entropy a river that moved is hardly seen (Landsat, Peru: 1 %, not 14 %).
DEVIATIONS = 3.0
STEEPNESS = 4.0  # odds of a change are the length over the threshold to this power
FARTHEST = 20.0  # of a logit
SIDE = 512
LANES = 2

Detector: TypeAlias = Alteration | Vectors
METHODS: dict[str, type[Alteration] | type[Vectors]] = {"irmad": Alteration, "cva": Vectors}


def spectral_looker(bands: Source, method: str, side: int = SIDE) -> Looker:
    """Says of every pixel of a pair, whose views are float32 (side, side, 2 B), all bands before and then after, how sure it has changed:
    one channel, 0 at the method's threshold.

    method: one of METHODS. What two dates say does not depend on their order, to the last bit. Raises RequestInvalid for another method,
    PairApart where the two have no valid pixels in common, and what reading raises.
    """
    if method not in METHODS:
        raise RequestInvalid(f"There is no method {method!r} for bands as they are.", f"Choose one of {', '.join(METHODS)}.")
    before, after = sampled(bands)
    detector = METHODS[method].learnt(before, after)
    threshold = threshold_of(np.sqrt(detector.squares(before, after)), before.shape[1])

    def look(views: np.ndarray) -> np.ndarray:
        return np.stack([_logits(view, detector, threshold) for view in views])[:, None]

    return Looker(side, 1, f"{method} {_digest(detector, threshold)}", look, lanes=LANES)


def threshold_of(lengths: np.ndarray, bands: int) -> float:
    """From which of the lengths (n,) on a pixel counts as changed; at least what the noise of so many bands reaches now and then."""
    middle = float(np.median(lengths))
    deviation = TO_DEVIATION * float(np.median(np.abs(lengths - middle)))
    return max(middle + DEVIATIONS * deviation, math.sqrt(chi2.isf(LEVEL, bands)))


def sampled(bands: Source) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of both dates, float32 (n, B) each and valid at both, spread over the whole pair. Raises PairApart where there are none."""
    found = [values for values in _patches(bands) if len(values)]
    if sum(map(len, found)) < FEWEST:
        shrink = max(1.0, math.sqrt(bands.width * bands.height / SAMPLE))
        shape = max(1, int(bands.width / shrink)), max(1, int(bands.height / shrink))
        found = [_valid(bands, 0, 0, bands.width, bands.height, *shape)]
    joint = np.concatenate(found)
    if not len(joint):
        raise PairApart("Nowhere have both rasters data without clouds.")
    before, after = np.split(joint, 2, axis=1)
    return np.ascontiguousarray(before), np.ascontiguousarray(after)


def _patches(bands: Source) -> Iterator[np.ndarray]:
    """float32 (n, 2 B) of windows on a grid; of a small pair, all of it."""
    if bands.width * bands.height <= SAMPLE:
        yield _valid(bands, 0, 0, bands.width, bands.height, bands.width, bands.height)
        return
    side = math.isqrt(SAMPLE) // PATCHES
    width, height = min(side, bands.width), min(side, bands.height)
    for row in np.linspace(0, bands.height - height, PATCHES).astype(int).tolist():
        for col in np.linspace(0, bands.width - width, PATCHES).astype(int).tolist():
            yield _valid(bands, col, row, width, height, width, height)


def _valid(bands: Source, col: int, row: int, width: int, height: int, out_width: int, out_height: int) -> np.ndarray:
    pixels = bands.read(col, row, width, height, out_width, out_height)
    found: np.ndarray = pixels.rgb[pixels.valid]
    return found[np.isfinite(found).all(axis=1)]


def _logits(view: np.ndarray, detector: Detector, threshold: float) -> np.ndarray:
    """float32 (side, side, 2 B) -> float32 (side, side)."""
    flat = np.nan_to_num(view.reshape(-1, view.shape[2]))
    before, after = (np.ascontiguousarray(date) for date in np.split(flat, 2, axis=1))
    lengths = np.sqrt(detector.squares(before, after))
    logits = STEEPNESS * np.log(np.maximum(lengths, np.finfo(np.float32).tiny) / threshold)
    return np.clip(logits, -FARTHEST, FARTHEST).reshape(view.shape[:2]).astype(np.float32)


def _digest(detector: Detector, threshold: float) -> str:
    """Tells what was learnt from what else might have been."""
    summed = hashlib.sha256(repr(threshold).encode())
    for value in vars(detector).values():
        summed.update(np.asarray(value).tobytes())
    return summed.hexdigest()[:16]
