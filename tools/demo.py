"""Drives the plugin as an analyst does: moves the mouse over a real canvas, clicks objects, accepts them, saves the layer.

Runs in QGIS's Python, started by `build.py demo`:  python -m rasterscribe.tools.demo RASTER FOLDER [--at X Y ...]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from qgis.core import QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import Qt

from ..plugin.map.provenance import provenance_of
from ..plugin.state import NEW_GEOPACKAGE, MapClass, Target
from .desk import SIZE, StuckError
from .show import Show, play

COLOURS = {"building": "#e4572e", "field": "#f2c14e", "pond": "#3fa7f5", "silo": "#b57edc", "object": "#e4572e"}
SAMPLE_WEST, SAMPLE_NORTH = 412_300.0, 5_391_850.0


class Thing(NamedTuple):
    """An object to outline, and how. Coordinates are in the raster's CRS."""

    kind: str
    x: float
    y: float
    without: tuple[tuple[float, float], ...] = ()  # right clicks
    box: Optional[tuple[float, float, float, float]] = None  # dragged instead of the click: xmin, ymin, xmax, ymax


def sample_thing(kind: str, x: float, y: float, without: Sequence[tuple[float, float]] = (), half: tuple[float, float] = (0, 0)) -> Thing:
    """A thing of the generated scene, from metres right of and below its upper left corner; `half` a box's size makes it one."""
    east, north = SAMPLE_WEST + x, SAMPLE_NORTH - y
    places = tuple((SAMPLE_WEST + right, SAMPLE_NORTH - below) for right, below in without)
    box = (east - half[0], north - half[1], east + half[0], north + half[1]) if half[0] else None
    return Thing(kind, east, north, places, box)


SAMPLE_THINGS = [
    sample_thing("building", 24, 128),
    sample_thing("building", 92, 132),
    sample_thing("building", 247, 238),
    sample_thing("building", 252, 203, half=(24.5, 14.5)),
    sample_thing("silo", 222, 214),
    sample_thing("pond", 241, 57),
    sample_thing("field", 50, 60),
    sample_thing("field", 92, 232, without=[(42, 228)]),
]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("raster", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at", nargs=2, type=float, action="append", default=[])
    options = parser.parse_args(list(argv))
    things = [Thing("object", x, y) for x, y in options.at]
    return play(lambda desk: Demo(desk, options.raster, options.folder).show(things))


class Demo(Show):
    def show(self, things: Sequence[Thing]) -> int:
        """Gives 0 where every thing was outlined, saved and drawn."""
        target = self.fresh("objects.gpkg")
        layer = self.open()
        self.session.choose_target(Target(NEW_GEOPACKAGE, str(target)))
        wanted = things or chosen_things(self.raster, layer)
        outlined = sum(self._outline(thing, layer) for thing in wanted)
        if not outlined:
            print(f"None of {len(wanted)} objects was outlined.", file=sys.stderr)
            return 1
        self._save(target)
        picture = self.draw(QgsProject.instance().mapLayer(self.session.state.target.layer_id), layer)
        print(f"Outlined {outlined} of {len(wanted)} objects in {self.took:.1f} s: {target}, and on the map {picture}", flush=True)
        return 0 if outlined == len(wanted) else 1

    def _outline(self, thing: Thing, layer: QgsRasterLayer) -> bool:
        desk, session = self.desk, self.session
        self._look_at(thing, layer)
        session.choose_class(MapClass(thing.kind, COLOURS.get(thing.kind, COLOURS["object"])))
        if thing.box:
            desk.drag(*thing.box)
        else:
            desk.click(thing.x, thing.y)
        seconds = [self._answer()]
        for x, y in thing.without:
            desk.click(x, y, Qt.MouseButton.RightButton)
            seconds.append(self._answer())
        name = f"{thing.kind} at {thing.x:.6g} {thing.y:.7g}"
        state = session.state
        if state.problem or not state.pending:
            self.tell(f"{name}: {state.problem or 'the model sees no object there'}")
            desk.key(Qt.Key.Key_Escape)
            return False
        outline, clicks = state.pending, " + ".join(f"{1000 * each:.0f} ms" for each in seconds)
        desk.key(Qt.Key.Key_Return)
        desk.wait_for(lambda: not session.state.prompt or bool(session.state.problem), "the object to be accepted")
        self.complain()
        area = f"{outline.area:,.0f} {'m²' if state.metric else 'square pixels'}" if outline.area is not None else "area unknown"
        how = "box" if thing.box else "click"
        self.tell(f"{name}: {how} answered in {clicks}, score {outline.score:.2f}, {area}, accepted")
        return True

    def _answer(self) -> float:
        """Seconds from the gesture to the outline that answers it."""
        session = self.session
        return self.desk.wait_for(lambda: session.state.answered or bool(session.state.problem), "the engine's answer", 60)

    def _look_at(self, thing: Thing, layer: QgsRasterLayer) -> None:
        """Zoom as an analyst does, so that a screen pixel is about one of the raster's; stay where the thing is well in view."""
        desk, session = self.desk, self.session
        pixel = max(layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY())
        wide, high = (pixel * size for size in SIZE)
        seen = desk.canvas.extent()
        inner = QgsRectangle(seen)
        inner.scale(0.7)
        if seen.width() > 1.6 * wide or not (seen.contains(layer.extent()) or inner.contains(thing.x, thing.y)):
            desk.look_at(QgsRectangle(thing.x - wide / 2, thing.y - high / 2, thing.x + wide / 2, thing.y + high / 2))
        desk.wait_for(lambda: not session.state.busy or bool(session.state.problem), "the engine to read the view", 120)

    def _save(self, target: Path) -> None:
        """As the Save Layer Edits button does; then read the file anew, to tell what is in it."""
        added = QgsProject.instance().mapLayer(self.session.state.target.layer_id)
        if not added.commitChanges():
            raise StuckError(f"{target} could not be saved: {' '.join(added.commitErrors())}")
        saved = QgsVectorLayer(added.source(), "saved", "ogr")
        styled = "with its style" if saved.listStylesInDatabase()[0] > 0 else "without a style"
        sources = [f"{each.model}, weights {each.digest[:12]}" for each in provenance_of(saved)]
        self.tell(f"saved {saved.featureCount()} objects to {target}, {styled}; provenance: {'; '.join(sources) or 'none'}")


def chosen_things(raster: Path, layer: QgsRasterLayer) -> list[Thing]:
    """Where to click when nobody says: the things of the generated scene, or five places spread over any other raster."""
    extent = layer.extent()
    if abs(extent.xMinimum() - SAMPLE_WEST) < 1 and abs(extent.yMaximum() - SAMPLE_NORTH) < 1:
        return SAMPLE_THINGS
    print(f"No --at X Y was given: trying five places of {raster.name}.")
    shares = ((0.5, 0.5), (0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7))
    return [Thing("object", extent.xMinimum() + right * extent.width(), extent.yMinimum() + up * extent.height()) for right, up in shares]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
