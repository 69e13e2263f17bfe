"""How well each tile, as a picture, fits a phrase: text-to-image retrieval with an open-vocabulary model.

As SkyScript's tests of retrieval do (Wang et al., 2024, https://arxiv.org/abs/2312.12856): the cosine of a picture's embedding with that of
the phrase; here against words for what else one sees from above, which makes it a score between 0 and 1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box

from ..errors import PhraseEmpty
from ..jobs import Progress
from ..language.spelling import words
from ..nets.clip import TEMPLATES, DenseClip
from ..surveying.lanes import Lanes, Looker, Place, Seen
from ..surveying.open_words import CONTRAST, SCALE, rivals, yes_or_no
from ..surveying.scratch import Scratch
from .tile_grid import TileGrid

GROUND = 0.5  # metres a pixel at which tiles are seen: one is a place of some 130 m, more than an object
BATCH = 8  # tiles that go through the network together


def phrases_of(text: str) -> tuple[str, ...]:
    """What is between commas and semicolons, as typed: such a model takes any words. Raises PhraseEmpty."""
    found = tuple(dict.fromkeys(" ".join(part.split()) for part in text.replace(";", ",").split(",") if words(part)))
    if not found:
        raise PhraseEmpty("The phrase says nothing to look for.")
    return found


def rate(
    grid: TileGrid, level: int, area: Polygon | MultiPolygon | None, clip: DenseClip, phrases: Sequence[str], scratch: Scratch
) -> Generator[Progress | None, None, np.ndarray]:
    """Yields how far it is; returns float32 (rows, columns of tiles): the score of the phrase that fits best, NaN without data.

    A tile that the area meets is seen whole. Every row of tiles is kept in the scratch folder, and taken from there. Raises what reading,
    the network and `Scratch.put` raise.
    """
    looker = tile_looker(grid, level, clip, phrases)
    wanted = _wanted(grid, area)
    names = [f"{_name(grid, level, wanted, looker)}-{row:06d}" for row in range(grid.height)]
    found = [_row(scratch.get(name), grid.width) for name in names]
    done, total = sum(int(wanted[row].sum()) for row in range(grid.height) if found[row] is not None), int(wanted.sum())
    missing = [row for row in range(grid.height) if found[row] is None]
    yield done, total, "looking"
    with Lanes(grid.raster, level, looker) as lanes:
        seen = lanes.seen(place for row in missing for place in _places(grid, level, row, wanted[row]))
        for row in missing:
            values = np.full(grid.width, np.nan, np.float32)
            for column in np.flatnonzero(wanted[row]):
                one = yield from _next(seen)
                if one.logits is not None:
                    values[column] = one.logits.max()
                done += 1
                yield done, total, "looking"
            scratch.put(names[row], values.tobytes())
            found[row] = values
    return np.stack([values for values in found if values is not None])


def tile_looker(grid: TileGrid, level: int, clip: DenseClip, phrases: Sequence[str]) -> Looker:
    """Gives, in place of logits, float32 (n, m): each phrase's share of the softmax over itself and what it is set against."""
    texts = clip.embed_texts([*phrases, *CONTRAST])
    places = [[len(phrases) + CONTRAST.index(word) for word in rivals(phrase, CONTRAST)] for phrase in phrases]

    def look(views: np.ndarray) -> np.ndarray:
        cosines = texts @ clip.embed_images(views).T
        logits: np.ndarray = yes_or_no(cosines[:, :, None], places)[:, :, 0].T
        return 1 / (1 + np.exp(-logits.clip(-50, 50)))

    asked = json.dumps([list(phrases), list(CONTRAST), TEMPLATES, SCALE, clip.crop])
    return Looker(grid.side >> level, len(phrases), f"{clip.id} {clip.digest} {asked}", look, BATCH)


def _next(seen: Iterator[Seen | None]) -> Generator[None, None, Seen]:
    while (one := next(seen)) is None:
        yield
    return one


def _wanted(grid: TileGrid, area: Polygon | MultiPolygon | None) -> np.ndarray:
    """bool (rows, columns of tiles): whether the area meets a tile."""
    if area is None:
        return np.ones((grid.height, grid.width), bool)
    to_tiles = ~grid.to_map
    met = shapely.transform(area, lambda points: np.stack(to_tiles @ (points[:, 0], points[:, 1]), axis=1))
    return np.array([[met.intersects(box(x, y, x + 1, y + 1)) for x in range(grid.width)] for y in range(grid.height)], bool)


def _places(grid: TileGrid, level: int, row: int, wanted: np.ndarray) -> list[Place]:
    side = grid.side >> level
    return [((grid.row + row) * side, (grid.col + int(column)) * side) for column in np.flatnonzero(wanted)]


def _row(content: bytes | None, width: int) -> np.ndarray | None:
    """A row of scores that was kept; None where there is none, or it was cut short."""
    return np.frombuffer(content, np.float32) if content is not None and len(content) == 4 * width else None


def _name(grid: TileGrid, level: int, wanted: np.ndarray, looker: Looker) -> str:
    """Tells what is kept of one search from what is kept of any other."""
    raster = grid.raster
    place = [grid.side, grid.col, grid.row, grid.width, grid.height, level, wanted.tobytes().hex()]
    key = [raster.path, raster.stamp, raster.bands, raster.stretch, place, looker.key]
    return f"tiles-{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]}"
