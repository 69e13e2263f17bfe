"""What this computer has that a set-up can use: a real Python, uv, a GPU driver. Looks only; starts nothing."""

from __future__ import annotations

import glob
import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

OLDEST, NEWEST = (3, 10), (3, 14)  # the Pythons that the pinned packages have wheels for
PREFERRED = ("3.12", "3.11", "3.13", "3.10", "3.14")  # the best tried first

# Printed by a candidate about itself; Debian splits off what makes environments.
SELF_DESCRIPTION = (
    "import json, sys, importlib.util as u; print(json.dumps(dict(python=sys.executable, version=sys.version_info[:2], "
    "wide=sys.maxsize > 2**32, venv=all(u.find_spec(n) for n in ('venv', 'ensurepip')))))"
)


@dataclass(frozen=True)
class Build:
    """Which PyTorch the engine gets, and why."""

    name: str  # "cpu", "cuda" or "mps"
    reason: str  # one English sentence; the plugin shows it as it is


def python_candidates(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> list[str]:
    """Programs that may be a Python of their own, best first. Never QGIS itself, whose `sys.executable` may be QGIS."""
    if platform == "win32":
        found = _windows_pythons(environ)
    else:
        names = [f"python{version}" for version in PREFERRED] + ["python3"]
        folders = _unix_folders(environ, platform)
        found = [str(Path(folder) / name) for name in names for folder in folders]
    return list(dict.fromkeys(place for place in found if os.path.isfile(place) and os.access(place, os.X_OK)))


def usable_python(description: str, with_uv: bool = False) -> tuple[str, tuple[int, int]]:
    """The program and version in a candidate's answer to `SELF_DESCRIPTION`; ("", (0, 0)) where it cannot carry the engine.

    With uv a Python need not be able to make environments itself.
    """
    try:
        told = json.loads(description)
        major, minor = told["version"]
        able = told["wide"] and (told["venv"] or with_uv)
    except (ValueError, KeyError, TypeError):
        return "", (0, 0)
    return (told["python"], (major, minor)) if able and OLDEST <= (major, minor) <= NEWEST else ("", (0, 0))


def find_uv(environ: Mapping[str, str] = os.environ) -> str:
    """The uv program; "" where there is none. QGIS started from a menu does not have the user's PATH, so look where uv installs."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    usual = [Path.home() / ".local" / "bin" / name, Path.home() / ".cargo" / "bin" / name, Path("/opt/homebrew/bin") / name]
    on_path = shutil.which("uv", path=environ.get("PATH", ""))
    return on_path or next((str(place) for place in usual if place.is_file()), "")


def choose_build(wanted: str = "auto", platform: str = sys.platform, driver: Optional[str] = None) -> Build:
    """The build for this computer: CUDA only where a driver is. `wanted` may insist on "cpu" or "cuda"."""
    if platform == "darwin":
        return Build("mps", "Macs use the graphics of Apple silicon where they have it, else the CPU.")
    driver = find_driver(platform=platform) if driver is None else driver
    if wanted == "cpu":
        return Build("cpu", "The CPU build was asked for.")
    if driver or wanted == "cuda":
        return Build("cuda", f"An NVIDIA driver was found ({driver})." if driver else "The CUDA build was asked for.")
    return Build("cpu", "No NVIDIA driver was found, so the engine runs on the CPU.")


def find_driver(places: Optional[Iterable[str]] = None, platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> str:
    """The file that shows that an NVIDIA driver is installed; "" without one."""
    if places is None:
        places = _windows_driver(environ) if platform == "win32" else LINUX_DRIVER
    found = next((hit for place in places for hit in sorted(glob.glob(place))), "")
    return found or shutil.which("nvidia-smi", path=environ.get("PATH", "")) or ""


LINUX_DRIVER = (
    "/proc/driver/nvidia/version",
    "/usr/lib/*/libcuda.so.1",
    "/usr/lib64/libcuda.so.1",
    "/usr/lib/libcuda.so.1",
    "/usr/lib/wsl/lib/libcuda.so.1",
)


def _windows_driver(environ: Mapping[str, str]) -> list[str]:
    return [str(Path(environ.get("SYSTEMROOT", "C:/Windows")) / "System32" / "nvcuda.dll")]


def _unix_folders(environ: Mapping[str, str], platform: str) -> list[str]:
    usual = ["/usr/local/bin", "/usr/bin"]
    if platform == "darwin":  # /usr/bin/python3 only asks to install the developer tools where they are missing: last
        frameworks = [f"/Library/Frameworks/Python.framework/Versions/{version}/bin" for version in PREFERRED]
        usual = [*frameworks, "/opt/homebrew/bin", *usual]
    own = [folder for folder in environ.get("PATH", "").split(":") if folder and ".app/Contents/" not in folder + "/"]
    return list(dict.fromkeys([*own, *usual]))


def _windows_pythons(environ: Mapping[str, str]) -> list[str]:
    roots = [Path(environ[name]) for name in ("LOCALAPPDATA", "PROGRAMFILES") if environ.get(name)]
    found = []
    for version in PREFERRED:
        short = "Python" + version.replace(".", "")
        found += [str(root / middle / short / "python.exe") for root in roots for middle in ("Programs/Python", ".")]
    found.append(str(Path(sys.base_prefix) / "python.exe"))  # the Python that QGIS ships is a real one, beside QGIS's own programs
    # the folder WindowsApps holds doors to the store, not Pythons
    on_path = [folder for folder in environ.get("PATH", "").split(";") if folder and "windowsapps" not in folder.lower()]
    return found + [str(Path(folder) / "python.exe") for folder in on_path]
