"""The text behind **Copy diagnostics**: enough to find a fault with, and nothing that is the user's own business."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from .environment import Environment, free_space

SHOWN = re.compile(  # variables that have explained faults before; the others are nobody's business
    r"(ALL|HTTPS?|NO)_PROXY|RASTERSCRIBE_.*|PYTHON.*|PIP_.*|UV_.*|CUDA_.*|NVIDIA_.*|OMP_.*|MKL_.*|GDAL_.*|PROJ_.*|LD_.*|DYLD_.*|QT_.*|XDG_SESSION_TYPE"
    r"|WAYLAND_DISPLAY|DISPLAY|LANG|LC_ALL|PATH|TMPDIR|TEMP|SSL_CERT_FILE|REQUESTS_CA_BUNDLE",
    re.IGNORECASE,
)
PRIVATE_NAME = r"[\w.-]*(?:passw(?:or)?d|pwd|secret|token|api[_-]?key|access[_-]?key|authorization|credential|signature|authcfg)[\w.-]*"
SECRETS = (
    (re.compile(r"(\w[\w+.-]*://)[^/\s@'\"]*@"), r"\1***@"),  # user and password of an address
    (re.compile(rf"({PRIVATE_NAME}[\"']?\s*[=:]\s*[\"']?)(?:(?:bearer|basic)\s+)?[^\s&\"',;]+", re.IGNORECASE), r"\1***"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 ***"),
)
LOG_LINES = 60


def diagnostics(
    environment: Environment, versions: Mapping[str, str], log: Iterable[str], environ: Mapping[str, str] = os.environ, problem: str = ""
) -> str:
    """Plain text for an issue report. `versions` are names and versions that the caller knows, such as QGIS's and the plugin's."""
    installed = environment.installed()
    parts = [
        "Rasterscribe diagnostics",
        *(f"{name}: {version}" for name, version in versions.items()),
        f"system: {platform.platform()}, {os.cpu_count()} cores",
        f"QGIS's Python: {platform.python_version()} at {sys.prefix}",
        f"engine's folder: {environment.home} ({environment.condition().value}, {free_space(environment.home) / 1e9:.1f} GB free)",
        f"engine: {installed if installed else 'no version file'}",
        *([f"problem: {problem}"] if problem else []),
        "",
        "variables:",
        *(f"  {name}={value}" for name, value in sorted(environ.items()) if SHOWN.fullmatch(name)),
        "",
        "last lines of the log:",
        *(f"  {line}" for line in list(log)[-LOG_LINES:]),
    ]
    return without_secrets("\n".join(parts), environ)


def without_secrets(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The text with passwords and tokens masked and the home folder, which holds the user's name, shown as ``~``."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    homes = {str(Path.home()), environ.get("HOME", ""), environ.get("USERPROFILE", "")} - {"", "/"}
    spellings = homes | {home.replace("\\", "/") for home in homes}
    for home in sorted(spellings, key=len, reverse=True):
        text = re.sub(re.escape(home) + r"(?![\w.-])", "~", text)
    return text
