"""The heat map of a tile search: a GeoTIFF with a pixel a tile, and QGIS's style beside it."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from ..objects.results import problem_of
from .tile_grid import TileGrid

NODATA = -1.0
OPACITY = 0.6  # the imagery beneath stays readable
# Score, colour, opacity of 255. The ends are fixed, so that two maps can be compared. Below a quarter there is nothing, rather than
# something (see `tile_scores`), and the map is clear.
RAMP = (
    (0.0, "#ffffcc", 0), (0.2, "#ffeda0", 0), (0.3, "#fed976", 120), (0.4, "#feb24c", 200), (0.5, "#fd8d3c", 255),
    (0.6, "#e31a1c", 255), (0.75, "#9e0142", 255), (1.0, "#3f007d", 255),
)  # fmt: skip


def write_heat_map(path: Path, scores: np.ndarray, grid: TileGrid, metadata: Mapping[str, Any], beside: Path) -> None:
    """Write float32 (rows, columns of tiles) scores, 0..1, NaN without data, and the style `path` with the ending .qml.

    beside: a folder on the same disk in which files are made before they take the place of former ones. Raises OutputUnwritable, DiskFull.
    """
    draft, style = beside / "heat.tif", beside / "heat.qml"
    crs = grid.raster.crs
    said = {name: value if isinstance(value, str) else json.dumps(value) for name, value in metadata.items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(
                draft, "w", driver="GTiff", width=grid.width, height=grid.height, count=1, dtype="float32", nodata=NODATA,
                crs=None if crs is None else crs.to_wkt(), transform=grid.to_map, compress="deflate",
            ) as dataset:  # fmt: skip
                dataset.write(np.where(np.isnan(scores), NODATA, scores).astype(np.float32), 1)
                dataset.descriptions = ("score",)
                dataset.update_tags(**said)
        style.write_text(qml(), encoding="utf-8")
        os.replace(style, path.with_suffix(".qml"))
        os.replace(draft, path)
    except (OSError, RuntimeError) as error:  # rasterio's errors are OSErrors, GDAL's RuntimeErrors
        raise problem_of(path, error) from error


def qml() -> str:
    """QGIS's style document: yellow to red, between scores of 0 and 1."""
    items = "\n".join(f'     <item value="{value}" color="{colour}" alpha="{alpha}" label="{value:g}"/>' for value, colour, alpha in RAMP)
    return DOCUMENT.format(opacity=OPACITY, items=items)


DOCUMENT = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <pipe>
  <rasterrenderer type="singlebandpseudocolor" band="1" alphaBand="-1" opacity="{opacity}" nodataColor=""
    classificationMin="0" classificationMax="1">
   <rastershader>
    <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="0" maximumValue="1" labelPrecision="2">
{items}
    </colorrampshader>
   </rastershader>
  </rasterrenderer>
 </pipe>
</qgis>
"""
