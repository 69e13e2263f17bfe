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
# A column as one text: SQLite writes it, and NumPy reads it, far quicker than Python asks for 200,000 features.
# What an analyst drew has no score: it is certain.
SCORES = """SELECT group_concat(printf('%.15g', coalesce(score, 1))), group_concat(printf('%.15g', coalesce(area_m2, ST_Area(geom)))),
    group_concat(0) FROM objects"""
SCORES_AND_REVIEW = SCORES.replace("group_concat(0)", "group_concat(coalesce(review = 'kept', 0))")


@dataclass(frozen=True, eq=False)
class Scores:
    """Of every object in the file, in one order."""

    scores: np.ndarray  # float64 (n,), 0..1
    areas: np.ndarray  # float64 (n,), m2; square pixels without a CRS
    kept: np.ndarray  # bool (n,): shown whatever the filter says

    def shown(self, threshold: float, min_area: float) -> int:
        """How many a filter lets through."""
        return int(np.count_nonzero(((self.scores >= threshold) & (self.areas >= min_area)) | self.kept))


def open_found(path: Path, name: str, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """The layer of a GeoPackage that the engine wrote, placed as the raster's layer is: the user may have set its CRS by hand.

    Raises PluginProblem found.unreadable.
    """
    try:
        layer = open_table(path, TABLE, crs)
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


def store_provenance(path: Path, name: str, crs: QgsCoordinateReferenceSystem, provenance: Provenance, abstract: str) -> None:
    """Say in the file where its objects come from. Any thread, but before the layer is opened for use: QGIS 3.22 cannot read a layer any
    more once another one has written to its file. Raises PluginProblem found.unreadable."""
    layer = open_found(path, name, crs)
    store_metadata(layer, note_provenance(layer, [provenance], abstract))


def read_scores(path: Path) -> Scores:
    """What the histogram and the count need, in one order. Any thread: it reads the file beside QGIS and with QGIS's own SQLite, as another
    one in the same process would take QGIS's locks away.

    Where the objects have no area in m2, that of their shapes is taken. Raises PluginProblem found.unreadable.
    """
    try:
        file = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_READONLY)
        table = file.GetLayerByName(TABLE) if file is not None else None
        if table is None:
            raise PluginProblem("found.unreadable", str(path))
        reviewed = table.GetLayerDefn().GetFieldIndex(REVIEW) >= 0
        columns = file.ExecuteSQL(SCORES_AND_REVIEW if reviewed else SCORES).GetNextFeature()
        scores, areas, kept = (_numbers(columns.GetFieldAsString(index)) for index in range(3))
    except (RuntimeError, AttributeError) as error:  # where somebody has told GDAL to raise, and where not
        raise PluginProblem("found.unreadable", str(error)) from error
    return Scores(scores, areas, kept > 0)


def filter_text(layer: QgsVectorLayer, threshold: float, min_area: float) -> str:
    """The layer's subset string: what has at least this score and area, or no score, and what was kept."""
    size = f'coalesce("area_m2", ST_Area("geom")) >= {min_area:.10g}' if min_area > 0 else ""
    shown = " AND ".join(filter(None, (f'coalesce("score", 1) >= {threshold:.10g}', size)))
    return f"({shown}) OR \"{REVIEW}\" = '{KEPT}'" if layer.fields().lookupField(REVIEW) >= 0 else shown


def free_path(folder: Path, stem: str = "found", endings: Sequence[str] = (".gpkg",)) -> Path:
    """found.gpkg, found_2.gpkg, ...: the first that is not there, nor with another of the endings; it has the first of them."""
    number = 1
    while any(os.path.exists(folder / f"{_numbered(stem, number)}{ending}") for ending in endings):
        number += 1
    return folder / f"{_numbered(stem, number)}{endings[0]}"


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}_{number}"


def _numbers(text: str) -> np.ndarray:
    return np.fromstring(text, float, sep=",")
