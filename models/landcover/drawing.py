"""How arcs are drawn: smooth, with few vertices, and never across each other.

A vertex of an arc in halves becomes a point in pixels. Smoothing and thinning together move it by at most `reach`. Where that makes arcs
cross, which only happens where they run close to each other, they are drawn as they were traced, and traced arcs never touch.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import shapely

from .arcs import Arcs
from .chains import runs, sizes
from .trace import RING

SHRINK, GROW, ROUNDS = 0.5, -0.53, 5  # Taubin's pair: it damps stair steps and keeps areas
AT_ONCE = 1 << 16  # vertices that are drawn together: they fit the processor's cache
SMOOTHING = 0.5  # of the reach; the rest is for thinning
AROUND = 3  # vertices before and after a crossing that are drawn as traced


@dataclass(eq=False)
class Drawn:
    """Arcs as points: of each its first, its last (a ring's first again), and those between that are kept."""

    points: np.ndarray  # float64 (all, 2): x, y in pixels from the raster's corner
    sources: np.ndarray  # int32 (all,): which vertex of the arc a point was
    begins: np.ndarray  # int (arcs,): where each arc begins

    @property
    def lengths(self) -> np.ndarray:
        return sizes(self.begins, len(self.points))

    def replace(self, arcs: np.ndarray, others: Drawn) -> None:
        """Draw some arcs, given in ascending order, otherwise."""
        lengths = self.lengths
        places = self.begins.copy()
        places[arcs] = len(self.points) + others.begins
        lengths[arcs] = others.lengths
        at = runs(places, lengths)
        self.points = np.concatenate([self.points, others.points])[at]
        self.sources = np.concatenate([self.sources, others.sources])[at]
        self.begins = np.cumsum(lengths) - lengths


def drawn(arcs: Arcs, reach: float) -> Generator[None, None, Drawn]:
    """All arcs, each moved by at most `reach` pixels, some at a time."""
    ends = np.cumsum(arcs.lengths)
    cuts = np.unique(np.searchsorted(ends, np.arange(0, ends[-1] if len(ends) else 0, AT_ONCE)[1:]))
    parts = []
    for batch in np.split(np.arange(len(arcs)), cuts):
        parts.append(draw(arcs, batch, np.zeros((0, 3), int), reach))
        yield
    lengths = np.concatenate([part.lengths for part in parts])
    points, sources = np.concatenate([part.points for part in parts]), np.concatenate([part.sources for part in parts])
    return Drawn(points, sources, np.cumsum(lengths) - lengths)


def draw(arcs: Arcs, which: np.ndarray, traced: np.ndarray, reach: float) -> Drawn:
    """Some arcs. traced: int (n, 3), an arc and the first and last of its vertices that stay as they were traced."""
    vertices, begins = arcs.vertices(which)
    original = vertices / 2
    rings = arcs.ends[which, 0] == RING
    points = smoothed(original, begins, rings, SMOOTHING * reach)
    exact = _within(traced, which, sizes(begins, len(points)), rings)
    points[exact] = original[exact]
    lengths = sizes(begins, len(points)) + rings  # a ring's first vertex once more
    closed = np.repeat(np.cumsum(lengths) - lengths, lengths)
    within = np.arange(lengths.sum()) - closed
    at = np.repeat(begins, lengths) + np.where(np.repeat(rings, lengths), within % np.repeat(lengths - 1, lengths), within)
    kept = _kept(points[at], np.repeat(np.arange(len(which)), lengths), (1 - SMOOTHING) * reach) | exact[at]
    counts = np.add.reduceat(kept, np.cumsum(lengths) - lengths, dtype=int) if len(which) else lengths
    return Drawn(points[at][kept], within[kept].astype(np.int32), np.cumsum(counts) - counts)


def smoothed(points: np.ndarray, begins: np.ndarray, rings: np.ndarray, furthest: float) -> np.ndarray:
    """Taubin's smoothing (1995, https://doi.org/10.1145/218380.218473) of arcs, (all, 2) in pixels; no point moves by more than `furthest`.

    The ends of arcs stay; rings have none.
    """
    if not furthest > 0 or not len(points):
        return points.copy()
    ends = np.append(begins[1:], len(points)) - 1
    around = np.where(rings, ends, begins), np.where(rings, begins, ends)  # beside a ring's ends lie its other ends
    found = np.empty_like(points)
    for axis in (0, 1):
        line = np.ascontiguousarray(points[:, axis])
        pull = np.zeros_like(line)  # towards the middle of both neighbours
        for _ in range(ROUNDS):
            for factor in (SHRINK, GROW):
                pull[1:-1] = 0.5 * (line[:-2] + line[2:]) - line[1:-1]
                pull[begins] = rings * (0.5 * (line[around[0]] + line[np.minimum(begins + 1, ends)]) - line[begins])
                pull[ends] = rings * (0.5 * (line[np.maximum(ends - 1, begins)] + line[around[1]]) - line[ends])
                line += factor * pull
        found[:, axis] = line
    moved = found - points
    length = np.hypot(moved[:, 0], moved[:, 1])
    return points + moved * np.minimum(1, furthest / np.maximum(length, furthest))[:, None]


def _kept(points: np.ndarray, owners: np.ndarray, tolerance: float) -> np.ndarray:
    """bool (all,): the points that Douglas and Peucker's thinning leaves. Each carries its number as its height, which thinning ignores."""
    numbered = np.concatenate([points, np.arange(len(points))[:, None]], axis=1)
    lines = shapely.linestrings(numbered, indices=owners)
    thin = shapely.simplify(lines, tolerance, preserve_topology=False)
    kept = np.zeros(len(points), bool)
    kept[shapely.get_coordinates(thin, include_z=True)[:, 2].astype(int)] = True
    changes = np.flatnonzero(owners[1:] != owners[:-1])
    kept[np.concatenate([changes, changes + 1, [0, -1]] if len(kept) else [[]]).astype(int)] = True
    return kept


def _within(traced: np.ndarray, which: np.ndarray, lengths: np.ndarray, rings: np.ndarray) -> np.ndarray:
    """bool (all vertices,): those in the ranges `traced`, which go around a ring's beginning where they reach over it."""
    exact = np.zeros(int(lengths.sum()), bool)
    arc = np.searchsorted(which, traced[:, 0])
    size, ring = lengths[arc], rings[arc]
    low = np.where(ring, traced[:, 1], np.clip(traced[:, 1], 0, size - 1))
    high = np.where(ring, np.minimum(traced[:, 2], low + size - 1), np.clip(traced[:, 2], 0, size - 1))
    counts = high - low + 1
    begins = (np.cumsum(lengths) - lengths)[arc]
    exact[np.repeat(begins, counts) + runs(low, counts) % np.repeat(size, counts)] = True
    return exact
