"""What a set-up does, as a list of steps made of commands: decided here, carried out by the installer. Starts nothing.

With uv the packages go straight from its cache (kept in ``downloads``) into the environment. With pip each requirement is
downloaded into ``downloads`` on its own and all are installed from there, so that what has arrived once is never fetched again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from .environment import REQUIREMENTS, Environment, requirements
from .machine import Build

MB, GB = 1_000_000, 1_000_000_000
SIZES = {
    "torch": 200,
    "rasterio": 36,
    "pyogrio": 34,
    "numpy": 17,
    "scipy": 38,
    "scikit-image": 28,
    "pyproj": 10,
    "shapely": 4,
}  # MB to fetch
CUDA_SIZE = 3000  # MB: PyTorch with NVIDIA's libraries
NEEDED = {"cpu": 1800, "mps": 1500, "cuda": 9500}  # MB of disk: the downloads and the environment together

IMPORT_CHECK = (
    "import json, platform, torch, rasterio, shapely, pyogrio, pyproj, skimage, scipy, safetensors; "
    "print(json.dumps({'torch': torch.__version__, 'cuda': torch.cuda.is_available(), 'python': platform.python_version()}))"
)
GENERAL_BUILD = "PyTorch's CPU build could not be reached, so its general build was installed: it is larger and works the same."
CPU_BUILD = "PyTorch's CUDA build could not be reached, so the CPU build was installed."


@dataclass(frozen=True)
class Tools:
    """What the set-up works with: a real Python ("" where uv brings its own), its version, and uv ("" where there is none)."""

    python: str
    version: tuple[int, int]
    uv: str = ""


@dataclass(frozen=True)
class Command:
    program: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Attempt:
    """Commands that must all succeed. `note` is told to the user where it was this attempt that did it."""

    commands: tuple[Command, ...]
    note: str = ""


@dataclass(frozen=True)
class Step:
    kind: str  # "environment", "download", "install" or "check"
    name: str  # what it is about: a package
    attempts: tuple[Attempt, ...]  # tried in this order until one succeeds
    size: int = 0  # bytes expected to arrive
    seconds: float = 1.0  # about how long it takes beside the download


def plan(tools: Tools, environment: Environment, build: Build, wheels: Optional[Path] = None) -> list[Step]:
    """The steps that lead to a working engine. `wheels` is a folder to install from without any network."""
    needed = fitting(requirements(), tools.version)
    steps = [Step("environment", "", (_attempt(_make_environment(tools, environment)),), seconds=8)]
    if wheels is not None:
        steps.append(Step("install", "", (_attempt(_offline(tools, environment, needed, wheels)),), seconds=60))
    elif tools.uv:
        steps += [Step("download", item, _with_uv(tools.uv, environment, item, build), size_of(item, build), 6) for item in needed]
    else:
        steps += [Step("download", item, _with_pip(environment, item, build), size_of(item, build), 3) for item in needed]
        steps.append(Step("install", "", (_attempt(_offline(tools, environment, needed, environment.downloads)),), seconds=60))
    steps.append(Step("check", "", (_attempt(Command(str(environment.python), ("-c", IMPORT_CHECK))),), seconds=8))
    return steps


def fitting(lines: Sequence[str], version: tuple[int, int]) -> list[str]:
    """The requirements whose marker holds for a Python of this version, without their markers."""
    found = []
    for line in lines:
        requirement, _, marker = (part.strip() for part in line.partition(";"))
        limit = re.fullmatch(r'python_version\s*(>=|<)\s*"(\d+)\.(\d+)"', marker)
        if marker and limit is None:
            raise ValueError(f"{line}: only a limit on python_version is understood")
        if limit is None or (version >= (int(limit[2]), int(limit[3]))) == (limit[1] == ">="):
            found.append(requirement)
    return found


def size_of(requirement: str, build: Build) -> int:
    """About how many bytes a requirement brings, those that it needs included."""
    name = package_of(requirement)
    return MB * (CUDA_SIZE if name == "torch" and build.name == "cuda" else SIZES.get(name, 1))


def package_of(requirement: str) -> str:
    return re.split(r"[=<>!~ ]", requirement, maxsplit=1)[0]


def disk_needed(build: Build, from_folder: bool = False) -> int:
    """Bytes of disk that a set-up from nothing takes."""
    return MB * NEEDED[build.name] - (sum(SIZES.values()) * MB if from_folder and build.name != "cuda" else 0)


def _make_environment(tools: Tools, environment: Environment) -> Command:
    if tools.uv:
        python = tools.python or "%d.%d" % tools.version
        return Command(tools.uv, ("venv", "--python", python, str(environment.folder)))
    return Command(tools.python, ("-m", "venv", str(environment.folder)))


def _offline(tools: Tools, environment: Environment, needed: Sequence[str], wheels: Path) -> Command:
    options = ("--no-index", "--find-links", str(wheels), "--only-binary", ":all:")
    if tools.uv:
        return _uv(tools.uv, environment, "--offline", *options, *needed)
    return _pip(environment, "install", *options, *needed)


def _with_uv(uv: str, environment: Environment, requirement: str, build: Build) -> tuple[Attempt, ...]:
    plain = _uv(uv, environment, requirement)
    chosen = _uv(uv, environment, *_backend(build), requirement)
    if chosen == plain or package_of(requirement) != "torch":
        return (_attempt(plain),)
    return (_attempt(chosen), Attempt((plain,), _note(build)))


def _with_pip(environment: Environment, requirement: str, build: Build) -> tuple[Attempt, ...]:
    fetch = (
        "download",
        "--only-binary",
        ":all:",
        "--no-cache-dir",
        "--find-links",
        str(environment.downloads),
        "--dest",
        str(environment.downloads),
    )
    constrained = ("--constraint", str(REQUIREMENTS))
    plain = _pip(environment, *fetch, *constrained, requirement)
    backend = _backend(build)
    if package_of(requirement) != "torch" or not backend:
        return (_attempt(plain),)
    # pip cannot choose a build, so uv is fetched for this one package where pip's own sources do not have the right one
    own_uv = str(environment.python.parent / ("uv.exe" if sys.platform == "win32" else "uv"))
    by_uv = (
        _pip(environment, *fetch, "uv"),
        _pip(environment, "install", "--no-index", "--find-links", str(environment.downloads), "uv"),
        _uv(own_uv, environment, *backend, requirement),
    )
    exact = (_attempt(_pip(environment, *fetch, *constrained, f"{requirement}+cpu")),) if build.name == "cpu" else ()
    return (*exact, Attempt(by_uv), Attempt((plain,), _note(build)))


def _backend(build: Build) -> tuple[str, ...]:
    """uv's option for the build of PyTorch; nothing where the default index has the right one for this platform."""
    if build.name == "cuda":
        return ("--torch-backend", "auto")
    return ("--torch-backend", "cpu") if build.name == "cpu" and sys.platform == "linux" else ()


def _note(build: Build) -> str:
    if build.name == "cpu":
        return GENERAL_BUILD
    return "" if sys.platform == "linux" else CPU_BUILD


def _uv(uv: str, environment: Environment, *rest: str) -> Command:
    options = ("--python", str(environment.python), "--cache-dir", str(environment.downloads / "uv"), "--compile-bytecode")
    return Command(uv, ("pip", "install", *options, "--constraint", str(REQUIREMENTS), *rest))


def _pip(environment: Environment, *rest: str) -> Command:
    return Command(str(environment.python), ("-m", "pip", "--no-input", "--disable-pip-version-check", *rest))


def _attempt(command: Command) -> Attempt:
    return Attempt((command,))
