"""A raster and a word to a heat map and its best tiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingContext, QgsRasterLayer, QgsRectangle

from rasterscribe.models.protocol import Tiles


def test_a_word_gives_a_heat_map_and_the_best_tiles_first(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    out = tmp_path / "heat.tif"
    done = runner("tilesearch", RASTER=town.id(), WORD="pond", OUTPUT=str(out), TILES="memory:")
    assert done.well, done.heard.errors
    assert QgsRasterLayer(str(out), "heat").isValid()
    best, second = done.features("TILES")
    assert (best["rank"], best["score"], best["word"], second["rank"]) == (1, 0.9, "pond", 2)
    assert best.geometry().boundingBox() == QgsRectangle(0, 56, 8, 64)


def test_the_table_is_made_only_where_it_is_wanted(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    done = runner("tilesearch", RASTER=town.id(), WORD="pond", EXTENT="0,32,0,32 [EPSG:32645]", OUTPUT=str(tmp_path / "heat.tif"))
    assert done.well and set(done.outputs) == {"OUTPUT"}
    assert runner.asked(Tiles)[0].area


def test_no_word_is_no_search(provider: Any, town: QgsRasterLayer) -> None:
    algorithm = provider.algorithm("tilesearch")
    fitting, _why = algorithm.checkParameterValues({"RASTER": town.id(), "WORD": "", "OUTPUT": "x.tif"}, QgsProcessingContext())
    assert not fitting
