"""Which bands of a raster are green and near infrared: by what the file says, else by how its bands go together."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from rasterio.enums import ColorInterp, Resampling
from rasterio.io import DatasetReader

from ..errors import BandsUnknown, RequestInvalid
from ..raster import Raster, open_dataset, reading
from .pair import RasterPair

Bands = tuple[int, int]  # green and near infrared, 1-based

NONE = 0  # asked for as near infrared: there is none
INFRARED = re.compile(r"\bnir\b|near[ _-]?infra[ _-]?red", re.IGNORECASE)
GREEN = re.compile(r"\bgreen\b", re.IGNORECASE)
SENTINEL = {"nir": re.compile(r"^B0?8\b"), "green": re.compile(r"^B0?3\b")}  # only together: elsewhere B8 is another band
SAMPLE = 1 << 18  # pixels
# Colours go together, and infrared does not: of NAIP's the least alike of red, green and blue correlate by 0.86 and more, and none of them
# by more than 0.72 with the fourth band. (Of Landsat's bands 5, 4, 3 and 2 the first three correlate by -0.39 to 0.79.)
TOGETHER, APART = 0.8, 0.1
LEVELS = 16  # values of a band that is more than a mask


def water_bands(pair: RasterPair, asked: Sequence[int]) -> tuple[Bands, Bands] | None:
    """Green and near infrared of both rasters; None where one has them not.

    asked: near infrared of both, or of before and after; NONE is none of them, () what the files say or show. Raises BandsUnknown,
    RequestInvalid, and what reading raises.
    """
    if len(asked) > 2:
        raise RequestInvalid(f"{len(asked)} bands were named as near infrared.", "Name one for both rasters, or one for each.")
    if NONE in asked:
        return None
    named = (asked[0], asked[-1]) if asked else (NONE, NONE)
    found = [_bands(date.raster, band) for date, band in zip((pair.before, pair.after), named, strict=True)]
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def _bands(raster: Raster, named: int) -> Bands | None:
    dataset = open_dataset(raster.path)
    try:
        with reading(raster.path):
            if not 0 <= named <= dataset.count:
                what = f"Band {named} of {raster.path} was named as near infrared; it has {dataset.count}."
                raise BandsUnknown(what, bands=[named], count=dataset.count)
            infrared = named or _said(dataset, "nir", INFRARED) or _seen(dataset, raster.bands)
            if not infrared or len(raster.bands) != 3:
                return None
            green = _said(dataset, "green", GREEN) or _green_shown(raster.bands, infrared)
            return None if green == infrared else (green, infrared)
    finally:
        dataset.close()


def _said(dataset: DatasetReader, meaning: str, words: re.Pattern[str]) -> int:
    """The first band that says of itself that it is such a one; 0 where none does."""
    names = [name or "" for name in dataset.descriptions]
    for band, name in enumerate(names, 1):
        if dataset.colorinterp[band - 1].name == meaning or words.search(name):
            return band
    if all(any(pattern.search(name) for name in names) for pattern in SENTINEL.values()):
        return next(band for band, name in enumerate(names, 1) if SENTINEL[meaning].search(name))
    return 0


def _green_shown(shown: Sequence[int], infrared: int) -> int:
    """The second of red, green and blue. Where infrared is shown as a colour, the last of the others, as green is in infrared, red, green;
    in short-wave infrared, infrared, red it is red, in which water is as much brighter as in green."""
    return shown[1] if infrared not in shown else [band for band in shown if band != infrared][-1]


def _seen(dataset: DatasetReader, shown: Sequence[int]) -> int:
    """The fourth band where its values are those of an infrared beside three colours; else 0."""
    if dataset.count != 4 or tuple(shown) != (1, 2, 3) or dataset.colorinterp[3] is ColorInterp.alpha:
        return 0
    shrink = max(1.0, math.sqrt(dataset.width * dataset.height / SAMPLE))
    shape = (4, max(1, int(dataset.height / shrink)), max(1, int(dataset.width / shrink)))
    sample = np.ma.masked_invalid(dataset.read(out_shape=shape, resampling=Resampling.nearest, masked=True))
    values = sample.data[:, ~np.ma.getmaskarray(sample).any(axis=0)].astype(float)
    if values.shape[1] < 2 or len(np.unique(values[3])) < LEVELS:
        return 0
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.corrcoef(values)
    least = min(alike[0, 1], alike[0, 2], alike[1, 2])
    return 4 if least >= TOGETHER and alike[3, :3].max() <= least - APART else 0


def infrared_note(bands: tuple[Bands, Bands], clear: bool) -> str:
    """A sentence about what was taken for near infrared; clear: whether water could be told by it."""
    before, after = bands[0][1], bands[1][1]
    which = f"Band {before} of both rasters was" if before == after else f"Bands {before} (before) and {after} (after) were"
    end = "water was told by it." if clear else "water does not stand apart in it here, and was told by the colours."
    return f"{which} taken for near infrared: {end}"
