"""QGIS's own command line, with the real engine: what the README says to type."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsGeometry, QgsRectangle, QgsVectorLayer

from rasterscribe.plugin.engine.environment import Condition, Environment, home_folder
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.tools.qgis_process import find_program, process_environment

ROOT = Path(__file__).resolve().parents[3]
SCENE = ROOT / "resources" / "sample" / "scene.tif"
HOUSES = "412300,412480,5391650,5391730 [EPSG:32633]"  # some of the scene
SECONDS = 500  # at most; the machine may be busy with other work


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_program() is None, reason="qgis_process is not installed; Debian has it in the package qgis"),
    pytest.mark.skipif(
        Environment(home_folder()).condition() is not Condition.READY, reason="the engine is not set up; `build.py test` does that first"
    ),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A profile in which this checkout is the only plugin, and enabled."""
    return {**process_environment(tmp_path, Path(sys.base_prefix) / "bin" / "python3"), "RASTERSCRIBE_HOME": str(home_folder())}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(find_program()), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS)


def test_it_lists_the_algorithms(environment: dict[str, str]) -> None:
    listed = run(environment, "list").stdout
    for id in ("segmentpoints", "findtext", "landcover", "detectchange", "tilesearch"):
        assert f"rasterscribe:{id}" in listed


def test_a_phrase_becomes_a_geopackage(environment: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "found.gpkg"
    parameters = [f"RASTER={SCENE}", "PHRASE=buildings larger than 100 m²", f"EXTENT={HOUSES}", f"OUTPUT={out}"]
    ran = run(environment, "run", "--json", "rasterscribe:findtext", "--", *parameters)
    results: dict[str, Any] = json.loads(ran.stdout[ran.stdout.index("{") :])["results"]
    layer = QgsVectorLayer(f"{out}|layername=found", "found", "ogr")
    assert layer.featureCount() == results["COUNT"] > 0, ran.stderr
    assert {feature["class"] for feature in layer.getFeatures()} == {"building"}
    assert all(feature["score"] >= 0.5 and feature["area_m2"] > 100 for feature in layer.getFeatures())
    assert results["UNDERSTOOD"] == "building, area > 100 m²" and layer.crs().authid() == "EPSG:32633"
    assert provenance_of(layer)[0].source == str(SCENE)


def two_dates(folder: Path) -> tuple[Path, Path]:
    """A part of the scene, and the same with something bright of 40 x 40 pixels on it a year later."""
    before, after = folder / "part_2019.tif", folder / "part_2020.tif"
    gdal.Translate(str(before), str(SCENE), srcWin=[0, 400, 256, 256])
    file = gdal.GetDriverByName("GTiff").CreateCopy(str(after), gdal.Open(str(before)))
    for band in range(1, 4):
        file.GetRasterBand(band).WriteRaster(100, 100, 40, 40, bytes([250]) * 1600)
    del file
    return before, after


def test_two_dates_become_a_geopackage_and_a_table(environment: dict[str, str], tmp_path: Path) -> None:
    before, after = two_dates(tmp_path)
    out, summary = tmp_path / "changes.gpkg", tmp_path / "summary.csv"
    asked = [f"BEFORE={before}", f"AFTER={after}", "METHOD=6", f"OUTPUT={out}", f"SUMMARY={summary}"]
    ran = run(environment, "run", "--json", "rasterscribe:detectchange", "--", *asked)
    results: dict[str, Any] = json.loads(ran.stdout[ran.stdout.index("{") :])["results"]
    layer = QgsVectorLayer(f"{out}|layername=changes", "changes", "ogr")
    assert layer.featureCount() == results["COUNT"] > 0, ran.stderr
    corner, side = (412300 + 100 * 0.3, 5391850 - 500 * 0.3), 40 * 0.3
    built = QgsGeometry.fromRect(QgsRectangle(corner[0], corner[1] - side, corner[0] + side, corner[1]))
    seen = QgsGeometry.unaryUnion([feature.geometry() for feature in layer.getFeatures()])
    assert seen.intersection(built).area() > 0.6 * seen.combine(built).area()
    assert {str(feature["date_after"].year()) for feature in layer.getFeatures()} == {"2020"}
    assert summary.read_text().startswith("from_class,to_class,count,area_m2\n")


def test_a_phrase_that_nobody_understands_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    ran = run(environment, "run", "rasterscribe:findtext", "--", f"RASTER={SCENE}", "PHRASE=xyzzy", f"OUTPUT={tmp_path / 'found.gpkg'}")
    assert ran.returncode != 0
    assert "Nothing in the phrase is understood" in ran.stdout + ran.stderr
    assert not (tmp_path / "found.gpkg").exists()
