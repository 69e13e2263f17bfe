"""A comparison without a before raster: what of the old map is no longer there, and what is there that the map lacks.

The text network looks at the image for the classes of interest. A polygon of the map is lost where the image shows too little of its class,
wherever within the uncertainty of the map's place it may lie; an object is new where no polygon of its class, nor one of which nobody knows
what it is, covers it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from ..classes import BACKGROUND, CLASSES
from ..ground import areas
from ..landcover.row_areas import row_areas
from ..objects.instances import Gatherer, Refiner
from ..objects.refine import REFINED
from ..objects.shares import Sharing, within
from ..protocol import OutlineOptions, Shift
from ..surveying.area import Area
from ..surveying.frame import Frame, frame_of
from ..surveying.lanes import Looker
from ..surveying.scale import least_of, level_for
from ..surveying.scratch import Scratch
from ..surveying.source import Source
from ..surveying.survey import Strip, probability, survey
from .draft import Draft
from .kinds import APPEARED, DISAPPEARED
from .map_lost import shown
from .map_new import Unmapped, unmapped
from .map_shift import REACH, Lies, map_shift
from .objects import Changed
from .old_map import NOTHING, MapPolygons
from .progress import DRAWING, DRAWING_BY_CLICKS, LOOKED, OPENED, told
from .uncompared import not_compared

DRAFT = "map.tif"  # in the scratch folder
MATCHED = 0.97  # of the whole: when it is known what was lost
# A map has things of a class down to some size. A twentieth of its polygons, the smallest, do not say which; and what is seen of a thing
# may be half of it.
SMALLEST, SEEN = 0.05, 0.5
TOLERANCE = 3  # pixels that a single outline may lie beside the others, at most


@dataclass(frozen=True)
class MapAlone:
    """What is asked: objects of some classes on a raster, against the polygons of a map in the raster's CRS."""

    raster: Source
    polygons: MapPolygons
    classes: tuple[str, ...]  # of CLASSES
    looker: Callable[[Sequence[str]], Looker]  # one channel a class
    refiner: Callable[[Frame], Refiner | None] = lambda _frame: None  # who draws the outlines of what people count
    area: Area | None = None  # in the raster's CRS; None is all that the raster and the map's extent share
    options: OutlineOptions = field(default_factory=OutlineOptions)
    floor: float = 0.25
    min_area: float = 0.0  # m2; square native pixels without a CRS


@dataclass(frozen=True)
class LostAndNew:
    changes: list[Changed]  # with at least the floor's score
    shift: Shift | None  # of the image beside the map; None where too little of the map is to be seen
    gaps: list[shapely.Polygon]  # ground without data, in the raster's CRS
    compared: float  # m2; square pixels without a CRS
    not_compared: float
    notes: tuple[str, ...]


def lost_and_new(job: MapAlone, scratch: Scratch) -> Generator[Any, None, LostAndNew]:
    """Carry it out, pausing between views and telling how far it is; raises what a survey raises, and AreaOutside."""
    area = job.area if job.area is not None else shapely.box(*shapely.total_bounds(job.polygons.outlines))
    frame = frame_of(job.raster, min(level_for(name, job.raster.gsd) for name in job.classes), area)
    refiner = None if REFINED.isdisjoint(job.classes) else job.refiner(frame)
    surveyed = LOOKED - (LOOKED - OPENED) * (DRAWING if refiner is None else DRAWING_BY_CLICKS)
    with Draft(scratch.folder / DRAFT, frame, len(job.classes)) as draft:
        counts = yield from _seen(job, area, draft, scratch, surveyed)
        lies = _lies(job, draft)
        moved = _moved(job.polygons.outlines, lies, frame)
        reach = TOLERANCE if lies is None else min(TOLERANCE, math.ceil(lies.uncertainty))
        changes = yield from told(_new(job, draft, moved, reach, refiner), surveyed, LOOKED, "looking")
        changes += yield from told(_lost(job, draft, moved, reach), LOOKED, MATCHED, "looking")
        gaps = yield from _gaps(draft, area)
    ground = row_areas(frame.to_map, frame.width, frame.height, job.raster.crs, frame.pixel_area)
    missing = sum(job.raster.square_metres(gap) for gap in gaps)
    return LostAndNew(changes, _as_shift(lies, frame), gaps, float(ground @ counts), float(missing), _notes(job, lies, frame))


def _seen(job: MapAlone, area: Area, draft: Draft, scratch: Scratch, surveyed: float) -> Generator[Any, None, np.ndarray]:
    """int (rows,): how many pixels of each row have data. Fills the draft with the probability of each class."""
    counts = np.zeros(draft.frame.height, np.int64)
    for news in survey(draft.frame, area, job.looker(job.classes), scratch, probability):
        if isinstance(news, Strip):
            draft.write(news.row, news.values)
            counts[news.row : news.row + news.values.shape[1]] = np.count_nonzero(news.values[0], axis=1)
        else:
            yield OPENED + (surveyed - OPENED) * (news.done / news.total if news.total else 1.0), 1.0, "looking"
    return counts


def _gaps(draft: Draft, area: Area) -> Generator[Any, None, list[shapely.Polygon]]:
    drawing = not_compared(draft, area)
    try:
        while True:
            next(drawing)
            yield MATCHED, 1.0, "looking"
    except StopIteration as end:
        gaps: list[shapely.Polygon] = end.value
        return gaps
    finally:
        drawing.close()


