"""What an analyst rejected, as a data set that `evaluate change` and training read: `A/ B/ label/ classes.json`.

A rejected change is ground of which it is known that nothing changed there: label 0. An accepted one in view has its class's number of
classes.json. Of all else nothing is known: label 255. `examples.gpkg` has the outlines with what the model had said.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from osgeo import gdal, ogr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsGeometry,
)

from ...models import classes
from ..problems import PluginProblem
from .decisions import text_of
from .outline_file import write_outlines

LEAST, MOST = 256, 1024  # pixels of a view's side
MARGIN = 64  # pixels around an outline at least, in a view that is not the largest
UNKNOWN = 255  # label
SPARE = 16 << 20  # bytes that stay free on the disk
CREATE = ["COMPRESS=DEFLATE", "TILED=YES"]
PLAIN = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # where QGIS puts a raster that says nothing of its place


class Picture(NamedTuple):
    """The raster of one date."""

    path: str  # that GDAL opens
    bands: tuple[int, ...]  # 1-based, one or three; () takes the first ones
    crs: QgsCoordinateReferenceSystem  # its layer's


@dataclass(frozen=True, eq=False)
class Pair:
    before: Picture
    after: Picture
    shift: tuple[float, float] = (0.0, 0.0)  # what is at (col, row) before is at (col + x, row + y) after, in pixels of before


@dataclass(frozen=True, eq=False)
class Reviewed:
    """Changes with what was decided about them, as features with the fields of a layer of changes."""

    rejected: Sequence[QgsFeature]
    accepted: Sequence[QgsFeature]
    crs: QgsCoordinateReferenceSystem
    digest: str  # sha256 of the model that was wrong, "" where it is not known


class View(NamedTuple):
    """A window of the before raster."""

    col: int
    row: int
    width: int
    height: int


def write_examples(folder: Path, pair: Pair, reviewed: Reviewed, context: QgsCoordinateTransformContext) -> int:
    """Write a new folder, which appears once it is whole; gives the number of examples. Any thread.

    Views are cut from the before raster's pixels; the after raster is brought onto them. Outlines beyond the raster are left out.
    Raises PluginProblem: review.none, review.no_files, area.crs, output.unwritable, disk.full.
    """
    before = _opened(pair.before.path)
    to_raster = QgsCoordinateTransform(reviewed.crs, pair.before.crs, context)
    rejected = [(feature, _moved(feature.geometry(), to_raster)) for feature in reviewed.rejected]
    accepted = [(feature, _moved(feature.geometry(), to_raster)) for feature in reviewed.accepted]
    ids = {name: number for number, name in enumerate(_classes([*reviewed.rejected, *reviewed.accepted]), 1)}
    stem = re.sub(r"\W+", "_", Path(pair.after.path).stem)
    written = []
    with _whole(folder) as beside:
        for part in ("A", "B", "label"):
            (beside / part).mkdir(parents=True)
        (beside / "classes.json").write_text(json.dumps({number: name for name, number in ids.items()}, indent=1), encoding="utf-8")
        for feature, outline in rejected:
            view = view_around(outline, before)
            if view is None:
                continue
            _must_have_room(beside, view)
            name = f"{stem}_{feature.id():06d}"
            crop = _crop(before, pair.before, view, beside / "A" / f"{name}.tif")
            _bring(pair, crop, beside / "B" / f"{name}.tif")
            burnt = [(shape, 0) for _, shape in rejected] + [(shape, ids.get(text_of(one, "class"), UNKNOWN)) for one, shape in accepted]
            _label(crop, burnt, beside / "label" / f"{name}.tif")
            written.append((feature, {"name": name, "digest": reviewed.digest}))
        if not written:
            raise PluginProblem("review.none")
        write_outlines(beside / "examples.gpkg", "examples", written, reviewed.crs)
    return len(written)


def view_around(outline: QgsGeometry, raster: gdal.Dataset) -> View | None:
    """The pixels around an outline (in the raster's CRS): large enough for it and some surroundings, and within the raster; None where
    they do not meet."""
    to_pixel = gdal.InvGeoTransform(_transform(raster))
    corners = [gdal.ApplyGeoTransform(to_pixel, point.x(), point.y()) for point in outline.vertices()]
    cols, rows = [col for col, _ in corners], [row for _, row in corners]
    if not corners or min(cols) >= raster.RasterXSize or min(rows) >= raster.RasterYSize or max(cols) <= 0 or max(rows) <= 0:
        return None
    needed = max(max(cols) - min(cols), max(rows) - min(rows)) + 2 * MARGIN
    side = min(max(32 * math.ceil(needed / 32), LEAST), MOST)
    width, height = min(side, raster.RasterXSize), min(side, raster.RasterYSize)
    col = min(max(round((min(cols) + max(cols) - width) / 2), 0), raster.RasterXSize - width)
    row = min(max(round((min(rows) + max(rows) - height) / 2), 0), raster.RasterYSize - height)
    return View(col, row, width, height)


def free_folder(folder: Path) -> Path:
    """`folder` itself where it is empty or not there, else a new one in it."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return folder
    number = 1
    while (folder / f"hard_examples_{number}").exists():
        number += 1
    return folder / f"hard_examples_{number}"


# -- one view


def _crop(raster: gdal.Dataset, picture: Picture, view: View, path: Path) -> gdal.Dataset:
    """The view of the before raster as a file; its grid is that of the other two."""
    bands = list(picture.bands) or list(range(1, min(raster.RasterCount, 3) + 1))
    crop = _done(gdal.Translate("", raster, format="MEM", srcWin=list(view), bandList=bands), picture.path)
    transform = _transform(raster)
    crop.SetGeoTransform(
        (*_origin(transform, view.col, view.row, 0), *transform[1:3], *_origin(transform, view.col, view.row, 1), *transform[4:6])
    )
    crop.SetProjection(picture.crs.toWkt())
    _save(crop, path)
    return crop


def _origin(transform: Sequence[float], col: float, row: float, axis: int) -> tuple[float]:
    return (gdal.ApplyGeoTransform(transform, col, row)[axis],)


def _bring(pair: Pair, crop: gdal.Dataset, path: Path) -> None:
    """The same pixels of the after raster, shifted as the comparison shifted it."""
    after = _opened(pair.after.path)
    bands = list(pair.after.bands) or list(range(1, min(after.RasterCount, 3) + 1))
    chosen = _done(gdal.Translate("", after, format="VRT", bandList=bands), pair.after.path)
    chosen.SetGeoTransform(_transform(after))
    there = gdal.GetDriverByName("MEM").Create("", crop.RasterXSize, crop.RasterYSize, len(bands), after.GetRasterBand(bands[0]).DataType)
    transform = crop.GetGeoTransform()
    moved = [_origin(transform, *pair.shift, axis)[0] for axis in (0, 1)]
    there.SetGeoTransform((moved[0], *transform[1:3], moved[1], *transform[4:6]))
    nodata = after.GetRasterBand(bands[0]).GetNoDataValue()
    for band in range(1, len(bands) + 1) if nodata is not None else ():
        there.GetRasterBand(band).SetNoDataValue(nodata)
        there.GetRasterBand(band).Fill(nodata)
    options = {"srcSRS": pair.after.crs.toWkt(), "dstSRS": pair.before.crs.toWkt()} if pair.after.crs.isValid() else {}
    _done(gdal.Warp(there, chosen, resampleAlg="bilinear", **options), pair.after.path)
    there.SetGeoTransform(transform)
    there.SetProjection(crop.GetProjection())
    _save(there, path)


def _label(crop: gdal.Dataset, burnt: Sequence[tuple[QgsGeometry, int]], path: Path) -> None:
    """Outlines with their labels in the crop's CRS; the later ones are above."""
    labels = gdal.GetDriverByName("MEM").Create("", crop.RasterXSize, crop.RasterYSize, 1, gdal.GDT_Byte)
    labels.SetGeoTransform(crop.GetGeoTransform())
    labels.SetProjection(crop.GetProjection())
    labels.GetRasterBand(1).Fill(UNKNOWN)
    memory = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = memory.CreateLayer("outlines", labels.GetSpatialRef(), ogr.wkbUnknown)
    layer.CreateField(ogr.FieldDefn("label", ogr.OFTInteger))
    for shape, label in burnt:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkb(bytes(shape.asWkb())))
        feature.SetField("label", label)
        layer.CreateFeature(feature)
    gdal.RasterizeLayer(labels, [1], layer, options=["ATTRIBUTE=label", "ALL_TOUCHED=TRUE"])
    _save(labels, path)


