"""From a class raster, rows at a time, to the coverage of polygons that it shows."""

from __future__ import annotations

from collections.abc import Generator, Iterable

import numpy as np
from affine import Affine

from .arcs import Stored
from .coverage import Coverage
from .patches import Gathered, without_small
from .trace import Block

Rows = tuple[np.ndarray, np.ndarray]  # uint8 (rows, width): classes, 0 where there is none; confidences
Progress = tuple[float, float, str]


def vectorise(
    rows: Iterable[Rows], row_areas: np.ndarray, transform: Affine, smallest: int, reach: float
) -> Generator[Progress, None, Coverage]:
    """Rows of a class raster, from top to bottom and in any portions, as a coverage; the portions make no difference to it.

    row_areas: float64 (height,), the ground area of a pixel in each row. transform: pixels to the map. smallest: patches of fewer pixels
    become part of their neighbours. reach: pixels that a border may move when it is smoothed and thinned. Memory is that of one portion and
    of the borders: some two bytes for each pixel edge between classes and 20 for each vertex that is left.
    """
    height = len(row_areas)
    stored: Stored | None = None
    above: np.ndarray | None = None
    top = 0
    for classes, confidences in rows:
        if stored is None:
            stored, gathered = Stored(classes.shape[1]), Gathered(classes.shape[1], row_areas)
        block = Block(above, classes, top, top + len(classes) == height)
        parts = gathered.add(block.runs(), top, confidences)
        stored.add(block.lines(), parts)
        above, top = classes[-1].copy(), top + len(classes)
        yield top, height, "tracing"
    if stored is None or top != height:
        raise ValueError(f"{top} of {height} rows were given")
    stored.finish()
    patches, number = gathered.finish()
    beside = np.where(stored.beside < 0, -1, number[stored.beside])
    patches, number = without_small(patches, beside, stored.edges, smallest)
    yield height, height, "joining"
    arcs = stored.joined(np.where(beside < 0, -1, number[beside]), patches.classes, height)
    coverage = Coverage(patches, arcs, transform, reach)
    yield from ((height, height, "drawing") for _ in coverage.draw())
    return coverage
