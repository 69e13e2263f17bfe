"""Objects to a GeoPackage, styled by class, with what they were made of and how.

The same objects with the same time give the same bytes, so that a run that was interrupted and went on cannot be told from one that was
not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import CRS
from shapely.geometry import MultiPolygon, Polygon

from ..classes import colour_of
from ..errors import DiskFull, OutputUnwritable
from .styles import NAME as STYLE_NAME
from .styles import qml

TABLE = "objects"
GEOMETRY = "geom"
STYLES = "layer_styles"  # where QGIS looks for the styles of a database's tables
UTC = 100  # GDAL's number for a time in UTC
VERSION = "1.2"  # of GeoPackage: of later ones QGIS 3.22 warns at every turn
BATCH = 10_000  # objects that are in memory twice, as they are and as bytes
NO_ROOM = 1 << 20  # bytes: with less free space a write that failed, failed for want of it
DATABASE = b"SQLite format 3\0"
UNWRITABLE = re.compile("[\x00-\x1f\ud800-\udfff]")  # in names; GDAL writes no such files, or others
BESIDE = ("", "-journal", "-wal", "-shm")  # the files of one database


@dataclass(frozen=True)
class Object:
    """One outline in map coordinates and what is known about it."""

    outline: Polygon | MultiPolygon
    score: float  # 0..1
    area: float | None  # m2; None where the raster has no CRS
    model: str
    prompt: str
    class_name: str = ""


def write_objects(
    path: str | Path,
    objects: Sequence[Object],
    crs: CRS | None,
    provenance: Mapping[str, Any],
    made_at: datetime | None = None,
    folder: Path | None = None,
) -> None:
    """Write objects to the table `objects` of a new GeoPackage, with `provenance` (JSON values) in the table's metadata.

    made_at: the time that the file and its objects bear, now if not given. folder: where the file lies until it is finished, on the same
    disk, that of `path` if not given; a process that is killed leaves it there. A file that was there is replaced at the end and not
    before: whatever happens, there is the old file or the new one.
    Raises OutputUnwritable and DiskFull.
    """
    made_at = (made_at or datetime.now(timezone.utc)).astimezone(timezone.utc)
    with replacing(Path(path), folder) as beside:
        _write(beside, objects, crs, provenance, made_at)


@contextmanager
def replacing(path: Path, folder: Path | None = None) -> Iterator[Path]:
    """Where to write a GeoPackage that takes the place of `path` when the context ends, and is gone where that ends by an error.

    folder: as for `write_objects`. Raises OutputUnwritable and DiskFull.
    """
    check_place(path)
    # A name of its own, so that two runs with one target do not write into each other's file.
    beside = (folder or path.parent) / f".{uuid.uuid4().hex[:12]}.gpkg"
    try:
        beside.touch(exist_ok=False)  # says plainly why a folder takes no file, which GDAL does not
        beside.unlink()
        yield beside
        check_closed(path)
        os.replace(beside, path)
    except (OSError, RuntimeError, ValueError) as error:  # pyogrio's errors are RuntimeErrors
        raise problem_of(path, error) from error
    finally:
        for ending in BESIDE:
            beside.with_name(beside.name + ending).unlink(missing_ok=True)


def check_place(path: Path, *inputs: str) -> None:
    """Raises OutputUnwritable where no file can come to lie at `path`, or where it would take the place of one of the `inputs`.

    Better said before the work than after it.
    """
    if not _can_be(path):
        raise OutputUnwritable(f"There can be no file {str(path)!r}.", "Choose another folder or a plainer name.", path=str(path))
    if any(is_same(path, Path(one)) for one in inputs):
        raise OutputUnwritable(f"{path} is read for this and would be lost.", "Write to another file.", path=str(path))
    if not path.parent.is_dir() or (path.exists() and not path.is_file()):  # a device would be replaced for the whole system
        raise OutputUnwritable(f"{path} is not a file in a folder that exists.", path=str(path))
    if not os.access(path.parent, os.W_OK):
        raise OutputUnwritable(f"Nothing may be written to the folder of {path}.", path=str(path))
    check_closed(path)


def _can_be(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError):  # too long, or in a folder that may not be looked into
        return False
    return not UNWRITABLE.search(str(path))


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths are of one file, or would be."""
    return one.absolute() == other.absolute() or (one.exists() and other.exists() and one.samefile(other))


