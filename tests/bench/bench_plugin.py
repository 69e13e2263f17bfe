"""What the plugin adds to QGIS's start: importing it and `initGui`, each time in a fresh QGIS without a window.

    python tests/bench/bench_plugin.py [--json] [--starts 9]

Run it with QGIS's own Python. Beside the clock stands the computing of the process, which other programs do not disturb.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = 80.0  # ms for import and initGui together

# What a fresh QGIS does: it has its own modules loaded and a window when it comes to its plugins.
START = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from qgis.core import QgsApplication
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtWidgets import QMainWindow
import qgis.utils
application = QgsApplication([], True)
application.initQgis()
import conftest  # registers the checkout as the package, as the plugin folder does in QGIS
sys.modules.pop("rasterscribe")
window = QMainWindow()
canvas = QgsMapCanvas(window)

class Interface:
    def __getattr__(self, name):
        return {"mainWindow": lambda: window, "mapCanvas": lambda: canvas, "rasterMenu": window.menuBar}.get(name, lambda *_: None)

def measured(step):
    wall, cpu = time.perf_counter(), time.process_time()
    result = step()
    return result, 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)

def load():
    conftest.register_package()
    return sys.modules["rasterscribe"].classFactory(Interface())

plugin, import_wall, import_cpu = measured(load)
_, gui_wall, gui_cpu = measured(plugin.initGui)
_, dock_wall, dock_cpu = measured(plugin.show)
print(json.dumps({"import": [import_wall, import_cpu], "initGui": [gui_wall, gui_cpu], "dock, when first opened": [dock_wall, dock_cpu]}))
plugin.unload()
sys.stdout.flush()
import os
os._exit(0)
"""


def started() -> dict[str, list[float]]:
    """Milliseconds by the clock and of computing, by step, of one fresh QGIS."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run([sys.executable, "-c", START, str(ROOT)], env=environment, capture_output=True, text=True, timeout=300)
    lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise SystemExit(f"QGIS did not start; run this with QGIS's own Python.\n{ran.stderr[-2000:]}")
    return json.loads(lines[-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--starts", type=int, default=9)
    options = parser.parse_args()
    started()  # compiles what is not compiled yet, as installing does
    runs = [started() for _ in range(options.starts)]
    for run in runs:
        run["import and initGui"] = [run["import"][of] + run["initGui"][of] for of in (0, 1)]
    steps = ("import", "initGui", "import and initGui", "dock, when first opened")
    medians = {step: [round(statistics.median(run[step][of] for run in runs), 1) for of in (0, 1)] for step in steps}
    met = medians["import and initGui"][0] <= TARGET
    if options.json:
        figures = {step: {"wall_ms": wall, "cpu_ms": cpu} for step, (wall, cpu) in medians.items()}
        print(json.dumps({"task": "plugin start", "n": options.starts, "target_ms": TARGET, "met": met, **figures}))
    else:
        print(f"{'median of ' + str(options.starts) + ' starts':<26} {'clock':>9} {'computing':>11}")
        for step, (wall, cpu) in medians.items():
            print(f"{step:<26} {wall:>6.1f} ms {cpu:>8.1f} ms" + (f"   target {TARGET:.0f} ms" if step == "import and initGui" else ""))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
