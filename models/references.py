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
SLACK = 1.01  # by which a search goes further than asked, as scales differ from place to place
BATCH = 4096  # geometries whose pairs are in memory at once


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
        """bool (n,): whether another reference is that near to an object; it may overlap it."""
        near = np.zeros(len(objects), bool)
        foreign = own < 0
        near[foreign] = self._reach(self._chains, objects[foreign], metres, False) | self.overlap(objects[foreign])
        near[~foreign] = self._reach(self._whole, objects[~foreign], metres, True)
        return near

    def share_near(self, points: np.ndarray, own: np.ndarray, metres: float) -> np.ndarray:
        """Points (n, k, 2), k of each object -> (n,): the share of them within that distance of another reference."""
        count, each = points.shape[:2]
        owners = np.repeat(own, each)
        flat = shapely.points(points.reshape(-1, 2))
        near = np.zeros(len(flat), bool)
        foreign = owners < 0
        near[foreign] = self._reach(self._chains, flat[foreign], metres, False) | self.overlap(flat[foreign])
        rest = np.flatnonzero(~foreign)
        reach = metres * self.ground.scale(shapely.get_coordinates(flat))
        for batch in _batches(rest):
            asked, found = self._whole.query(flat[batch], predicate="dwithin", distance=reach[batch])
            near[batch[asked[found != owners[batch[asked]]]]] = True
        return near.reshape(count, each).mean(axis=1)

    def overlap(self, objects: np.ndarray) -> np.ndarray:
        """bool (n,): whether the inside of a reference reaches into an object, or the object into it. The object may be one of them."""
        return _marked(len(objects), shapely.STRtree(objects).query(self.areas, predicate="intersects")[1])

    def nearest_points(self, objects: np.ndarray, own: np.ndarray) -> np.ndarray:
        """(n, 2): the point of the nearest other reference that is nearest to an object's centroid; NaN where the centroid lies in one.

        Nearest to the centroid; to the outline where the object is itself among the references.
        """
        centroids = shapely.centroid(objects)
        points = np.full((len(objects), 2), np.nan)
        foreign, kin = np.flatnonzero(own < 0), np.flatnonzero(own >= 0)
        asked, found = self._chains.query_nearest(centroids[foreign], all_matches=False)
        points[foreign[asked]] = _ends(centroids[foreign[asked]], self._chains.geometries[found])
        points[foreign[self.overlap(centroids[foreign])]] = np.nan
        asked, found = self._whole.query_nearest(objects[kin], exclusive=True, all_matches=False)
        points[kin[asked]] = _ends(centroids[kin[asked]], self._whole.geometries[found])
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

    def _reach(self, tree: shapely.STRtree, objects: np.ndarray, metres: float, exclusive: bool) -> np.ndarray:
        """bool (n,): whether the nearest of the tree's geometries is within that distance; `exclusive` passes over equal ones."""
        within = np.zeros(len(objects), bool)
        if not len(tree) or not len(objects):
            return within
        scales = self.ground.scale(shapely.get_coordinates(shapely.centroid(objects)))
        furthest = max(metres * scales.max() * SLACK, 1e-9)
        asked, found = tree.query_nearest(objects, max_distance=furthest, exclusive=exclusive, all_matches=False)
        lines = shapely.get_coordinates(shapely.shortest_line(objects[asked], tree.geometries[found])).reshape(-1, 2, 2)
        lengths = np.hypot(*(lines[:, 1] - lines[:, 0]).T) / self.ground.scale(lines.mean(axis=1))
        within[asked[lengths <= metres]] = True
        return within


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
