"""A raster and classes to a class raster, polygons and areas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import NULL, QgsCoordinateReferenceSystem, QgsRasterLayer

from rasterscribe.models.classes import PRESETS
from rasterscribe.models.protocol import Cover, Open


def test_a_class_list_gives_a_raster_polygons_and_a_table(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    out = tmp_path / "cover.tif"
    done = runner("landcover", RASTER=town.id(), CLASSES=" building, water,", OUTPUT=str(out), POLYGONS="memory:", AREAS="memory:")
    assert done.well, done.heard.errors
    assert QgsRasterLayer(str(out), "cover").isValid() and done.outputs["OUTPUT"] == str(out)
    assert [(row["class"], row["pixels"], row["area_m2"], row["share"]) for row in done.features("AREAS")] == [
        ("building", 10, 40.0, 0.5),
        ("water", 10, 40.0, 0.5),
    ]
    assert len(done.features("POLYGONS")) == 3 and done.layer("POLYGONS").crs() == town.crs()
    assert runner.asked(Cover)[0].classes == ("building", "water")


def test_without_a_list_the_presets_classes_are_asked_for(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    assert runner("landcover", RASTER=town.id(), PRESET=1, SIMPLIFY=2.0, OUTPUT=str(tmp_path / "cover.tif")).well
    (asked,) = runner.asked(Cover)
    assert asked.classes == tuple(PRESETS.values())[1] and asked.simplify == pytest.approx(2.0)
    assert asked.polygons == ""  # nobody wants them


def test_without_a_crs_the_table_has_pixels_and_no_square_metres(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    town.setCrs(QgsCoordinateReferenceSystem())
    done = runner("landcover", RASTER=town.id(), CLASSES="water", OUTPUT=str(tmp_path / "cover.tif"), AREAS="memory:")
    (row,) = done.features("AREAS")
    assert (row["pixels"], row["area_m2"]) == (10, NULL)
    assert any("square pixels" in line for line in done.heard.lines)


def test_files_named_from_where_the_shell_is_are_found_by_the_engine(
    runner: Any, town: QgsRasterLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = runner("landcover", RASTER="town.tif", CLASSES="water", OUTPUT="cover.tif")
    assert done.well, done.heard.errors
    assert runner.asked(Open)[0].path == str(tmp_path / "town.tif")
    assert done.outputs["OUTPUT"] == str(tmp_path / "cover.tif") and (tmp_path / "cover.tif").is_file()
