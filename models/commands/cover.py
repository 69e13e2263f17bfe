"""The command line of `cover`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..classes import PRESETS
from ..errors import RequestInvalid
from .progress import tenths

if TYPE_CHECKING:
    from ..protocol import Cover, CoverReply
    from ..raster import Raster


def add(commands: Any) -> argparse.ArgumentParser:
    """Add `cover` to the engine's parser. It sets `lines`: options -> an iterator of lines to print."""
    what = 'map the land cover: cover RASTER --classes "building, water, other" --out FILE.tif'
    parser: argparse.ArgumentParser = commands.add_parser("cover", help=what)
    parser.add_argument("raster", help="a file that GDAL reads")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--classes", metavar="A,B,...", help='names between commas; "other" takes what none of them is')
    asked.add_argument("--preset", choices=PRESETS, help="a class list to begin with")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.tif", help="where the class raster goes")
    parser.add_argument("--polygons", type=Path, metavar="FILE.gpkg", help="where its polygons go, which share their borders")
    parser.add_argument("--area", default="", metavar="FILE|x0,y0,x1,y1", help="polygons of a vector file, or a box in the raster's CRS")
    parser.add_argument("--model", default="", help="id of the model (default: the shipped one)")
    moved = "pixels that borders may move to become smooth and simple (default: %(default)s)"
    parser.add_argument("--simplify", type=float, default=1.0, metavar="PX", help=moved)
    parser.set_defaults(lines=lines)
    return parser


def lines(options: argparse.Namespace) -> Iterator[str]:
    """Maps the land cover, and tells how far it is at every tenth of the way and in the end how much there is of each class."""
    from ..cover import steps
    from ..objects.results import check_place
    from ..raster import open_raster

    if options.out.suffix.lower() not in (".tif", ".tiff"):
        raise RequestInvalid(f"{options.out} is no name for a GeoTIFF.", "Let it end with .tif.")
    if options.polygons and options.polygons.suffix.lower() != ".gpkg":
        raise RequestInvalid(f"{options.polygons} is no name for a GeoPackage.", "Let it end with .gpkg.")
    if options.polygons and options.area:
        check_place(options.polygons, options.area)
    raster = open_raster(options.raster)
    reply = yield from tenths(steps(raster, _request(options, raster)))
    yield from _summary(reply, raster)


def _request(options: argparse.Namespace, raster: Raster) -> Cover:
    import shapely

    from ..protocol import Cover
    from ..surveying.area import area_of

    area = shapely.to_wkb(area_of(options.area, raster), hex=True) if options.area else ""
    classes = PRESETS[options.preset] if options.preset else tuple(options.classes.split(","))
    polygons = str(options.polygons) if options.polygons else ""
    return Cover("", classes, str(options.out), polygons, area, options.model, options.simplify)


def _summary(reply: CoverReply, raster: Raster) -> Iterator[str]:
    unit = "square pixels" if raster.crs is None else "m2"
    width = max(len(one.name) for one in reply.areas)
    for one in reply.areas:
        yield f"{one.name:{width}} {one.area:16.1f} {unit} {one.share:7.2%}"
    files = f"{reply.path} and {reply.polygons}" if reply.polygons else reply.path
    yield f"The land cover is in {files} ({reply.seconds:.1f} s)."
