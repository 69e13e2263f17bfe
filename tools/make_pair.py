"""Makes a pair: the generated scene of `make_sample`, and the same place six years later in another light, with what changed between them.

Houses were built and pulled down, a pond grew, panels stand on a field; the later picture lies a pixel and a half beside the earlier one,
and a cloud hides a part of it. Run in the engine's environment; the same seed gives the same pictures:

    python -m tools.make_pair FOLDER

It leaves before.tif, after.tif, map.gpkg (what a map of the first date has, field `class`) and truth.gpkg: the table `changes` with `kind`,
`from_class` and `to_class`, and the table `clouds`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.transform import Affine
from scipy import ndimage
from shapely import affinity
from shapely.geometry import Point, box
from shapely.ops import unary_union

from .make_sample import (
    CLAY,
    CRS,
    FINER,
    GRASS,
    GSD,
    LANE,
    LEFT,
    MAIN_ROAD,
    OLD_CLAY,
    SLATE,
    SOIL,
    TOP,
    TRACK,
    House,
    build,
    flood,
    make_ground,
)
from .sunlight import Ground, Light, photograph

AFTERNOON = Light(math.radians(214), math.radians(39), (1.02, 0.90, 0.74), (0.21, 0.25, 0.31), (0.018, 0.021, 0.028))
DATES = ("2016:06:14 11:20:00", "2022:09:03 14:40:00")
SHIFT = (3, -2)  # cells of the ground that the later picture lies to the right and below, each half a pixel
MARGINS = (8, 4)  # pixels of the scene that each picture leaves out on every side
PULLED_DOWN = (3, 12, 18, 21)  # numbers of houses, from 1
NEW_HOUSES = [
    House(158, 248, 13, 9.5, 4, CLAY), House(184, 246, 12, 9, 94, SLATE), House(157, 278, 15, 10, 6, OLD_CLAY, wing=7),
    House(188, 281, 13, 9.5, 4, CLAY), House(126, 40, 14, 10, 88, CLAY), House(152, 44, 12, 9, 2, OLD_CLAY),
]  # fmt: skip
POND, GROWN = "duck pond", (243.0, 59.0, 23.0, 17.0)
PARK = (74.0, 204.0, 116.0, 250.0)  # of panels: west, north, east, south; metres
GLASS = (0.028, 0.040, 0.085)
CLOUD, SHADE = (82.0, 66.0, 38.0, 29.0), (27.0, 40.0)  # centre and half axes, and how far its shadow lies to the right and down; metres


class Happened(NamedTuple):
    kind: str
    was: str
    now: str
    shape: Any  # in local metres


def make_later(ground: Ground, truth: Sequence[tuple[str, str, Any]]) -> list[Happened]:
    """Six years pass on the ground; returns what changed."""
    shapes = {name: shape for _, name, shape in truth}
    happened = []
    for number in PULLED_DOWN:
        shape = shapes[f"building {number}"]
        clear(ground, shape)
        happened.append(Happened("disappeared", "building", "other", shape))
    for house in NEW_HOUSES:
        happened.append(Happened("appeared", "field", "building", build(ground, house)))
    shore = flood(ground, *GROWN).union(shapes[POND])
    happened.append(Happened("changed", "field", "water", shore.difference(shapes[POND])))
    happened.append(Happened("appeared", "field", "solar panel", raise_panels(ground)))
    return happened


def clear(ground: Ground, shape: Any) -> None:
    """Nothing but grass and soil where a house stood."""
    where = ground.mask(shape.buffer(1.4))
    ground.height[where] = 0.0
    ground.paint(where, GRASS, 0.12 * ground.noise(6, 4), 0.10 * ground.noise(9, 3))
    bare = where & (ground.noise(7, 3) > 0.3)
    ground.paint(bare, SOIL, 0.10 * ground.noise(2, 3))


def raise_panels(ground: Ground) -> Any:
    """Rows of panels on grass; returns the ground that they stand on."""
    west, north, east, south = PARK
    park = box(*PARK)
    ground.paint(ground.mask(park.buffer(2)), GRASS, 0.10 * ground.noise(5, 4))
    rows = [box(west, top, east, top + 3.2) for top in np.arange(north, south - 3.2, 5.6)]
    for row in rows:
        where = ground.mask(row)
        top = row.bounds[1]
        frames = 0.6 * ((ground.x % 1.7 < 0.12) | ((ground.y - top) % 1.06 < 0.10))
        ground.paint(where, GLASS, frames + 0.04 * ground.noise(3, 2))
        ground.height[where] = (0.9 + 0.45 * (3.2 - (ground.y - top)))[where]
    return unary_union(rows).convex_hull


def moved(ground: Ground) -> None:
    """The ground beside its place by SHIFT; what leaves it on one side is out of the picture."""
    for name in ("albedo", "height"):
        setattr(ground, name, np.roll(getattr(ground, name), SHIFT[::-1], (0, 1)))


def cloudy(picture: np.ndarray, seed: int) -> tuple[np.ndarray, list[Any]]:
    """A picture under a cloud, uint8 (h, w, 3), and the shapes in local metres of the cloud and of its shadow."""
    x, y, wide, high = CLOUD
    rows, cols = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]] * GSD
    random = np.random.default_rng(seed)
    curls = sum(
        ndimage.zoom(random.standard_normal((count, count)), picture.shape[0] / count, order=3) / count**0.7 for count in (8, 16, 32)
    )

    def veil(right: float, down: float) -> np.ndarray:
        far = np.hypot((cols - x - right) / wide, (rows - y - down) / high) + 0.35 * ndimage.shift(
            curls, (down / GSD, right / GSD), order=1
        )
        thick = np.clip((1.1 - far) / 0.5, 0, 1)
        return (thick * thick * (3 - 2 * thick))[..., None]

    cloud, shadow = veil(0, 0), veil(*SHADE)
    seen = picture * (1 - 0.55 * shadow) * (1 - cloud) + np.array([246, 247, 249]) * cloud
    oval = affinity.scale(Point(x, y).buffer(1.0, quad_segs=16), wide, high)
    return np.round(seen).astype(np.uint8), [oval, affinity.translate(oval, *SHADE)]


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ground, truth = make_ground()
    write_picture(folder / "before.tif", photograph(ground, FINER), MARGINS[0], DATES[0])
    happened = make_later(ground, truth)
    moved(ground)
    later, clouds = cloudy(photograph(ground, FINER, AFTERNOON), 5)
    write_picture(folder / "after.tif", later, MARGINS[1], DATES[1])
    roads = [("road", "road", line.buffer(wide / 2)) for line, wide in ((MAIN_ROAD, 6.2), (LANE, 3.6), (TRACK, 3.2))]
    (folder / "truth.gpkg").unlink(missing_ok=True)
    columns = {
        "kind": [one.kind for one in happened],
        "from_class": [one.was for one in happened],
        "to_class": [one.now for one in happened],
    }
    write_table(folder / "truth.gpkg", "changes", [one.shape for one in happened], columns)
    write_table(folder / "truth.gpkg", "clouds", clouds, {"date": ["after"] * len(clouds)})
    (folder / "map.gpkg").unlink(missing_ok=True)
    mapped = [*truth, *roads]
    write_table(folder / "map.gpkg", "map", [shape for *_, shape in mapped], {"class": [kind for kind, *_ in mapped]})


def write_picture(path: Path, picture: np.ndarray, margin: int, taken: str) -> None:
    inner = picture[margin:-margin, margin:-margin].transpose(2, 0, 1)
    transform = Affine(GSD, 0, LEFT + margin * GSD, 0, -GSD, TOP - margin * GSD)
    profile = {"driver": "GTiff", "count": 3, "height": inner.shape[1], "width": inner.shape[2], "dtype": "uint8", "crs": CRS}
    with rasterio.open(path, "w", **profile, transform=transform, tiled=True, compress="deflate", photometric="rgb") as dataset:
        dataset.write(inner)
        dataset.update_tags(TIFFTAG_DATETIME=taken, TIFFTAG_IMAGEDESCRIPTION="A generated picture, not a photograph; part of Rasterscribe")


def write_table(path: Path, table: str, shapes: Sequence[Any], columns: dict[str, list[str]]) -> None:
    """Shapes in local metres to a GeoPackage, in the scene's CRS."""
    on_map = [affinity.affine_transform(shape, [1.0, 0, 0, -1.0, LEFT, TOP]) for shape in shapes]
    fields = [np.array(values, object) for values in columns.values()]
    geometry = shapely.to_wkb(np.array(on_map, object))
    pyogrio.raw.write(
        path, geometry, fields, list(columns), layer=table, driver="GPKG", geometry_type="MultiPolygon", promote_to_multi=True, crs=CRS
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
