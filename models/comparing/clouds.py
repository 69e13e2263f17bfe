"""Clouds and their shadows at one of two dates: ground that cannot be compared.

What is much brighter than at the other date, white, large and without a sharp edge is a cloud if a shadow of its form lies beside it:
ground that is darker than at the other date, as far off and in the same direction for all clouds of a raster. That geometry is what tells
clouds from other bright things, as in Fmask (Zhu and Woodcock, 2012, https://doi.org/10.1016/j.rse.2011.10.028); a roof, dry salt or sand
has none. So clouds are missed whose shadow is not to be seen; what is masked is a cloud.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.signal import fftconvolve
from skimage.filters import apply_hysteresis_threshold
from skimage.measure import regionprops

from ..surveying.source import Source

LOOK = 1 << 18  # pixels in which both dates are looked at, at most
WHITE, TINT = 185, 40  # grey levels of 255: the least of a cloud's darkest band, the most by which its brightest band is above that
WHITER = 98  # % of the other date that must be darker than a cloud: there is bright soil somewhere at most dates
BRIGHTER, FRINGE = 50, 15  # levels more than at the other date: in a cloud, and where it thins out
SHADOW, PENUMBRA = 0.68, 0.82  # of the other date's light, as far as the rest of the ground has the same: in a shadow, and where it fades
BLACK = 16  # levels that are added to both for it: what is black at both dates is in no shadow
LEAST = 60  # pixels of a cloud as they are looked at
LEAST_M2 = 2500.0
SOFT = 3.5  # pixels over which a cloud's edge rises; a sharp one takes about two
TOO_COARSE = 15.0  # metres a pixel: edges of clouds are sharp, too, but nobody's roof is as large
REACH = 2500.0  # metres from a cloud to its shadow
VIEW = 300.0  # metres: in less nobody sees a cloud and its shadow
BESIDE = 0.4  # of a cloud, at least that much of its shadow must lie on open ground to count
SHADED, ALONE = 0.6, 0.4  # of that ground, how much is darker; and how much more than around it
AROUND = 6  # pixels around clouds that are no shadow
GROWTH = 8  # pixels that a cloud thins out in
MARGIN = 2  # pixels around both


@dataclass(frozen=True, eq=False)
class CloudMask:
    """Where one date is under clouds or in their shadow."""

    covered: np.ndarray  # bool (h, w) over the whole grid
    width: int  # of the grid, pixels
    height: int

    def at(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> np.ndarray:
        """bool (out_height, out_width) of a window in pixels of the grid; False outside of it."""
        rows = _indices(row, height, out_height, self.height, self.covered.shape[0])
        cols = _indices(col, width, out_width, self.width, self.covered.shape[1])
        seen = self.covered[np.maximum(rows, 0)][:, np.maximum(cols, 0)]
        return seen & (rows >= 0)[:, None] & (cols >= 0)

    @property
    def share(self) -> float:
        """0..1, of the grid."""
        return float(self.covered.mean())


def cloud_masks(pair: Source) -> tuple[CloudMask | None, CloudMask | None]:
    """Of the first and the second date of a pair, which reads as uint8 (h, w, 6); None where nothing is surely a cloud."""
    if pair.gsd is not None and min(pair.width, pair.height) * pair.gsd < VIEW:
        return None, None
    shrink = max(1.0, math.sqrt(pair.width * pair.height / LOOK))
    width, height = max(1, round(pair.width / shrink)), max(1, round(pair.height / shrink))
    seen = pair.read(0, 0, pair.width, pair.height, width, height)
    pixel = None if pair.gsd is None else pair.gsd * pair.width / width
    dates = seen.rgb[..., :3], seen.rgb[..., 3:6]
    found = clouded(*dates, seen.valid, pixel), clouded(*dates[::-1], seen.valid, pixel)
    before, after = (None if covered is None else CloudMask(covered, pair.width, pair.height) for covered in found)
    return before, after


def clouded(rgb: np.ndarray, other: np.ndarray, valid: np.ndarray, pixel: float | None) -> np.ndarray | None:
    """bool (h, w): clouds of an image, and their shadows, by what another date shows; None for none.

    rgb, other: uint8 (h, w, 3), stretched alike; valid: bool (h, w); pixel: its side in metres, None where nobody knows.
    """
    now, then = rgb.astype(np.float32), other.astype(np.float32)
    candidates = _bright(now, then, valid, pixel)
    if candidates is None:
        return None
    open_ground = valid & ~(candidates > 0)
    if not open_ground.any():
        return None
    light = (now.mean(axis=2) + BLACK) / (then.mean(axis=2) + BLACK)
    light = np.where(open_ground, light / np.median(light[open_ground]), 1)
    dark = apply_hysteresis_threshold(-light, -PENUMBRA, -SHADOW)
    offset = _offset(candidates > 0, dark, open_ground, pixel)
    if offset is None:
        return None
    clouds = np.isin(candidates, _shaded(candidates, dark, open_ground, offset))
    if not clouds.any():
        return None
    shadows = dark & ndimage.binary_dilation(_moved(clouds, offset), iterations=2 * MARGIN)
    covered: np.ndarray = ndimage.binary_dilation(clouds | shadows, iterations=MARGIN) & valid
    return covered


def _bright(now: np.ndarray, then: np.ndarray, valid: np.ndarray, pixel: float | None) -> np.ndarray | None:
    """int (h, w): what could be clouds, numbered from 1 on; None where nothing could."""
    least, most = now.min(axis=2), now.max(axis=2)
    if not valid.any():
        return None
    before = then.min(axis=2)
    brighter = np.where(valid, least - before, 0)
    core = (brighter > BRIGHTER) & (least > max(WHITE, np.percentile(before[valid], WHITER))) & (most - least < TINT)
    core = ndimage.binary_opening(core, iterations=2)
    whole = core | (ndimage.binary_dilation(core, iterations=GROWTH) & (brighter > FRINGE))
    labels, _ = ndimage.label(whole)
    smallest = max(LEAST, 0 if pixel is None else LEAST_M2 / pixel**2)
    kept = np.zeros_like(labels)
    for region in regionprops(labels):
        rows, cols = (slice(max(one.start - 8, 0), one.stop + 8) for one in region.slice)
        own = (labels[rows, cols] == region.label) & core[rows, cols]
        coarse = pixel is not None and pixel > TOO_COARSE
        if own.sum() >= smallest and (coarse or _edge_width(least[rows, cols], own) > SOFT):
            kept[region.slice][region.image] = region.label
    return kept if kept.any() else None


def _edge_width(values: np.ndarray, inside: np.ndarray) -> float:
    """Pixels over which the values (h, w) fall from within a region to around it."""
    border = inside & ~ndimage.binary_erosion(inside)
    within = ndimage.binary_erosion(inside, iterations=3) & ~ndimage.binary_erosion(inside, iterations=6)
    around = ndimage.binary_dilation(inside, iterations=7) & ~ndimage.binary_dilation(inside, iterations=4)
    if not within.any() or not around.any():
        return 0.0
    down, across = np.gradient(values)
    steepness = float(np.median(np.hypot(down, across)[border]))
    return float(values[within].mean() - values[around].mean()) / max(steepness, 1e-3)


def _offset(clouds: np.ndarray, dark: np.ndarray, open_ground: np.ndarray, pixel: float | None) -> tuple[int, int] | None:
    """Rows and columns from clouds to their shadows: where what they would shade is dark and what is around it is not; None where no place
    stands out."""
    height, width = clouds.shape
    reach = max(height, width) // 2 if pixel is None else math.ceil(REACH / pixel)
    reach = min(reach, max(height, width) // 2)
    around = ndimage.binary_dilation(clouds, iterations=AROUND) & ~clouds
    within, enough = _dark_share(clouds, dark, open_ground, reach)
    beside, _ = _dark_share(around, dark, open_ground, reach)
    alone = np.where(enough & (within >= SHADED), within - beside, 0)
    at = np.unravel_index(alone.argmax(), alone.shape)
    if alone[at] < ALONE:
        return None
    return int(at[0]) - min(reach, height - 1), int(at[1]) - min(reach, width - 1)


def _dark_share(mask: np.ndarray, dark: np.ndarray, open_ground: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """float and bool (rows, columns), of every offset up to `reach`: how much of the open ground in a mask that is moved by it is dark, and
    whether there is enough of it."""
    turned = mask[::-1, ::-1].astype(np.float32)
    hits, seen = (fftconvolve(ground.astype(np.float32), turned) for ground in (dark & open_ground, open_ground))
    rows, cols = (slice(max(size - 1 - reach, 0), size + reach) for size in mask.shape)
    hits, seen = hits[rows, cols], seen[rows, cols]
    return hits / np.maximum(seen, 1), seen > BESIDE * mask.sum()


def _shaded(candidates: np.ndarray, dark: np.ndarray, open_ground: np.ndarray, offset: tuple[int, int]) -> list[int]:
    """The numbers of the candidates whose shadow is there, or would lie where nobody can see it."""
    numbers = np.arange(candidates.max() + 1)
    sizes = np.bincount(candidates.ravel(), minlength=len(numbers))
    back = (-offset[0], -offset[1])
    seen = np.bincount(candidates[_moved(open_ground, back)], minlength=len(numbers))
    hits = np.bincount(candidates[_moved(dark, back)], minlength=len(numbers))
    hidden = seen < BESIDE * sizes
    fits = (sizes > 0) & (hidden | (hits >= SHADED * seen))
    return [int(number) for number in numbers[1:] if fits[number]]


def _moved(mask: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
    """bool (h, w): a mask so many rows and columns further, False where nothing comes from."""
    moved: np.ndarray = ndimage.shift(mask.view(np.uint8), offset, order=0, mode="constant", cval=0).astype(bool)
    return moved


def _indices(start: float, length: float, count: int, whole: int, size: int) -> np.ndarray:
    """int (count,): which of `size` pixels over `whole` grid pixels each output pixel's centre lies in; -1 outside."""
    centres = start + (np.arange(count) + 0.5) * length / count
    inside = (centres >= 0) & (centres < whole)
    return np.where(inside, np.clip((centres * size / whole).astype(int), 0, size - 1), -1)
