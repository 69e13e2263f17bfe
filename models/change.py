"""Change: from two dates of one ground, or from one and the map of the other, to what appeared, disappeared or became something else.

Everything that can be refused is refused before a network looks. The networks say of every pixel how likely it has changed, and what it was
and is; pixels become objects; what a shift between the two rasters explains is no change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Optional

import numpy as np

from .comparing.area import compared_area
from .comparing.checks import check_places, check_request
from .comparing.comparison import Comparer, Comparison, compared
from .comparing.draft import Draft
from .comparing.fineness import coarser_gsd, level_of
from .comparing.interest import Interest, interest_of
from .comparing.objects import Refiners
from .comparing.old_map import MapPolygons, read_map
from .comparing.opening import opened, without_clouds
from .comparing.pair import RasterPair
from .comparing.planes import CHANGED
from .comparing.probability import write_probability
from .comparing.progress import OPENED, told
from .comparing.provenance import provenance_of
from .comparing.report import Report, kept
from .comparing.sentences import about_classes, about_clouds, about_dates, about_ground, about_map
from .errors import RequestInvalid
from .jobs import Progress, Steps
from .language.words import Vocabulary
from .objects.refine import REFINED
from .protocol import Change
from .surveying.area import Area, area_of_request
from .surveying.frame import Frame, frame_of
from .surveying.scratch import Scratch
from .user_models.aside import aside

DRAFT = "planes.tif"  # in the scratch folder
WRITING = 0.98  # of the whole: when everything is found

ComparedBy = Callable[[Change, RasterPair, Interest, Optional[MapPolygons]], Comparer]
RefinedBy = Callable[[RasterPair, Frame], Refiners]  # who draws what people count anew, at each date


def steps(request: Change, vocabulary: Vocabulary, compared_by: ComparedBy, refined_by: RefinedBy) -> Steps:
    """Carry out a comparison, pausing between views; returns the reply.

    compared_by is asked when all that can be refused was refused, in a thread of its own, for networks take seconds to load; refined_by
    only where outlines are to be drawn anew. Changes are told as they are found, in the CRS of the before raster. A run that is cancelled
    leaves nothing; one that is killed or fails goes on where it was when it is asked again.
    Raises ClassesMissing, ClassesUnknown, AreaOutside, RequestInvalid, OutputUnwritable, OutputBusy, DiskFull, and what `open_pair`,
    `read_map`, reading and `compared_by` raise.
    """
    began = time.perf_counter()
    check_request(request)
    if request.before is None:
        raise RequestInvalid("There is no before raster.", "Choose the raster of the first date.")
    interest, asked = interest_of(request.classes, vocabulary), area_of_request(request.area)
    pair = yield from opened(request.before, request.after, request.any_order, (request.before_date, request.after_date))
    try:
        out, probability = check_places(request, (*pair.files, *([request.old_map.path] if request.old_map else [])))
        area = compared_area(pair, asked)
        old_map = yield from _read_map(request, pair, area, vocabulary)
        interest = interest.at(coarser_gsd(pair))
        pair, clouds = yield from without_clouds(pair)
        loading = partial(compared_by, request, pair, interest, old_map)
        comparer = yield from aside(loading, lambda: (OPENED, 1.0, "loading the network"), lambda late: late.source.close())
        job = _comparison(request, pair, comparer, area, refined_by)
        with closing(job.comparer.source), kept(Scratch(out, _key(job))) as scratch:
            report = yield from _carried_out(job, out, probability, scratch)
    finally:
        pair.close()
    maps = about_map(old_map, area or pair.common) if old_map and job.comparer.hears_map else ()
    words = about_classes(interest, bool(job.comparer.classes))
    ground = (*about_ground(report.outcome.compared), *about_clouds(clouds))
    notes = (*pair.notes, *about_dates(pair.dates), *ground, *words, *maps, *job.comparer.notes)
    return report.reply(request, notes, time.perf_counter() - began)


def _read_map(
    request: Change, pair: RasterPair, area: Area | None, vocabulary: Vocabulary
) -> Generator[Progress, None, MapPolygons | None]:
    """Raises what `read_map` does."""
    if request.old_map is None:
        return None
    bounds = (pair.common if area is None else area).bounds
    return (yield from aside(partial(read_map, request.old_map, pair.crs, bounds, vocabulary), lambda: (0.0, 1.0, "reading the map")))


def _comparison(request: Change, pair: RasterPair, comparer: Comparer, area: Area | None, refined_by: RefinedBy) -> Comparison:
    frame = frame_of(comparer.source, level_of(pair, comparer.classes), area)
    drawn = request.refine and not REFINED.isdisjoint(comparer.classes)
    return Comparison(request, pair, comparer, area, frame, refined_by(pair, frame) if drawn else (None, None))


def _key(job: Comparison) -> dict[str, Any]:
    """What the rows that are kept depend on; a survey's own names for them say the rest."""
    return {"job": "change", "classes": job.comparer.classes, "method": job.comparer.method, "floor": job.request.floor}


def _carried_out(job: Comparison, out: Path, probability: Path | None, scratch: Scratch) -> Generator[Any, None, Report]:
    """Leaves the files behind."""
    comparer, pair = job.comparer, job.pair
    provenance = provenance_of(job.request, pair, job.frame, job.area, comparer.classes)
    with Draft(scratch.folder / DRAFT, job.frame) as draft:
        outcome = yield from compared(job, draft, scratch)
        if probability is not None:

            def rows(row: int, count: int) -> np.ndarray:
                seen: np.ndarray = draft.read(0, row, job.frame.width, count)[CHANGED]
                return seen

            writing = write_probability(probability, rows, job.frame, provenance, scratch.folder)
            yield from told(writing, WRITING, 1.0, "writing")
    yield 1.0, 1.0, "writing"
    report = Report(outcome, comparer.method, comparer.model, comparer.digest, comparer.classes, pair.dates, pair.shift, pair.crs)
    yield from report.written(out, provenance, scratch)
    return report
