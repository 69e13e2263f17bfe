"""A survey in a process of its own, to be killed: raster and output are its arguments, the first row of each strip what it says."""

from __future__ import annotations

import sys
from pathlib import Path

from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.survey import Scratch, Strip, frame_of, probability, survey
from rasterscribe.tests.models.red_looker import red_looker


def main() -> None:
    frame = frame_of(open_raster(sys.argv[1], stretch=((0.0, 255.0),)))
    for event in survey(frame, None, red_looker(2, by_view=3, seconds=0.05), Scratch(Path(sys.argv[2]), {}), probability, 8):
        if isinstance(event, Strip):
            print(event.row, flush=True)
    print("done", flush=True)
