"""How long asking the engine keeps QGIS's thread: sending a click to a real process that answers at once.

    python tests/bench/bench_client.py [--json] [--clicks 500]

Run it with QGIS's own Python. Times are the thread's own computing, without Python's garbage collection: a full one takes as long as
there are objects in QGIS's Python, whoever made them.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.PyQt.QtCore import QCoreApplication  # noqa: E402

import conftest  # noqa: E402, F401  (registers the checkout as the package, as the plugin folder does in QGIS)
from rasterscribe.plugin.engine.client import Client  # noqa: E402
from rasterscribe.tests.plugin.engine.test_client import click, ready_environment, small_engine  # noqa: E402

TARGET = 16.0  # ms, a frame of the screen
PATIENCE = 60.0  # seconds


def measured(clicks: int, home: Path) -> list[float]:
    """Milliseconds a click."""
    application = QCoreApplication([])
    client, open_ends = Client(ready_environment(home), make_child=small_engine()), [0]

    def ended(_: object) -> None:
        open_ends[0] -= 1

    def wait() -> None:
        until = time.monotonic() + PATIENCE
        while client.state.phase != "ready" or open_ends[0]:
            application.processEvents()
            if time.monotonic() > until:
                raise SystemExit(f"The engine does not answer: {client.state}.")

    client.start()
    wait()
    taken = []
    gc.disable()
    for number in range(clicks):
        open_ends[0] += 1
        began = time.thread_time()
        client.send(click(points=((float(number), 0.0),), hover=number % 2 == 0), ended, ended)
        taken.append(1000 * (time.thread_time() - began))
        if number % 10 == 9:
            wait()
    gc.enable()
    client.stop()
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--clicks", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        taken = measured(options.clicks, Path(folder) / "home")
    figures = {"median_ms": statistics.median(taken), "p99_ms": statistics.quantiles(taken, n=100)[-1], "worst_ms": max(taken)}
    met = figures["worst_ms"] <= TARGET
    if options.json:
        print(json.dumps({"task": "asking the engine", "n": len(taken), "target_ms": TARGET, "met": met, **figures}))
    else:
        print(f"asking the engine {len(taken)} times, computing each:", ", ".join(f"{k[:-3]} {v:.2f} ms" for k, v in figures.items()))
        print(f"at most: {TARGET:.0f} ms")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
