"""Connected parts of a raster that comes in strips: each is reported, whole, as soon as it can no longer grow.

The classical two-pass labelling with union and find (Rosenfeld and Pfaltz, 1966), strip by strip. What is remembered of a part is its box,
its first pixel and its sums; its pixels are looked up again in the rows that are kept for it. So memory is that of a strip and of the
rows of parts that still grow. A part too large for that is turned into polygons strip by strip, which are united when it ends.

Rows and columns are those of the whole plane; ends are excluded. Pixels belong together along their sides, not across their corners.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from affine import Affine
from rasterio import features
from scipy import ndimage
from shapely.geometry import MultiPolygon, Polygon, shape

LARGEST = 1 << 24  # pixels of a part's box: beyond, its pixels are not held at once
TALLEST = 4096  # rows of a part: they are held in the width of the whole plane
UNITED_AT_ONCE = 256  # polygons of one large part


@dataclass
class Block:
    """Where a part lies in one strip; its pixels there are those joined to (row, col) within the box."""

    top: int
    left: int
    bottom: int
    right: int
    row: int
    col: int


@dataclass
class Component:
    """A connected part. `count` pixels, whose values add up to `total`; `peaked` where one of them is above the limit."""

    top: int
    left: int
    bottom: int
    right: int
    row: int  # of its first pixel in reading order
    col: int
    count: int
    total: int
    peaked: bool
    blocks: list[Block] = field(default_factory=list)
    pieces: list[Polygon | MultiPolygon] = field(default_factory=list)
    is_large: bool = False

    def swallow(self, other: Component) -> None:
        self.top, self.left = min(self.top, other.top), min(self.left, other.left)
        self.bottom, self.right = max(self.bottom, other.bottom), max(self.right, other.right)
        self.row, self.col = min((self.row, self.col), (other.row, other.col))
        self.count += other.count
        self.total += other.total
        self.peaked |= other.peaked
        self.is_large |= other.is_large
        self.blocks += other.blocks
        self.pieces += other.pieces

    @property
    def score(self) -> float:
        """0..1, of values that are probabilities, 1 + 254 p."""
        return (self.total / self.count - 1) / 254

    @property
    def order(self) -> tuple[int, int, int]:
        """Parts end in this order whatever the strips are."""
        return self.bottom, self.row, self.col


class Rows:
    """The last rows of a plane of uint8 that comes in strips."""

    def __init__(self) -> None:
        self._strips: list[tuple[int, np.ndarray]] = []

    def add(self, row: int, plane: np.ndarray) -> None:
        self._strips.append((row, plane))

    def forget(self, before: int) -> None:
        """Let go of the rows above `before`."""
        self._strips = [(row, plane) for row, plane in self._strips if row + len(plane) > before]

    @property
    def held(self) -> int:
        return sum(len(plane) for _, plane in self._strips)

    def crop(self, top: int, left: int, bottom: int, right: int) -> np.ndarray:
        """uint8 (bottom - top, right - left); 0 beyond the plane."""
        values = np.zeros((bottom - top, right - left), np.uint8)
        for row, plane in self._strips:
            first, last = max(top, row), min(bottom, row + len(plane))
            start, stop = max(left, 0), min(right, plane.shape[1])
            if first < last and start < stop:
                values[first - top : last - top, start - left : stop - left] = plane[first - row : last - row, start:stop]
        return values


class Components:
    """The connected parts of the pixels at `level` and above; those with a pixel at `limit` or above are passed over in silence."""

    def __init__(self, rows: Rows, level: int, limit: int = 256, largest: int = LARGEST, tallest: int = TALLEST) -> None:
        """`rows` holds each strip before it is taken, and the rows from `first_needed` on."""
        self._rows, self._level, self._limit = rows, level, limit
        self._largest, self._tallest = largest, tallest
        self._growing: list[Component] = []
        self._edge = np.zeros(0, int)  # of the last row: which of the growing each pixel belongs to, counted from 1; 0 = none

    @property
    def first_needed(self) -> int | None:
        """The first row that a growing part needs; None where none does."""
        return min((part.top for part in self._growing if not part.is_large and not part.peaked), default=None)

    @property
    def is_growing(self) -> bool:
        return bool(self._growing)

    def take(self, row: int, plane: np.ndarray) -> list[Component]:
        """uint8 (rows, width), whose first row is `row` and follows the one taken before -> the parts that ended above its last row."""
        mask = plane >= self._level
        cols = _with_gaps(mask.any(axis=0))
        if not self._growing and not len(cols):
            return []
        labels, count = ndimage.label(mask[:, cols])
        parts = [*self._growing, *(self._found(row, plane[:, cols], labels, count, cols) if count else ())]
        before = len(self._growing)
        first, last = (_spread(edge, cols, plane.shape[1]) for edge in (labels[0], labels[-1]))
        roots = _joined(parts, _touching(self._edge, first, before)) if before and count else np.arange(len(parts))
        for part in (parts[root] for root in set(roots.tolist())):
            self._check_size(part)
        edge = np.where(last > 0, roots[np.maximum(last - 1 + before, 0)] + 1, 0) if count else np.zeros(plane.shape[1], int)
        open_roots = np.unique(edge[edge > 0]) - 1
        growing = set(open_roots.tolist())
        ended = [parts[root] for root in set(roots.tolist()) - growing if not parts[root].peaked]
        self._growing = [parts[root] for root in open_roots]
        self._edge = np.where(edge > 0, np.searchsorted(open_roots, edge - 1) + 1, 0)
        return sorted(ended, key=lambda part: part.order)

    def finish(self) -> list[Component]:
        """The parts that the last row cut."""
        ended, self._growing, self._edge = [part for part in self._growing if not part.peaked], [], np.zeros(0, int)
        return sorted(ended, key=lambda part: part.order)

    def _found(self, row: int, plane: np.ndarray, labels: np.ndarray, count: int, numbers: np.ndarray) -> Iterable[Component]:
        """The parts within one strip, in the order of their labels; `numbers`: of the columns that are given."""
        flat = labels.ravel()
        inside = np.flatnonzero(flat)
        owners = flat[inside]
        values = plane.ravel()[inside]
        counts = np.bincount(owners, minlength=count + 1)
        totals = np.bincount(owners, weights=values, minlength=count + 1).astype(np.int64)
        peaked = np.bincount(owners[values >= self._limit], minlength=count + 1) > 0
        first = np.zeros(count + 1, int)
        first[owners[::-1]] = inside[::-1]  # of repeated indices the last stays: each label's first pixel
        width = plane.shape[1]
        for label, (rows, cols) in enumerate(ndimage.find_objects(labels), start=1):
            at = row + int(first[label]) // width, int(numbers[first[label] % width])
            box = row + rows.start, int(numbers[cols.start]), row + rows.stop, int(numbers[cols.stop - 1]) + 1
            yield Component(*box, *at, int(counts[label]), int(totals[label]), bool(peaked[label]), [Block(*box, *at)])

    def _check_size(self, part: Component) -> None:
        """Turn what is held of a part that is large by now into polygons."""
        tall = part.bottom - part.top
        part.is_large |= tall > self._tallest or tall * (part.right - part.left) > self._largest
        if part.peaked:
            part.blocks, part.pieces = [], []
        elif part.is_large:
            part.pieces += [_polygon(self._rows, block, self._level) for block in part.blocks]
            part.blocks = []
            if len(part.pieces) > UNITED_AT_ONCE:
                part.pieces = [shapely.union_all(part.pieces)]


def large_polygon(part: Component) -> Polygon | MultiPolygon:
    """A large part that has ended, along the pixels' edges: the same rings, from the same first vertices, whatever the strips were."""
    whole = shapely.union_all(part.pieces)
    polygons = [Polygon(_corners(one.exterior), [_corners(ring) for ring in one.interiors]) for one in shapely.get_parts(whole)]
    return shapely.normalize(polygons[0] if len(polygons) == 1 else MultiPolygon(polygons))


