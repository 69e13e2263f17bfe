"""XYZ tiles of one site put together again: wider views than one tile, and buildings that its edges had cut made whole."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy import ndimage

from .sets import SMALLEST, UNKNOWN, LabelledImage, objects_of

TILE = 256  # pixels a side
EQUATOR = 40_075_016.686  # metres; Web Mercator at zoom 0 shows it in one tile


def stitched(tiles: list[LabelledImage], smallest: int = SMALLEST) -> list[LabelledImage]:
    """One image a connected block of tiles named site_x_y_zoom."""
    groups: dict[tuple[str, int], dict[tuple[int, int], LabelledImage]] = defaultdict(dict)
    for tile in tiles:
        name, x, y, z = tile.name.rsplit("_", 3)
        groups[name, int(z)][int(x), int(y)] = tile
    found: list[LabelledImage] = []
    for (site, zoom), placed in sorted(groups.items()):
        for block in _blocks(set(placed)):
            if len(block) > 3:
                found.append(_join(f"{site}_{zoom}_{len(found)}", {place: placed[place] for place in block}, smallest, zoom))
    return found


def _blocks(places: set[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    left, top = min(x for x, _ in places), min(y for _, y in places)
    taken = np.zeros((max(y for _, y in places) - top + 1, max(x for x, _ in places) - left + 1), bool)
    for x, y in places:
        taken[y - top, x - left] = True
    labels, count = ndimage.label(taken)
    return [[(int(x) + left, int(y) + top) for y, x in np.argwhere(labels == index)] for index in range(1, count + 1)]


def _join(name: str, block: dict[tuple[int, int], LabelledImage], smallest: int, zoom: int) -> LabelledImage:
    left, top = min(x for x, _ in block), min(y for _, y in block)
    shape = (max(y for _, y in block) - top + 1) * TILE, (max(x for x, _ in block) - left + 1) * TILE
    rgb = np.zeros((*shape, 3), np.uint8)
    kinds, ids, used = np.full(shape, UNKNOWN, np.uint8), np.zeros(shape, np.int64), 0
    for (x, y), tile in sorted(block.items()):
        place = np.s_[(y - top) * TILE : (y - top + 1) * TILE, (x - left) * TILE : (x - left + 1) * TILE]
        rgb[place], kinds[place] = tile.rgb, tile.kinds
        ids[place] = np.where(tile.ids > 0, tile.ids.astype(np.int64) + used, 0)
        used += int(tile.ids.max())
    ids = mended(ids, used)
    return LabelledImage(name, rgb, ids, tuple(objects_of(ids, smallest)), kinds, EQUATOR / TILE / 2**zoom)


def mended(ids: np.ndarray, count: int, tile: int = TILE) -> np.ndarray:
    """uint16 ids, in which parts that meet along most of their edges at a tile's border are one object."""
    parent = np.arange(count + 1)

    def root(index: int) -> int:
        while parent[index] != index:
            index = int(parent[index])
        return index

    for turned in (ids, ids.T):
        for row in range(tile, turned.shape[0], tile):
            above, below = turned[row - 1], turned[row]
            both = (above > 0) & (below > 0)
            for a, b in {(int(a), int(b)) for a, b in zip(above[both], below[both], strict=True)}:
                contact = int(((above == a) & (below == b)).sum())
                if contact >= 3 and contact >= 0.6 * max((above == a).sum(), (below == b).sum()):
                    parent[root(b)] = root(a)
    roots = np.array([root(index) for index in range(count + 1)])
    present, renumbered = np.unique(roots[ids], return_inverse=True)
    numbers = renumbered.reshape(ids.shape) + (0 if present[0] == 0 else 1)
    if numbers.max() > 65535:
        raise ValueError("a site with more than 65,535 objects needs wider ids")
    return numbers.astype(np.uint16)
