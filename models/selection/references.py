"""Objects that others are related to, indexed so that hundreds of thousands are asked about at once.

All geometries lie on a `Ground`'s plane, all distances are its metres. An object that is itself among the references is never its own:
`own` holds, for each object asked about, its index among them, -1 for none.

Distances are taken to outlines cut into short chains: GEOS compares every edge of one geometry with every edge of the other, and a road
network may have a hundred thousand.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely

from .metric import Ground

CHAIN = 16  # edges of an outline that are indexed together
BATCH = 4096  # geometries whose pairs are in memory at once
SHARES = (1 / 64, 1 / 16, 1 / 4, 1.0)  # of a reach: most is found near by, and the search ends there
STRIDE = 10  # pixels: a shorter reach is not worth a search of its own


class References:
    """The references of one relation."""

    def __init__(self, geometries: np.ndarray, ground: Ground) -> None:
        """`geometries` (n,) on the plane: points, lines, polygons, multiple ones too; None for those without a place."""
        self.ground = ground
        self.geometries = np.asarray(geometries, object)
        self._is_area = shapely.get_dimensions(self.geometries) == 2

    def __len__(self) -> int:
        return int((~shapely.is_missing(self.geometries)).sum())

    @cached_property
    def areas(self) -> np.ndarray:
        """Those that something can lie in."""
        return self.geometries[self._is_area]

    @cached_property
    def _whole(self) -> shapely.STRtree:
        return shapely.STRtree(self.geometries)

    @cached_property
    def _chains(self) -> shapely.STRtree:
        return shapely.STRtree(chains(self.geometries))

    def near(self, objects: np.ndarray, own: np.ndarray, metres: float) -> np.ndarray:
        """bool (n,): whether another reference is that near to an object, of any kind; it may overlap it."""
        near = np.zeros(len(objects), bool)
        foreign = own < 0
        near[foreign] = self.overlap(objects[foreign])
        outside, kin = foreign & ~near, ~foreign
        near[outside] = self._foreign_reach(objects[outside], metres)
        near[kin] = self._reach(self._whole, objects[kin], own[kin], self.reaches(metres))
        return near

    def share_near(self, points: np.ndarray, own: np.ndarray, metres: float) -> np.ndarray:
        """Points (n, k, 2), k of each object -> (n,): the share of them within that distance of another reference."""
        count, each = points.shape[:2]
        near = self.near(shapely.points(points.reshape(-1, 2)), np.repeat(own, each), metres)
        return near.reshape(count, each).mean(axis=1)

    def overlap(self, objects: np.ndarray) -> np.ndarray:
        """bool (n,): whether the inside of a reference reaches into an object, or the object into it. The object may be one of them."""
        return _marked(len(objects), shapely.STRtree(objects).query(self.areas, predicate="intersects")[1])

    def nearest_points(self, objects: np.ndarray, own: np.ndarray) -> np.ndarray:
        """(n, 2): of the other references, the point nearest to an object's centroid; NaN for none, and where the centroid lies in one."""
        centroids = shapely.centroid(objects)
        points = np.full((len(objects), 2), np.nan)
        foreign, kin = np.flatnonzero(own < 0), np.flatnonzero(own >= 0)
        asked, found = self._chains.query_nearest(centroids[foreign], all_matches=False)
        points[foreign[asked]] = _ends(centroids[foreign[asked]], self._chains.geometries[found])
        points[foreign[self.overlap(centroids[foreign])]] = np.nan
        nearest = self._nearest_other(centroids[kin], own[kin])
        kin, nearest = kin[nearest >= 0], nearest[nearest >= 0]
        points[kin] = _ends(centroids[kin], self.geometries[nearest])
        return points

    def meet(self, areas: np.ndarray, own: np.ndarray) -> np.ndarray:
        """bool (n,): whether the outline of another reference crosses or lies in each of (n,) polygons."""
        met = np.zeros(len(areas), bool)
        foreign, kin = np.flatnonzero(own < 0), np.flatnonzero(own >= 0)
        for batch in _batches(foreign):
            met[batch[self._chains.query(areas[batch], predicate="intersects")[0]]] = True
        for batch in _batches(kin):
            asked, found = self._whole.query(areas[batch], predicate="intersects")
            met[batch[asked[found != own[batch[asked]]]]] = True
        return met

    def reaches(self, metres: float) -> list[float]:
        """Shorter reaches to try before that of so many metres, and that itself."""
        return [share * metres for share in SHARES if share == 1 or share * metres >= STRIDE * self.ground.pixel]

    def _foreign_reach(self, objects: np.ndarray, metres: float) -> np.ndarray:
        """bool (n,): whether an outline is within that distance, for objects that are no references.

        The distance of one corner tells, but for those that are larger than what it leaves open.
        """
        if not len(objects) or not len(self._chains):
            return np.zeros(len(objects), bool)
        coordinates, index = shapely.get_coordinates(objects, return_index=True)
        corners = coordinates[np.searchsorted(index, np.arange(len(objects)))]
        _, distances = self._chains.query_nearest(shapely.points(corners), return_distance=True, all_matches=False)
        distances /= self.ground.scale(corners)
        low, high = np.hsplit(shapely.bounds(objects), 2)
        extents = np.hypot(*(high - low).T) / self.ground.scale((low + high) / 2)
        near = distances <= metres
        open_ = np.flatnonzero(~near & (distances - 2 * extents <= metres))  # twice: scales differ across what is large
        near[open_] = self._reach(self._chains, objects[open_], np.full(len(open_), -1), [metres])
        return near

    def _nearest_other(self, points: np.ndarray, own: np.ndarray) -> np.ndarray:
        """int (n,): index of the reference nearest to each point but for `own`, -1 for none. Searched for in circles that grow."""
        nearest = np.full(len(points), -1)
        xmin, ymin, xmax, ymax = shapely.total_bounds(self.geometries) if len(points) else (0.0, 0.0, 0.0, 0.0)
        furthest = np.hypot(xmax - xmin, ymax - ymin)
        reach = np.sqrt((xmax - xmin) * (ymax - ymin) / max(len(self), 1)) or furthest
        while (nearest < 0).any() and reach < 4 * furthest:
            for batch in _batches(np.flatnonzero(nearest < 0)):
                asked, found = self._whole.query(points[batch], predicate="dwithin", distance=reach)
                others = found != own[batch[asked]]
                asked, found = batch[asked[others]], found[others]
                order = np.lexsort((shapely.distance(points[asked], self.geometries[found]), asked))
                first, at = np.unique(asked[order], return_index=True)
                nearest[first] = found[order[at]]
            reach *= 4
        return nearest

    def _reach(self, tree: shapely.STRtree, objects: np.ndarray, own: np.ndarray, reaches: list[float]) -> np.ndarray:
        """bool (n,): whether one of the tree's geometries is within the last distance, but not the one that `own` is the index of."""
        near = np.zeros(len(objects), bool)
        scales = self.ground.scale(shapely.get_coordinates(shapely.centroid(objects)))
        for reach in reaches:
            for batch in _batches(np.flatnonzero(~near)):
                asked, found = tree.query(objects[batch], predicate="dwithin", distance=reach * scales[batch])
                near[batch[asked[found != own[batch[asked]]]]] = True
        return near


