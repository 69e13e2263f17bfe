"""The command line of `find`: what it takes, and what a phrase means without a raster to find it in."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import PhraseUnknown, RequestInvalid
from ..protocol import Find, NamedLayer
from .progress import tenths


def add(commands: Any) -> argparse.ArgumentParser:
    """Add `find` to the engine's parser. It sets `lines`: options -> an iterator of lines to print."""
    parser: argparse.ArgumentParser = commands.add_parser("find", help='find what a phrase names: find RASTER "PHRASE" --out FILE.gpkg')
    parser.add_argument("raster", nargs="?", help="a file that GDAL reads; not needed with --explain")
    parser.add_argument("phrase", nargs="?", help='such as "large ponds next to a road"')
    parser.add_argument("--explain", nargs="?", const="", metavar="PHRASE", help="print what the phrase means as one JSON object, and stop")
    parser.add_argument("--area", default="", metavar="FILE|x0,y0,x1,y1", help="polygons of a vector file, or a box in the raster's CRS")
    parser.add_argument("--threshold", type=float, default=0.5, help="least score of what is kept (default: %(default)s)")
    layer: dict[str, Any] = {"dest": "layers", "action": "append", "type": _layer, "default": [], "metavar": "NAME=FILE"}
    parser.add_argument("--layer", help="a vector file that relations may name; repeat for more", **layer)
    parser.add_argument("--model", default="", help="id of the model (default: the shipped one)")
    parser.add_argument("--no-refine", dest="refine", action="store_false", help="keep the outlines as the text network draws them")
    parser.add_argument("--out", type=Path, metavar="FILE.gpkg", help="where the outlines go")
    parser.set_defaults(lines=lines)
    return parser


def lines(options: argparse.Namespace) -> Iterator[str]:
    """Explains the phrase, or finds it. Raises `RequestInvalid` where something is missing, and the problems of either."""
    if options.explain is not None:
        yield from _explain(options.explain or options.phrase or options.raster or "", [name for name, _ in options.layers])
        return
    if not options.raster or options.phrase is None or options.out is None:
        raise RequestInvalid("find needs a raster, a phrase and --out FILE.gpkg.", 'Or explain a phrase alone: find --explain "PHRASE".')
    if options.out.suffix.lower() != ".gpkg":
        raise RequestInvalid(f"{options.out} is no name for a GeoPackage.", "Let it end with .gpkg.")
    yield from _found(options)


def _found(options: argparse.Namespace) -> Iterator[str]:
    """Search, and yield a line for a person now and then."""
    from .. import searchers
    from ..engine import Engine
    from ..language.words import Vocabulary
    from ..objects.results import check_place
    from ..raster import open_raster
    from ..surveying.area import area_of

    raster = open_raster(options.raster)
    area = area_of(options.area, raster).wkb_hex if options.area else ""
    check_place(options.out, *([options.area] if options.area else []))
    layers = tuple(NamedLayer(name, str(file)) for name, file in options.layers)
    floor = min(options.threshold, Find.floor)
    request = Find("", options.phrase, str(options.out), area, layers, options.threshold, floor, model=options.model, refine=options.refine)
    reply = yield from tenths(searchers.find(raster, request, Vocabulary.read(), Engine().click_model("")))
    yield f"{reply.sentence}."
    yield from reply.notes
    unit = "square pixels" if raster.crs is None else "m2"
    yield from (f"{one.count} {one.name}, {one.area:,.0f} {unit}" for one in reply.classes)
    yield f"{reply.count} objects are in {reply.path}, {reply.seconds:.1f} s."


def _explain(phrase: str, layers: list[str]) -> Iterator[str]:
    """The parse as JSON; where nothing is understood, that first, and then `PhraseUnknown`."""
    from ..language.phrase import parse
    from ..language.words import Vocabulary

    try:
        meaning = parse(phrase, Vocabulary.read(), layers).to_json()
    except PhraseUnknown as problem:
        yield json.dumps({"queries": [], "not_understood": problem.data["not_understood"]})
        raise
    yield json.dumps(meaning)


def _layer(text: str) -> tuple[str, Path]:
    name, _, file = text.partition("=")
    if not name.strip() or not file:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name.strip(), Path(file)
