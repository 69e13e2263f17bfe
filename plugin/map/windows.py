"""Which part of a layer without a file to write for the engine, on which pixel grid, and whether it is already there.

The pixels of all windows of one layer and level lie on one grid, so that two windows show the same pixels where they overlap.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from qgis.core import Qgis, QgsRasterLayer, QgsRectangle

from ..problems import PluginProblem

LADDER = 2 * math.pi * 6378137 / 256  # side of a web map's pixel at zoom 0, so that its levels are ours; any other CRS: as good
MARGIN = 0.25  # of the view's sides, around it: panning that far needs no new export
SNAP = 64  # pixels
LARGEST = 24_000_000  # pixels: about 100 MB of picture; a larger window is written coarser
NAME = re.compile(r"(?P<key>[0-9a-f]{16})_(?P<level>-?\d+)_(?P<col>-?\d+)_(?P<row>-?\d+)_(?P<columns>\d+)_(?P<rows>\d+)\.tif")


@dataclass(frozen=True)
class Grid:
    """Pixels of a level in a CRS: pixel (col, row) starts at (left + col * x_size, top - row * y_size)."""

    level: int
    left: float
    top: float
    x_size: float
    y_size: float

    def cells(self, extent: QgsRectangle) -> tuple[int, int, int, int]:
        """The pixels that an extent meets, as first column and row and last column and row, exclusive."""
        return (
            math.floor((extent.xMinimum() - self.left) / self.x_size + 1e-6),
            math.floor((self.top - extent.yMaximum()) / self.y_size + 1e-6),
            math.ceil((extent.xMaximum() - self.left) / self.x_size - 1e-6),
            math.ceil((self.top - extent.yMinimum()) / self.y_size - 1e-6),
        )


@dataclass(frozen=True)
class Window:
    """Whole pixels of a grid."""

    key: str  # of the layer
    grid: Grid
    col: int
    row: int
    columns: int
    rows: int

    @property
    def extent(self) -> QgsRectangle:
        left, top = self.grid.left + self.col * self.grid.x_size, self.grid.top - self.row * self.grid.y_size
        return QgsRectangle(left, top - self.rows * self.grid.y_size, left + self.columns * self.grid.x_size, top)

    def path_in(self, folder: Path) -> Path:
        return folder / f"{self.key}_{self.grid.level}_{self.col}_{self.row}_{self.columns}_{self.rows}.tif"


def is_picture(layer: QgsRasterLayer) -> bool:
    """Whether the layer's source gives colours, as map services do, rather than values."""
    return layer.dataProvider().dataType(1) in (Qgis.DataType.ARGB32, Qgis.DataType.ARGB32_Premultiplied)


def window_around(layer: QgsRasterLayer, extent: QgsRectangle, pixel: float, shrink: bool = True) -> Window:
    """The window to write for a view of `extent` and screen pixels of side `pixel`, both in the layer's CRS; `shrink`: coarser where it
    would be too large.

    Raises PluginProblem click.outside where the extent does not meet the layer.
    """
    whole = layer.extent()
    bounded = whole.isFinite() and not whole.isEmpty()
    seen = whole.intersect(extent) if bounded else extent
    if seen.isEmpty() or not (seen.isFinite() and pixel > 0):
        raise PluginProblem("click.outside")
    wanted = QgsRectangle(
        seen.xMinimum() - MARGIN * seen.width(),
        seen.yMinimum() - MARGIN * seen.height(),
        seen.xMaximum() + MARGIN * seen.width(),
        seen.yMaximum() + MARGIN * seen.height(),
    )
    grid = _grid(layer, pixel)
    window = _snapped(layer, grid, wanted, whole if bounded else None)
    while shrink and window.columns * window.rows > LARGEST:
        grid = _coarser(grid)
        window = _snapped(layer, grid, wanted, whole if bounded else None)
    return window


def cached_window(layer: QgsRasterLayer, extent: QgsRectangle, window: Window, folder: Path) -> Optional[Path]:
    """An earlier export on the window's grid that holds all of `extent` that the layer has."""
    whole = layer.extent()
    seen = whole.intersect(extent) if whole.isFinite() and not whole.isEmpty() else extent
    left, top, right, bottom = window.grid.cells(seen)
    for path in sorted(folder.glob(f"{window.key}_{window.grid.level}_*.tif")):
        match = NAME.fullmatch(path.name)
        if match is None:
            continue
        col, row, columns, rows = (int(match[name]) for name in ("col", "row", "columns", "rows"))
        if col <= left and row <= top and right <= col + columns and bottom <= row + rows:
            return path
    return None


def _grid(layer: QgsRasterLayer, pixel: float) -> Grid:
    """The grid nearest to the screen's pixels; never finer than the layer's own pixels, where it has pixels."""
    if layer.dataProvider().xSize() > 0:
        x_size, y_size = layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY()
        level = max(0, round(math.log2(pixel / math.sqrt(x_size * y_size))))
        left, top = layer.extent().xMinimum(), layer.extent().yMaximum()
    else:
        x_size = y_size = LADDER
        level = round(math.log2(pixel / LADDER))
        left = top = 0.0
    return Grid(level, left, top, x_size * 2.0**level, y_size * 2.0**level)


def _coarser(grid: Grid) -> Grid:
    return Grid(grid.level + 1, grid.left, grid.top, grid.x_size * 2, grid.y_size * 2)


def _snapped(layer: QgsRasterLayer, grid: Grid, wanted: QgsRectangle, whole: Optional[QgsRectangle]) -> Window:
    """Grown to round numbers of pixels, so that a slightly other view gives the same window, but not beyond the layer."""
    left, top, right, bottom = grid.cells(wanted)
    left, top, right, bottom = left // SNAP * SNAP, top // SNAP * SNAP, -(-right // SNAP) * SNAP, -(-bottom // SNAP) * SNAP
    if whole is not None:
        first_col, first_row, last_col, last_row = grid.cells(whole)
        left, top, right, bottom = max(left, first_col), max(top, first_row), min(right, last_col), min(bottom, last_row)
    return Window(_key(layer), grid, left, top, max(1, right - left), max(1, bottom - top))


def _key(layer: QgsRasterLayer) -> str:
    """Of what the file's content depends on, besides its window."""
    text = "\n".join((layer.providerType(), layer.source(), layer.crs().toWkt(), layer.extent().toString(6)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
