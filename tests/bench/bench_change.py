"""How long the comparison of two dates takes beside one land-cover run of the same size and classes, and how much memory.

    python tests/bench/bench_change.py [--scene FILE] [--pixels 2e7] [--method combined] [--fake] [--json]

Both rasters are virtual, as in bench_survey.py, made of one scene and of the same a little brighter, without some of its roofs where it is
generated. Outlines are those of the change network, as those of land cover are those of the text network. `--fake` puts networks that
answer at once in the place of ours, for the memory of 1e9 pixels and for what all that is no network takes.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench_cover import Quick
from large import THREADS, arguments, generated, repeated, told

MOST = 2.3  # times a land-cover run


def later(scene: Path, path: Path) -> Path:
    """The same place brighter, every third roof gone."""
    import rasterio

    with rasterio.open(scene) as dataset:
        values, profile = dataset.read(), dataset.profile
    for number, (top, left) in enumerate((top, left) for top in range(40, 1920, 128) for left in range(40, 1920, 128)):
        if number % 3 == 0:
            values[:, top : top + 40, left : left + 56] = values[:, top + 60 : top + 100, left : left + 56]
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(np.minimum(values.astype(int) * 11 // 10, 255).astype("uint8"))
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


def timed(job: Any) -> tuple[float, float, Any]:
    """Seconds of a job and of its longest step, and what it replied."""
    began = last = time.perf_counter()
    longest = 0.0
    while True:
        try:
            next(job)
        except StopIteration as end:
            return time.perf_counter() - began, longest, end.value
        now = time.perf_counter()
        longest, last = max(longest, now - last), now


def measured(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    import torch

    from models import change, comparers, cover
    from models.classes import MAPPED
    from models.language.words import Vocabulary
    from models.protocol import Change, Cover, Open
    from models.raster import open_raster

    torch.set_num_threads(THREADS)
    scene = options.scene or generated(folder / "scene.tif")
    before, after = folder / "before.vrt", folder / "after.vrt"
    repeated(scene, options.pixels, before)
    repeated(scene if options.scene else later(scene, folder / "later.tif"), options.pixels, after)
    raster = open_raster(before)
    mapped = Cover("", (*MAPPED, "other"), str(folder / "cover.tif"))
    alone, _, _ = timed(cover.steps(raster, mapped, Quick() if options.fake else None))
    request = Change(Open(str(after)), str(folder / "changes.gpkg"), Open(str(before)), method=options.method, refine=False)
    compared_by = quick_comparer if options.fake else comparers.compared_by
    seconds, longest, reply = timed(change.steps(request, Vocabulary.read(), compared_by, lambda *_: (None, None)))
    return {
        "MPix": raster.width * raster.height / 1e6,
        "land cover, s": alone,
        "change, s": seconds,
        "land cover / change": alone / seconds,
        "changes": float(reply.count),
        "longest step, s": longest,
    }


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--method", default="", help="how to compare (default: what suits the rasters)")
    options = parser.parse_args()
    return told(measured, options, {} if options.fake else {"land cover / change": 1 / MOST})


if __name__ == "__main__":
    sys.exit(main())
