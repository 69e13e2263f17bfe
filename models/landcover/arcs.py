"""Arcs: the borders between two patches, each from node to node, joined from the lines of all blocks.

An arc is drawn once, and both of its patches are bounded by the same drawing: so they share it whatever is done to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .chains import NONE, chains, runs, sizes
from .trace import DOWN, LEFT, RIGHT, RING, UP, Lines, place


@dataclass(frozen=True, eq=False)
class Arcs:
    """n arcs in an order and each in a direction that do not depend on the blocks.

    Memory: two bytes a vertex. What belongs to an end or a side has shape (n, 2).
    """

    sides: np.ndarray  # int (n, 2): the patches to the left and to the right, -1 outside
    ends: np.ndarray  # int64 (n, 2): the `place` of the nodes; RING for arcs without an end
    width: int  # of the raster
    lines: np.ndarray  # int: the lines of each arc, arc after arc
    backwards: np.ndarray  # bool: whether the arc follows the line from its last vertex on
    begins: np.ndarray  # int (n,): where an arc's lines begin
    stored: Stored

    def __len__(self) -> int:
        return len(self.sides)

    @property
    def lengths(self) -> np.ndarray:
        """int (n,): vertices, about."""
        return np.add.reduceat(self.stored.lengths[self.lines], self.begins) if len(self) else np.zeros(0, int)

    def vertices(self, arcs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """int32 (all, 2): the vertices of some arcs in halves, arc after arc, and where each begins. A ring's first is not repeated."""
        counts = sizes(self.begins, len(self.lines))[arcs]
        at = runs(self.begins[arcs], counts)
        points, owners = self.stored.vertices(self.lines[at], self.backwards[at]), np.repeat(np.arange(len(arcs)), counts)
        owners = np.repeat(owners, self.stored.lengths[self.lines[at]])
        open_ = np.flatnonzero(self.ends[arcs, 0] != RING)
        nodes = np.stack(np.divmod(self.ends[arcs][open_], 2 * self.width + 1)[::-1], axis=-1).astype(np.int32)
        owners = np.concatenate([open_, owners, open_])
        order = np.argsort(owners, kind="stable")
        points, owners = np.concatenate([nodes[:, 0], points, nodes[:, 1]])[order], owners[order]
        new = np.append(True, owners[1:] != owners[:-1])[: len(owners)]
        new[1:] |= (points[1:] != points[:-1]).any(axis=1)  # where two lines meet both have the vertex
        points, owners = points[new], owners[new]
        return self._turned(points, np.searchsorted(owners, np.arange(len(arcs))), arcs)

    def _turned(self, points: np.ndarray, begins: np.ndarray, arcs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rings begin at the vertex that one reads first."""
        lengths = sizes(begins, len(points))
        rings = np.flatnonzero(self.ends[arcs, 0] == RING)
        closing = begins[rings] + lengths[rings] - 1
        twice = (points[closing] == points[begins[rings]]).all(axis=1)  # a ring of several lines
        keep = np.ones(len(points), bool)
        keep[closing[twice]] = False
        lengths[rings[twice]] -= 1
        points, begins = points[keep], np.cumsum(lengths) - lengths
        places = place(points[:, 0], points[:, 1], self.width)
        first = np.minimum.reduceat(places, begins) if len(begins) else places
        lead = np.flatnonzero(places == np.repeat(first, lengths)) - begins
        lead[self.ends[arcs, 0] != RING] = 0
        within = np.arange(len(points)) - np.repeat(begins, lengths)
        within = (within + np.repeat(lead, lengths)) % np.repeat(lengths, lengths)
        return points[np.repeat(begins, lengths) + within], begins


@dataclass(eq=False)
class Stored:
    """Lines as they come, block by block, their vertices as steps of two bytes."""

    width: int
    firsts: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int32))
    lengths: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    ends: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    arms: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int8))
    beside: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))  # parts of patches, -1 outside
    steps: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int8))
    _blocks: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def add(self, lines: Lines, parts: np.ndarray) -> None:
        """parts: the part of a patch that each run of the block belongs to."""
        steps = np.diff(lines.vertices, axis=0, prepend=lines.vertices[:1])
        steps[lines.begins] = 0
        beside = np.where(lines.beside == NONE, NONE, parts[lines.beside])
        lengths = sizes(lines.begins, len(lines.vertices))
        self._blocks.append((lines.vertices[lines.begins], lengths, lines.ends, lines.arms, beside, steps.astype(np.int8)))

    def finish(self) -> None:
        self.firsts, self.lengths, self.ends, self.arms, self.beside, self.steps = map(np.concatenate, zip(*self._blocks, strict=True))
        self._blocks.clear()
        self._begins = np.cumsum(self.lengths) - self.lengths

    @property
    def edges(self) -> np.ndarray:
        """float (lines,): pixel edges; where two blocks meet, lines share one."""
        shared = self.ends // (2 * self.width + 1) % 2 == 1  # nodes have even coordinates
        shared[self.ends[:, 0] == RING] = False
        found: np.ndarray = self.lengths - 0.5 * shared.sum(axis=1)
        return found

    def vertices(self, lines: np.ndarray, backwards: np.ndarray) -> np.ndarray:
        """int32 (all, 2): the vertices of lines, one after the other, in halves."""
        lengths = self.lengths[lines]
        summed = np.cumsum(self.steps[runs(self._begins[lines], lengths)], axis=0, dtype=np.int64)
        begins = np.cumsum(lengths) - lengths
        points = (summed + np.repeat(self.firsts[lines] - summed[begins], lengths, axis=0)).astype(np.int32)
        within = np.arange(len(points)) - np.repeat(begins, lengths)
        turned = np.where(np.repeat(backwards, lengths), np.repeat(lengths, lengths) - 1 - within, within)
        return points[np.repeat(begins, lengths) + turned]

    def joined(self, sides: np.ndarray, classes: np.ndarray, height: int) -> Arcs:
        """All lines between different patches as arcs. sides: int (lines, 2), the patches beside each, -1 outside; classes: of patches."""
        kept = np.flatnonzero(sides[:, 0] != sides[:, 1])
        ends, arms, sides = self.ends[kept], self.arms[kept], sides[kept]
        partner = _meeting(ends.ravel(), arms.ravel(), sides.ravel(), classes, self._corners(height))
        links = np.stack([np.arange(len(partner)) ^ 1, partner], axis=1)
        rings = np.repeat(ends[:, 0] == RING, 2)
        links[rings, 1] = links[rings, 0]
        order, begins = chains(links, np.arange(0, len(links), 2))
        lines, backwards, begins = order[::2] // 2, order[::2] % 2 == 1, begins // 2
        last = np.append(begins[1:], len(lines)) - 1
        heads, tails = order[::2][begins], order[1::2][last]
        is_ring = partner[heads] != NONE
        is_ring |= rings[heads]
        left_right = np.where(backwards[begins, None], sides[lines[begins]][:, ::-1], sides[lines[begins]])
        arc_ends = np.where(is_ring[:, None], RING, ends.ravel()[np.stack([heads, tails], axis=1)])
        arc_arms = arms.ravel()[np.stack([heads, tails], axis=1)]
        first, second = arc_ends * 4 + arc_arms, left_right
        turn = np.where(is_ring, second[:, 0] > second[:, 1], first[:, 0] > first[:, 1])
        lines, backwards = _turned(lines, backwards, begins, turn)
        left_right[turn], arc_ends[turn], first[turn] = left_right[turn, ::-1], arc_ends[turn, ::-1], first[turn, ::-1]
        arcs = Arcs(left_right, arc_ends, self.width, kept[lines], backwards, begins, self)
        return _sorted(arcs, np.where(is_ring, NONE, first[:, 0]))

    def _corners(self, height: int) -> np.ndarray:
        x, y = np.array([0, 1, 0, 1]) * 2 * self.width, np.array([0, 0, 1, 1]) * 2 * height
        return place(x, y, self.width)


def _meeting(ends: np.ndarray, arms: np.ndarray, left: np.ndarray, classes: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """int (2n,): the line's end that each line's end goes on to, or NONE. `left`: the patch to the left, walking away from the end.

    Two that meet go on into each other, but at the raster's corners. Four do where patches that lie across are one, as in `trace`.
    """
    order = np.lexsort((arms, ends))
    order = order[np.searchsorted(ends[order], 0) :]  # rings have no ends
    begins = np.flatnonzero(np.append(True, ends[order][1:] != ends[order][:-1])[: len(order)])
    counts = sizes(begins, len(order))
    partner = np.full(len(ends), NONE)

    def link(one: np.ndarray, other: np.ndarray) -> None:
        partner[one], partner[other] = other, one

    two = begins[(counts == 2) & ~np.isin(ends[order[begins]], corners)]
    link(order[two], order[two + 1])
    four = begins[counts == 4]
    at = {arm: order[four + arm] for arm in (RIGHT, DOWN, LEFT, UP)}
    upper_left, upper_right, lower_right, lower_left = (left[at[arm]] for arm in (UP, RIGHT, DOWN, LEFT))
    rising = upper_right == lower_left
    falling = (upper_left == lower_right) & (~rising | (classes[upper_left] > classes[upper_right]))
    for joined, pairs in ((falling, ((UP, RIGHT), (LEFT, DOWN))), (rising & ~falling, ((RIGHT, DOWN), (LEFT, UP)))):
        for one, other in pairs:
            link(at[one][joined], at[other][joined])
    return partner


def _turned(lines: np.ndarray, backwards: np.ndarray, begins: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lines of some arcs in the other direction."""
    lengths = sizes(begins, len(lines))
    within = np.arange(len(lines)) - np.repeat(begins, lengths)
    turns = np.repeat(turn, lengths)
    at = np.repeat(begins, lengths) + np.where(turns, np.repeat(lengths, lengths) - 1 - within, within)
    return lines[at], backwards[at] ^ turns


def _sorted(arcs: Arcs, first: np.ndarray) -> Arcs:
    """By the numbers `first`, and rings, which all have NONE, by their first vertices."""
    rings = np.flatnonzero(first == NONE)
    points, begins = arcs.vertices(rings)
    first = first.copy()
    first[rings] = place(points[begins, 0], points[begins, 1], arcs.width) - np.iinfo(np.int64).max  # before all others
    order = np.argsort(first, kind="stable")
    lengths = sizes(arcs.begins, len(arcs.lines))[order]
    at = runs(arcs.begins[order], lengths)
    return Arcs(
        arcs.sides[order], arcs.ends[order], arcs.width, arcs.lines[at], arcs.backwards[at], np.cumsum(lengths) - lengths, arcs.stored
    )
