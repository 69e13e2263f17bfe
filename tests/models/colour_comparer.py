"""A comparer with an exact answer: buildings are red, fields green and water blue, and what was one and is another has changed."""

from __future__ import annotations

import numpy as np

from rasterscribe.models.comparing.comparison import Comparer
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


def answer(view: np.ndarray, bands: list[int]) -> np.ndarray:
    """uint8 (h, w, 6) -> float32 (1 + 2 m, h, w): surer the purer the colours are."""
    dates = [(view[..., first + np.array(bands)].astype(np.float32) - 127) / 16 for first in (0, 3)]
    codes = [np.where(date.max(-1) > 0, date.argmax(-1), -1) for date in dates]
    sure = np.minimum(*(np.abs(date).max(-1) for date in dates))
    changed = np.where(codes[0] != codes[1], sure, -9)
    return np.concatenate([changed[None], *(np.moveaxis(date, -1, 0) for date in dates)]).astype(np.float32)
