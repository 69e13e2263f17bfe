"""Two rasters opened and looked over, by a thread of its own: to measure how they lie to each other may take some seconds."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial

import numpy as np
import shapely
from shapely.geometry import Polygon

from ..jobs import Progress
from ..protocol import Open
from ..user_models.aside import aside
from .clouds import CloudMask, cloud_masks
from .pair import RasterPair, open_pair
from .progress import OPENED
from .results import Gap
from .styles import CLOUDS, NO_DATA


def opened(before: Open, after: Open, any_order: bool = False, dates: tuple[str, str] = ("", "")) -> Generator[Progress, None, RasterPair]:
    """The pair; raises what `open_pair` does. It is closed where nobody waits for it any more."""
    work = partial(open_pair, before, after, any_order, *dates)
    return (yield from aside(work, lambda: (0.0, 1.0, "opening both rasters"), lambda pair: pair.close()))


def without_clouds(pair: RasterPair) -> Generator[Progress, None, tuple[RasterPair, tuple[float, float]]]:
    """The pair without what clouds hide, and which share of each date that is."""

    def looked() -> tuple[CloudMask | None, CloudMask | None]:
        own = pair.another()  # whoever gives the job up closes the other one, be it read or not
        try:
            return cloud_masks(own)
        finally:
            own.close()

    masks = yield from aside(looked, lambda: (OPENED / 2, 1.0, "looking for clouds"))
    before, after = (0.0 if mask is None else mask.share for mask in masks)
    return pair.under(masks), (before, after)


def told_apart(outlines: Sequence[Polygon], pair: RasterPair) -> list[Gap]:
    """Ground that was not compared, and whether clouds are why."""
    return [Gap(outline, CLOUDS if _is_hidden(outline, pair) else NO_DATA) for outline in outlines]


def _is_hidden(outline: Polygon, pair: RasterPair) -> bool:
    point = shapely.point_on_surface(outline)
    col, row = (float(np.floor(at)) for at in pair.to_pixel(point.x, point.y))
    hidden = pair.hidden(col, row, 1, 1, 1, 1)
    return hidden is not None and bool(hidden.any())
