"""Ground that two changes claim goes to one of them, by a rule that does not ask which date came first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from ..ground import areas
from ..objects.instances import SMALLEST
from ..objects.shares import Pace, Sharing
from ..surveying.frame import Frame
from .kinds import group_of
from .objects import Changed, least_area

Rank = tuple[float, float, tuple[str, ...], bytes]
KEPT = 0.5  # of a change: what loses more than the rest of it is not drawn at all


def settled(changes: Sequence[Changed], frame: Frame, min_area: float = 0.0) -> Sharing[list[Changed]]:
    """The same changes, none on another's ground, from the west to the east whatever order they came in.

    The surer one keeps the ground, of equally sure ones the larger. What is left of the other is cut off along its border; crumbs go, and
    so does the whole where less than KEPT of it is left, or less than an object must have. Two that are equal in all this both lose what
    they share.
    """
    order = sorted(changes, key=lambda one: (one.outline.bounds, _rank(one)))
    outlines, ranks = np.array([one.outline for one in order], object), [_rank(one) for one in order]
    pairs = shapely.STRtree(outlines).query(outlines, predicate="intersects") if order else np.zeros((2, 0), int)
    stronger: dict[int, list[int]] = {}
    for one, other in pairs.T.tolist():
        if one != other and ranks[other] >= ranks[one]:
            stronger.setdefault(one, []).append(other)
    pace = Pace()
    for at, (index, others) in enumerate(stronger.items()):
        outlines[index] = _cut(outlines[index], shapely.union_all([order[other].outline for other in others]), frame)
        if pace.is_due():
            yield at / len(stronger)
    cut = [index for index, one in enumerate(order) if outlines[index] is not None and outlines[index] is not one.outline]
    left = {index: one for index, one in enumerate(order) if outlines[index] is not None}
    for index, area in zip(cut, _sizes(outlines[cut], frame), strict=True):
        left[index] = replace(order[index], outline=outlines[index], area=area)
        if area < least_area(group_of(order[index].from_class, order[index].to_class), frame, min_area):
            del left[index]
    return list(left.values())


def _rank(change: Changed) -> Rank:
    return change.score, change.area, tuple(sorted((change.from_class, change.to_class))), shapely.to_wkb(change.outline)


def _cut(outline: Polygon | MultiPolygon, taken: Polygon | MultiPolygon, frame: Frame) -> Polygon | MultiPolygon | None:
    """An outline without what others took; itself where they only touch, None where too little is left."""
    pixel = abs(frame.to_map.determinant)
    if shapely.intersection(outline, taken).area < 1e-6 * pixel:
        return outline
    rest = shapely.difference(outline, taken)
    parts = [part for part in shapely.get_parts(rest) if isinstance(part, Polygon) and part.area >= SMALLEST * pixel]
    if sum(part.area for part in parts) < KEPT * outline.area:
        return None
    return shapely.orient_polygons(parts[0] if len(parts) == 1 else MultiPolygon(parts))


def _sizes(outlines: np.ndarray, frame: Frame) -> list[float]:
    """m2 of polygons; square native pixels without a CRS."""
    raster = frame.raster
    ground = areas(outlines, raster.crs) if raster.crs else shapely.area(outlines) / abs(raster.transform.determinant)
    return [float(size) for size in ground]
