"""A land-cover run in a process of its own, to be killed: raster, class raster and polygons are its arguments."""

from __future__ import annotations

import sys
import time

from rasterscribe.models import cover
from rasterscribe.models.protocol import Cover
from rasterscribe.models.raster import open_raster
from rasterscribe.tests.models.colour_text import ColourText


def main() -> None:
    raster = open_raster(sys.argv[1], stretch=((0.0, 255.0),) * 3)
    for news in cover.steps(raster, Cover("", ("house", "water", "other"), sys.argv[2], sys.argv[3]), ColourText()):
        if news is None:  # rows are finished
            print("rows", flush=True)
            time.sleep(0.1)
    print("done", flush=True)
