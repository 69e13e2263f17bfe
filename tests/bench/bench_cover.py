"""How fast a whole land-cover run is, from the file to class raster and polygons, and how much memory it takes.

    python tests/bench/bench_cover.py [--scene FILE] [--pixels 2e7] [--classes building,tree,water,road,field] [--fake] [--json]

The raster is virtual, as in bench_survey.py. `--fake` puts a network that answers at once in the place of ours, for the memory of 1e9
pixels.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from large import THREADS, arguments, generated, repeated, told


class Quick:
    """A text model whose classes are shades of grey, in patches of a few metres."""

    id, digest, side, patch = "quick", "0" * 64, 512, 16

    def encode(self, images: np.ndarray) -> list[np.ndarray]:
        coarse = images[:, :: self.patch, :: self.patch].mean(axis=-1, dtype=np.float32)
        return list(coarse.repeat(self.patch, axis=1).repeat(self.patch, axis=2))

    def ask(self, embedding: np.ndarray, weights: np.ndarray) -> np.ndarray:
        shades = np.linspace(40, 200, len(weights), dtype=np.float32)
        return 4 - abs(embedding - shades[:, None, None]) / 8


def measured(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    import torch

    from models import cover
    from models.protocol import Cover
    from models.raster import open_raster

    torch.set_num_threads(THREADS)
    repeated(options.scene or generated(folder / "scene.tif"), options.pixels, folder / "large.vrt")
    raster = open_raster(folder / "large.vrt")
    request = Cover("", tuple(options.classes.split(",")), str(folder / "cover.tif"), str(folder / "cover.gpkg"))
    job = cover.steps(raster, request, Quick() if options.fake else None)
    began, last, longest = time.perf_counter(), time.perf_counter(), 0.0
    while True:
        try:
            next(job)
        except StopIteration:
            break
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    size = raster.width * raster.height / 1e6
    return {"MPix": size, "MPix/s": size / (time.perf_counter() - began), "longest step, s": longest}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--classes", default="building,tree,water,road,field", help="(default: %(default)s)")
    return told(measured, parser.parse_args(), {})


if __name__ == "__main__":
    sys.exit(main())
