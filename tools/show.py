"""What every demo does: tell how long each step took, keep what a former one left, draw the map to a picture."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsApplication, QgsMapLayer, QgsRasterLayer
from qgis.PyQt.QtCore import QRect

from ..plugin.state import Engine
from .desk import Desk, StuckError

SURER = 0.7  # where the slider of a panel is moved to
PATIENCE = 3600.0  # seconds; large rasters take their time


class Show:
    def __init__(self, desk: Desk, raster: Path, folder: Path) -> None:
        self.desk, self.session = desk, desk.plugin.session
        self.raster, self.folder = raster, folder
        self._began = self._last = time.monotonic()

    @property
    def took(self) -> float:
        """Seconds so far."""
        return time.monotonic() - self._began

    def tell(self, what: str) -> None:
        now = time.monotonic()
        print(f"{now - self._last:6.2f} s  {what}", flush=True)
        self._last = now

    def open(self) -> QgsRasterLayer:
        """The raster on the canvas and in the engine."""
        desk, session = self.desk, self.session
        layer = desk.open(self.raster)
        self.tell(f"opened {self.raster}: {layer.width()} x {layer.height()} pixels, {layer.crs().authid() or 'no CRS'}")
        desk.wait_for(lambda: session.state.engine in (Engine.READY, Engine.FAILED), "the engine to start", 120)
        desk.wait_for(lambda: bool(session.state.raster_id or session.state.problem), "the engine to open the raster", 120)
        self.complain()
        facts = session.state.facts
        self.tell(f"engine {facts.version} ready on {facts.device}, raster open there")
        return layer

    def complain(self) -> None:
        """Raises StuckError where the plugin shows a problem."""
        problem = self.session.state.problem
        if problem:
            raise StuckError(f"{problem} {problem.details}")

    def wait_for_result(self, job: Callable[[], tuple[Any, Any]], first: str, whole: str) -> None:
        """Until the outcome of a job is on the map; tells when its first outlines were.

        job: gives its state while it runs and what came of it, None for what there is not. first, whole: what is waited for.
        """

        def has_begun() -> bool:
            run, outcome = job()
            return bool(self.session.state.problem or (run.objects if run else outcome))

        def has_ended() -> bool:
            run, outcome = job()
            return bool(self.session.state.problem or (run is None and outcome and outcome.layer_id))

        early = self.desk.wait_for(has_begun, first, PATIENCE)
        run, _ = job()
        if run is not None:
            self.tell(f"first {len(run.objects)} outlines on the map after {early:.1f} s, {run.done / run.total:.0%} done")
        self.desk.wait_for(has_ended, whole, PATIENCE)
        self.complain()

    def fresh(self, name: str) -> Path:
        """A place in the folder for a file of that name; one that is there already makes room, and is not lost."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / name
        if target.exists():
            target.replace(target.with_name(f"{target.stem}-former{target.suffix}"))
        return target

    def draw(self, results: QgsMapLayer, layer: QgsRasterLayer) -> Path:
        """The canvas with the results on it."""
        desk, path = self.desk, self.folder / "map.png"
        desk.canvas.setLayers([results, layer])
        desk.canvas.enableAntiAliasing(True)
        around = results.extent()
        around.grow(0.15 * max(around.width(), around.height()))
        desk.look_at(layer.extent() if around.width() > 0.5 * layer.extent().width() else around)
        seen = desk.canvas.extent().intersect(layer.extent())  # no blank margins
        frame = QRect(desk.at(seen.xMinimum(), seen.yMaximum()), desk.at(seen.xMaximum(), seen.yMinimum()))
        if not desk.canvas.viewport().grab(frame).save(str(path)):
            raise StuckError(f"{path} could not be written.")
        self.tell(f"drew the map to {path}")
        return path


def play(demo: Callable[[Desk], int]) -> int:
    """Start QGIS, give `demo` a desk, clear it away again; gives the exit code."""
    application, began = QgsApplication([], True), time.monotonic()
    application.initQgis()
    print(f"QGIS {Qgis.QGIS_VERSION} started in {time.monotonic() - began:.1f} s", flush=True)
    desk = Desk()
    try:
        return demo(desk)
    except (StuckError, OSError) as trouble:
        print(trouble, file=sys.stderr, flush=True)
        return 1
    finally:
        desk.close()
        application.exitQgis()
