"""How long the comparison of two dates takes beside one land-cover run of the same size, and how much memory.

    python tests/bench/bench_change.py [--scene FILE] [--pixels 2e7] [--shift 1.4] [--every 12] [--no-refine] [--only cover|change]
                                       [--method combined] [--fake] [--json]

Both rasters are virtual, as in bench_survey.py, made of one scene and of the same in another light, `--shift` pixels to the right and down
(whole ones need no resampling, others do), and with something else at one of `--every` places, 128 pixels apart: by default 56 a km2 at
0.3 m. (Data sets of changed buildings have 29, S2Looking, to 187, LEVIR-CD.) Land cover is that of the panel's first preset with polygons.
Clicks draw what is built, as they do by default: about 40 ms of a processor for each change; with `--no-refine` the change network draws
all. `--only` runs one of the two, to see its own peak of memory. `--fake` puts networks that answer at once in the place of ours, for the
memory of 1e9 pixels and for what all that is no network takes. Where others use the machine, too, processor seconds say more than those of
the clock.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from bench_cover import Quick
from large import THREADS, arguments, generated, repeated, told

MOST = 2.3  # times a land-cover run
LIGHT = (0.95, 1.0, 1.08)  # of the second date, by band


def later(scene: Path, path: Path, shift: float, every: int) -> Path:
    """The same place in another light, beside itself, and with something else at some places."""
    import rasterio
    from scipy import ndimage

    with rasterio.open(scene) as dataset:
        values, profile = dataset.read((1, 2, 3)), dataset.profile
    height, width = values.shape[1:]
    places = ((top, left) for top in range(40, height - 128, 128) for left in range(40, width - 128, 128))
    for number, (top, left) in enumerate(places):
        if number % every == 0:
            values[:, top : top + 40, left : left + 56] = values[:, top + 60 : top + 100, left : left + 56]
    for band, light in zip(values, LIGHT, strict=True):  # one after the other, for memory's sake
        moved = ndimage.shift(band, (shift, shift), np.float32, order=1 if shift % 1 else 0, mode="nearest")
        band[:] = np.clip(np.rint(moved * np.float32(0.9 * light) + 20), 0, 255)
    profile.update(driver="GTiff", count=3, dtype="uint8", compress="deflate", photometric="rgb", nodata=None)
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(values)
    return path


def quick_comparer(request: Any, pair: Any, interest: Any, _old_map: Any) -> Any:
    """What is brighter than grey is of the first class, and has changed where the other date is not."""
    from models.comparing.comparison import Comparer
    from models.surveying.lanes import Looker

    count = len(interest.classes)

    def look(views: np.ndarray) -> np.ndarray:
        logits = np.full((len(views), 1 + 2 * count, *views.shape[1:3]), -9, np.float32)
        dates = [(views[..., first].astype(np.float32) - 150) / 16 for first in (0, 3)]
        logits[:, 1], logits[:, 1 + count] = dates
        logits[:, 0] = np.where((dates[0] > 0) != (dates[1] > 0), 3, -5)
        return logits

    return Comparer("combined", "quick", "0" * 64, interest.classes, pair, Looker(512, 1 + 2 * count, "quick", look, lanes=THREADS))


def timed(job: Any) -> tuple[dict[str, float], Any]:
    """Seconds by the clock and of processors, and the longest step of a job; and what it replied."""
    began = last = time.perf_counter()
    used, longest = time.process_time(), 0.0
    while True:
        try:
            next(job)
        except StopIteration as end:
            taken = {"s": time.perf_counter() - began, "processor s": time.process_time() - used, "longest step, s": longest}
            return taken, end.value
        now = time.perf_counter()
        longest, last = max(longest, now - last), now


def covering(raster: Path, folder: Path, fake: bool) -> Any:
    from models import cover
    from models.classes import PRESETS
    from models.protocol import Cover
    from models.raster import open_raster

    request = Cover("", PRESETS["aerial"], str(folder / "cover.tif"), str(folder / "cover.gpkg"))
    return cover.steps(open_raster(raster), request, Quick() if fake else None)


def comparing(before: Path, after: Path, folder: Path, options: argparse.Namespace) -> Any:
    from models import change, comparers, device
    from models.language.words import Vocabulary
    from models.nets import load_click_model
    from models.protocol import Change, Open

    out, vocabulary = str(folder / "changes.gpkg"), Vocabulary.read()
    request = Change(Open(str(after)), out, Open(str(before)), method=options.method, refine=options.refine and not options.fake)
    if options.fake:
        return change.steps(request, vocabulary, quick_comparer, lambda *_: (None, None))
    return comparers.change(request, vocabulary, lambda: load_click_model(device=device.chosen().name))


def measured(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    import torch

    torch.set_num_threads(THREADS)
    scene = options.scene or generated(folder / "scene.tif")
    before, after = folder / "before.vrt", folder / "after.vrt"
    repeated(scene, options.pixels, before)
    repeated(later(scene, folder / "later.tif", options.shift, options.every), options.pixels, after)
    runs: dict[str, Callable[[], Iterator[Any]]] = {
        "land cover": lambda: covering(before, folder, options.fake),
        "change": lambda: comparing(before, after, folder, options),
    }
    found = {"MPix": options.pixels / 1e6}
    for name, run in runs.items():
        if name.endswith(options.only):
            taken, reply = timed(run())
            found |= {f"{name}, {what}": value for what, value in taken.items()}
            found |= {"changes": float(reply.count)} if name == "change" else {}
    if not options.only:
        for what in ("s", "processor s"):
            found[f"change / land cover, {what}"] = found[f"change, {what}"] / found[f"land cover, {what}"]
        found["land cover / change"] = found["land cover, processor s"] / found["change, processor s"]
    return found


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--method", default="", help="how to compare (default: what suits the rasters)")
    parser.add_argument("--shift", type=float, default=1.4, help="pixels of the second date beside the first (default: %(default)g)")
    parser.add_argument("--every", type=int, default=12, help="one of so many places has changed (default: %(default)d)")
    parser.add_argument("--no-refine", dest="refine", action="store_false", help="let no clicks draw what is built")
    parser.add_argument("--only", choices=("cover", "change"), default="", help="run one of the two")
    options = parser.parse_args()
    return told(measured, options, {} if options.fake else {"land cover / change": 1 / MOST})


if __name__ == "__main__":
    sys.exit(main())
