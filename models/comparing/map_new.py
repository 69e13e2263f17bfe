"""What is there that an old map lacks: objects of the ground that none of its polygons covers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from scipy import ndimage
from skimage.morphology import disk

from ..objects.instances import HALF, Gatherer, Instance
from ..objects.shares import Sharing, within
from ..surveying.frame import Frame
from .draft import Draft
from .map_drawing import drawn_rows

IMPOSSIBLE = 1  # of uint8 probability
NEW = 0.5  # of an object that the map must lack
LAST = 0.05  # of the work: what the last row cuts
RIM = 2.0  # metres: what is not twice as wide, along a polygon, is the rim of what is mapped, or the gap between two
LEAST_RIM = 2  # pixels


class Unmapped:
    """The objects of one class that a map lacks, where the class's probability comes row by row."""

    def __init__(self, gatherer: Gatherer, outlines: np.ndarray, margin: int) -> None:
        """outlines: polygons of the map that may be of the class, in map coordinates. margin: pixels that each may be wider."""
        self._gatherer, self._frame = gatherer, gatherer.frame
        self._tree = shapely.STRtree(shapely.buffer(outlines, margin * _pixel(self._frame), quad_segs=2))
        self._rim = rim_of(self._frame)

    @property
    def halo(self) -> int:
        """Rows above and below that have to be seen with those that are taken."""
        return 4 * self._rim

    def taking(self, row: int, plane: np.ndarray) -> Sharing[list[Instance]]:
        """uint8 (rows + 2 halo, width), of which the first is `halo` above `row` of the frame -> objects that can no longer grow."""
        covered = drawn_rows(self._tree, self._frame, row - self.halo, len(plane))
        free = np.where(covered & (plane > 0), np.uint8(IMPOSSIBLE), plane)
        likely = free >= HALF
        narrow = likely & ~ndimage.binary_opening(likely, disk(self._rim))
        free[narrow & ndimage.binary_dilation(covered, disk(2 * self._rim))] = IMPOSSIBLE
        return self._new(self._gatherer.taking(row, np.ascontiguousarray(free[self.halo : -self.halo])))

    def finishing(self) -> Sharing[list[Instance]]:
        """Those that the last row cut."""
        return self._new(self._gatherer.finishing())

    def _new(self, found: Sharing[list[Instance]]) -> Sharing[list[Instance]]:
        """Clicks may have drawn an object onto mapped ground again."""
        return [one for one in (yield from found) if self._lacks(one)]

    def _lacks(self, one: Instance) -> bool:
        mapped = shapely.union_all(self._tree.geometries[self._tree.query(one.outline, predicate="intersects")])
        return bool(shapely.difference(one.outline, mapped).area >= NEW * one.outline.area)


def unmapped(draft: Draft, searches: Sequence[Unmapped]) -> Sharing[list[Instance]]:
    """The objects of all classes, one search a plane of the draft."""
    height = draft.frame.height
    found: list[Instance] = []
    halo = max(one.halo for one in searches)
    for row, rows in ((row, min(_at_once(draft.frame), height - row)) for row in range(0, height, _at_once(draft.frame))):
        planes = draft.read(0, row - halo, draft.frame.width, rows + 2 * halo)
        for at, one in enumerate(searches):
            start, stop = ((1 - LAST) * (row + rows * part / len(searches)) / height for part in (at, at + 1))
            found += yield from within(start, stop, one.taking(row, planes[at]))
    for at, one in enumerate(searches):
        start, stop = (1 - LAST + LAST * part / len(searches) for part in (at, at + 1))
        found += yield from within(start, stop, one.finishing())
    return found


def rim_of(frame: Frame) -> int:
    """RIM in pixels of a frame."""
    gsd = frame.raster.gsd
    return LEAST_RIM if gsd is None else max(LEAST_RIM, round(RIM / (gsd * frame.pixel)))


def _pixel(frame: Frame) -> float:
    """Its side in map units."""
    return math.sqrt(abs(frame.to_map.determinant))


def _at_once(frame: Frame) -> int:
    """Rows of a frame that are held at ease."""
    return max(256, (1 << 22) // frame.width)
