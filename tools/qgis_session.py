"""Starts QGIS for the commands that show the plugin at work: without a window (demo) or with one (run)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from .set_up import apt_install, engine_home, engine_python, link_as_plugin, qgis_environment, qgis_python
from .shell import BUILD, ROOT, Trouble, clean_environment, run, say

SAMPLE = ROOT / "resources" / "sample" / "scene.tif"
DEMO = ROOT / "demo"
PHRASE = "buildings within 30 m of a road, ponds larger than 300 m², the 3 largest fields"
PROFILES = BUILD / "profiles"
PROFILE = "rasterscribe"


def demo(raster: Optional[Path], places: Sequence[tuple[float, float]], out: Optional[Path]) -> int:
    """Click objects of a raster in QGIS without a window, and leave objects.gpkg and map.png in `out`."""
    at = [str(number) for place in places for number in ("--at", *place)]
    return _show("demo", raster, out, at)


def demo_text(raster: Optional[Path], phrase: Optional[str], out: Optional[Path]) -> int:
    """Find what a phrase names on a raster in QGIS without a window, and leave found.gpkg and map.png in `out`."""
    return _show("demo_text", raster, out, [phrase or PHRASE])


def demo_change(before: Optional[Path], after: Optional[Path], out: Optional[Path]) -> int:
    """Compare two dates in QGIS without a window, and leave changes.gpkg and map.png in `out`.

    Without rasters a pair is generated whose changes are known, and what is found is held against them.
    """
    if (before is None) != (after is None):
        raise Trouble("Give both rasters, --before FILE and --raster FILE, or neither.")
    python, engine, folder = qgis_python(), engine_python(), (out or DEMO).absolute()
    pair = folder / "pair"
    if before is None and not (pair / "truth.gpkg").exists():
        say("Generating a place at two dates; it takes a minute or two, once.")
        code = run([engine, "-m", "tools.make_pair", pair], clean_environment())
        if code:
            return code
    rasters = [existing(one) for one in (before or pair / "before.tif", after or pair / "after.tif")]
    code = _started(python, "demo_change", [*rasters, folder])
    if code or before is not None:
        return code
    return run([engine, "-m", "tools.score_pair", folder / "changes.gpkg", pair / "truth.gpkg"], clean_environment())


def _show(module: str, raster: Optional[Path], out: Optional[Path], arguments: Sequence[str]) -> int:
    scene = existing(raster or SAMPLE)
    python, _engine = qgis_python(), engine_python()
    return _started(python, module, [scene, (out or DEMO).absolute(), *arguments])


def _started(python: Path, module: str, arguments: Sequence[object]) -> int:
    environment = qgis_environment(QGIS_CUSTOM_CONFIG_PATH=str(BUILD / "demo-profile"))
    return run([python, "-m", f"rasterscribe.tools.{module}", *arguments], environment)


def window(raster: Optional[Path]) -> int:
    """QGIS itself with this checkout as its only plugin. Ends when the window is closed."""
    scene = existing(raster) if raster else copy_of_sample()
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise Trouble("There is no screen to open a window on. `build.py demo` needs none.")
    python = qgis_python()
    program = shutil.which("qgis")
    if program is None and sys.platform.startswith("linux"):
        apt_install(["qgis"], "QGIS's window was not found")
        program = shutil.which("qgis")
    if program is None:
        raise Trouble("No program called qgis is on the PATH. Start QGIS and install the zip that `build.py zip` makes.")
    engine_python()
    profile = make_profile()
    say(f"Opening QGIS on the profile in {profile}. The button is in the toolbar; its dock is open on the right.")
    # QGIS's embedded Python looks for its modules beside the first python3 of the PATH, which may be another one
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
    environment = clean_environment(RASTERSCRIBE_HOME=str(engine_home()), PATH=path)
    options = ["--nologo", "--noversioncheck", "--profiles-path", PROFILES, "--profile", PROFILE]
    code = run([program, *options, "--code", ROOT / "tools" / "show_dock.py", scene], environment)
    say("QGIS was closed." if code == 0 else f"QGIS ended with exit code {code}.")
    return code


def make_profile() -> Path:
    """A profile that has the plugin, by a link to this checkout, and has it enabled."""
    profile = PROFILES / "profiles" / PROFILE
    link_as_plugin(profile / "python" / "plugins")
    settings = profile / "QGIS" / "QGIS3.ini"
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("[PythonPlugins]\nrasterscribe=true\n\n[qgis]\ncheckVersion=false\nshowTips322=false\n", "utf-8")
    return profile


def copy_of_sample() -> Path:
    """The generated scene in a folder where results may be laid beside it."""
    folder = BUILD / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(SAMPLE, folder))


def existing(raster: Path) -> Path:
    if not raster.is_file():
        raise Trouble(f"There is no file {raster}.")
    return raster.absolute()
