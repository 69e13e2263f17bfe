"""How fast the engine answers, over its real pipes, beside the architecture that the peers use.

    python tests/bench/bench_engine.py [--json] [--clicks 60]

Ours: the shipped network, on a generated raster of 20,000 x 20,000 pixels. Beside it, in the same run and with as many threads:
SAM 2.1 tiny with random weights (speed does not depend on weights), where transformers is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from models import protocol  # noqa: E402
from models.protocol import Click, Hello, Look, Open  # noqa: E402

SIDE = 20_000  # pixels of the raster
BLOCK = 256
DRAWN = 4096  # pixels a side of the part that has objects; the rest of the file is sparse
SPACING = 128  # of the objects, pixels
THREADS = 2
TARGETS = {"hello": 0.3, "first answer": 6.0, "cold click": 0.5, "warm click": 0.06, "warm click p95": 0.12, "peak memory": 1.2e9}


class Engine:
    """The engine's process, asked one request at a time."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS)}
        command = [sys.executable, "-m", "models", "serve"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)
        self.lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout], daemon=True).start()
        self.id = 0

    def ask(self, request):
        """Reply and seconds from writing the request to having read the reply."""
        self.id += 1
        began = time.perf_counter()
        self.process.stdin.write(protocol.encode_request(self.id, request).encode())
        self.process.stdin.flush()
        while not isinstance(message := protocol.decode(self.lines.get(timeout=120)), (protocol.IncomingReply, protocol.IncomingFailure)):
            pass
        seconds = time.perf_counter() - began
        if isinstance(message, protocol.IncomingFailure):
            raise SystemExit(f"{message.failure.what} {message.failure.remedy}")
        return protocol.decode_reply(request.REPLY, message.result), seconds

    def peak_memory(self) -> int:
        """Bytes; 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0
        return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


def make_raster(path: Path) -> None:
    """Speckled ground with a bright roof every SPACING pixels in the upper left part; no blocks are stored for the rest."""
    import numpy as np
    import rasterio
    from rasterio.windows import Window

    values = np.random.default_rng(0).integers(60, 90, (3, DRAWN, DRAWN), dtype="uint8")
    for top in range(40, DRAWN - SPACING, SPACING):
        for left in range(40, DRAWN - SPACING, SPACING):
            values[:, top : top + 40, left : left + 56] += np.array([120, 60, 40], "uint8")[:, None, None]
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 3, "dtype": "uint8", "crs": "EPSG:32645"}
    profile |= {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "deflate", "SPARSE_OK": "TRUE"}
    with rasterio.open(path, "w", transform=rasterio.Affine(0.3, 0, 350000, 0, -0.3, 3060000), **profile) as dataset:
        dataset.write(values, window=Window(0, 0, DRAWN, DRAWN))


def click_on(raster: str, number: int, shift: tuple[float, float] = (0, 0)) -> Click:
    """On the object with this number, `shift` pixels from its middle."""
    a_row = DRAWN // SPACING - 1
    col, row = 68 + SPACING * (number % a_row) + shift[0], 60 + SPACING * (number // a_row % a_row) + shift[1]
    return Click(raster, ((350000 + 0.3 * col, 3060000 - 0.3 * row),), (1,), pixel=0.3)


def measure_ours(path: Path, clicks: int) -> dict[str, float]:
    """Seconds by name, and bytes of peak memory."""
    hellos = []
    for _ in range(5):
        engine = Engine()
        engine.ask(Hello())
        hellos.append(time.perf_counter() - engine.started)
        engine.end()
    engine = Engine()
    raster = engine.ask(Open(str(path)))[0].raster
    engine.ask(click_on(raster, 0))
    first_answer = time.perf_counter() - engine.started
    rng = random.Random(1)
    cold, warm = [], []
    for number in range(7, 7 + 11 * clicks // 2, 11):  # far enough from each other to share no view
        reply, seconds = engine.ask(click_on(raster, number))
        cold += [seconds] if not reply.warm else []
        for _ in range(2):  # on other pixels of the same object: the view is encoded, the answer is not known
            reply, seconds = engine.ask(click_on(raster, number, (rng.uniform(-15, 15), rng.uniform(-9, 9))))
            warm += [seconds] if reply.warm else []
    extent = (350000.0, 3060000.0 - 0.3 * SIDE, 350000.0 + 0.3 * SIDE, 3060000.0)
    engine.ask(Look(raster, extent, 0.3 * SIDE / 1500))  # the whole raster on one screen
    peak = engine.peak_memory()
    engine.end()
    return {
        "hello": statistics.median(hellos),
        "first answer": first_answer,
        "cold click": statistics.median(cold),
        "warm click": statistics.median(warm),
        "warm click p95": statistics.quantiles(warm, n=20)[-1],
        "peak memory": peak,
    }


def measure_sam() -> dict[str, float] | None:
    """Seconds to the first mask of an image and to a further one; None without transformers."""
    try:
        import torch
        from transformers import Sam2Config, Sam2Model
    except ImportError:
        return None
    torch.set_num_threads(THREADS)
    model = Sam2Model(Sam2Config()).eval()
    points, labels = torch.tensor([[[[500.0, 500.0]]]]), torch.tensor([[[1]]])
    encoding, decoding = [], []
    with torch.inference_mode():
        for _ in range(4):
            image = torch.rand(1, 3, 1024, 1024)
            began = time.perf_counter()
            embeddings = model.get_image_embeddings(image)
            encoded = time.perf_counter()
            model(image_embeddings=embeddings, input_points=points, input_labels=labels, multimask_output=False)
            encoding.append(encoded - began)
            decoding.append(time.perf_counter() - encoded)
    encode, decode = statistics.median(encoding[1:]), statistics.median(decoding[1:])
    return {"cold click": encode + decode, "warm click": decode}


def print_table(ours: dict[str, float], sam: dict[str, float] | None) -> None:
    print(f"{'':16} {'ours':>10} {'at most':>10} {'SAM 2.1 tiny':>14} {'ratio':>8}")
    for name, value in ours.items():
        scale, unit = (1e-6, "MB") if name == "peak memory" else (1e3, "ms")
        shown, target = f"{value * scale:.0f} {unit}", f"{TARGETS[name] * scale:.0f} {unit}"
        beside = f"{sam[name] * 1e3:11.0f} ms {sam[name] / value:7.1f}x" if sam and name in sam else ""
        print(f"{name:16} {shown:>10} {target:>10} {beside}")
    if sam is None:
        print("SAM 2.1 tiny was not measured: transformers is not installed.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.add_argument("--clicks", type=int, default=60, help="warm clicks (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.tif"
        make_raster(path)
        ours, sam = measure_ours(path, options.clicks), measure_sam()
    if options.json:
        ratios = {name: sam[name] / ours[name] for name in sam} if sam else None
        print(json.dumps({"ours": ours, "sam2.1_tiny": sam, "ratio": ratios, "targets": TARGETS, "threads": THREADS}))
    else:
        print_table(ours, sam)
    return 0


if __name__ == "__main__":
    sys.exit(main())
