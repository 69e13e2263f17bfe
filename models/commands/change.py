"""The command line of `change`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import LayerMissing, MapField, PairOrder, Problem, RequestInvalid
from ..protocol import METHODS, Change, ChangeReply, OldMap, Open
from .progress import tenths

NO_RASTER = "-"  # in place of the before raster


def add(commands: Any) -> argparse.ArgumentParser:
    """Add `change` to the engine's parser. It sets `lines`: options -> an iterator of lines to print."""
    what = "find what changed between two dates: change BEFORE AFTER --out FILE.gpkg"
    parser: argparse.ArgumentParser = commands.add_parser("change", help=what)
    parser.add_argument("before", help=f"a file that GDAL reads; {NO_RASTER} where only a map of that time is there")
    parser.add_argument("after", help="a file that GDAL reads")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.gpkg", help="where the changes go")
    parser.add_argument("--map", metavar="FILE", help="polygons of what was there at the first date")
    parser.add_argument("--map-table", default="", metavar="NAME", help="which table of the map's file, where it has several")
    classed = parser.add_mutually_exclusive_group()
    classed.add_argument("--field", default="", metavar="NAME", help="field of the map that names the class of each polygon")
    classed.add_argument("--map-class", default="", metavar="WORD", help="class of all polygons of the map")
    parser.add_argument("--classes", default="", metavar="A,B,...", help="what may come and go (default: what people map)")
    parser.add_argument("--area", default="", metavar="FILE|x0,y0,x1,y1", help="polygons of a vector file, or a box in AFTER's CRS")
    parser.add_argument("--method", choices=METHODS, default="", help="how to compare (default: what suits the rasters)")
    parser.add_argument("--threshold", type=float, default=Change.threshold, help="score from which it counts (default: %(default)s)")
    parser.add_argument("--min-area", type=float, default=0.0, metavar="M2", help="leave smaller changes out (default: %(default)s)")
    parser.add_argument("--dates", nargs=2, default=("", ""), metavar=("BEFORE", "AFTER"), help="as 2012, 2012-07 or 2012-07-31")
    parser.add_argument("--any-order", action="store_true", help="go on although BEFORE is newer than AFTER")
    parser.add_argument("--probability", type=Path, metavar="FILE.tif", help="where a raster goes of how likely each pixel has changed")
    parser.add_argument("--summary", type=Path, metavar="FILE.csv", help="where the area of every pair of classes goes")
    parser.add_argument("--infrared", type=int, nargs="+", default=(), metavar="BAND", help="near infrared of both or each; 0: none")
    parser.add_argument("--model", default="", help="id of the model (default: the shipped one)")
    parser.add_argument("--no-refine", dest="refine", action="store_false", help="keep the outlines as the change network draws them")
    parser.set_defaults(lines=lines)
    return parser


def lines(options: argparse.Namespace) -> Iterator[str]:
    """Compares the dates, and tells how far it is at every tenth of the way and in the end what changed."""
    from ..comparers import change
    from ..engine import Engine
    from ..language.words import Vocabulary

    _check_names(options)
    request, metric = _request(options)
    try:
        reply = yield from tenths(change(request, Vocabulary.read(), lambda: Engine().click_model("")))
    except Problem as problem:
        problem.remedy = _remedy(problem)
        raise
    if options.summary:
        _write_summary(options.summary, reply, metric)
    yield from _told(reply, "m2" if metric else "square pixels")
    files = [str(path) for path in (options.out, options.probability, options.summary) if path]
    yield f"{reply.count} changes are in {' and '.join(files)}, {reply.seconds:.1f} s."


def _check_names(options: argparse.Namespace) -> None:
    """Raises RequestInvalid and OutputUnwritable."""
    from ..objects.results import check_place

    if not options.map and (options.map is not None or options.field or options.map_class or options.map_table):
        raise RequestInvalid("There is no map of which to take the classes.", "Give the map with --map FILE.")
    endings = ((options.out, (".gpkg",)), (options.probability, (".tif", ".tiff")), (options.summary, (".csv",)))
    for path, known in endings:
        if path and path.suffix.lower() not in known:
            raise RequestInvalid(f"{path} has not the ending of such a file.", f"Let it end with {known[0]}.")
        if path:
            check_place(path, *(one for one in (options.area, options.map) if one))
    if options.summary:
        check_place(options.summary, *(one for one in (options.before, options.after) if one != NO_RASTER))


def _request(options: argparse.Namespace) -> tuple[Change, bool]:
    """And whether its areas are in m2."""
    from ..raster import open_raster
    from ..surveying.area import area_of

    raster = open_raster(options.after)
    area = area_of(options.area, raster).wkb_hex if options.area else ""
    request = Change(
        after=Open(options.after),
        out=str(options.out),
        before=None if options.before == NO_RASTER else Open(options.before),
        old_map=OldMap(options.map, options.map_table, options.field, options.map_class) if options.map else None,
        classes=tuple(name for name in options.classes.split(",") if name.strip()),
        area=area,
        method=options.method,
        threshold=options.threshold,
        floor=min(options.threshold, Change.floor),
        min_area=options.min_area,
        probability=str(options.probability) if options.probability else "",
        before_date=options.dates[0],
        after_date=options.dates[1],
        any_order=options.any_order,
        infrared=tuple(options.infrared),
        model=options.model,
        refine=options.refine,
    )
    raster.close()
    return request, raster.crs is not None


def _remedy(problem: Problem) -> str:
    """What to do about it, with the options that do it."""
    if isinstance(problem, PairOrder):
        return "Swap them, or go on with --any-order."
    if isinstance(problem, LayerMissing) and "tables" in problem.data:
        return "Say which of them is meant with --map-table NAME."
    if isinstance(problem, MapField):
        return "Name the field with the class of each polygon with --field NAME, or the one class of all of them with --map-class WORD."
    return problem.remedy


def _write_summary(path: Path, reply: ChangeReply, metric: bool) -> None:
    from ..comparing.summary import csv_text
    from ..objects.results import problem_of

    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(csv_text(reply.matrix, metric), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise problem_of(path, error) from error


def _told(reply: ChangeReply, unit: str) -> Iterator[str]:
    from ..comparing.notes import length_of

    if reply.shift is not None and reply.shift.corrected:
        yield f"The after raster lies {length_of(reply.shift)} beside the before raster; that is corrected."
    yield from reply.notes
    for pair in reply.matrix:
        what = f"{pair.from_class} to {pair.to_class}" if pair.to_class else "changed"
        yield f"{pair.count} {what}, {pair.area:,.0f} {unit}"
    yield f"{reply.compared:,.0f} {unit} were compared ({reply.method}), {reply.not_compared:,.0f} {unit} were not."
