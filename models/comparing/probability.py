"""How likely each pixel has changed, as a Cloud-Optimized GeoTIFF: one band of bytes whose scale and offset make 0..1 of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

from ..landcover.optimised import TILE, optimised, settings
from ..surveying.frame import Frame
from ..surveying.survey import CERTAIN
from .styles import probability_style

DRAFT, FINISHED = "probability-draft.tif", "probability.tif"  # in the scratch folder

Rows = Callable[[int, int], np.ndarray]  # first row of the frame, how many -> uint8 (rows, width), 0 where nothing was compared


def write_probability(path: Path, rows: Rows, frame: Frame, provenance: Mapping[str, Any], folder: Path) -> Generator[float, None, None]:
    """Write the raster by way of a folder on the same disk, and its style for QGIS beside it (`.qml`); yields shares of the work.

    0 of the bytes is nodata, 1 is impossible and 255 certain. Raises what rasterio and GDAL raise, and OSError where it is not what was
    given.
    """
    draft, finished = folder / DRAFT, folder / FINISHED
    _draw(draft, frame, provenance)
    for row in range(0, frame.height, TILE):
        with settings(), rasterio.open(draft, "r+") as dataset:
            values = rows(row, min(TILE, frame.height - row))
            dataset.write(values, 1, window=Window(0, row, frame.width, len(values)))
        yield 0.5 * row / frame.height
    for _ in chain(optimised(draft, finished, "average"), _checked(finished, rows, frame)):
        yield 0.5
    style = folder / path.with_suffix(".qml").name
    style.write_text(probability_style(), encoding="utf-8")
    os.replace(finished, path)
    os.replace(style, path.with_suffix(".qml"))
    draft.unlink()
    yield 1.0


def _draw(path: Path, frame: Frame, provenance: Mapping[str, Any]) -> None:
    """An empty raster of the frame's pixels."""
    crs = frame.raster.crs
    path.unlink(missing_ok=True)  # of a run that died
    with settings():
        with rasterio.open(
            path, "w", driver="GTiff", width=frame.width, height=frame.height, count=1, dtype="uint8", nodata=0,
            crs=None if crs is None else crs.to_wkt(), transform=frame.to_map,
            tiled=True, blockxsize=TILE, blockysize=TILE, compress="deflate", zlevel=1, bigtiff="if_safer", sparse_ok=True,
        ) as dataset:  # fmt: skip
            dataset.scales, dataset.offsets = (1 / CERTAIN,), (-1 / CERTAIN,)
            dataset.descriptions = ("probability of change",)
            dataset.update_tags(**{name: value if isinstance(value, str) else json.dumps(value) for name, value in provenance.items()})


def _checked(path: Path, rows: Rows, frame: Frame) -> Generator[None, None, None]:
    """GDAL may say nothing of a full disk."""
    for row in range(0, frame.height, TILE):
        wanted = rows(row, min(TILE, frame.height - row))
        with settings(), rasterio.open(path) as dataset:
            found = dataset.read(1, window=Window(0, row, frame.width, len(wanted)))
        if not np.array_equal(found, wanted):
            raise OSError("not everything was written")
        yield
