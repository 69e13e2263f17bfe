"""XYZ tiles put together as the rasters that they were cut from, with the objects that people outlined in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rasterio
import shapely
from affine import Affine
from rasterio import features
from shapely.geometry import shape

from ...errors import RequestInvalid
from ..sets import read_bands
from ..stitch import mended

HALF_WORLD = 20037508.342789244  # metres from the middle of Web Mercator to its edge
CRS = "EPSG:3857"

Places = dict[tuple[int, int], Path]  # tile x and y -> image


def mosaics(folder: Path, scratch: Path, only: tuple[str, ...] = ()) -> Iterator[tuple[Path, np.ndarray]]:
    """A GeoTIFF in `scratch` and (n,) polygons in its CRS, of every site and zoom of a set of tiles named site_x_y_zoom.

    only: parts of "site_zoom", of which a name must have one. Where there is no tile, the raster has no data. Raises RequestInvalid.
    """
    groups: dict[str, Places] = defaultdict(dict)
    for path in sorted((folder / "images").glob("*")):
        try:
            site, x, y, zoom = path.stem.rsplit("_", 3)
            groups[f"{site}_{int(zoom)}"][int(x), int(y)] = path
        except ValueError:
            continue
    if not groups:
        raise RequestInvalid(f"{folder} is no set of tiles: it needs images/ with names like site_x_y_zoom.", "Give another folder.")
    for name, places in sorted(groups.items()):
        if not only or any(part in name for part in only):
            yield _mosaic(name, places, folder / "instances", scratch)


def _mosaic(name: str, places: Places, instances: Path, scratch: Path) -> tuple[Path, np.ndarray]:
    left, top = (min(place[axis] for place in places) for axis in (0, 1))
    across, down = (max(place[axis] for place in places) - first + 1 for axis, first in ((0, left), (1, top)))
    tile = read_bands(next(iter(places.values()))).shape[1]
    pixel = 2 * HALF_WORLD / tile / 2 ** int(name.rsplit("_", 1)[1])
    transform = Affine(pixel, 0, left * tile * pixel - HALF_WORLD, 0, -pixel, HALF_WORLD - top * tile * pixel)
    rgb = np.zeros((3, down * tile, across * tile), np.uint8)
    known, ids = np.zeros(rgb.shape[1:], np.uint8), np.zeros(rgb.shape[1:], np.int64)
    for (x, y), image in sorted(places.items()):
        rows, cols = slice((y - top) * tile, (y - top + 1) * tile), slice((x - left) * tile, (x - left + 1) * tile)
        rgb[:, rows, cols], known[rows, cols] = read_bands(image)[:3], 255
        own = read_bands(instances / f"{image.stem}.png")[0].astype(np.int64)
        ids[rows, cols] = np.where(own > 0, own + ids.max(), 0)
    path = scratch / f"{name}.tif"
    profile = {"driver": "GTiff", "width": rgb.shape[2], "height": rgb.shape[1], "count": 3, "dtype": "uint8", "tiled": True}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile, crs=CRS, transform=transform) as file:
        file.write(rgb)
        file.write_mask(known)
    return path, _polygons(mended(ids, int(ids.max()), tile), transform)


def _polygons(ids: np.ndarray, transform: Affine) -> np.ndarray:
    """(n,) the outlines of objects along their pixels' edges, each of all its parts."""
    numbered = ids.astype(np.int32)
    parts = [(int(number), shape(part)) for part, number in features.shapes(numbered, numbered > 0, transform=transform)]
    owners, polygons = np.array([number for number, _ in parts]), np.array([part for _, part in parts], object)
    return np.array([shapely.union_all(polygons[owners == number]) for number in np.unique(owners)], object)
