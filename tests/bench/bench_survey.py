"""How much of the bare network's speed a survey of a large raster keeps, and how much memory it takes.

    python tests/bench/bench_survey.py [--scene FILE] [--pixels 2e7] [--side 512] [--overlap 24] [--fake] [--json]

The raster is virtual: the scene side by side, as many times as make a square of so many pixels. The time of a pixel does not depend on
their number, so that a short run says what a long one would; `--fake` puts a network in the place of ours that answers at once, to see
the memory of 1e9 pixels within minutes, and what all that is not the network takes.

Two things are called bare: the network as the engine calls it view by view (`encode` and `ask`, views of 256 pixels side by side), and the
survey's own function, by as many threads at once, on views side by side. Both answer one phrase, before and after the survey.

Why views of 512 pixels that share 24: "building", IoU in percent over mosaics of Bicol (0.075 and 0.15 m) and the footprints' part of
Banepa, the trunk in bfloat16. The network learned from views of 256 pixels: in the middle of larger ones it is no better than near their
borders, so that a wider overlap gains nothing.

    side, overlap     Bicol 0.075   Bicol 0.15   Banepa
    256, 64              65.1          70.1       64.6
    384, 32              65.6          69.6       64.2
    512, 16              65.4          69.7       64.1
    512, 32              65.3          69.8       64.1
    512, 128             63.6          69.4       63.6
    768, 64              63.4          68.6       63.6
    1024, 64             63.8          69.0       63.6
    512, 32, float32     65.4          69.9       64.4
"""

from __future__ import annotations

import argparse
import math
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path

from large import THREADS, arguments, generated, repeated, told

from models import device

SECONDS = 6  # of each bare run


def rate(look, views, lanes: int = 1, divided=None) -> tuple[float, float]:
    """MPix/s and processor seconds a MPix of a function of views, by so many threads at once."""
    done, until = [0] * lanes, [math.inf]
    begun = threading.Barrier(lanes + 1)

    def lane(number: int, begin) -> None:
        begin()
        look(views)
        begun.wait()
        while time.perf_counter() < until[0]:
            look(views)
            done[number] += views[..., 0].size

    with divided(lanes) if divided else nullcontext(lambda: None) as begin:
        threads = [threading.Thread(target=lane, args=(number, begin)) for number in range(lanes)]
        for thread in threads:
            thread.start()
        begun.wait()
        began, used = time.perf_counter(), time.process_time()
        until[0] = began + SECONDS
        for thread in threads:
            thread.join()
    return sum(done) / (time.perf_counter() - began) / 1e6, (time.process_time() - used) / sum(done) * 1e6


def surveyed(raster, looker, overlap: int, folder: Path) -> dict[str, float]:
    """MPix/s by the clock, processor seconds a MPix, and pixels."""
    from models.surveying.survey import Scratch, Strip, frame_of, probability, survey

    frame = frame_of(raster)
    scratch = Scratch(folder / "out.gpkg", {})
    began, used, rows, kept = time.perf_counter(), time.process_time(), 0, 0
    for event in survey(frame, None, looker, scratch, probability, overlap):
        rows += event.values.shape[1] if isinstance(event, Strip) else 0
    taken, used = time.perf_counter() - began, time.process_time() - used
    kept = sum(file.stat().st_size for file in scratch.folder.iterdir())
    scratch.clear()
    size = frame.width * frame.height / 1e6
    if rows != frame.height:
        raise SystemExit("rows are missing")
    return {"MPix": size, "survey": size / taken, "processor seconds a MPix": used / size, "scratch bytes a pixel": kept / size / 1e6}


def quick(side: int):
    """A network that answers at once."""
    import numpy as np

    from models.surveying.survey import Looker

    return Looker(side, 1, "quick", lambda views: views[..., 0].astype(np.float32)[:, None] / 32 - 4, lanes=THREADS)


def measured(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    import numpy as np
    import torch

    from models.nets import load_text_model
    from models.raster import open_raster
    from models.surveying.survey import text_looker

    torch.set_num_threads(THREADS)
    repeated(options.scene or generated(folder / "scene.tif"), options.pixels, folder / "large.vrt")
    raster = open_raster(folder / "large.vrt")
    if options.fake:
        return surveyed(raster, quick(options.side), options.overlap, folder)
    model, weights = load_text_model(device=device.chosen().name), np.eye(1, 11, dtype=np.float32)
    looker = text_looker(model, weights, options.side)
    small = raster.read(0, 0, 256, 256, 256, 256).rgb[None]
    views = raster.read(0, 0, options.side, options.side, options.side, options.side).rgb[None].repeat(looker.batch, axis=0)

    def bare() -> list[float]:
        by_view = rate(lambda images: [model.ask(embedding, weights) for embedding in model.encode(images)], small)
        return [*by_view, *rate(looker.look, views, 1 if looker.batch > 1 else looker.lanes, looker.divided)]

    before = bare()
    found = surveyed(raster, looker, options.overlap, folder)
    names = ("bare, view by view", "  its processor seconds a MPix", "bare, as the survey", "  its processor seconds too")
    found |= {name: (one + other) / 2 for name, one, other in zip(names, before, bare(), strict=True)}
    found["survey / bare"] = found["survey"] / found[names[0]]
    found["survey / bare, as the survey"] = found["survey"] / found[names[2]]
    for name in names[1::2]:
        found[f"{name}, of the survey's"] = found[name] / found["processor seconds a MPix"]
    found["pixels of views / pixels"] = seen_pixels(raster, options.side, options.overlap)
    return found


def seen_pixels(raster, side: int, overlap: int) -> float:
    """Pixels that views look at for each of the raster."""
    from models.surveying.grid import Axis

    views = len(Axis(raster.width, side, overlap).starts) * len(Axis(raster.height, side, overlap).starts)
    return views * side**2 / (raster.width * raster.height)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--side", type=int, default=512, help="of a view (default: %(default)s)")
    parser.add_argument("--overlap", type=int, default=24, help="of views (default: %(default)s)")
    options = parser.parse_args()
    return told(measured, options, {"survey / bare": 0.85}, side=options.side, overlap=options.overlap)


if __name__ == "__main__":
    sys.exit(main())