def _lies(job: MapAlone, draft: Draft) -> Lies | None:
    """As the class says of which the map has most polygons."""
    counts = [int(np.count_nonzero(job.polygons.codes == CLASSES.index(name))) for name in job.classes]
    most = int(np.argmax(counts))
    own = job.polygons.outlines[job.polygons.codes == CLASSES.index(job.classes[most])]
    centres = shapely.get_coordinates(shapely.centroid(own))
    spread = own[np.lexsort((centres[:, 0], centres[:, 1]))]  # from one side to the other, so that a part of them is from everywhere
    return map_shift(_in_pixels(spread, draft.frame).tolist(), lambda *window: draft.read(*window)[most])


def _lost(job: MapAlone, draft: Draft, moved: np.ndarray, reach: int) -> Sharing[list[Changed]]:
    """Map polygons, as the map draws them, of which the image shows too little."""
    changes = []
    for channel, name in enumerate(job.classes):
        own = np.flatnonzero(job.polygons.codes == CLASSES.index(name))
        if not len(own):
            continue
        work = shown(draft, channel, moved[own], reach)
        means = yield from within(channel / len(job.classes), (channel + 1) / len(job.classes), work)
        outlines = job.polygons.outlines[own]
        for outline, size, mean in zip(outlines, _sizes(outlines, job.raster).tolist(), means.tolist(), strict=True):
            if 1 - mean >= job.floor and size >= job.min_area:  # not where nobody can say
                changes.append(Changed(outline, DISAPPEARED, name, BACKGROUND, name, 1 - mean, size))
    return changes


def _new(job: MapAlone, draft: Draft, moved: np.ndarray, reach: int, refiner: Refiner | None) -> Sharing[list[Changed]]:
    """Objects of the ground that no polygon of their class covers, nor one of which nobody knows what it is. What is smaller than all that
    the map has of a class, sheds and the lorries that look like them, is left out of it by rule, and not lacking."""
    searches = []
    for name in job.classes:
        known = moved[np.isin(job.polygons.codes, (CLASSES.index(name), NOTHING))]
        gatherer = Gatherer(draft.frame, name, job.options, job.floor, refiner if name in REFINED else None)
        searches.append(Unmapped(gatherer, known, reach + 1))
    least = {name: max(_unit(job, name), 0.0 if job.raster.gsd is None else least_of(name)) for name in job.classes}
    changes = []
    for one in (yield from unmapped(draft, searches)):
        if one.area >= max(job.min_area, least[one.class_name]):
            changes.append(Changed(one.outline, APPEARED, BACKGROUND, one.class_name, one.class_name, one.score, one.area))
    return changes


def _unit(job: MapAlone, name: str) -> float:
    """m2 that at least is seen of the smallest things of a class that the map has; square native pixels without a CRS."""
    own = job.polygons.outlines[job.polygons.codes == CLASSES.index(name)]
    return SEEN * float(np.quantile(_sizes(own, job.raster), SMALLEST)) if len(own) else 0.0


def _moved(outlines: np.ndarray, lies: Lies | None, frame: Frame) -> np.ndarray:
    """The map's outlines where the image has them; where they are, if it is not known or too far to be true."""
    if lies is None or not _is_corrected(lies):
        return outlines
    step = frame.to_map @ (lies.x, lies.y)
    origin = frame.to_map @ (0.0, 0.0)
    across, down = step[0] - origin[0], step[1] - origin[1]
    moved: np.ndarray = shapely.transform(outlines, lambda x, y: (x + across, y + down), interleaved=False)
    return moved


def _is_corrected(lies: Lies) -> bool:
    return 0.5 <= lies.length and max(abs(lies.x), abs(lies.y)) < REACH


def _as_shift(lies: Lies | None, frame: Frame) -> Shift | None:
    """In native pixels."""
    if lies is None:
        return None
    metres = None if frame.raster.gsd is None else lies.length * frame.pixel * frame.raster.gsd
    return Shift(lies.x * frame.pixel, lies.y * frame.pixel, metres, lies.uncertainty * frame.pixel, _is_corrected(lies))


def _notes(job: MapAlone, lies: Lies | None, frame: Frame) -> tuple[str, ...]:
    notes = []
    lacking = [name for name in job.classes if name not in job.polygons.classes]
    if lacking:
        notes.append(f"The old map has no {', no '.join(lacking)}: all that is there counts as new.")
    if lies is None:
        notes.append("Too little of the old map was recognised in the image to measure how they lie to each other.")
    elif max(abs(lies.x), abs(lies.y)) >= REACH:
        notes.append(f"The old map seems to lie {REACH * frame.pixel} pixels or more beside the image: move it, then compare again.")
    return tuple(notes)


def _in_pixels(outlines: np.ndarray, frame: Frame) -> np.ndarray:
    to_pixel = ~frame.to_map
    found: np.ndarray = shapely.transform(outlines, lambda x, y: to_pixel @ (x, y), interleaved=False)
    return found


def _sizes(outlines: np.ndarray, raster: Source) -> np.ndarray:
    """m2; square native pixels without a CRS."""
    return areas(outlines, raster.crs) if raster.crs else shapely.area(outlines) / abs(raster.transform.determinant)