def joined_to(mask: np.ndarray, row: int, col: int) -> np.ndarray:
    """bool (h, w): the pixels of a mask that are connected to one of them."""
    labels, _ = ndimage.label(mask)
    return labels == labels[row, col]


def _polygon(rows: Rows, block: Block, level: int) -> Polygon:
    mask = joined_to(rows.crop(block.top, block.left, block.bottom, block.right) >= level, block.row - block.top, block.col - block.left)
    found = features.shapes(mask.astype(np.uint8), mask, connectivity=4, transform=Affine.translation(block.left, block.top))
    return shape(next(found)[0])


def _corners(ring: shapely.LinearRing) -> np.ndarray:
    """A ring of integer coordinates (n, 2) without the vertices on its straight edges."""
    points = shapely.get_coordinates(ring)[:-1]
    (x0, y0), (x1, y1) = (points - np.roll(points, 1, axis=0)).T, (np.roll(points, -1, axis=0) - points).T
    return points[x0 * y1 != x1 * y0]


def _with_gaps(used: np.ndarray) -> np.ndarray:
    """The columns that are used, and the next one after each run of them: all that it takes to tell what is connected.

    Most strips hold little, and to label what they do not hold takes most of the time.
    """
    used[1:] |= used[:-1].copy()
    return np.flatnonzero(used)


def _spread(edge: np.ndarray, cols: np.ndarray, width: int) -> np.ndarray:
    """A row of some columns as one of all, 0 elsewhere."""
    row = np.zeros(width, edge.dtype)
    row[cols] = edge
    return row


def _touching(edge: np.ndarray, first_row: np.ndarray, before: int) -> np.ndarray:
    """(n, 2) indices of parts: what grew to the last row with what goes on below it."""
    both = (edge > 0) & (first_row > 0)
    return np.unique(np.stack([edge[both] - 1, first_row[both] - 1 + before], axis=1), axis=0)


def _joined(parts: list[Component], pairs: np.ndarray) -> np.ndarray:
    """(parts,) the index of the part that each belongs to; what belongs together is put into one of them."""
    roots = np.arange(len(parts))

    def root(index: int) -> int:
        while roots[index] != index:
            roots[index] = roots[roots[index]]
            index = int(roots[index])
        return index

    for above, below in pairs.tolist():
        one, other = root(above), root(below)
        if one != other:
            one, other = (one, other) if len(parts[one].blocks) >= len(parts[other].blocks) else (other, one)
            parts[one].swallow(parts[other])
            roots[other] = one
    return np.array([root(index) for index in range(len(parts))])
