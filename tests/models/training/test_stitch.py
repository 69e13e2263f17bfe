"""Tiles put together again."""

from __future__ import annotations

import numpy as np

from models.training.sets import LabelledImage, objects_of
from models.training.stitch import TILE, UNKNOWN, stitched


def tile(x: int, y: int, ids: np.ndarray, zoom: int = 19) -> LabelledImage:
    rgb = np.full((TILE, TILE, 3), 10 * x + y, np.uint8)
    return LabelledImage(f"site_{x}_{y}_{zoom}", rgb, ids, tuple(objects_of(ids)), (ids > 0).astype(np.uint8))


def blank() -> np.ndarray:
    return np.zeros((TILE, TILE), np.uint16)


def with_square(rows: slice, columns: slice) -> np.ndarray:
    ids = blank()
    ids[rows, columns] = 1
    return ids


def test_a_building_cut_by_an_edge_is_one_again():
    left, right = with_square(slice(50, 90), slice(200, 256)), with_square(slice(50, 90), slice(0, 40))
    joined = stitched([tile(0, 0, left), tile(1, 0, right), tile(0, 1, blank()), tile(1, 1, blank())])[0]
    assert joined.rgb.shape == (2 * TILE, 2 * TILE, 3)
    assert [item.box for item in joined.objects] == [(200, 50, 296, 90)]


def test_neighbours_that_touch_at_a_corner_stay_two():
    left, right = with_square(slice(50, 90), slice(200, 256)), with_square(slice(85, 140), slice(0, 40))
    joined = stitched([tile(0, 0, left), tile(1, 0, right), tile(0, 1, blank()), tile(1, 1, blank())])[0]
    assert len(joined.objects) == 2


def test_ground_without_a_tile_is_unknown():
    joined = stitched([tile(x, 0, blank()) for x in range(3)] + [tile(0, 1, blank())])[0]
    assert (joined.kinds[:TILE] == 0).all() and (joined.kinds[TILE:, TILE:] == UNKNOWN).all()


def test_zooms_and_far_blocks_are_not_mixed():
    row = [tile(x, 0, blank()) for x in range(4)]
    found = stitched(row + [tile(x, 9, blank()) for x in range(4)] + [tile(x, 0, blank(), zoom=20) for x in range(4)])
    assert len(found) == 3 and {round(image.gsd, 2) for image in found} == {0.3, 0.15}
