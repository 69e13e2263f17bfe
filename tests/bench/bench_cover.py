"""How fast a whole land-cover run is, from the file to class raster and polygons, and how much memory it takes.

    python tests/bench/bench_cover.py [--scene FILE] [--pixels 2e7] [--classes building,tree,water,road,field] [--fake] [--json]

The raster is virtual, as in bench_survey.py. `--fake` puts a network that answers at once in the place of ours, for the memory of 1e9
pixels.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from bench_survey import THREADS, generated, repeated

from models import device

MEMORY = 1.5e9  # bytes, at most


class Quick:
    """A text model whose classes are shades of grey, in patches of a few metres."""

    id, digest, side, patch = "quick", "0" * 64, 512, 16

    def encode(self, images: np.ndarray) -> list[np.ndarray]:
        coarse = images[:, :: self.patch, :: self.patch].mean(axis=-1, dtype=np.float32)
        return list(coarse.repeat(self.patch, axis=1).repeat(self.patch, axis=2))

    def ask(self, embedding: np.ndarray, weights: np.ndarray) -> np.ndarray:
        shades = np.linspace(40, 200, len(weights), dtype=np.float32)
        return 4 - abs(embedding - shades[:, None, None]) / 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", type=Path, help="an RGB raster of bytes (default: a generated one)")
    parser.add_argument("--pixels", type=float, default=2e7, help="of the virtual raster (default: %(default)g)")
    parser.add_argument("--classes", default="building,tree,water,road,field", help="(default: %(default)s)")
    parser.add_argument("--fake", action="store_true", help="a network that answers at once in the place of ours")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    device.share_cores()
    device.keep_memory()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(options, Path(folder))
    found["peak memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
    if options.json:
        print(json.dumps({**found, "most memory": MEMORY, "threads": THREADS}))
    else:
        for name, value in found.items():
            print(f"{name:24} {value / 1e6:10.0f} MB" if name == "peak memory" else f"{name:24} {value:10.2f}")
    return 1 if found["peak memory"] > MEMORY else 0


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


if __name__ == "__main__":
    sys.exit(main())
