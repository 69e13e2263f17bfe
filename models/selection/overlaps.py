"""How much of objects lies in others. Polygons on a plane, in bulk."""

from __future__ import annotations

import numpy as np
import shapely

FILLED = 0.5  # of a hole


def shares_inside(objects: np.ndarray, own: np.ndarray, references: np.ndarray, fill: bool = True) -> np.ndarray:
    """(n,), 0..1: the share of each object's area in the union of the references other than itself.

    objects: polygons (n,). own: index of each among the references, -1 for none. references: what has no area counts for nothing.
    fill: an object that covers at least half of a reference's hole lies in the reference.
    """
    areas = shapely.area(objects)
    covered = np.zeros(len(objects))
    tree = shapely.STRtree(objects)
    solid = np.flatnonzero(shapely.get_dimensions(references) == 2)
    if not len(solid) or not len(objects):
        return covered
    holder, whole = tree.query(references[solid], predicate="covers")
    covered[whole[solid[holder] != own[whole]]] = 1.0
    holder, met = tree.query(references[solid], predicate="intersects")
    open_ = (covered[met] == 0) & (solid[holder] != own[met])
    pieces, owners = _common(objects[met[open_]], references[solid[holder[open_]]]), met[open_]
    if fill:
        holes = _holes(references[solid])
        hole, met = tree.query(holes, predicate="intersects")
        open_ = (covered[met] == 0) & (areas[met] >= FILLED * shapely.area(holes[hole]))
        plugs = _common(objects[met[open_]], holes[hole[open_]])
        fills = shapely.area(plugs) >= FILLED * shapely.area(holes[hole[open_]])
        pieces, owners = np.concatenate([pieces, plugs[fills]]), np.concatenate([owners, met[open_][fills]])
    covered += _united(pieces, owners, len(objects)) / np.maximum(areas, 1e-300)
    return np.minimum(covered, 1.0)


def _common(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    common: np.ndarray = shapely.intersection(_valid(some), _valid(others))
    return common


def _united(pieces: np.ndarray, owners: np.ndarray, count: int) -> np.ndarray:
    """(count,): the area of the union of each owner's pieces."""
    areas = shapely.area(pieces)
    total = np.bincount(owners, areas, count)
    largest = np.zeros(count)
    np.maximum.at(largest, owners, areas)
    several = np.flatnonzero(total > largest)
    if len(several):
        order = np.argsort(owners, kind="stable")
        starts = np.searchsorted(owners[order], several)
        ends = np.searchsorted(owners[order], several, side="right")
        total[several] = [shapely.union_all(pieces[order[start:end]]).area for start, end in zip(starts, ends, strict=True)]
    return total


def _holes(polygons: np.ndarray) -> np.ndarray:
    parts = shapely.get_parts(polygons)
    counts = shapely.get_num_interior_rings(parts)
    each = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return shapely.polygons(shapely.get_interior_ring(np.repeat(parts, counts), each))


def _valid(polygons: np.ndarray) -> np.ndarray:
    """Projecting can make an outline cross itself."""
    invalid = ~shapely.is_valid(polygons)
    if not invalid.any():
        return polygons
    polygons = polygons.copy()
    polygons[invalid] = shapely.make_valid(polygons[invalid], method="structure", keep_collapsed=False)
    return polygons