def check_closed(path: Path) -> None:
    """Raises OutputUnwritable where another program has the GeoPackage open that is to be replaced.

    What that program has written and not yet merged lies in a file beside it, and would be merged into the new one, which destroys it.
    Leaving that mode takes the only connection there is; it also clears up after a program that died.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(DATABASE)) != DATABASE:
                return
        with closing(sqlite3.connect(path, timeout=0)) as database:
            database.execute("pragma journal_mode = delete").fetchone()
    except FileNotFoundError:
        return
    except (OSError, sqlite3.OperationalError) as error:
        raise OutputUnwritable(f"{path} is open in another program.", path=str(path), reason=str(error)) from error
    except sqlite3.DatabaseError:
        return  # damaged: nobody can have it open


@contextmanager
def _dated(made_at: datetime) -> Iterator[None]:
    """GDAL takes this for the time at which it writes."""
    former = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": made_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{made_at.microsecond // 1000:03d}Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": former})


def _write(path: Path, objects: Sequence[Object], crs: CRS | None, provenance: Mapping[str, Any], made_at: datetime) -> None:
    for start in range(0, max(len(objects), 1), BATCH):
        batch = objects[start : start + BATCH]
        columns = {
            "class": np.array([one.class_name for one in batch], object),
            "score": np.array([one.score for one in batch], float),
            "area_m2": np.array([np.nan if one.area is None else one.area for one in batch], float),
            "model": np.array([one.model for one in batch], object),
            "prompt": np.array([one.prompt for one in batch], object),
        }
        write_batch(path, np.array([one.outline for one in batch], object), columns, crs, made_at, None if start else provenance)
    write_style(path, {one.class_name: colour_of(one.class_name) for one in objects}, made_at)
    check_count(path, len(objects))


def write_batch(
    path: Path,
    outlines: np.ndarray,
    columns: Mapping[str, np.ndarray],
    crs: CRS | None,
    made_at: datetime,
    provenance: Mapping[str, Any] | None,
    table: str = TABLE,
) -> None:
    """Append outlines, their columns and `made_at` to the table; or make it, with `provenance` in its metadata, if that is not None."""
    first: dict[str, Any] = {}
    if provenance is not None:
        metadata = {name: value if isinstance(value, str) else json.dumps(value) for name, value in provenance.items()}
        first = {"layer_metadata": metadata, "dataset_options": {"VERSION": VERSION}}
    with warnings.catch_warnings(), _dated(made_at):
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(outlines),
            field_data=[*columns.values(), np.full(len(outlines), _instant(made_at))],
            fields=[*columns, "made_at"],
            layer=table,
            driver="GPKG",
            geometry_type="MultiPolygon",
            promote_to_multi=True,
            crs=crs.to_wkt() if crs else None,
            gdal_tz_offsets={"made_at": np.full(len(outlines), UTC)},
            append=provenance is None,
            **first,
        )


def check_count(path: Path, count: int, table: str = TABLE) -> None:
    """Raises OSError where the table lacks rows: SQLite may notice a full disk when GDAL closes the file, and GDAL says nothing then."""
    if pyogrio.read_info(path, layer=table, force_feature_count=True)["features"] != count:
        raise OSError("not everything was written")


def write_style(path: Path, colours: Mapping[str, str], made_at: datetime) -> None:
    """The table's style: the colour of each class."""
    write_styles(path, {TABLE: qml(colours)}, made_at)


def write_styles(path: Path, documents: Mapping[str, str], made_at: datetime) -> None:
    """The styles of tables by their names, as QGIS stores them in a GeoPackage and finds them again."""
    rows = [
        {
            "f_table_catalog": "", "f_table_schema": "", "f_table_name": table, "f_geometry_column": GEOMETRY, "styleName": STYLE_NAME,
            "styleQML": document, "styleSLD": "", "useAsDefault": True, "description": "", "owner": "", "ui": None,
            "update_time": _instant(made_at),
        }
        for table, document in documents.items()
    ]  # fmt: skip
    types = {"useAsDefault": bool, "update_time": "datetime64[ms]"}
    with _dated(made_at):
        _write_rows(path, STYLES, rows, types)


def _instant(made_at: datetime) -> np.datetime64:
    return np.datetime64(made_at.replace(tzinfo=None), "ms")


def _write_rows(path: Path, table: str, rows: Sequence[Mapping[str, Any]], types: Mapping[str, Any]) -> None:
    pyogrio.raw.write(
        path,
        geometry=None,
        field_data=[np.array([row[name] for row in rows], types.get(name, object)) for name in rows[0]],
        fields=list(rows[0]),
        layer=table,
        driver="GPKG",
        geometry_type=None,
        gdal_tz_offsets={"update_time": np.full(len(rows), UTC)},
        layer_options={"FID": "id"},
    )


def problem_of(path: Path, error: Exception) -> DiskFull | OutputUnwritable:
    """What an error of writing a file means to a person."""
    full = "full" in str(error).lower() or "no space" in str(error).lower() or shutil.disk_usage(path.parent).free < NO_ROOM
    if full:
        return DiskFull(f"There is no room for {path} on its disk.", path=str(path))
    return OutputUnwritable(f"{path} cannot be written.", path=str(path), reason=str(error))
