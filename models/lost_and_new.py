"""Change without a before raster: from the map of one date and the raster of another to what is no longer there and what the map lacks."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

import shapely
from shapely.affinity import affine_transform

from .comparing.checks import check_places, check_request
from .comparing.dates import date_of, is_later
from .comparing.days import days
from .comparing.interest import Interest, interest_of
from .comparing.map_alone import LostAndNew, MapAlone, lost_and_new
from .comparing.old_map import MapPolygons, map_notes, read_map
from .comparing.progress import OPENED
from .comparing.provenance import alone
from .comparing.report import Outcome, Report, kept, named, outlines_of
from .comparing.results import Gap
from .comparing.sentences import about_classes, about_dates, about_ground
from .comparing.styles import NO_DATA
from .errors import PairOrder, RequestInvalid
from .jobs import Progress, Steps
from .language.words import Vocabulary
from .objects.instances import Refiner
from .protocol import Change
from .raster import Raster, open_raster
from .surveying.area import Area, area_of_request
from .surveying.frame import Frame, frame_of
from .surveying.lanes import Looker
from .surveying.scratch import Scratch
from .user_models.aside import aside

METHOD = "map"  # of `protocol.METHODS`


@dataclass(frozen=True)
class Seer:
    """Who looks at the raster, and who draws what people count."""

    model: str
    digest: str
    looker: Callable[[Sequence[str]], Looker]  # one channel a class
    refiner: Callable[[Frame], Refiner | None]


def steps(request: Change, vocabulary: Vocabulary, seen_by: Callable[[], Seer]) -> Steps:
    """Carry out the job, pausing between views; returns the reply. seen_by is asked when all that can be refused was refused.

    Without classes it is asked about those that the map has. A run that is cancelled leaves nothing; one that is killed or fails goes on
    where it was when it is asked again. Raises ClassesMissing, ClassesUnknown, AreaOutside, PairOrder, RequestInvalid, OutputUnwritable,
    OutputBusy, DiskFull, and what `open_raster`, `read_map`, reading and `seen_by` raise.
    """
    began = time.perf_counter()
    check_request(request)
    raster = open_raster(request.after.path, request.after.bands, request.after.stretch)
    try:
        polygons, interest, area = yield from _understood(request, raster, vocabulary)
        dates = _dates(request, raster)
        out, _ = check_places(request, (*raster.files, polygons.file))
        yield OPENED, 1.0, "loading the network"
        seer = seen_by()
        job = MapAlone(
            raster, polygons, interest.classes, seer.looker, seer.refiner if request.refine else lambda _: None, area,
            request.options, request.floor, request.min_area,
        )  # fmt: skip
        key = {"job": "change", "classes": job.classes, "method": METHOD, "model": seer.digest, "map": polygons.digest}
        with kept(Scratch(out, key)) as scratch:
            found = yield from lost_and_new(job, scratch)
            outcome = _outcome(found)
            yield from outlines_of(outcome.changes, request.threshold)
            yield 1.0, 1.0, "writing"
            report = Report(outcome, METHOD, seer.model, seer.digest, job.classes, dates, found.shift, raster.crs)
            yield from report.written(out, alone(request, raster, area, job.classes), scratch)
    finally:
        raster.close()
    said = (*about_dates(dates, "old map was made"), *about_ground(found.compared), *about_classes(interest))
    notes = (*said, *map_notes(polygons), *found.notes)
    return report.reply(request, notes, time.perf_counter() - began)


def _dates(request: Change, raster: Raster) -> tuple[str, str]:
    """Raises DateUnknown, PairOrder."""
    before, after = request.before_date, request.after_date or date_of(raster.path, raster.tags)
    days(before, after)
    if is_later(before, after) and not request.any_order:
        raise PairOrder(f"The old map ({before}) is newer than the raster ({after}).", before=before, after=after)
    return before, after


def _understood(
    request: Change, raster: Raster, vocabulary: Vocabulary
) -> Generator[Progress, None, tuple[MapPolygons, Interest, Area | None]]:
    """The map, the classes that are asked for, and the area, None for all of the raster. Raises what is wrong with them."""
    if request.old_map is None:
        raise RequestInvalid("There is nothing to compare with.", "Choose a before raster, or the old map, or both.")
    if request.probability:
        raise RequestInvalid("A map alone does not say how likely each pixel has changed.", "Leave the probability out.")
    interest = interest_of(request.classes, vocabulary)
    area = area_of_request(request.area)
    frame_of(raster, 0, area)  # raises where they share no ground
    ground = area or affine_transform(shapely.box(0, 0, raster.width, raster.height), raster.transform.to_shapely())
    reading = partial(read_map, request.old_map, raster.crs, ground.bounds, vocabulary)
    polygons = yield from aside(reading, lambda: (0.0, 1.0, "reading the map"))
    asked = any(name.strip() for name in request.classes)
    return polygons, interest if asked else Interest(polygons.classes), area


def _outcome(found: LostAndNew) -> Outcome:
    gaps = [Gap(gap, NO_DATA) for gap in found.gaps]
    return Outcome([named(one) for one in found.changes], gaps, found.compared, found.not_compared)
