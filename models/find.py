"""Find: from a phrase over an area to the objects that it asks for, as a GeoPackage.

The networks say how likely every pixel is of each class that the phrase names; what is likely becomes objects; what the phrase says about
their size, shape, tone, rank and place is measured on these.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from .errors import Cancelled, PhraseEmpty, RequestInvalid
from .jobs import Steps
from .language.query import Parse
from .objects import results, tone
from .objects.instances import Gatherer, Instance, Refiner
from .objects.refine import REFINED
from .objects.shares import Sharing, within
from .protocol import ClassFound, Find, FindReply, Outlines, PartialObject
from .raster import Raster
from .selection.layers import Source
from .selection.select import Selection, check_answerable, classes_named, select
from .surveying.area import Area, area_of_request
from .surveying.scale import least_of, level_for
from .surveying.survey import Frame, Looker, Scratch, Step, Strip, frame_of, probability, survey
from .version import engine_version

# Of the time for a survey that it takes to draw what was seen, about; with clicks it may be nothing or nearly all.
DRAWING, DRAWING_BY_CLICKS = 0.1, 0.5
TOLD = 100  # objects at a time: more would keep whoever draws them too long
SMALL = 4.0  # times what is noise: a phrase that asks for smaller things gets all of them
LAST = 0.05  # of the drawing: what the last row cuts

Shapes = Mapping[str, Sequence[object]]  # geometries by the name of their layer, in the raster's CRS


@dataclass(frozen=True)
class Asked:
    """Who is asked, and how: a network of ours by its classes, an open-vocabulary one by the words themselves, or by examples."""

    model: str
    digest: str
    looker: Callable[[Sequence[str]], Looker]  # one channel a name
    refiner: Callable[[Frame], Refiner | None] = lambda _frame: None  # who draws the outlines of what people count
    level: Callable[[str, float | None], int] = level_for  # of the survey for a name, on a raster of so many metres a pixel
    parted: bool | None = None  # whether objects that touch are told apart; None: those of countable classes are
    least: Callable[[str], float] = least_of  # m2, square native pixels without a CRS: what is smaller cannot be meant


@dataclass
class _Progress:
    """Of several surveys of one area as one: to look counts as a share of each, to draw what was seen as the rest."""

    surveys: int
    drawing: float  # share
    done: int = 0
    looked: float = 0.0  # share of the survey at hand
    drawn: float = 0.0

    @property
    def now(self) -> tuple[float, float, str]:
        share = (1 - self.drawing) * self.looked + self.drawing * self.drawn
        return self.done + share, float(self.surveys), "looking"

    def of(self, step: Step) -> tuple[float, float, str]:
        self.looked = step.done / step.total if step.total else 1.0
        return self.now

    def draw(self, start: float, stop: float, work: Sharing[list[Instance]]) -> Generator[Any, None, list[Instance]]:
        """Objects that are drawn while the share of what is drawn goes from `start` to `stop`."""
        work = within(start, stop, work)
        try:
            while True:
                self.drawn = next(work)
                yield self.now
        except StopIteration as end:
            self.drawn = stop
            found: list[Instance] = end.value
            return found
        finally:
            work.close()

    def next(self) -> None:
        """The survey at hand is at its end."""
        self.done, self.looked, self.drawn = self.done + 1, 0.0, 0.0


@dataclass
class _Search:
    raster: Raster
    asked: Asked
    request: Find
    parse: Parse
    area: Area | None
    instances: dict[str, list[Instance]] = field(default_factory=dict)


def steps(raster: Raster, request: Find, parse: Parse, layers: Shapes, asked: Asked) -> Steps:
    """Carry out a search, pausing between views; returns the reply.

    layers: of every vector layer that the phrase names. Objects are told as they are found, with those that no relation or rank has been
    asked about. A search that is cancelled leaves nothing; one that is killed or fails goes on where it was when it is asked again.
    Raises PhraseEmpty, PhraseUnits, LayerUnknown, AreaOutside, RequestInvalid, OutputUnwritable, OutputBusy, DiskFull, and what
    reading raises.
    """
    began = time.perf_counter()
    if not 0 < request.threshold < 1:
        what = f"The least score asked for, {request.threshold:g}, is not between 0 and 1."
        raise RequestInvalid(what, "Ask for more than 0 and less than 1.")
    if not 0 < request.floor <= request.threshold:
        raise RequestInvalid("The scores asked for are not between 0 and 1, the lower one first.", "Give 0 < floor <= threshold < 1.")
    if all(query.negated for query in parse.queries):
        raise PhraseEmpty("The phrase says only what is not asked for.")
    results.check_place(Path(request.out), *raster.files, *(Source.of(layer.path).path for layer in request.layers))
    check_answerable(parse, layers, None if raster.gsd is None else raster.crs)
    area = area_of_request(request.area)
    search = _Search(raster, asked, request, parse, area)
    frame_of(raster, 0, area)  # raises where there is nothing to look at
    scratch = Scratch(Path(request.out), {"job": "find", "text": request.text, "examples": request.examples, "model": asked.digest})
    try:
        yield from _gather(search, scratch)
        yield 1.0, 1.0, "choosing"
        selection = _selected(search, layers)
        yield 1.0, 1.0, "writing"
        _write(search, selection, scratch)
    except Cancelled:
        scratch.clear()
        raise
    except BaseException:
        scratch.close()
        raise
    scratch.clear()
    return _reply(search, selection, time.perf_counter() - began)


def _gather(search: _Search, scratch: Scratch) -> Generator[Any, None, None]:
    """The objects of every class named, each looked at as finely as its network was taught."""
    by_level: dict[int, list[str]] = {}
    for name in classes_named(search.parse):
        by_level.setdefault(search.asked.level(name, search.raster.gsd), []).append(name)
        search.instances[name] = []
    targets = {query.class_name for query in search.parse.queries if not query.negated}
    clicks = search.request.refine and not REFINED.isdisjoint(search.instances)
    progress = _Progress(len(by_level), DRAWING_BY_CLICKS if clicks else DRAWING)
    for level, names in by_level.items():
        frame = frame_of(search.raster, level, search.area)
        gatherers = {name: _gatherer(search, frame, name) for name in names}
        for news in survey(frame, search.area, search.asked.looker(names), scratch, probability):
            if isinstance(news, Strip):
                rows = news.values.shape[1] * (1 - LAST) / frame.height
                for at, (name, gatherer) in enumerate(gatherers.items()):
                    start = (1 - LAST) * news.row / frame.height + rows * at / len(names)
                    drawing = progress.draw(start, start + rows / len(names), gatherer.taking(news.row, news.values[at]))
                    yield from _told(search, name, (yield from drawing), name in targets)
            else:
                yield progress.of(news)
        for at, (name, gatherer) in enumerate(gatherers.items()):
            start, stop = (1 - LAST + LAST * some / len(names) for some in (at, at + 1))
            yield from _told(search, name, (yield from progress.draw(start, stop, gatherer.finishing())), name in targets)
        progress.next()


def _gatherer(search: _Search, frame: Frame, name: str) -> Gatherer:
    request = search.request
    refiner = search.asked.refiner(frame) if request.refine and name in REFINED else None
    return Gatherer(frame, name, request.options, request.floor, refiner, parted=search.asked.parted)


def _told(search: _Search, name: str, found: list[Instance], told: bool) -> Generator[Outlines | None, None, None]:
    """Keep objects, and tell the analyst of those that may be asked for."""
    least = _least(search, name)
    found = [one for one in found if not one.area < least]  # an area may be unknown
    search.instances[name] += found
    sure = [one for one in found if one.score >= search.request.threshold]
    for first in range(0, len(sure) if told else 0, TOLD):
        some = sure[first : first + TOLD]
        yield Outlines(0, tuple(PartialObject(shapely.to_wkb(one.outline, hex=True), name, one.score) for one in some))
    yield None


def _least(search: _Search, name: str) -> float:
    """The area below which objects of a class are noise; none where the phrase asks for smaller ones, or nobody knows a pixel's size."""
    least = search.asked.least(name)
    said = [query.size.max_m2 for query in search.parse.queries if query.class_name == name and query.size]
    small = any(most is not None and most < SMALL * least for most in said)
    return 0.0 if small or (search.raster.gsd is None and not search.request.examples) else least


