"""How far two dates of one ground lie apart: phase correlation of gradient images, of many blocks.

Edges stay where they are when the season, the light and a part of what stands there change. The phases of all blocks together say what most
of them agree about; each block by itself says whether it agrees, and those that do how well.
Phase correlation: Kuglin and Hines, 1975; to parts of a pixel: Guizar-Sicairos, Thurman and Fienup, 2008,
https://doi.org/10.1364/OL.33.000156.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage
from skimage.registration import phase_cross_correlation

from ..surveying.source import Source
from .blocks import Block, blocks_of, blocks_of_images

STEPS = 32  # of a pixel, that a shift is measured in
FINEST = 0.15  # cycles a pixel: finer detail counts for ever less, for it is mostly noise
FULL = 0.5  # of a block that both dates must show
NEAR = 2.5  # pixels that a block may lie off and still agree: the ground's relief moves it, chance hardly does
FEWEST = 3  # blocks that agree
AGREE = 0.2  # of the blocks
MOST = 0.9  # of the blocks that agree lie within the uncertainty
LEAST = 0.5  # pixels, of the uncertainty
AROUND = 3.0  # pixels, the standard deviation of what counts as around a hole
FEATURELESS = 0.5  # grey levels a pixel: the gradient of a block with less is noise


@dataclass(frozen=True, eq=False)
class Measured:
    """What is at (col, row) before is at (col + x, row + y) after, in pixels of the grid."""

    x: float
    y: float
    uncertainty: float
    blocks: np.ndarray  # (n, 4): row, column of the first pixel, x, y of each block that agrees


def measured(before: Source | np.ndarray, after: Source | np.ndarray) -> Measured | None:
    """The shift between two sources on one grid, or two images uint8 (h, w, 3); None where too little is to be seen.

    The two the other way round give exactly the opposite. Raises what reading raises.
    """
    if isinstance(before, np.ndarray) or isinstance(after, np.ndarray):
        return shift_of(blocks_of_images(np.asarray(before), np.asarray(after)))
    return shift_of(blocks_of(before, after))


def shift_of(blocks: Sequence[Block], pixel: float = 1.0) -> Measured | None:
    """pixel: how many of the grid's pixels one of the blocks' measures."""
    phases = [(block, *both) for block in blocks if (both := _phases(block)) is not None]
    if not phases:
        return None
    whole = _between(np.sum([there for _, there, _ in phases], axis=0), np.sum([back for _, _, back in phases], axis=0))
    each = np.array([_between(there, back) for _, there, back in phases])
    agree = np.hypot(*(each - whole).T) <= NEAR
    if agree.sum() < max(min(FEWEST, len(phases)), AGREE * len(phases)):
        return None
    middle = np.median(each[agree], axis=0)
    off = np.hypot(*(each[agree] - middle).T)
    places = np.array([(block.row, block.col) for block, _, _ in phases])[agree]
    x, y = (float(at) for at in middle * pixel)
    return Measured(x, y, max(LEAST, float(np.quantile(off, MOST)) * pixel), np.hstack([places, each[agree] * pixel]))


def _phases(block: Block) -> tuple[np.ndarray, np.ndarray] | None:
    """The whitened, smoothed cross spectrum of a block and of the two dates the other way round; None where there is nothing to see."""
    seen = ndimage.binary_erosion(block.valid, iterations=2, border_value=1)
    if seen.mean() < FULL:
        return None
    spectra = []
    for image in (block.before, block.after):
        grey = _filled(image.sum(axis=-1, dtype=np.float32) / image.shape[-1], block.valid)
        edges = ndimage.gaussian_gradient_magnitude(grey, 1.0)
        if edges[seen].mean() < FEATURELESS:
            return None
        edges = np.sqrt(edges)  # so that a few bright roofs do not drown all else
        tapered = _levelled(edges - edges[seen].mean(), seen) * _taper(len(edges))
        spectra.append(fft.fft2(tapered))
    before, after = spectra
    return _whitened(before * after.conj()), _whitened(after * before.conj())


def _filled(grey: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Holes as what is nearest: they lie at one place at both dates, and their borders would say that all else does."""
    if valid.all():
        return grey
    rows, cols = ndimage.distance_transform_edt(~valid, return_distances=False, return_indices=True)
    filled: np.ndarray = grey[rows, cols]
    return filled


def _levelled(edges: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """What is not seen as what lies around it on average, so that it has no border either."""
    if seen.all():
        return edges
    around, share = (ndimage.gaussian_filter(values.astype(np.float32), AROUND) for values in (edges * seen, seen))
    return np.where(seen, edges, around / np.maximum(share, np.finfo(np.float32).eps))


def _whitened(product: np.ndarray) -> np.ndarray:
    size = len(product)
    smooth = np.exp(-0.5 * (fft.fftfreq(size) / FINEST) ** 2).astype(np.float32)
    whitened: np.ndarray = product / np.maximum(np.abs(product), np.finfo(np.float32).tiny) * np.outer(smooth, smooth)
    return whitened


def _taper(size: int) -> np.ndarray:
    line = np.hanning(size + 2)[1:-1].astype(np.float32)
    return np.outer(line, line)


def _between(there: np.ndarray, back: np.ndarray) -> np.ndarray:
    """(x, y): half of the difference of what is measured from before to after and from after to before, so that order does not count."""
    difference: np.ndarray = (_peak(back) - _peak(there)) / 2
    return difference


def _peak(spectrum: np.ndarray) -> np.ndarray:
    """(x, y) by which the second picture is to be moved onto the first."""
    rows_and_columns = phase_cross_correlation(
        spectrum, np.ones_like(spectrum), upsample_factor=STEPS, space="fourier", disambiguate=False, normalization=None
    )[0]
    return np.asarray(rows_and_columns, float)[::-1]
