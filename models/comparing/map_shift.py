"""How an old map lies beside an image: by where its outlines hold most of what the network sees of their class."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from rasterio.features import rasterize
from scipy import ndimage
from scipy.signal import correlate

REACH = 5  # pixels that a map may lie beside its place
RING = 4  # pixels around an outline that are compared with what is inside
OPEN = 0.4  # of that ring, at least so much must be free of other outlines
SIZES = (40, 40_000)  # pixels of an outline: of smaller ones little is seen, the borders of larger ones are drawn coarsely
MOST, FEWEST, FEWEST_BESIDE = 600, 12, 4  # outlines that are asked; at least in all, and in a block
CONTRAST = 0.15  # of probability, inside over around: with less nothing that was seen belongs to the map
BLOCKS = 3  # across and down, each of which is asked where it would lie
AGREE = 0.9  # of the blocks lie within the uncertainty
LEAST_DOUBT = 0.5  # pixels

Read = Callable[[int, int, int, int], np.ndarray]  # col, row, width, height -> uint8 (h, w): 0 nothing known, 1 + 254 p otherwise


@dataclass(frozen=True)
class Lies:
    """What is at (col, row) of the map is at (col + x, row + y) of the image; in pixels of the frame that was looked at."""

    x: float
    y: float
    uncertainty: float

    @property
    def length(self) -> float:
        return math.hypot(self.x, self.y)


def map_shift(outlines: Sequence[shapely.Geometry], read: Read) -> Lies | None:
    """The translation that most outlines of one class agree on, up to REACH; None where too few can be seen, or nothing fits.

    outlines: polygons in pixels of the frame. read: the probability of their class. Each outline says how much more of its class lies in it
    than around it at every shift; the sum is highest where the map lies on the image.
    """
    votes, places, tree = [], [], shapely.STRtree(outlines)
    for outline in _asked(outlines):
        vote = _vote(outline, tree, read)
        if vote is not None:
            votes.append(vote)
            places.append(outline.centroid.coords[0])
    if len(votes) < FEWEST:
        return None
    mean = np.mean(votes, axis=0)
    if mean.max() < CONTRAST:
        return None
    x, y = _peak(mean)
    apart = [math.hypot(one - x, other - y) for one, other in _blocks(np.array(votes), np.array(places))]
    return Lies(x, y, max(LEAST_DOUBT, float(np.quantile(apart, AGREE)) if apart else REACH))


def drawn(outline: shapely.Geometry, margin: int) -> tuple[int, int, np.ndarray]:
    """The first column and row of a window around an outline, and bool (h, w): what of it the outline covers."""
    left, top, right, bottom = outline.bounds
    col, row = math.floor(left) - margin, math.floor(top) - margin
    shape = math.ceil(bottom) + margin - row, math.ceil(right) + margin - col
    mask = rasterize([outline], shape, transform=Affine.translation(col, row), dtype=np.uint8)
    return col, row, mask.astype(bool)


def _asked(outlines: Sequence[shapely.Geometry]) -> Iterator[shapely.Geometry]:
    """Outlines that can say something, every so many of them as they come."""
    fit = [one for one in outlines if SIZES[0] <= one.area <= SIZES[1]]
    step = max(1.0, len(fit) / MOST)
    yield from (fit[int(at * step)] for at in range(min(len(fit), MOST)))


def _vote(outline: shapely.Geometry, tree: shapely.STRtree, read: Read) -> np.ndarray | None:
    """float (2 REACH + 1, 2 REACH + 1), by rows and columns of the shift; None where the image does not show all of it, and where its
    neighbours leave no ground around it."""
    col, row, mask = drawn(outline, RING)
    if not mask.any():
        return None
    around = ndimage.binary_dilation(mask, iterations=RING) & ~mask
    neighbours = tree.geometries[tree.query(shapely.buffer(outline, RING), predicate="intersects")]
    others = rasterize(neighbours.tolist(), mask.shape, transform=Affine.translation(col, row), dtype=np.uint8).astype(bool)
    free = around & ~others
    if free.sum() < OPEN * around.sum():
        return None
    values = read(col - REACH, row - REACH, mask.shape[1] + 2 * REACH, mask.shape[0] + 2 * REACH)
    if not values.all():
        return None
    kernel = mask / mask.sum() - free / free.sum()
    vote: np.ndarray = correlate((values.astype(np.float64) - 1) / 254, kernel, mode="valid")
    return vote


def _peak(votes: np.ndarray) -> tuple[float, float]:
    """x and y of the highest vote, to parts of a pixel by the parabola through its neighbours."""
    row, col = (int(at) for at in np.unravel_index(votes.argmax(), votes.shape))
    return col - REACH + _vertex(votes[row], col), row - REACH + _vertex(votes[:, col], row)


def _vertex(line: np.ndarray, at: int) -> float:
    if not 0 < at < len(line) - 1:
        return 0.0
    before, here, after = line[at - 1 : at + 2]
    bend = before - 2 * here + after
    return float(np.clip((before - after) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0


def _blocks(votes: np.ndarray, places: np.ndarray) -> Iterator[tuple[float, float]]:
    """Where each part of the ground would lie, if it can say."""
    edges = [np.quantile(places[:, axis], np.linspace(0, 1, BLOCKS + 1)[1:-1]) for axis in (0, 1)]
    cells = np.searchsorted(edges[0], places[:, 0]) * BLOCKS + np.searchsorted(edges[1], places[:, 1])
    for cell in range(BLOCKS * BLOCKS):
        own = votes[cells == cell]
        if len(own) >= FEWEST_BESIDE and own.mean(axis=0).max() >= CONTRAST:
            yield _peak(own.mean(axis=0))