def _selected(search: _Search, layers: Shapes) -> Selection:
    raster = search.raster
    return select(
        search.instances,
        search.parse,
        layers,
        raster.crs,
        raster.gsd if raster.gsd is not None else raster.pixel_size,
        search.request.threshold,
        lambda instance: tone.tone_of(instance.outline, raster),
    )


def _write(search: _Search, selection: Selection, scratch: Scratch) -> None:
    raster, text = search.raster, search.request.text
    objects = [
        results.Object(
            chosen.instance.outline,
            chosen.instance.score,
            None if raster.crs is None else chosen.instance.area,
            search.asked.model,
            text,
            chosen.instance.class_name,
        )
        for chosen in selection.chosen
    ]
    results.write_objects(search.request.out, objects, raster.crs, _provenance(search), scratch.started, scratch.folder)


def _provenance(search: _Search) -> dict[str, Any]:
    """Enough to run it again."""
    raster, request = search.raster, search.request
    return {
        "source": str(Path(raster.path).absolute()),
        "area": None if search.area is None else shapely.to_wkt(search.area, rounding_precision=-1),
        "bands": list(raster.bands),
        "stretch": [list(values) for values in raster.stretch],
        "model": search.asked.model,
        "weights_sha256": search.asked.digest,
        "prompt": request.text,
        "examples": request.examples,
        "understood": search.parse.to_json(),
        "threshold": request.threshold,
        "floor": request.floor,
        "refine": request.refine,
        "smooth": request.options.smooth,
        "right_angles": request.options.right_angles,
        "min_hole": request.options.min_hole,
        "rasterscribe": engine_version(),
    }


def _reply(search: _Search, selection: Selection, seconds: float) -> FindReply:
    strong = [one.instance for one in selection.chosen if one.instance.score >= search.request.threshold]
    names = dict.fromkeys(query.class_name for query in search.parse.queries if not query.negated)
    counts = Counter(one.class_name for one in strong)
    areas = {name: [one.area for one in strong if one.class_name == name and math.isfinite(one.area)] for name in names}
    classes = tuple(ClassFound(name, counts[name], float(sum(found))) for name, found in areas.items())
    parse, asked = search.parse, search.asked
    return FindReply(
        path=search.request.out,
        count=len(strong),
        classes=classes,
        not_understood=tuple(parse.not_understood),
        notes=selection.notes,
        sentence=parse.sentence(),
        model=asked.model,
        digest=asked.digest,
        seconds=seconds,
    )
