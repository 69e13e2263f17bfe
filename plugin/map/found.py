"""What a search has found, as a layer: opened, styled, filtered, and counted without QGIS's thread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsVectorLayer

from ..problems import PluginProblem
from .provenance import Provenance, note_provenance, store_metadata
from .results import TABLE, open_table
from .styles import colour_of, style_by_class

REVIEW = "review"  # field: what an analyst decided
KEPT = "kept"
# What an analyst says is right, of objects and of changes (map/decisions.py), is shown whatever the filter says.
RIGHT = f"substr(\"{REVIEW}\", 1, 10) IN ('accepted', 'relabelled') OR \"{REVIEW}\" = '{KEPT}'"
# What an analyst drew has no score: it is certain.
SCORE, SIZE = "printf('%.15g', coalesce(score, 1))", "printf('%.15g', coalesce(area_m2, ST_Area(geom)))"
COLUMNS = (SCORE, SIZE, f"coalesce({RIGHT}, 0)")
ONE_ROW = 'SELECT {columns} FROM "{table}"'  # only ever of names and expressions that stand in this code


@dataclass(frozen=True, eq=False)
class Scores:
    """Of every object in the file, in one order."""

    scores: np.ndarray  # float64 (n,), 0..1
    areas: np.ndarray  # float64 (n,), m2; square pixels without a CRS
    kept: np.ndarray  # bool (n,): shown whatever the filter says

    def shown(self, threshold: float, min_area: float) -> int:
        """How many a filter lets through."""
        return int(np.count_nonzero(self.passing(threshold, min_area)))

    def passing(self, threshold: float, min_area: float) -> np.ndarray:
        """Which ones: bool (n,)."""
        found: np.ndarray = ((self.scores >= threshold) & (self.areas >= min_area)) | self.kept
        return found


def open_found(path: Path, name: str, crs: QgsCoordinateReferenceSystem, table: str = TABLE) -> QgsVectorLayer:
    """The layer of a table of a GeoPackage that the engine wrote, placed as the raster's layer is: the user may have set its CRS by hand.

    Raises PluginProblem found.unreadable.
    """
    try:
        layer = open_table(path, table, crs)
    except PluginProblem as trouble:
        raise PluginProblem("found.unreadable", trouble.problem.details) from trouble
    if layer.crs() != crs:
        layer.setCrs(crs)
    layer.setName(name)
    return layer


def style_found(layer: QgsVectorLayer, classes: Iterable[str]) -> None:
    """A colour for each class, unless the file brought a style of its own, which QGIS has put on already."""
    stored = layer.listStylesInDatabase()[0]
    if stored <= 0:
        style_by_class(layer, {name: colour_of(name) for name in classes}, fresh=True)


def store_provenance(
    path: Path, name: str, crs: QgsCoordinateReferenceSystem, provenance: Provenance, abstract: str, table: str = TABLE
) -> None:
    """Say in the file where its objects come from. Any thread, but before the layer is opened for use: QGIS 3.22 cannot read a layer any
    more once another one has written to its file. Raises PluginProblem found.unreadable."""
    layer = open_found(path, name, crs, table)
    store_metadata(layer, note_provenance(layer, [provenance], abstract))


def read_scores(path: Path) -> Scores:
    """What the histogram and the count need, in one order; on any thread. Raises PluginProblem found.unreadable.

    Where the objects have no area in m2, that of their shapes is taken.
    """
    scores, areas, kept = map(numbers, read_columns(path, TABLE, COLUMNS))
    return Scores(scores, areas, kept > 0)


def read_columns(path: Path, name: str, columns: Sequence[str]) -> list[str]:
    """Columns of a table, each as one text with commas between its rows: SQLite writes it, and NumPy reads it, far quicker than Python asks
    for 200,000 features. A column (an expression of SQL, never NULL) with the field `review` is all 0 where the table lacks that.

    Any thread: it reads the file beside QGIS and with QGIS's own SQLite, as another one in the same process would take QGIS's locks away.
    Raises PluginProblem found.unreadable.
    """
    try:
        file = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_READONLY)
        table = file.GetLayerByName(name) if file is not None else None
        if table is None:
            raise PluginProblem("found.unreadable", str(path))
        reviewed = table.GetLayerDefn().GetFieldIndex(REVIEW) >= 0
        known = [column if reviewed or REVIEW not in column else "0" for column in columns]
        joined = ", ".join(f"group_concat({column})" for column in known)
        row = file.ExecuteSQL(ONE_ROW.format(columns=joined, table=name)).GetNextFeature()
        return [row.GetFieldAsString(index) for index in range(len(known))]
    except (RuntimeError, AttributeError) as error:  # where somebody has told GDAL to raise, and where not
        raise PluginProblem("found.unreadable", str(error)) from error


def filter_text(layer: QgsVectorLayer, threshold: float, min_area: float) -> str:
    """The layer's subset string: what has at least this score and area, or no score, and what an analyst says is right."""
    size = f'coalesce("area_m2", ST_Area("geom")) >= {min_area:.10g}' if min_area > 0 else ""
    shown = " AND ".join(filter(None, (f'coalesce("score", 1) >= {threshold:.10g}', size)))
    return f"({shown}) OR {RIGHT}" if layer.fields().lookupField(REVIEW) >= 0 else shown


def free_path(folder: Path, stem: str = "found", endings: Sequence[str] = (".gpkg",)) -> Path:
    """found.gpkg, found_2.gpkg, ...: the first that is not there, nor with another of the endings; it has the first of them."""
    number = 1
    while any(os.path.exists(folder / f"{_numbered(stem, number)}{ending}") for ending in endings):
        number += 1
    return folder / f"{_numbered(stem, number)}{endings[0]}"


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}_{number}"


def numbers(text: str) -> np.ndarray:
    return np.fromstring(text, float, sep=",")
