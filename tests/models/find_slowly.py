"""A search in a process of its own, to be killed: raster and output are its arguments."""

from __future__ import annotations

import sys
import time

from rasterscribe.models import find
from rasterscribe.models.language.phrase import parse
from rasterscribe.models.language.words import Vocabulary
from rasterscribe.models.protocol import Find, Outlines
from rasterscribe.models.raster import open_raster
from rasterscribe.tests.models.colour_looker import colour_asked

TEXT = "buildings, roads"


def main() -> None:
    raster = open_raster(sys.argv[1], stretch=((0.0, 255.0),) * 3)
    for news in find.steps(raster, Find("", TEXT, sys.argv[2]), parse(TEXT, Vocabulary.read()), {}, colour_asked()):
        if isinstance(news, Outlines):
            print("told", flush=True)
            time.sleep(0.2)
    print("done", flush=True)
