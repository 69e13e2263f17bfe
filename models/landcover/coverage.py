"""A class raster as polygons that share their borders: no gaps, no overlaps, however the borders are smoothed and thinned.

The arcs between patches are drawn once and every polygon is put together from them. Walking around each patch with the patch to the
left, one walks every arc once in each direction, but the raster's frame, which does not move, only once. So the winding numbers of all
polygons add up to one at every point of the raster. A valid polygon winds once around what is in it and not at all around the rest: where
all polygons are valid, exactly one of them covers each point. To check each by itself is therefore enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from affine import Affine

from .arcs import Arcs
from .chains import chains, runs, sizes
from .crossings import crossings
from .drawing import draw, drawn
from .patches import Patches
from .trace import RING

AT_ONCE = 1 << 18  # vertices that are polygons at a time
LOCAL = 8  # rounds in which only what crosses is drawn as traced, and not the whole arc
EVERYTHING = 1 << 40  # more vertices than an arc has


@dataclass(frozen=True, eq=False)
class Rings:
    """Closed walks around patches, patch after patch. A walk is made of *halves*: twice an arc's number, plus one if walked backwards."""

    halves: np.ndarray  # int: ring after ring
    begins: np.ndarray  # int (rings,)
    patches: np.ndarray  # int (rings,): the patch to the left, in ascending order

    def of(self, patches: np.ndarray) -> Rings:
        """Those of some patches, given in ascending order, which are numbered anew."""
        first, stop = np.searchsorted(self.patches, patches), np.searchsorted(self.patches, patches, "right")
        rings = runs(first, stop - first)
        lengths = sizes(self.begins, len(self.halves))[rings]
        owners = np.repeat(np.arange(len(patches)), stop - first)
        return Rings(self.halves[runs(self.begins[rings], lengths)], np.cumsum(lengths) - lengths, owners)


def rings_of(arcs: Arcs) -> Rings:
    """At a node a patch has one corner, so one half of its walk ends there and one begins."""
    patches, starts, ends = arcs.sides.ravel(), arcs.ends.ravel(), arcs.ends[:, ::-1].ravel()
    links = np.repeat(np.arange(len(patches))[:, None], 2, axis=1)  # a ring follows itself
    open_ = np.flatnonzero(starts != RING)
    comes, goes = open_[np.lexsort((ends[open_], patches[open_]))], open_[np.lexsort((starts[open_], patches[open_]))]
    links[comes, 0], links[goes, 1] = goes, comes
    halves, begins = chains(links, np.arange(len(links)))
    order = np.argsort(patches[halves[begins]], kind="stable")
    order = order[np.searchsorted(patches[halves[begins]][order], 0) :]
    lengths = sizes(begins, len(halves))[order]
    return Rings(halves[runs(begins[order], lengths)], np.cumsum(lengths) - lengths, patches[halves[begins[order]]])


