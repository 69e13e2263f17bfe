"""Where the engine is installed and in which state it is there: always read from the disk, never remembered.

The home folder holds ``env`` (the virtual environment), ``downloads`` (kept between attempts), ``temporary``, ``lock``,
``incomplete`` (there while a set-up runs, or after one that died) and ``version.json`` (written last). Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Optional
from urllib.parse import quote

PLUGIN_ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = PLUGIN_ROOT / "models" / "requirements.txt"

# QGIS's process carries variables that make another Python load QGIS's libraries, or that steer the installer elsewhere.
SCRUBBED = (
    "PYTHON", "PIP_", "UV_", "CONDA", "VIRTUAL_ENV", "PROJ_", "GDAL_", "OGR_", "GEOTIFF_", "LD_", "DYLD_", "QT_", "QML", "QGIS_",
    "OSGEO4W", "GISBASE", "GRASS", "SAGA", "__PYVENV_LAUNCHER__",
)  # fmt: skip
DISCARDED = "discarded-"  # folders of this name are being deleted


class Condition(Enum):
    """What the disk says about the engine."""

    MISSING = "missing"  # never set up, or deleted
    INCOMPLETE = "incomplete"  # a set-up runs or died, or parts were deleted
    OUTDATED = "outdated"  # set up for other packages than this plugin names
    READY = "ready"


@dataclass(frozen=True)
class Installed:
    """What ``version.json`` says."""

    requirements: str  # sha256 of requirements.txt
    build: str  # "cpu", "cuda" or "mps"
    reason: str  # one sentence: why this build
    torch: str
    python: str
    made_at: str  # UTC, ISO 8601


@dataclass(frozen=True)
class Environment:
    """The engine's place on this disk. `home` may have spaces and any letters in it."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "env"

    @property
    def python(self) -> Path:
        return self.folder / "Scripts" / "python.exe" if sys.platform == "win32" else self.folder / "bin" / "python"

    @property
    def downloads(self) -> Path:
        return self.home / "downloads"

    @property
    def temporary(self) -> Path:
        return self.home / "temporary"

    @property
    def lock(self) -> Path:
        return self.home / "lock"

    @property
    def incomplete(self) -> Path:
        return self.home / "incomplete"

    @property
    def version(self) -> Path:
        return self.home / "version.json"

    @property
    def resumable(self) -> bool:
        """Whether a former set-up left something that the next can use."""
        return self.incomplete.exists()

    def downloaded(self) -> int:
        """Bytes of the wheels that former attempts left; they need not be fetched again. uv's cache is not counted: it is deep."""
        try:
            return sum(entry.stat().st_size for entry in os.scandir(self.downloads) if entry.is_file())
        except OSError:
            return 0

    def condition(self) -> Condition:
        if self.incomplete.exists():
            return Condition.INCOMPLETE
        installed = self.installed()
        if installed is None:
            return Condition.INCOMPLETE if self.folder.exists() else Condition.MISSING
        if not self.python.exists():
            return Condition.INCOMPLETE if self.folder.exists() else Condition.MISSING
        return Condition.READY if installed.requirements == requirements_digest() else Condition.OUTDATED

    def installed(self) -> Optional[Installed]:
        """What was installed; None without a version file, or with one that cannot be understood."""
        try:
            return Installed(**json.loads(self.version.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def begin(self) -> None:
        """Mark the environment as incomplete before anything in it changes. Raises OSError."""
        self.downloads.mkdir(parents=True, exist_ok=True)
        self.incomplete.touch()
        self.version.unlink(missing_ok=True)

    def set_aside(self, name: str) -> list[Path]:
        """Move the old environment and temporary files out of the way; returns what is to be deleted. Raises OSError."""
        for folder in (self.folder, self.temporary):
            if folder.exists():
                folder.rename(self.home / f"{DISCARDED}{folder.name}-{name}")
        self.temporary.mkdir()
        return sorted(self.home.glob(DISCARDED + "*"))

    def complete(self, installed: Installed) -> None:
        """Write the version file last of all: only a whole file makes the environment ready. Raises OSError."""
        beside = self.version.with_suffix(".new")
        beside.write_text(json.dumps(asdict(installed), indent=1), encoding="utf-8")
        self.incomplete.unlink(missing_ok=True)
        os.replace(beside, self.version)


def home_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The user's folder for the engine: RASTERSCRIBE_HOME, or the platform's own place for such data."""
    moved = environ.get("RASTERSCRIBE_HOME")
    if moved:
        return Path(moved).expanduser().absolute()
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "Rasterscribe"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Rasterscribe"
    data = environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "rasterscribe"


def free_space(folder: Path) -> int:
    """Bytes free where `folder` is or would be; 0 where that cannot be told."""
    place = next((parent for parent in (folder, *folder.parents) if parent.exists()), folder)
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return 0


def requirements() -> list[str]:
    """The pinned requirements, one a line, in the order of the file."""
    lines = (line.strip() for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def requirements_digest() -> str:
    return hashlib.sha256("\n".join(requirements()).encode()).hexdigest()


def scrubbed(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> dict[str, str]:
    """The environment for child processes: nothing in it makes them load QGIS's Python, Qt, GDAL or PROJ."""
    kept = {name: value for name, value in environ.items() if not name.upper().startswith(SCRUBBED)}
    separator = ";" if platform == "win32" else ":"
    folders = [folder for folder in kept.get("PATH", "").split(separator) if folder and not _is_of_qgis(folder, environ)]
    kept["PATH"] = separator.join(folders)
    kept.update(PYTHONUTF8="1", PYTHONNOUSERSITE="1", PYTHONUNBUFFERED="1")
    return kept


def _is_of_qgis(folder: str, environ: Mapping[str, str]) -> bool:
    """Whether a folder of PATH belongs to a QGIS that brings its own libraries; those would be loaded for the engine's."""
    place = folder.replace("\\", "/").lower()
    root = environ.get("OSGEO4W_ROOT", "").replace("\\", "/").lower().rstrip("/")
    return bool(root and place.startswith(root)) or ".app/contents/" in place + "/"


def proxy_variables(
    kind: str, host: str, port: str = "", user: str = "", password: Optional[str] = None, excluded: str = ""
) -> dict[str, str]:
    """QGIS's proxy settings as the variables that pip and uv understand; empty where there is no proxy to name.

    `kind` is QGIS's ``proxy/proxyType`` ("HttpProxy", "Socks5Proxy", ...), `excluded` its hosts without a proxy, comma separated.
    """
    if not host or kind not in ("HttpProxy", "HttpCachingProxy", "Socks5Proxy"):
        return {}
    scheme = "socks5h" if kind == "Socks5Proxy" else "http"
    login = quote(user, safe="") + (":" + quote(password, safe="") if password else "") + "@" if user else ""
    address = f"{scheme}://{login}{host}" + (f":{port}" if port and port != "0" else "")
    found = {"HTTP_PROXY": address, "HTTPS_PROXY": address}
    if excluded:
        found["NO_PROXY"] = excluded
    return {spelling: value for name, value in found.items() for spelling in (name, name.lower())}
