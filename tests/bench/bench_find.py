"""How much of the bare network's speed a whole search keeps, from the file to the GeoPackage, and how much memory it takes.

    python tests/bench/bench_find.py [--scene FILE] [--pixels 2e7] [--phrase building] [--fake] [--json]

The raster is virtual, as in bench_survey.py, whose two bare networks these are, too. The search runs twice: with the outlines as the text
network draws them, and with those of the click network, which has then to look at everything found a second time. `--fake` puts networks
that answer at once in the place of ours, for the memory of 1e9 pixels and for what all that is no network takes.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bench_survey import quick, rate
from large import THREADS, arguments, generated, repeated, told

from models import device


def search(raster, phrase: str, asked, out: Path, refine: bool) -> tuple[float, int]:
    """MPix/s of a search, and how many objects it found."""
    from models import find
    from models.language.phrase import parse
    from models.language.words import Vocabulary
    from models.protocol import Find

    meaning = parse(phrase, Vocabulary.read())
    job = find.steps(raster, Find("", phrase, str(out), refine=refine), meaning, {}, asked)
    began = time.perf_counter()
    try:
        while True:
            next(job)
    except StopIteration as stop:
        taken = time.perf_counter() - began
        return raster.width * raster.height / taken / 1e6, stop.value.count


def measured(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    import torch

    from models.find import Asked
    from models.language.phrase import parse
    from models.language.words import Vocabulary
    from models.nets import load_click_model, load_text_model
    from models.objects.refine import refiner_of
    from models.raster import open_raster
    from models.searchers import weights_of
    from models.surveying.survey import text_looker

    torch.set_num_threads(THREADS)
    repeated(options.scene or generated(folder / "scene.tif"), options.pixels, folder / "large.vrt")
    raster = open_raster(folder / "large.vrt")
    out = folder / "found.gpkg"
    if options.fake:
        speed, count = search(raster, options.phrase, Asked("quick", "", lambda names: quick(512)), out, refine=False)
        return {"search": speed, "objects": count}
    where = device.chosen().name
    model, click_model = load_text_model(device=where), load_click_model(device=where)
    weights = weights_of([options.phrase], parse(options.phrase, Vocabulary.read()))
    looker = text_looker(model, weights)
    views = raster.read(0, 0, looker.side, looker.side, looker.side, looker.side).rgb[None]
    small = views[:, :256, :256].copy()
    asked = Asked(model.id, model.digest, lambda names: looker, lambda frame: refiner_of(click_model, frame))

    def bare() -> tuple[float, float]:
        by_view, _ = rate(lambda images: [model.ask(embedding, weights) for embedding in model.encode(images)], small)
        same, _ = rate(looker.look, views, looker.lanes, looker.divided)
        return by_view, same

    before = bare()
    found = {}
    found["search"], found["objects"] = search(raster, options.phrase, asked, out, refine=False)
    after = bare()
    found["search, clicks draw"], found["objects, clicks draw"] = search(raster, options.phrase, asked, out, refine=True)
    found["bare, view by view"], found["bare, as the survey"] = ((one + other) / 2 for one, other in zip(before, after, strict=True))
    found["search / bare"] = found["search"] / found["bare, view by view"]
    found["search / bare, as the survey"] = found["search"] / found["bare, as the survey"]
    return found


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--phrase", default="building", help="a class (default: %(default)s)")
    return told(measured, parser.parse_args(), {"search / bare": 0.85})


if __name__ == "__main__":
    sys.exit(main())