def chains(geometries: np.ndarray) -> np.ndarray:
    """Points as they are, and the outlines of lines and polygons in pieces of CHAIN edges that share their ends."""
    parts = shapely.get_parts(geometries[~shapely.is_missing(geometries)])
    kinds = shapely.get_dimensions(parts)
    lines = np.concatenate([parts[kinds == 1], shapely.get_rings(parts[kinds == 2])])
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    if not len(coordinates):
        return parts[kinds == 0]
    place = np.arange(len(line)) - np.searchsorted(line, line)
    last = np.append(line[1:] != line[:-1], True)
    begins = (place % CHAIN == 0) & ~last
    piece = np.cumsum(begins) - 1
    repeated = np.flatnonzero(begins & (place > 0))  # the first of a piece is the last of the one before
    order = np.sort(np.concatenate([np.arange(len(line)) * 2 + 1, repeated * 2]))
    index = piece[order // 2] - (order % 2 == 0)
    return np.concatenate([parts[kinds == 0], shapely.linestrings(coordinates[order // 2], indices=index)])


def _ends(points: np.ndarray, geometries: np.ndarray) -> np.ndarray:
    """(n, 2): of each geometry the point nearest to a point."""
    return shapely.get_coordinates(shapely.shortest_line(points, geometries)).reshape(-1, 2, 2)[:, 1]


def _marked(count: int, indices: np.ndarray) -> np.ndarray:
    marked = np.zeros(count, bool)
    marked[indices] = True
    return marked


def _batches(indices: np.ndarray) -> list[np.ndarray]:
    return [indices[start : start + BATCH] for start in range(0, len(indices), BATCH)]
