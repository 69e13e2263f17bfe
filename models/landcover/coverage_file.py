"""A coverage to a GeoPackage, some polygons at a time, in the table that objects have."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS

from ..objects import results
from .class_list import ClassList
from .coverage import Coverage
from .patches import Patches

Progress = tuple[float, float, str]
MOST = 255.0  # a confidence of one


def write_coverage(
    path: Path,
    coverage: Coverage,
    classes: ClassList,
    crs: CRS | None,
    said: Mapping[str, str],
    provenance: Mapping[str, Any],
    made_at: datetime,
) -> Iterator[Progress]:
    """Write the polygons of all patches that have a class to a new GeoPackage, as `results.write_objects` does with objects.

    said: "model" and "prompt", the same for all. Raises OutputUnwritable and DiskFull; closing the iterator leaves nothing.
    """
    beside = path.with_name(f".{path.stem}.unfinished.gpkg")
    try:
        beside.touch()  # says plainly why a folder takes no file, which GDAL does not
        _remove(beside)
        yield from _written(beside, coverage, classes, crs, said, provenance, made_at)
        results.check_closed(path)
        os.replace(beside, path)
    except (OSError, RuntimeError, ValueError) as error:
        raise results.problem_of(path, error) from error
    finally:
        _remove(beside)


def _written(
    path: Path,
    coverage: Coverage,
    classes: ClassList,
    crs: CRS | None,
    said: Mapping[str, str],
    provenance: Mapping[str, Any],
    made_at: datetime,
) -> Iterator[Progress]:
    total = int(np.count_nonzero(coverage.patches.classes))  # JSON knows no integers of NumPy
    written, made = 0, False
    names = np.array(["", *classes.names], object)
    batches = coverage.polygons() if total else iter([(np.zeros(0, int), np.zeros(0, object), np.zeros(0))])
    for patches, polygons, areas in batches:
        found = coverage.patches
        ground = _ground(found, patches, areas) if crs else np.full(len(patches), np.nan)
        columns = {
            "class": names[found.classes[patches]],
            "score": found.confidence[patches] / (found.pixels[patches] * MOST),
            "area_m2": ground,
            **{name: np.full(len(patches), text, object) for name, text in said.items()},
        }
        results.write_batch(path, polygons, columns, crs, made_at, None if made else provenance)
        written, made = written + len(patches), True
        yield written, max(total, 1), "writing"
    results.write_style(path, dict(zip(classes.names, classes.colours, strict=True)), made_at)
    results.check_count(path, written)


def _ground(patches: Patches, which: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """m2 of polygons: square pixels, each as large as the patch's are in the mean."""
    ground: np.ndarray = areas * patches.ground[which] / patches.pixels[which]
    return ground


def _remove(path: Path) -> None:
    for ending in results.BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
