"""QGIS's own command line, with the real engine: what the README says to type."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Optional

import pytest
from qgis.core import QgsVectorLayer

from rasterscribe.plugin.engine.environment import Condition, Environment, home_folder
from rasterscribe.plugin.map.provenance import provenance_of

ROOT = Path(__file__).resolve().parents[3]
SCENE = ROOT / "resources" / "sample" / "scene.tif"
HOUSES = "412300,412480,5391650,5391730 [EPSG:32633]"  # some of the scene
SECONDS = 500  # at most; the machine may be busy with other work


def program() -> Optional[str]:
    """Debian's `qgis_process` is a script that passes on an option of the window's program, which this one refuses."""
    return shutil.which("qgis_process.bin") or shutil.which("qgis_process")


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason="qgis_process is not installed; Debian has it in the package qgis"),
    pytest.mark.skipif(
        Environment(home_folder()).condition() is not Condition.READY, reason="the engine is not set up; `build.py test` does that first"
    ),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A profile in which this checkout is the only plugin, and enabled."""
    profile = tmp_path / "profiles" / "default"
    plugins, settings = profile / "python" / "plugins", profile / "QGIS" / "QGIS3.ini"
    plugins.mkdir(parents=True)
    (plugins / "rasterscribe").symlink_to(ROOT, target_is_directory=True)
    settings.parent.mkdir(parents=True)
    settings.write_text("[PythonPlugins]\nrasterscribe=true\n", "utf-8")
    # QGIS looks for its own Python modules beside the first python3 of the PATH
    path = os.pathsep.join([str(Path(sys.base_prefix) / "bin"), os.environ.get("PATH", "")])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PATH": path, "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(program()), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS)


def test_it_lists_the_algorithms(environment: dict[str, str]) -> None:
    listed = run(environment, "list").stdout
    for id in ("segmentpoints", "findtext", "landcover", "tilesearch"):
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


def test_a_phrase_that_nobody_understands_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    ran = run(environment, "run", "rasterscribe:findtext", "--", f"RASTER={SCENE}", "PHRASE=xyzzy", f"OUTPUT={tmp_path / 'found.gpkg'}")
    assert ran.returncode != 0
    assert "Nothing in the phrase is understood" in ran.stdout + ran.stderr
    assert not (tmp_path / "found.gpkg").exists()
