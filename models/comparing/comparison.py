"""A comparison from its first view to its last object: seen, gathered, told, cleared of what is no change."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..landcover.row_areas import row_areas
from ..protocol import Change, Outlines
from ..surveying.area import Area
from ..surveying.frame import Frame
from ..surveying.lanes import Looker
from ..surveying.scratch import Scratch
from ..surveying.source import Source
from ..surveying.survey import Strip, survey
from .claims import settled
from .draft import Draft
from .objects import Changed, Gathering, Refiners
from .opening import told_apart
from .pair import RasterPair
from .planes import CHANGED, keep_for
from .progress import DRAWING, DRAWING_BY_CLICKS, LOOKED, Looking, told
from .report import Outcome, named, outlines_of
from .results import Gap
from .slivers import Slivers, shifts_of
from .uncompared import not_compared

LAST = 0.05  # of the drawing: what the last row cuts
CLEARED, SETTLED = 0.96, 0.97  # of the whole: when it is known what a shift explains, and when no two changes share ground


@dataclass(frozen=True)
class Comparer:
    """Who compares, and what it looks at: a network of ours, or statistics of all bands."""

    method: str  # one of `protocol.METHODS`
    model: str  # its id, or the method's name where there are no weights
    digest: str  # sha256 of the weights, "" without any
    classes: tuple[str, ...]  # what it tells apart, in the order of its channels; none where it says only that something changed
    source: Source  # on the pair's grid
    looker: Looker
    notes: tuple[str, ...] = ()  # sentences for the analyst
    measured: tuple[str, ...] = ()  # of the classes, those that are told by what each pixel measures
    hears_map: bool = True  # whether it goes by the old map, where there is one


@dataclass(frozen=True)
class Comparison:
    request: Change
    pair: RasterPair
    comparer: Comparer
    area: Area | None  # in the grid's CRS, None for all of it
    frame: Frame  # of what the comparer looks at
    refiners: Refiners = (None, None)


def compared(job: Comparison, draft: Draft, scratch: Scratch) -> Generator[Any, None, Outcome]:
    """Fills the draft; tells changes as they are found, in the grid's CRS, before it is asked what a shift explains."""
    frame = job.frame
    found, counts = yield from _seen(job, draft, scratch)
    slivers = Slivers(draft, job.comparer.classes, shifts_of(job.pair.shift, frame), None if job.comparer.classes else job.pair)
    found = yield from told(slivers.without(found), LOOKED, CLEARED, "looking")
    found = yield from told(settled(found, frame, job.request.min_area), CLEARED, SETTLED, "looking")
    gaps = yield from _gaps(job, draft)
    ground = row_areas(frame.to_map, frame.width, frame.height, frame.raster.crs, frame.pixel_area)
    missing = sum(job.pair.square_metres(gap.outline) for gap in gaps)
    return Outcome([named(one) for one in found], gaps, float(ground @ counts), float(missing))


def _seen(job: Comparison, draft: Draft, scratch: Scratch) -> Generator[Any, None, tuple[list[Changed], np.ndarray]]:
    """What changed, and int (rows,): how many pixels of each row were compared."""
    request, classes, height = job.request, job.comparer.classes, job.frame.height
    gathering = Gathering(draft, classes, request.options, request.floor, job.refiners, request.min_area, job.comparer.measured)
    looking = Looking(DRAWING if job.refiners == (None, None) else DRAWING_BY_CLICKS)
    found: list[Changed] = []
    counts = np.zeros(height, np.int64)
    for news in survey(job.frame, job.area, job.comparer.looker, scratch, keep_for(len(classes), request.floor)):
        if isinstance(news, Strip):
            draft.write(news.row, news.values)
            stop = news.row + news.values.shape[1]
            counts[news.row : stop] = np.count_nonzero(news.values[CHANGED], axis=1)
            shares = (1 - LAST) * news.row / height, (1 - LAST) * stop / height
            some = yield from looking.draw(*shares, gathering.taking(news.row, news.values))
            yield from _told(job, some)
            found += some
        else:
            yield looking.of(news)
    some = yield from looking.draw(1 - LAST, 1.0, gathering.finishing())
    yield from _told(job, some)
    return found + some, counts


def _told(job: Comparison, found: Sequence[Changed]) -> Generator[Outlines | None, None, None]:
    yield from outlines_of(found, job.request.threshold)
    yield None


def _gaps(job: Comparison, draft: Draft) -> Generator[Any, None, list[Gap]]:
    drawing = not_compared(draft, job.area)
    try:
        while True:
            next(drawing)
            yield SETTLED, 1.0, "looking"
    except StopIteration as end:
        return told_apart(end.value, job.pair)
    finally:
        drawing.close()
