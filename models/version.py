"""The engine's version is the plugin's: they are released together."""

from __future__ import annotations

from pathlib import Path

METADATA = Path(__file__).resolve().parent.parent / "metadata.txt"


def engine_version() -> str:
    """From the plugin's metadata; "unknown" where that is not beside the engine."""
    try:
        lines = METADATA.read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    return next((line.partition("=")[2].strip() for line in lines if line.startswith("version=")), "unknown")
