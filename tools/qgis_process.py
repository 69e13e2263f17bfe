"""QGIS's command line for Processing, with this checkout as its plugin and the engine of this checkout; it needs no screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from .set_up import DEBIAN_PACKAGES, apt_install, engine_home, engine_python, link_as_plugin, qgis_python
from .shell import BUILD, Trouble, clean_environment, run

PROFILES = BUILD / "process-profiles"


def process(arguments: Sequence[str]) -> int:
    """Run `qgis_process ARGUMENTS ...`, setting up what is missing."""
    python = qgis_python()
    if find_program() is None and shutil.which("apt-get"):
        apt_install(DEBIAN_PACKAGES, "qgis_process was not found")
    program = find_program()
    if program is None:
        raise Trouble("No program called qgis_process is on the PATH. It lies beside QGIS's own programs: add their folder to the PATH.")
    engine_python()
    return run([program, *arguments], process_environment(PROFILES, python), Path.cwd())


def find_program() -> Optional[str]:
    """Debian's `qgis_process` is a script that passes on an option of the window's program, which qgis_process refuses."""
    return shutil.which("qgis_process.bin") or shutil.which("qgis_process")


def process_environment(folder: Path, python: Path) -> dict[str, str]:
    """With a profile in `folder` that has the plugin, enabled; `python` is the one that loads QGIS's modules."""
    profile = folder / "profiles" / "default"
    link_as_plugin(profile / "python" / "plugins")
    settings = profile / "QGIS" / "QGIS3.ini"
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("[PythonPlugins]\nrasterscribe=true\n", "utf-8")
    # QGIS's embedded Python looks for its modules beside the first python3 of the PATH, which may be another one
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
    changes = {"PATH": path, "QGIS_CUSTOM_CONFIG_PATH": str(folder), "RASTERSCRIBE_HOME": str(engine_home())}
    return clean_environment(QT_QPA_PLATFORM="offscreen", **changes)
