"""Where drawn arcs cross or lie on each other."""

from __future__ import annotations

import numpy as np
import shapely

from .chains import runs
from .drawing import AROUND, Drawn


def crossings(drawing: Drawn, arcs: np.ndarray) -> np.ndarray:
    """int (n, 3): an arc, and the first and last of its vertices around one of its parts that meets another part where it should not."""
    lengths = drawing.lengths[arcs] - 1
    at = runs(drawing.begins[arcs], lengths)
    parts = shapely.linestrings(np.stack([drawing.points[at], drawing.points[at + 1]], axis=1))
    one, other = shapely.STRtree(parts).query(parts, predicate="intersects")
    one, other = one[one < other], other[one < other]
    first, second = (np.stack([drawing.points[at[side]], drawing.points[at[side] + 1]], axis=1) for side in (one, other))
    neighbours = (first[:, :, None] == second[:, None, :]).all(axis=-1).any(axis=(1, 2))
    wrong = ~neighbours
    wrong[neighbours] = shapely.length(shapely.intersection(parts[one[neighbours]], parts[other[neighbours]])) > 0
    parts_met = np.unique(np.concatenate([one[wrong], other[wrong]]))
    owners = np.repeat(arcs, lengths)[parts_met]
    sources = drawing.sources[at[parts_met]], drawing.sources[at[parts_met] + 1]
    return np.stack([owners, sources[0] - AROUND, sources[1] + AROUND], axis=1)
