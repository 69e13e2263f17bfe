"""Click: from prompts on a raster to the outline of the object they mean; and look, which makes later clicks quick."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from typing import TypeVar

from shapely.geometry import MultiPolygon, Polygon

from .clicks.border import refined
from .clicks.candidates import Mask, extent_of
from .clicks.prompts import Box, clicks_of, inside, native_box
from .clicks.search import Search, first_view, screen_level
from .clicks.views import View, ViewCache
from .errors import ViewEmpty
from .nets.prompt import ClickModel
from .objects.outlines import outline
from .protocol import Click, ClickReply, Look, LookReply
from .raster import Raster

LOOKED_AHEAD = 64  # views that a look may encode

T = TypeVar("T")


def steps(raster: Raster, model: ClickModel, cache: ViewCache, click: Click) -> Generator[None, None, ClickReply]:
    """Carry out a click, pausing between views so that it can be cancelled; returns the reply.

    Raises RequestInvalid, ClickOutside, ViewEmpty, and what reading the raster raises.
    """
    started = time.perf_counter()
    clicks = clicks_of(click, raster)
    search = Search(raster, model, cache, clicks, click.size, known_only=click.hover)
    found = yield from search.run(first_view(clicks.extent, click.pixel, raster, model.side))
    mask = None if found is None else found.mask
    polygon = None if mask is None else _outline(mask, search, click)
    return ClickReply(
        outline="" if polygon is None else polygon.wkb_hex,
        score=0.0 if mask is None or polygon is None else mask.score,
        area=None if polygon is None else raster.square_metres(polygon),
        view=() if mask is None else _map_extent(mask.view, raster),
        model=model.id,
        digest=model.digest,
        seconds=time.perf_counter() - started,
        warm=search.warm,
        size="" if found is None else found.size,
        others=() if found is None else found.others,
    )


def look(raster: Raster, model: ClickModel, cache: ViewCache, request: Look) -> Generator[tuple[int, int], None, LookReply]:
    """Encode the views that clicks on a screen would start in, the middle first; yields (done, total) before each.

    Raises RequestInvalid, and what reading the raster raises.
    """
    started = time.perf_counter()
    shown = inside(native_box(request.extent, raster), raster)
    views = [] if shown is None else views_of_screen(shown, screen_level(request.pixel, raster, model.side), model.side)
    encoded = 0
    for done, view in enumerate(views):
        yield done, len(views)
        try:
            cache.encoded(raster, model, view)
            encoded += 1
        except ViewEmpty:  # nobody clicks there
            continue
    return LookReply(encoded, time.perf_counter() - started)


def finish(steps: Generator[object, None, T]) -> T:
    """Carry out every step at once."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result


def views_of_screen(shown: Box, level: int, side: int) -> list[View]:
    """The views of a level that are nearest to some point of a native box, from its middle outwards, at most LOOKED_AHEAD."""
    x, y = (shown[0] + shown[2]) / 2, (shown[1] + shown[3]) / 2
    reach = side * 2.0**level * math.sqrt(LOOKED_AHEAD) / 2  # beyond, no view can be one of the nearest
    first = View.around((max(shown[0], x - reach), max(shown[1], y - reach)), level, side)
    last = View.around((min(shown[2], x + reach), min(shown[3], y + reach)), level, side)
    middle = (first.col + last.col) / 2, (first.row + last.row) / 2
    views = [View(level, col, row, side) for row in range(first.row, last.row + 1, 2) for col in range(first.col, last.col + 1, 2)]
    return sorted(views, key=lambda view: math.hypot(view.col - middle[0], view.row - middle[1]))[:LOOKED_AHEAD]


def _outline(mask: Mask, search: Search, click: Click) -> Polygon | MultiPolygon | None:
    extent = extent_of(mask, search.clicks.within(mask.view), search.raster)
    if extent is None:
        return None
    probability, to_native = refined(search.raster, mask.view, mask.logits, extent.box)
    keep = [~to_native @ point for point in search.clicks.added]
    pixel_area = search.raster.pixel_area * to_native.determinant
    return outline(probability, search.raster.transform @ to_native, click.options, keep, pixel_area)


def _map_extent(view: View, raster: Raster) -> tuple[float, float, float, float]:
    """xmin, ymin, xmax, ymax around a view, in the raster's CRS."""
    corners = [raster.to_map(*(view.to_native @ corner)) for corner in ((0, 0), (view.side, 0), (0, view.side), (view.side, view.side))]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
