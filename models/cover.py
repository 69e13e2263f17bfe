"""Cover: from a class list over an area to a class raster, and to its polygons, which share their borders."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from . import device
from .errors import Cancelled, Problem, RequestInvalid
from .jobs import Steps
from .landcover.class_list import ClassList, class_list
from .landcover.class_raster import ClassRaster, category_names, style
from .landcover.coverage_file import write_coverage
from .landcover.optimised import optimised
from .landcover.row_areas import row_areas
from .landcover.vectorise import Progress, vectorise
from .language.words import Vocabulary
from .nets import TextModel, load_text_model
from .objects import results
from .protocol import ClassArea, Cover, CoverReply
from .raster import Raster
from .surveying.area import Area, area_of_request
from .surveying.scale import level_for
from .surveying.survey import Frame, Scratch, Strip, frame_of, survey, text_looker
from .version import engine_version

SMALLEST = 8  # pixels: a smaller patch becomes part of its neighbour in the polygons, not in the raster
DRAFT, FINISHED = "classes.tif", "cover.tif"  # in the scratch folder
MOST_REACH = 50.0  # pixels that a border may be asked to move


@dataclass(frozen=True)
class _Job:
    """What is asked for, and where. `out` and `polygons` are the files to leave behind, `polygons` None where none are wanted."""

    raster: Raster
    request: Cover
    classes: ClassList
    model: TextModel
    area: Area | None
    frame: Frame
    out: Path
    polygons: Path | None


def steps(raster: Raster, request: Cover, model: TextModel | None = None) -> Steps:
    """Carry out a land-cover run, pausing between views; returns the reply. Without a model it is the one that the request names.

    All classes are looked at with the pixels of the one that needs the finest, and these are the pixels of the class raster. A run that is
    cancelled leaves nothing; one that is killed or fails goes on where it was when it is asked again.
    Raises ClassesMissing, ClassesUnknown, ClassesRepeated, AreaOutside, RequestInvalid, OutputUnwritable, OutputBusy, DiskFull, and what
    reading raises.
    """
    began = time.perf_counter()
    classes = class_list(request.classes, Vocabulary.read())
    area, (out, polygons) = area_of_request(request.area), _places(raster, request)
    frame = frame_of(raster, min(level_for(word, raster.gsd) for word in classes.words if word), area)
    yield 0.0, 1.0, "loading the network"
    model = model or load_text_model(request.model, device.chosen().name)
    job = _Job(raster, request, classes, model, area, frame, out, polygons)
    scratch = Scratch(job.out, _key(job))
    try:
        counts = yield from _surveyed(job, scratch)
    except Cancelled:
        scratch.clear()
        raise
    except BaseException:
        scratch.close()
        raise
    scratch.clear()
    areas = row_areas(job.frame.to_map, job.frame.width, job.frame.height, raster.crs, job.frame.pixel_area)
    return CoverReply(
        path=request.out,
        polygons=request.polygons,
        areas=_class_areas(job.classes, counts, areas),
        model=job.model.id,
        digest=job.model.digest,
        seconds=time.perf_counter() - began,
    )


def _places(raster: Raster, request: Cover) -> tuple[Path, Path | None]:
    """Where the class raster and the polygons go. Raises RequestInvalid and OutputUnwritable."""
    if not 0 <= request.simplify <= MOST_REACH:
        raise RequestInvalid(f"Borders cannot move by {request.simplify} pixels.", f"Let them move by 0 to {MOST_REACH:.0f} pixels.")
    out, polygons = Path(request.out), Path(request.polygons) if request.polygons else None
    for path in (out, *([polygons] if polygons else [])):
        results.check_place(path, *raster.files)
    if polygons is not None and results.is_same(out, polygons):
        raise RequestInvalid("The class raster and its polygons cannot be one file.", "Write them to two files.")
    return out, polygons


def _key(job: _Job) -> dict[str, Any]:
    """What the rows that are kept depend on; a survey's own names for them say the rest."""
    return {"job": "cover", "source": str(Path(job.raster.path).absolute()), "classes": job.classes.names, "model": job.model.digest}


def _surveyed(job: _Job, scratch: Scratch) -> Generator[Any, None, np.ndarray]:
    """Leaves the files behind; returns the pixels of each class in each row."""
    provenance = _provenance(job, scratch)
    try:
        draft = ClassRaster(scratch.folder / DRAFT, job.frame, job.classes, provenance)
        try:
            looker = text_looker(job.model, job.classes.weights)
            for news in survey(job.frame, job.area, looker, scratch, job.classes.keep):
                if isinstance(news, Strip):
                    draft.write(news.row, news.values)
                    yield
                else:
                    yield news.done, news.total, "looking"
        finally:
            draft.close()
        finished = scratch.folder / FINISHED
        for _ in chain(optimised(draft.path, finished), draft.check(finished)):
            yield 1.0, 1.0, "writing"
        if job.polygons is not None:
            yield from _polygons(job, job.polygons, draft, provenance, scratch)
        _put_in_place(job, scratch)
    except Problem:
        raise
    except (OSError, RuntimeError) as error:  # GDAL's errors are RuntimeErrors, rasterio's OSErrors
        raise results.problem_of(job.out, error) from error
    return draft.counts


def _polygons(
    job: _Job, path: Path, draft: ClassRaster, provenance: Mapping[str, Any], scratch: Scratch
) -> Generator[Progress, None, None]:
    frame, request = job.frame, job.request
    areas = row_areas(frame.to_map, frame.width, frame.height, job.raster.crs, frame.pixel_area)
    coverage = yield from vectorise(draft.rows(), areas, frame.to_map, SMALLEST, request.simplify)
    said = {"model": job.model.id, "prompt": ", ".join(job.classes.names)}
    yield from write_coverage(path, coverage, job.classes, job.raster.crs, said, provenance, scratch.started)


def _put_in_place(job: _Job, scratch: Scratch) -> None:
    os.replace(scratch.folder / FINISHED, job.out)
    for ending, content in ((".aux.xml", category_names(job.classes)), (".qml", style(job.classes))):
        target = job.out.with_name(job.out.name + ending) if ending == ".aux.xml" else job.out.with_suffix(ending)
        part = scratch.folder / target.name
        part.write_text(content, encoding="utf-8")
        os.replace(part, target)


def _class_areas(classes: ClassList, counts: np.ndarray, areas: np.ndarray) -> tuple[ClassArea, ...]:
    """counts: int (rows, classes); areas: float (rows,), of a pixel."""
    pixels, ground = counts.sum(axis=0), areas @ counts
    whole = max(float(ground.sum()), np.finfo(float).tiny)
    return tuple(
        ClassArea(name, int(count), float(area), float(area) / whole)
        for name, count, area in zip(classes.names, pixels, ground, strict=True)
    )


def _provenance(job: _Job, scratch: Scratch) -> dict[str, Any]:
    """Enough to run it again."""
    return {
        "source": str(Path(job.raster.path).absolute()),
        "area": "" if job.area is None else shapely.to_wkt(job.area, rounding_precision=-1),
        "bands": list(job.raster.bands),
        "stretch": [list(values) for values in job.raster.stretch],
        "model": job.model.id,
        "weights_sha256": job.model.digest,
        "classes": list(job.classes.names),
        "meaning": list(job.classes.words),
        "pixels_of_the_source": job.frame.pixel,
        "simplify": job.request.simplify,
        "smallest_patch": SMALLEST,
        "made_at": scratch.started.isoformat(),
        "rasterscribe": engine_version(),
    }
