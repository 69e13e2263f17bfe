"""The command line of `tiles`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import RequestInvalid
from .progress import tenths


def add(commands: Any) -> argparse.ArgumentParser:
    """Add `tiles` to the engine's parser. It sets `lines`: options -> an iterator of lines to print."""
    parser: argparse.ArgumentParser = commands.add_parser("tiles", help='rank tiles by what they show: tiles RASTER "WORD" --out FILE.tif')
    parser.add_argument("raster", help="a file that GDAL reads")
    parser.add_argument("phrase", help='such as "solar panels"')
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.tif", help="where the heat map goes, a pixel a tile")
    parser.add_argument("--area", default="", metavar="FILE|x0,y0,x1,y1", help="polygons of a vector file, or a box in the raster's CRS")
    parser.add_argument("--model", default="", help="id of the model (default: the shipped one)")
    parser.set_defaults(lines=lines)
    return parser


def lines(options: argparse.Namespace) -> Iterator[str]:
    """Ranks the tiles, and tells how far it is at every tenth of the way and in the end which tiles come first."""
    from ..language.words import Vocabulary
    from ..protocol import Tiles
    from ..raster import open_raster
    from ..surveying.area import area_of
    from ..tiles import steps

    if options.out.suffix.lower() not in (".tif", ".tiff"):
        raise RequestInvalid(f"{options.out} is no name for a GeoTIFF.", "Let it end with .tif.")
    raster = open_raster(options.raster)
    area = area_of(options.area, raster).wkb_hex if options.area else ""
    request = Tiles("", options.phrase, str(options.out), area, options.model)
    reply = yield from tenths(steps(raster, request, Vocabulary.read()))
    yield from reply.notes
    for tile in reply.tiles:
        yield f"{tile.score:.2f}  {','.join(f'{value:.10g}' for value in tile.extent)}"
    yield f"The heat map is in {reply.path}, {reply.seconds:.1f} s."
