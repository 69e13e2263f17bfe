"""Patches: the connected parts of a class raster. What is known of each, and which are too small to be kept."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .trace import Runs

NOT_OURS = np.iinfo(np.int64).max  # the first pixel of a patch that has none in the rows looked at


@dataclass(frozen=True, eq=False)
class Patches:
    """n patches, ordered by their first pixels from the raster's upper left corner on."""

    classes: np.ndarray  # uint8 (n,)
    pixels: np.ndarray  # int64 (n,)
    ground: np.ndarray  # float64 (n,): the sum of its rows' pixel areas
    confidence: np.ndarray  # float64 (n,): the sum of its pixels' confidences, 0..255 each


@dataclass
class Gathered:
    """Patches as they come to light, block by block. `row_areas`: float64 (height,), the area of a pixel in each row of the raster."""

    width: int
    row_areas: np.ndarray
    _parts: list[tuple[np.ndarray, ...]] = field(default_factory=list)
    _joints: list[np.ndarray] = field(default_factory=list)
    _tail: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # parts of the runs in the last row so far
    _count: int = 0

    def add(self, runs: Runs, top: int, confidence: np.ndarray) -> np.ndarray:
        """int64 (runs,): the part that each run of the block from row `top` on belongs to. `confidence`: uint8 (rows, width)."""
        count, parts = grouped(len(runs.starts), runs.touching)
        real = runs.lengths > 0
        ours = np.flatnonzero(real & (runs.rows > 0))
        rows = runs.rows[ours] + top - 1
        first = np.full(count, NOT_OURS)
        flat = rows.astype(np.int64) * self.width + runs.starts[ours]
        np.minimum.at(first, parts[ours], flat)
        summed = np.add.reduceat(confidence.ravel(), flat - top * self.width, dtype=np.int64)
        classes = np.zeros(count, np.uint8)
        classes[parts] = runs.classes
        lengths = runs.lengths[ours]
        weights = (lengths, lengths * self.row_areas[rows], summed)
        self._parts.append((classes, first, *(np.bincount(parts[ours], weight, count) for weight in weights)))
        numbers = parts.astype(np.int64) + self._count
        head = numbers[real & (runs.rows == 0)]
        self._joints.append(np.stack([self._tail, head], axis=1))
        self._tail = numbers[real & (runs.rows == len(confidence))]
        self._count += count
        return numbers

    def finish(self) -> tuple[Patches, np.ndarray]:
        """All patches, and the number of each part's among them (-1 for parts that were but a row's end)."""
        classes, first, pixels, ground, confidence = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        count, owner = grouped(self._count, np.concatenate(self._joints))
        earliest = np.full(count, NOT_OURS)
        np.minimum.at(earliest, owner, first)
        order = np.argsort(earliest, kind="stable")[: np.count_nonzero(earliest != NOT_OURS)]
        number = np.full(count, -1)
        number[order] = np.arange(len(order))
        of_class = np.zeros(count, np.uint8)
        of_class[owner] = classes
        sums = (np.bincount(owner, column, count)[order] for column in (pixels, ground, confidence))
        return Patches(of_class[order], *(next(sums).round().astype(np.int64), *sums)), number[owner]


def without_small(patches: Patches, beside: np.ndarray, lengths: np.ndarray, smallest: int) -> tuple[Patches, np.ndarray]:
    """Patches of fewer than `smallest` pixels given to the neighbour with which they share the longest border, until there are none.

    beside: int (m, 2), the patches on both sides of each line, -1 outside; lengths: (m,). What has no class neither takes nor gives. What
    is left may be small where it has no neighbour of a class. A patch's confidence is that of its own pixels, without those it was given.
    Returns the patches as they are then, and the number of each former one among them.
    """
    number = np.arange(len(patches.classes))
    while True:
        pairs = _bordering(patches, number, beside, lengths, smallest)
        if not len(pairs):
            return patches, number
        number_of, patches = _given(patches, pairs)
        number = number_of[number]
        alike = number[beside[(beside >= 0).all(axis=1)]]
        alike = alike[patches.classes[alike[:, 0]] == patches.classes[alike[:, 1]]]  # what a patch of another class kept apart
        number_of, patches = _given(patches, alike)
        number = number_of[number]


def _bordering(patches: Patches, number: np.ndarray, beside: np.ndarray, lengths: np.ndarray, smallest: int) -> np.ndarray:
    """int (k, 2): each patch that is too small, and the neighbour that it is given to."""
    inside = (beside >= 0).all(axis=1)
    sides = number[beside[inside]]
    both = np.concatenate([sides, sides[:, ::-1]])
    lengths = np.tile(lengths[inside], 2)
    small = (patches.pixels[both[:, 0]] < smallest) & (both[:, 0] != both[:, 1]) & (patches.classes[both] > 0).all(axis=1)
    both, lengths = both[small], lengths[small]
    keys, place = np.unique(both[:, 0] * len(patches.classes) + both[:, 1], return_inverse=True)
    shared = np.bincount(place, lengths, len(keys))
    giver, taker = np.divmod(keys, len(patches.classes))
    order = np.lexsort((taker, -shared, giver))
    best = order[np.append(True, giver[order][1:] != giver[order][:-1])[: len(order)]]
    return np.stack([giver[best], taker[best]], axis=1)


def _given(patches: Patches, pairs: np.ndarray) -> tuple[np.ndarray, Patches]:
    """Patches joined pair by pair: the number of each among the joined, and these; each is of the class of its largest."""
    count, group = grouped(len(patches.classes), pairs)
    first = np.full(count, len(group))
    np.minimum.at(first, group, np.arange(len(group)))
    rank = np.empty(count, np.int64)
    rank[np.argsort(first)] = np.arange(count)
    group = rank[group]
    largest = np.lexsort((-patches.pixels, group))
    largest = largest[np.append(True, group[largest][1:] != group[largest][:-1])[: len(largest)]]
    own = patches.classes[largest][group] == patches.classes
    pixels, ground = (np.bincount(group, column, count) for column in (patches.pixels, patches.ground))
    sure = np.bincount(group, patches.confidence * own, count) / np.bincount(group, patches.pixels * own, count)
    return group, Patches(patches.classes[largest], pixels.round().astype(np.int64), ground, sure * pixels)


def grouped(count: int, pairs: np.ndarray) -> tuple[int, np.ndarray]:
    """How many groups `count` things form that belong together pair by pair, and the group of each."""
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    found: tuple[int, np.ndarray] = connected_components(graph, directed=False)
    return found
