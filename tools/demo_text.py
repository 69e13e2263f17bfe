"""Drives the plugin as an analyst does who says what he looks for: types a phrase, runs it over the raster, moves the confidence slider.

Runs in QGIS's Python, started by `build.py demo text`:  python -m rasterscribe.tools.demo_text RASTER FOLDER PHRASE
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from qgis.core import QgsProject, QgsVectorLayer

from ..plugin.area_state import AreaKind, Found, Panel
from .desk import StuckError
from .show import SURER, Show, play


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="demo text")
    parser.add_argument("raster", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("phrase")
    options = parser.parse_args(list(argv))
    return play(lambda desk: DemoText(desk, options.raster, options.folder).show(options.phrase))


class DemoText(Show):
    def show(self, phrase: str) -> int:
        """Gives 0 where something was found, filtered and drawn."""
        session = self.session
        target = self.fresh("found.gpkg")
        raster = self.open()
        session.show_panel(Panel.TEXT)
        session.area.choose_kind(AreaKind.WHOLE)
        session.text.choose_path(str(target))
        self._type(phrase)
        found = self._run()
        before = found.shown
        session.text.set_filter(SURER, 0.0)
        self.desk.wait_for(lambda: self._found.shown < before or before == 0, "the slider to filter", 5) if before > self._surer() else None
        self.tell(f"moved the confidence slider from 0.50 to {SURER:.2f}: {self._surer()} of {before} stay, nothing is computed again")
        session.text.set_filter(0.5, 0.0)
        layer = QgsProject.instance().mapLayer(found.layer_id)
        self.desk.wait_for(lambda: layer.featureCount() == before, "the slider to filter", 5)
        picture = self.draw(layer, raster)
        print(f"Found {before} objects in {self.took:.1f} s: {target}, and on the map {picture}", flush=True)
        return 0 if before else 1

    @property
    def _found(self) -> Found:
        found: Optional[Found] = self.session.state.jobs.text.found
        if found is None:
            raise StuckError("What was found is gone.")
        return found

    def _surer(self) -> int:
        return sum(score >= SURER for score in self._found.scores)

    def _type(self, phrase: str) -> None:
        desk, session = self.desk, self.session
        session.text.type(phrase)
        desk.wait_for(lambda: session.state.jobs.text.explained is not None, "the phrase to be explained")
        explained = session.state.jobs.text.explained
        self.tell(f'typed "{phrase}", understood as: {explained.sentence}')
        if not explained.runnable:
            raise StuckError(f"Not understood: {', '.join(explained.not_understood)}.")

    def _run(self) -> Found:
        session = self.session
        session.text.run()
        self.wait_for_result(lambda: (session.state.jobs.text.run, session.state.jobs.text.found), "the first objects", "the search")
        found = self._found
        for each in found.reply.classes:
            self.tell(f"{each.count} {each.name}, {each.area:,.0f} {'m²' if session.state.metric else 'square pixels'}")
        layer = QgsProject.instance().mapLayer(found.layer_id)
        self._describe(layer)
        return found

    def _describe(self, layer: QgsVectorLayer) -> None:
        styled = "styled by class" if layer.renderer().type() == "categorizedSymbol" else "without a style"
        self.tell(f'layer "{layer.name()}", {styled}, {layer.featureCount()} objects shown of {len(self._found.scores)} in the file')


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
