"""A file that has its name only once it is whole."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..problems import PluginProblem


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Where to write a GeoPackage beside its place; it is renamed at the end, and removed where that is not reached.

    Raises PluginProblem output.unwritable.
    """
    beside = path.with_name(f".{path.stem}.{uuid.uuid4().hex}.gpkg")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        os.replace(beside, path)
    except OSError as error:
        raise PluginProblem("output.unwritable", str(error)) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
