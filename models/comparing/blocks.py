"""Pieces of both dates from all over what they share: enough to tell how they lie to each other, and in what light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from ..surveying.source import Source

SIDES = (512, 256, 128, 64)  # pixels: the largest of which two fit beside each other
WIDEST = 1024  # pixels as a file has them: blocks of more are not worth the time to read them
SMALLEST = 24  # pixels of a block: less shows nothing
ACROSS = 4  # blocks across and down, at most
APART = 0.75  # of a side from one block to the next, where there is less room
DENSER = 9  # places across and down that are tried where what both cover is no rectangle
COVERED = 0.75  # of a block that both must cover


@dataclass(frozen=True)
class Block:
    """The same window of both dates."""

    row: float  # of its first pixel, in pixels of the grid
    col: float
    before: np.ndarray  # uint8 (side, side, 3)
    after: np.ndarray
    valid: np.ndarray  # bool (side, side), at both dates


def blocks_of(before: Source, after: Source, pixel: float = 1.0, common: Polygon | None = None, finer: float = 1.0) -> list[Block]:
    """At most ACROSS x ACROSS blocks that lie evenly, fewer of a small grid, none of one below SMALLEST pixels.

    pixel: how many of the grid's pixels one of the blocks' measures. common: what both cover, in pixels of the grid. finer: how many times
    as fine the pixels of the after raster are. Raises what reading raises.
    """
    width, height = int(before.width / pixel), int(before.height / pixel)
    side = _side(width, height, WIDEST / max(pixel, finer))
    if side < SMALLEST:
        return []
    places = [at for at in _places(width, height, side, ACROSS) if _is_covered(at, side, pixel, common)]
    if common is not None and len(places) < ACROSS * ACROSS // 2:
        every = [at for at in _places(width, height, side, DENSER) if _is_covered(at, side, pixel, common)]
        places = [every[index] for index in np.unique(np.linspace(0, len(every) - 1, ACROSS * ACROSS).astype(int))] if every else []
    return [_block(before, after, place, side, pixel) for place in places]


def blocks_of_images(before: np.ndarray, after: np.ndarray) -> list[Block]:
    """Of two images uint8 (h, w, 3), pixel on pixel."""
    height, width = before.shape[:2]
    side = _side(width, height, WIDEST)
    if side < SMALLEST:
        return []
    valid = np.ones((side, side), bool)
    windows = [(row, col, np.s_[row : row + side, col : col + side]) for row, col in _places(width, height, side, ACROSS)]
    return [Block(row, col, before[window], after[window], valid) for row, col, window in windows]


def _side(width: int, height: int, widest: float) -> int:
    fitting = [side for side in SIDES if 2 * side <= min(width, height)]
    return next((side for side in fitting if side <= widest), min(width, height, SIDES[-1]))


def _places(width: int, height: int, side: int, most: int) -> list[tuple[int, int]]:
    """Row and column of the blocks' first pixels."""
    rows, cols = (
        np.linspace(0, length - side, min(most, 1 + int(np.ceil((length - side) / (APART * side))))).astype(int)
        for length in (height, width)
    )
    return [(int(row), int(col)) for row in rows for col in cols]


def _is_covered(place: tuple[int, int], side: int, pixel: float, common: Polygon | None) -> bool:
    if common is None:
        return True
    row, col = place
    block = shapely.box(col * pixel, row * pixel, (col + side) * pixel, (row + side) * pixel)
    return bool(shapely.intersection(block, common).area >= COVERED * block.area)


def _block(before: Source, after: Source, place: tuple[int, int], side: int, pixel: float) -> Block:
    row, col = place[0] * pixel, place[1] * pixel
    one, other = (source.read(col, row, side * pixel, side * pixel, side, side) for source in (before, after))
    return Block(row, col, one.rgb, other.rgb, one.valid & other.valid)
