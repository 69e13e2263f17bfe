"""A comparer with an exact answer: buildings are red, fields green and water blue, and what was one and is another has changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rasterscribe.models.classes import CLASSES as NAMES
from rasterscribe.models.comparing.comparison import Comparer
from rasterscribe.models.comparing.mapped_pair import MappedPair
from rasterscribe.models.surveying.lanes import Looker

CLASSES = ("building", "field", "water")  # by their bands
SIDE = 64


def colour_comparer(request, pair, interest, old_map):
    """As `comparers.compared_by`."""
    bands = [CLASSES.index(name) for name in interest.classes]

    def look(views):
        return np.stack([answer(view, bands) for view in views])

    looker = Looker(SIDE, 1 + 2 * len(bands), f"colours {bands}", look)
    return Comparer(request.method or "combined", "colour", "c0" * 32, interest.classes, pair, looker)


def map_comparer(request, pair, interest, old_map):
    """What the map has and the second date has not is gone, as if nobody had seen the first date."""
    plain = colour_comparer(request, pair, interest, old_map)
    bands = [CLASSES.index(name) for name in interest.classes]

    def look(views):
        found = np.stack([answer(view[..., :6], bands) for view in views])
        mapped = np.stack([view[..., 6] for view in views])
        for at, name in enumerate(interest.classes):
            gone = (mapped == 1 + NAMES.index(name)) & (found[:, 1 + len(bands) + at] < 0)
            found[:, 0][gone] = found[:, 1 + at][gone] = 9
        return found

    looker = replace(plain.looker, key="colours and a map", look=look)
    return replace(plain, source=MappedPair(pair, old_map, interest.classes), looker=looker)


def answer(view: np.ndarray, bands: list[int]) -> np.ndarray:
    """uint8 (h, w, 6) -> float32 (1 + 2 m, h, w): surer the purer the colours are."""
    dates = [(view[..., first + np.array(bands)].astype(np.float32) - 127) / 16 for first in (0, 3)]
    codes = [np.where(date.max(-1) > 0, date.argmax(-1), -1) for date in dates]
    sure = np.minimum(*(np.abs(date).max(-1) for date in dates))
    changed = np.where(codes[0] != codes[1], sure, -9)
    return np.concatenate([changed[None], *(np.moveaxis(date, -1, 0) for date in dates)]).astype(np.float32)
