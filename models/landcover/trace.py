"""The borders between classes in some rows of a class raster, as lines from crossing to crossing.

*Lattice points* are the corners of pixels, (x, y) counted from the raster's corner; an *edge* is the side between two pixels that differ.
A border does not run along the edges but from middle to middle of them, so it has no stairs, and two borders never touch: where two pixels
across a lattice point are of one class and the others are not, these two are joined, and a border passes on either side; where the others
are of one class too, like a chessboard, the two of the larger class are joined. Lines end at *nodes*: lattice points where three or four
classes meet, and the raster's four corners. What lies outside of the raster is a class of its own, OUTSIDE, so that a border runs around
the raster too.

Coordinates of line vertices are *halves*: twice a lattice point's, so that the middle of an edge is a whole number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .chains import NONE, chains

OUTSIDE = 255  # the class of all that is not in the raster
RIGHT, DOWN, LEFT, UP = 0, 1, 2, 3  # the arms of a lattice point; 1 << arm in a point's code
RING = -1  # in place of a line's end: it has none


def place(x: np.ndarray, y: np.ndarray, width: int) -> np.ndarray:
    """int64: one number for a point in halves, in the order in which one reads."""
    found: np.ndarray = np.asarray(y, np.int64) * (2 * width + 1) + x
    return found


@dataclass(frozen=True, eq=False)
class Lines:
    """n lines. What belongs to an end has shape (n, 2): of the first vertex, of the last."""

    vertices: np.ndarray  # int32 (all, 2): x, y in halves, the middles of edges, line after line
    begins: np.ndarray  # int (n,): where each line begins among the vertices
    ends: np.ndarray  # int64 (n, 2): the `place` of the node; of the vertex itself where the line goes on in other rows; or RING
    arms: np.ndarray  # int8 (n, 2): the arm of the node by which the line leaves it
    beside: np.ndarray  # int32 (n, 2): the runs to the left and to the right of the line, walking on from its first vertex; NONE is outside


@dataclass(frozen=True, eq=False)
class Runs:
    """Pixels of one class side by side, row after row. A row's last one is followed by an empty one that stands for the outside."""

    rows: np.ndarray  # int32: rows of the block, from its first
    starts: np.ndarray  # int32: first column
    lengths: np.ndarray  # int32
    classes: np.ndarray  # uint8
    touching: np.ndarray  # int32 (m, 2): pairs of runs in neighbouring rows that are joined


