"""Drives the plugin as an analyst does who asks what changed: chooses the earlier raster, runs the comparison, goes through what was found.

Runs in QGIS's Python, started by `build.py demo change`:  python -m rasterscribe.tools.demo_change BEFORE AFTER FOLDER
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QRect
from qgis.PyQt.QtGui import QImage, QPainter

from ..plugin.area_state import AreaKind, Panel
from ..plugin.change_state import Compared
from .desk import StuckError
from .show import SURER, Show, play

GAP = 8  # screen pixels between two pictures


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="demo change")
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(list(argv))
    return play(lambda desk: DemoChange(desk, options.after, options.folder).show(options.before))


class DemoChange(Show):
    def show(self, earlier: Path) -> int:
        """Gives 0 where something was found, filtered and drawn."""
        session = self.session
        target = self.fresh("changes.gpkg")
        after = self.open()
        before = self._add(earlier)
        session.show_panel(Panel.CHANGE)
        session.area.choose_kind(AreaKind.WHOLE)
        session.change.choose_path(str(target))
        session.change.set_probability(True)
        self._pair(before)
        compared = self._run()
        self._filter(compared)
        layer = QgsProject.instance().mapLayer(self._compared.layer_id)
        self._describe(layer)
        picture = self._draw(before, after, [layer, *self._gaps()])
        print(f"Found {compared.reply.count} changes in {self.took:.1f} s: {target}, and on the map {picture}", flush=True)
        return 0 if compared.reply.count else 1

    @property
    def _compared(self) -> Compared:
        compared: Optional[Compared] = self.session.state.jobs.change.compared
        if compared is None:
            raise StuckError("What changed is gone.")
        return compared

    def _add(self, path: Path) -> QgsRasterLayer:
        layer = QgsRasterLayer(str(path), path.stem)
        if not layer.isValid():
            raise StuckError(f"QGIS cannot read {path} as a raster.")
        QgsProject.instance().addMapLayer(layer)
        return layer

    def _pair(self, before: QgsRasterLayer) -> None:
        """Choose the earlier raster, and hear how both lie to each other."""
        desk, session = self.desk, self.session
        session.change.choose_before(before.id(), before.name())
        answered = desk.wait_for(lambda: self._is_looked_over(), "the pair to be looked over", 120)
        change = session.state.jobs.change
        if change.pair is None:
            raise StuckError(f"The rasters cannot be compared: {change.pair_problem}")
        dates, shift = f"{change.pair.before_date or '?'} and {change.pair.after_date or '?'}", change.pair.shift
        beside = "unknown" if shift is None else f"{shift.x:+.2f} right, {shift.y:+.2f} down, {'' if shift.corrected else 'not '}corrected"
        self.tell(f"chose {before.name()} as what was there before, looked over in {answered:.1f} s: {dates}, shift {beside}")

    def _is_looked_over(self) -> bool:
        change = self.session.state.jobs.change
        return change.pair is not None or change.pair_problem is not None or bool(self.session.state.problem)

    def _run(self) -> Compared:
        session = self.session
        session.change.run()
        self.wait_for_result(
            lambda: (session.state.jobs.change.run, session.state.jobs.change.compared), "the first changes", "the comparison"
        )
        compared = self._compared
        unit = "m²" if compared.metric else "square pixels"
        for note in compared.reply.notes:
            self.tell(note)
        for each in compared.reply.matrix:
            self.tell(f"{each.count} from {each.from_class} to {each.to_class}, {each.area:,.0f} {unit}")
        self.tell(f"{compared.reply.compared:,.0f} {unit} were compared, {compared.reply.not_compared:,.0f} {unit} were not")
        return compared

    def _filter(self, compared: Compared) -> None:
        """The sensitivity one way and back again."""
        desk, session = self.desk, self.session
        surer, shown = sum(score >= SURER for score in self._compared.scores), compared.reply.count
        session.change.set_filter(SURER, 0.0)
        desk.wait_for(lambda: self._compared.shown == surer, "the slider to filter", 10)
        self.tell(f"moved the slider from 0.50 to {SURER:.2f}: {surer} of {shown} stay, nothing is computed again")
        session.change.set_filter(0.5, 0.0)
        desk.wait_for(lambda: self._compared.shown == shown, "the slider to filter", 10)

    def _describe(self, layer: QgsVectorLayer) -> None:
        styled = "styled by kind" if layer.renderer().type() == "categorizedSymbol" else "without a style"
        played = "played by the temporal controller" if layer.temporalProperties().isActive() else "without dates"
        self.tell(f'layer "{layer.name()}", {styled}, {played}, {layer.featureCount()} changes shown of {len(self._compared.scores)}')

    def _gaps(self) -> list[QgsMapLayer]:
        """What was not compared, where there is any."""
        layers = QgsProject.instance().mapLayers().values()
        return [layer for layer in layers if isinstance(layer, QgsVectorLayer) and "not_compared" in layer.source()]

    def _draw(self, before: QgsRasterLayer, after: QgsRasterLayer, results: Sequence[QgsMapLayer]) -> Path:
        """The canvas three times in one picture: before, after, and what changed."""
        path = self.folder / "map.png"
        extent = QgsRectangle(after.extent())
        pictures = [self._seen(layers, extent) for layers in ([before], [after], [*results, after])]
        wide, high = pictures[0].width(), pictures[0].height()
        whole = QImage(3 * wide + 2 * GAP, high, QImage.Format.Format_RGB32)
        whole.fill(0xFFFFFFFF)
        painter = QPainter(whole)
        for number, picture in enumerate(pictures):
            painter.drawImage(number * (wide + GAP), 0, picture)
        painter.end()
        if not whole.save(str(path)):
            raise StuckError(f"{path} could not be written.")
        self.tell(f"drew before, after and the changes side by side to {path}")
        return path

    def _seen(self, layers: Sequence[QgsMapLayer], extent: QgsRectangle) -> QImage:
        desk = self.desk
        desk.canvas.setLayers(list(layers))
        desk.canvas.enableAntiAliasing(True)
        desk.look_at(extent)
        frame = QRect(desk.at(extent.xMinimum(), extent.yMaximum()), desk.at(extent.xMaximum(), extent.yMinimum()))
        picture: QImage = desk.canvas.viewport().grab(frame & desk.canvas.viewport().rect()).toImage()
        return picture


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
