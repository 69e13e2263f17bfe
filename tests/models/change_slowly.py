"""A comparison in a process of its own, to be killed: both rasters and the output are its arguments."""

from __future__ import annotations

import sys
import time

from rasterscribe.models import change
from rasterscribe.models.language.words import Vocabulary
from rasterscribe.models.protocol import Change, Open, Outlines
from rasterscribe.tests.models.colour_comparer import colour_comparer

STRETCH = ((0.0, 255.0),) * 3


def main() -> None:
    before, after = (Open(path, stretch=STRETCH) for path in sys.argv[1:3])
    classes = ("building", "water", "field")
    request = Change(after, sys.argv[3], before, classes=classes, probability=sys.argv[3] + ".tif", refine=False)
    for news in change.steps(request, Vocabulary.read(), colour_comparer, lambda *_: (None, None)):
        if isinstance(news, Outlines):
            print("told", flush=True)
            time.sleep(0.2)
    print("done", flush=True)
