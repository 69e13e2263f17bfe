"""Pairs with known change from footprints of one date: `evaluate change --synthetic` over `images/` and `instances/`.

Houses come and go, light, season, shadows and the angle of view differ, as in the training of the change head (`training.dates`), on ground
that it never saw. Nothing is stored: the seed makes the same pairs at every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...classes import CLASSES
from ...errors import RequestInvalid
from ...nets.comparing import ABSENT
from ..dates import BUILT, HOUSE, Dates
from ..labels import BUILDING, SMALLEST, Source, masked, rule, table
from ..scenes import Painter
from ..stitch import stitched
from .change import Pair

SEED = 5
PAIRS = 200
UNDRAWN = rule(no="building, solar panel")


def edited_pairs(folder: Path, count: int, mapped: bool) -> Iterator[Pair]:
    """`count` pairs of 256 x 256 pixels, 0.22 to 0.9 m each; PAIRS with 0. mapped: with the footprints of the first date as its old map.

    Raises RequestInvalid where the set is no tiles named site_x_y_zoom with footprints, of which sites are put together.
    """
    images = stitched(masked(folder), SMALLEST) if (folder / "instances").is_dir() else []
    if not images:
        raise RequestInvalid(
            f"{folder} holds no four tiles with footprints side by side.",
            "Give one with images/ and instances/ named site_x_y_zoom.",
        )
    place = Source(images, table({0: UNDRAWN, 1: BUILDING}), (0.25, 1.5))
    dates = Dates(Painter({next(iter(BUILT)): place}, np.random.default_rng(SEED)), [], lambda _: np.zeros((1, 1)))
    for _ in range(count or PAIRS):
        pair = dates.draw()
        old_map = footprints(pair.known[0]) if mapped else None
        yield Pair(pair.rgb[0], pair.rgb[1], pair.change[..., HOUSE], old_map=old_map)


def footprints(known: np.ndarray) -> np.ndarray:
    """uint8 (h, w), an old map of buildings as `nets.comparing` takes it, of what is known of the first date, (h, w, K)."""
    houses = known[..., HOUSE]
    return np.select([houses == 1, houses == 0], [1 + CLASSES.index("building"), ABSENT], 0).astype(np.uint8)
