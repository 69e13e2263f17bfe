"""Objects to a GeoPackage: what the command line leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import uuid
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import CRS
from shapely.geometry import MultiPolygon, Polygon

from .errors import DiskFull, OutputUnwritable

TABLE = "objects"
FIELDS = ("class", "score", "area_m2", "model", "prompt", "made_at")
UTC = 100  # GDAL's number for a time in UTC
NO_ROOM = 1 << 20  # bytes: with less free space a write that failed, failed for want of it


@dataclass(frozen=True)
class Object:
    """One outline in map coordinates and what is known about it."""

    outline: Polygon | MultiPolygon
    score: float  # 0..1
    area: float | None  # m2; None where the raster has no CRS
    model: str
    prompt: str
    class_name: str = ""


def write_objects(path: str | Path, objects: Sequence[Object], crs: CRS | None, provenance: Mapping[str, Any]) -> None:
    """Write objects to the table `objects` of a new GeoPackage, with `provenance` (JSON values) in the table's metadata.

    A file that was there is replaced at the end and not before: whatever happens, there is the old file or the new one.
    Raises OutputUnwritable and DiskFull.
    """
    path = Path(path)
    check_place(path)
    # A name of its own, so that two runs with one target do not write into each other's file.
    beside = path.with_name(f".{path.stem}-{uuid.uuid4().hex[:8]}.gpkg")
    try:
        _write(beside, objects, crs, provenance)
        os.replace(beside, path)
    except (OSError, RuntimeError, ValueError) as error:  # pyogrio's errors are RuntimeErrors
        raise _problem(path, error) from error
    finally:
        for leftover in path.parent.glob(f"{beside.name}*"):
            leftover.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Raises OutputUnwritable where no file can come to lie at `path`: better said before the work than after it."""
    if path.is_dir() or not path.parent.is_dir():
        raise OutputUnwritable(f"{path} is not a file in a folder that exists.", path=str(path))


def _write(path: Path, objects: Sequence[Object], crs: CRS | None, provenance: Mapping[str, Any]) -> None:
    path.touch(exist_ok=False)  # says plainly why a folder takes no file, which GDAL does not
    path.unlink()
    now = np.datetime64(datetime.now(timezone.utc).replace(tzinfo=None), "ms")
    columns = [
        np.array([one.class_name for one in objects], object),
        np.array([one.score for one in objects], float),
        np.array([np.nan if one.area is None else one.area for one in objects], float),
        np.array([one.model for one in objects], object),
        np.array([one.prompt for one in objects], object),
        np.full(len(objects), now),
    ]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(np.array([one.outline for one in objects], object)),
            field_data=columns,
            fields=list(FIELDS),
            layer=TABLE,
            driver="GPKG",
            geometry_type="MultiPolygon",
            promote_to_multi=True,
            crs=crs.to_wkt() if crs else None,
            layer_metadata={name: value if isinstance(value, str) else json.dumps(value) for name, value in provenance.items()},
            gdal_tz_offsets={"made_at": np.full(len(objects), UTC)},
        )
    # SQLite may notice a full disk only when GDAL closes the file, and GDAL says nothing then.
    if pyogrio.read_info(path, layer=TABLE, force_feature_count=True)["features"] != len(objects):
        raise OSError("not everything was written")


def _problem(path: Path, error: Exception) -> DiskFull | OutputUnwritable:
    full = "full" in str(error).lower() or "no space" in str(error).lower() or shutil.disk_usage(path.parent).free < NO_ROOM
    if full:
        return DiskFull(f"There is no room for {path} on its disk.", path=str(path))
    return OutputUnwritable(f"{path} cannot be written.", path=str(path), reason=str(error))
