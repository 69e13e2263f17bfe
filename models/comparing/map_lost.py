"""What of an old map is no longer there: its polygons of which an image shows too little."""

from __future__ import annotations

import itertools

import numpy as np
import shapely

from ..objects.shares import Pace, Sharing
from .draft import Draft
from .map_drawing import drawn_rows

SEEN = 0.5  # of an outline that must have data
ROWS = 512  # of a draft that are looked at together


def shown(draft: Draft, channel: int, outlines: np.ndarray, reach: int) -> Sharing[np.ndarray]:
    """float (n,), 0..1: the mean probability within each of n outlines, in map coordinates, at the best place up to `reach` pixels from its
    own; NaN where less than SEEN of it has data. What lies under a smaller outline is that one's alone.

    All are drawn at once, row by row, and each shift is asked of all: 100,000 outlines cost little more than 100.
    """
    frame, pace = draft.frame, Pace()
    shifts = list(itertools.product(range(2 * reach + 1), repeat=2))
    summed, known = (np.zeros((len(shifts), len(outlines) + 1)) for _ in range(2))
    whole = np.zeros(len(outlines) + 1)
    tree = shapely.STRtree(outlines)
    for row in range(0, frame.height, ROWS):
        rows = min(ROWS, frame.height - row)
        labels = drawn_rows(tree, frame, row, rows, numbered=True)
        at = np.nonzero(labels)
        owners = labels[at]
        whole += np.bincount(owners, minlength=len(whole))
        values = draft.read(-reach, row - reach, frame.width + 2 * reach, rows + 2 * reach)[channel]
        for number, (down, across) in enumerate(shifts):
            seen = values[at[0] + down, at[1] + across]
            known[number] += np.bincount(owners, seen > 0, len(whole))
            summed[number] += np.bincount(owners, np.maximum(seen, 1) - 1.0, len(whole))
            if pace.is_due():
                yield (row + rows * number / len(shifts)) / frame.height
    means = np.where(known > SEEN * np.maximum(whole, 1), summed / 254 / np.maximum(known, 1), -1.0).max(axis=0)[1:]
    here = known[len(shifts) // 2, 1:] > SEEN * np.maximum(whole[1:], 1)
    return np.where(here, means, np.nan)