class Coverage:
    """All patches of a raster and how their borders run.

    transform: pixels to the map; reach: pixels that a border may move. To be drawn before there are polygons.
    """

    def __init__(self, patches: Patches, arcs: Arcs, transform: Affine, reach: float) -> None:
        self.patches, self.arcs, self.transform, self.reach = patches, arcs, transform, reach
        self._rings = rings_of(arcs)

    def draw(self) -> Iterator[None]:
        """Draw all borders, and those that cross as they were traced, until every polygon is valid; pauses now and then."""
        self._drawn = yield from drawn(self.arcs, self.reach)
        traced = np.zeros((0, 3), int)
        look, looked_again = np.arange(len(self.patches.classes)), np.zeros(0, int)
        for number in range(2 * LOCAL):
            bad = [look[:0]]
            for batch in self._batches(look):
                bad.append(batch[~self._valid(batch)])
                yield
            wrong = np.concatenate(bad)
            wrong = wrong if len(wrong) else self._touching(looked_again)
            if not len(wrong):
                return
            more = self._to_trace(wrong, whole=number >= LOCAL)
            traced = np.unique(np.concatenate([traced, more]), axis=0)
            changed = np.unique(more[:, 0])
            self._drawn.replace(changed, draw(self.arcs, changed, traced[np.isin(traced[:, 0], changed)], self.reach))
            look = np.unique(self.arcs.sides[changed])
            look = look[look >= 0]
            looked_again = np.union1d(looked_again, look)

    def polygons(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Patches that have a class, in order: their numbers, their polygons in map coordinates, and these' areas in square pixels."""
        for batch in self._batches(np.flatnonzero(self.patches.classes)):
            areas = np.bincount(self._rings.of(batch).patches, self._areas(self._rings.of(batch)), len(batch))
            yield batch, self._built(batch), areas

    def _batches(self, patches: np.ndarray) -> Iterator[np.ndarray]:
        if not len(patches):
            return
        lengths = np.add.reduceat(self._drawn.lengths[self._rings.halves >> 1], self._rings.begins)
        ends = np.cumsum(np.bincount(self._rings.patches, lengths, len(self.patches.classes))[patches])
        cuts = np.unique(np.searchsorted(ends, np.arange(0, ends[-1], AT_ONCE)[1:]))
        yield from (part for part in np.split(patches, cuts) if len(part))

    def _valid(self, patches: np.ndarray) -> np.ndarray:
        rings = self._rings.of(patches)
        flat = np.add.reduceat(self._drawn.lengths[rings.halves >> 1] - 1, rings.begins) < 3
        spoilt = np.zeros(len(patches), bool)
        spoilt[rings.patches[flat]] = True
        valid = np.zeros(len(patches), bool)
        valid[~spoilt] = shapely.is_valid(self._built(patches[~spoilt]))
        outer = np.zeros(len(patches))
        np.maximum.at(outer, rings.patches, self._areas(rings))
        return valid & (outer > 0)

    def _touching(self, patches: np.ndarray) -> np.ndarray:
        """Those that touch another in a point that is no vertex of both, across a gap without a class: only there GEOS minds it.

        Traced vertices lie on a grid, so that this may happen.
        """
        patches = patches[self.patches.classes[patches] > 0]
        return patches[~shapely.is_empty(shapely.coverage_invalid_edges(self._built(patches)))] if len(patches) else patches

    def _areas(self, rings: Rings) -> np.ndarray:
        """float64 (rings,): square pixels, negative for holes."""
        arcs, which = np.unique(rings.halves >> 1, return_inverse=True)
        lengths = self._drawn.lengths[arcs]
        points = self._drawn.points[runs(self._drawn.begins[arcs], lengths)]
        x, y = (points - points[:1]).T if len(points) else points.T
        swept = np.append(x[1:] * y[:-1] - x[:-1] * y[1:], 0) / 2
        swept[np.cumsum(lengths) - 1] = 0
        of_arc = np.add.reduceat(swept, np.cumsum(lengths) - lengths) if len(arcs) else swept
        areas: np.ndarray = np.add.reduceat(np.where(rings.halves & 1, -of_arc[which], of_arc[which]), rings.begins)
        return areas

    def _built(self, patches: np.ndarray) -> np.ndarray:
        """Polygons in map coordinates, outer rings counter-clockwise."""
        if not len(patches):
            return np.zeros(0, object)
        rings = self._rings.of(patches)
        rings = _outer_first(rings, self._areas(rings))
        lengths = self._drawn.lengths[rings.halves >> 1]
        begins = self._drawn.begins[rings.halves >> 1]
        backwards = rings.halves & 1
        steps = np.where(backwards, -1, 1)
        counts = lengths - 1  # the last point of one half is the first of the next
        within = runs(np.zeros(len(counts), int), counts)
        at = np.repeat(np.where(backwards, begins + lengths - 1, begins), counts) + within * np.repeat(steps, counts)
        of_ring = np.add.reduceat(counts, rings.begins)
        starts = np.cumsum(of_ring) - of_ring
        at = np.insert(at, starts + of_ring, at[starts])  # closed
        points = self._drawn.points[at]
        on_map = np.stack(self.transform @ (points[:, 0], points[:, 1]), axis=1)
        offsets = np.append(0, np.cumsum(of_ring + 1))
        holders = np.append(0, np.cumsum(np.bincount(rings.patches, minlength=len(patches))))
        built: np.ndarray = shapely.from_ragged_array(shapely.GeometryType.POLYGON, on_map, (offsets, holders))
        return shapely.orient_polygons(built) if self.transform.determinant > 0 else built

    def _to_trace(self, patches: np.ndarray, whole: bool) -> np.ndarray:
        """int (n, 3), for `draw`: what of the arcs around spoilt patches is better drawn as it was traced."""
        rings = self._rings.of(patches)
        arcs = rings.halves >> 1
        owners = rings.patches[np.repeat(np.arange(len(rings.begins)), sizes(rings.begins, len(rings.halves)))]
        found = crossings(self._drawn, np.unique(arcs))
        helped = np.zeros(len(patches), bool)
        helped[owners[np.isin(arcs, found[:, 0])]] = not whole
        rest = np.unique(arcs[~helped[owners]]).astype(np.int64)
        return np.concatenate([found, np.stack([rest, 0 * rest, 0 * rest + EVERYTHING], axis=1)])


def _outer_first(rings: Rings, areas: np.ndarray) -> Rings:
    order = np.lexsort((-areas, rings.patches))
    lengths = sizes(rings.begins, len(rings.halves))[order]
    return replace(rings, halves=rings.halves[runs(rings.begins[order], lengths)], begins=np.cumsum(lengths) - lengths)