class Block:
    """Rows `top` to `top + len(rows)` of a class raster, uint8 (rows, width), with the row above them (None at the raster's top).

    The lattice points above each of the rows are this block's, and with `last` those below the last row too.
    """

    def __init__(self, above: np.ndarray | None, rows: np.ndarray, top: int, last: bool) -> None:
        height, self.width = rows.shape
        self.top, self.last = top, last
        self.pixels = np.full((height + 1 + last, self.width + 2), OUTSIDE, np.uint8)
        if above is not None:
            self.pixels[0, 1:-1] = above
        self.pixels[1 : height + 1, 1:-1] = rows
        self.bottom = top + height  # the lattice row under the block
        self.across = self.pixels[:-1, 1:-1] != self.pixels[1:, 1:-1]  # bool (lattice rows, width): the edge right of a point
        self.upright = self.pixels[:, :-1] != self.pixels[:, 1:]  # bool (pixel rows, width + 1): an edge between pixels of a row
        self.h_at, self.v_at = np.flatnonzero(self.across), np.flatnonzero(self.upright)
        self._h_number = _numbers(self.across, self.h_at, 0)
        self._v_number = _numbers(self.upright, self.v_at, len(self.h_at))
        self.v_row, self.v_col = np.divmod(self.v_at, self.width + 1)

    def runs(self) -> Runs:
        """Every upright edge but the last of its row begins a run; runs are numbered as those edges are."""
        ends = np.append(self.v_col[1:], 0)
        classes = self.pixels[self.v_row, self.v_col + 1]
        return Runs(self.v_row, self.v_col, np.where(classes == OUTSIDE, 0, ends - self.v_col), classes, self._touching())

    def run_at(self, row: np.ndarray, col: np.ndarray) -> np.ndarray:
        """The run of each pixel; rows of `pixels`, columns of the raster. What is outside gives any number."""
        found: np.ndarray = np.searchsorted(self.v_at, row * (self.width + 1) + col, "right") - 1
        return found

    def lines(self) -> Lines:
        links, ring_starts = self._links()
        order, begins = chains(links, ring_starts)
        vertices = self._middles[order]
        ends = order[np.stack([begins, np.append(begins[1:], len(order)) - 1], axis=1)] if len(order) else np.zeros((0, 2), int)
        is_ring = (links[ends[:, 0]] != NONE).all(axis=1)
        # The sides of its first and last edge on which a line ends. A ring's first edge is entered from where its second is not.
        lone = ends[:, 0] == ends[:, 1]  # begins on the left or upper side
        sides = np.stack([(links[ends[:, 0], 0] != NONE), (links[ends[:, 1], 0] != NONE) | lone], axis=1).astype(int)
        seconds = order[np.minimum(begins + 1, len(order) - 1)]
        sides[is_ring, 0] = links[ends[is_ring, 0], 0] == seconds[is_ring]
        arms = np.where(ends < len(self.h_at), 2 * sides, 1 + 2 * sides)  # a side of 0 is the left or upper end of an edge
        places = np.where(is_ring[:, None], RING, self._places(ends, sides))
        return Lines(vertices, begins, places, arms.astype(np.int8), self._beside(ends[:, 0], sides[:, 0]))

    def _links(self) -> tuple[np.ndarray, np.ndarray]:
        """int32 (edges, 2): the edge that a border goes on to at the left or upper end, and at the other.

        And some edges, one or more of every ring: those to the right of its upper left corners.
        """
        links = np.full((len(self.h_at) + len(self.v_at), 2), NONE, np.int32)
        codes = self._codes
        at = np.flatnonzero(codes)
        codes = codes.ravel()[at]
        rows, cols = np.divmod(at, self.width + 1)
        corner = np.isin(rows + self.top, (0, self.bottom if self.last else NONE)) & np.isin(cols, (0, self.width))
        turns = ((RIGHT, DOWN), (RIGHT, LEFT), (RIGHT, UP), (DOWN, LEFT), (DOWN, UP), (LEFT, UP))
        pairs = [(np.flatnonzero((codes == (1 << one | 1 << other)) & ~corner), one, other) for one, other in turns]
        crossing = np.flatnonzero(codes == 15)
        falling, rising = (crossing[joined] for joined in self._joined(rows[crossing], cols[crossing]))
        pairs += [(falling, UP, RIGHT), (falling, LEFT, DOWN), (rising, RIGHT, DOWN), (rising, LEFT, UP)]
        starts = []
        for here, one, other in pairs:
            first = self._link(links, rows[here], cols[here], one, other)
            if (one, other) == (RIGHT, DOWN):
                starts.append(first)
        return links, np.sort(np.concatenate(starts))

    def _link(self, links: np.ndarray, rows: np.ndarray, cols: np.ndarray, one: int, other: int) -> np.ndarray:
        first, second = self._arm(rows, cols, one), self._arm(rows, cols, other)
        links[first, one >> 1] = second  # the point is the left or upper end of the edges to its right and below it
        links[second, other >> 1] = first
        return first

    def _arm(self, rows: np.ndarray, cols: np.ndarray, arm: int) -> np.ndarray:
        """The number of the edge by which an arm leaves lattice points of the block."""
        if arm in (RIGHT, LEFT):
            return self._h_number[rows, cols - (arm == LEFT)]
        return self._v_number[rows + (arm == DOWN), cols]

    @cached_property
    def _codes(self) -> np.ndarray:
        """uint8 (lattice rows, width + 1): which arms are edges."""
        codes = np.zeros((len(self.across), self.width + 1), np.uint8)
        codes[:, :-1] = self.across
        codes[:, 1:] |= self.across.view(np.uint8) << LEFT
        codes |= self.upright[1:].view(np.uint8) << DOWN
        codes |= self.upright[:-1].view(np.uint8) << UP
        return codes

    def _joined(self, rows: np.ndarray, cols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of lattice points with four edges: whether the upper left and the lower right pixel are joined, and the other two."""
        a, b = self.pixels[rows, cols], self.pixels[rows, cols + 1]
        c, d = self.pixels[rows + 1, cols], self.pixels[rows + 1, cols + 1]
        falling = (a == d) & ((b != c) | (a > b))
        return falling, (b == c) & ~falling

    def _touching(self) -> np.ndarray:
        """Pairs of runs of one class in neighbouring rows: the start of one of them is beside the other."""
        pairs = []
        numbers = np.arange(len(self.v_at), dtype=np.int32)
        inside = self.pixels[self.v_row, self.v_col + 1] != OUTSIDE
        for step in (-1, 1):
            row = self.v_row + step
            near = np.flatnonzero(inside & (row >= 0) & (row < len(self.pixels)))
            near = near[self.pixels[row[near], self.v_col[near] + 1] == self.pixels[self.v_row[near], self.v_col[near] + 1]]
            pairs.append(np.stack([numbers[near], self.run_at(row[near], self.v_col[near])], axis=1))
        rows, cols = np.divmod(np.flatnonzero(self._codes == 15), self.width + 1)
        above, below = (self._arm(rows, cols, arm) - len(self.h_at) for arm in (UP, DOWN))
        falling, rising = self._joined(rows, cols)
        pairs.append(np.stack([above[falling] - 1, below[falling]], axis=1))
        pairs.append(np.stack([above[rising], below[rising] - 1], axis=1))
        return np.concatenate(pairs).astype(np.int32)

    @cached_property
    def _middles(self) -> np.ndarray:
        """int32 (edges, 2): their middles, in halves."""
        rows, cols = np.divmod(self.h_at, self.width)
        x = np.concatenate([2 * cols + 1, 2 * self.v_col])
        y = np.concatenate([2 * (rows + self.top), 2 * (self.v_row + self.top) - 1])
        return np.stack([x, y], axis=1).astype(np.int32)

    def _places(self, edges: np.ndarray, sides: np.ndarray) -> np.ndarray:
        """int64, in the shape of `edges`: the lattice point at a side of an edge, or the middle of the edge where it is another block's."""
        x, y = np.moveaxis(self._middles[edges].astype(np.int64), -1, 0)
        step = 2 * sides - 1
        level = edges < len(self.h_at)
        point_y = np.where(level, y, y + step)
        ours = (point_y >= 2 * self.top) & (point_y < 2 * self.bottom + self.last)
        return place(np.where(level, x + step, x), np.where(ours, point_y, y), self.width)

    def _beside(self, edges: np.ndarray, sides: np.ndarray) -> np.ndarray:
        """int32 (n, 2): the runs left and right of edges that are walked from `sides` on."""
        level = edges < len(self.h_at)
        beside = np.full((len(edges), 2), NONE, np.int32)
        rows, cols = np.divmod(self.h_at[edges[level]], self.width)
        for column, row in ((0, rows), (1, rows + 1)):  # rightwards the pixel above is to the left
            beside[level, column] = np.where(self.pixels[row, cols + 1] == OUTSIDE, NONE, self.run_at(row, cols))
        numbers = edges[~level] - len(self.h_at)
        for column, shift in ((0, 0), (1, -1)):  # downwards the pixel to the east is to the left
            outside = self.pixels[self.v_row[numbers], self.v_col[numbers] + 1 + shift] == OUTSIDE
            beside[~level, column] = np.where(outside, NONE, numbers + shift)
        backwards = sides == 1
        beside[backwards] = beside[backwards, ::-1]
        return beside


def _numbers(edges: np.ndarray, at: np.ndarray, first: int) -> np.ndarray:
    """int32 in the shape of `edges`: the number of each edge, counted from `first`; anything where there is no edge."""
    numbers = np.empty(edges.shape, np.int32)
    numbers.ravel()[at] = np.arange(first, first + len(at), dtype=np.int32)
    return numbers