def _save(dataset: gdal.Dataset, path: Path) -> None:
    gdal.ErrorReset()
    _done(gdal.GetDriverByName("GTiff").CreateCopy(str(path), dataset, options=CREATE), str(path)).FlushCache()
    if gdal.GetLastErrorType() >= gdal.CE_Failure:
        raise PluginProblem("output.unwritable", gdal.GetLastErrorMsg())


# -- within


def _opened(path: str) -> gdal.Dataset:
    try:
        raster = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_READONLY)
    except RuntimeError as error:  # where somebody has told GDAL to raise
        raise PluginProblem("review.no_files", str(error)) from error
    if raster is None:
        raise PluginProblem("review.no_files", path)
    return raster


def _done(result: Any, what: str) -> Any:
    if not result:
        raise PluginProblem("output.unwritable", f"{what} {gdal.GetLastErrorMsg()}")
    return result


def _transform(raster: gdal.Dataset) -> tuple[float, ...]:
    return raster.GetGeoTransform(can_return_null=True) or PLAIN


def _moved(geometry: QgsGeometry, to: QgsCoordinateTransform) -> QgsGeometry:
    moved = QgsGeometry(geometry)
    try:
        moved.transform(to)
    except QgsCsException as error:
        raise PluginProblem("area.crs", str(error)) from error
    return moved


def _classes(changes: Sequence[QgsFeature]) -> list[str]:
    """Those that the labels name; all that are known where no change has any, for a set must have some."""
    named = {text_of(change, "class") for change in changes} - {"", *classes.OTHER}
    return sorted(named) or list(classes.MAPPED)


def _must_have_room(folder: Path, view: View) -> None:
    if shutil.disk_usage(folder).free < 16 * view.width * view.height + SPARE:
        raise PluginProblem("disk.full", str(folder))


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder beside, which takes the place of `folder` (not there, or empty) if all goes well, and else goes."""
    beside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    try:
        beside.mkdir(parents=True)
        yield beside
        if folder.exists():
            folder.rmdir()
        os.replace(beside, folder)
    except OSError as error:
        raise PluginProblem("output.unwritable", str(error)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
