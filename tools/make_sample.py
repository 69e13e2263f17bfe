"""Makes resources/sample/: a generated aerial scene with fields, roofs, ponds, woods and roads, and its true outlines.

Nothing in it is a photograph, so it can be given away with the plugin. Run in the engine's environment, which has rasterio,
shapely and scipy; the same seed gives the same picture:

    python -m tools.make_sample [FOLDER]
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import Affine
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box, mapping
from shapely.ops import unary_union

from .sunlight import Ground, photograph

SEED = 7
PIXELS, GSD, FINER = 1024, 0.3, 2  # the picture's side, metres a pixel, and cells that make up a pixel's side
SIDE = PIXELS * GSD
CRS, LEFT, TOP = "EPSG:32633", 412_300.0, 5_391_850.0

GRASS, WHEAT, SOIL, MAIZE = (0.165, 0.20, 0.085), (0.41, 0.34, 0.19), (0.25, 0.19, 0.14), (0.095, 0.155, 0.055)
STUBBLE, BALE = (0.36, 0.31, 0.20), (0.50, 0.42, 0.24)
ASPHALT, GRAVEL, CONCRETE, WATER = (0.20, 0.20, 0.20), (0.42, 0.38, 0.31), (0.42, 0.41, 0.38), (0.035, 0.062, 0.058)
CLAY, OLD_CLAY, SLATE, SHEET, GREY = (0.40, 0.15, 0.085), (0.27, 0.135, 0.09), (0.115, 0.12, 0.13), (0.50, 0.52, 0.53), (0.30, 0.29, 0.28)


class House(NamedTuple):
    x: float  # centre, metres
    y: float
    length: float  # along the ridge
    width: float
    angle: float  # of the ridge, degrees clockwise from east
    colour: tuple[float, float, float]
    eaves: float = 4.5
    rise: float = 2.6  # of the ridge over the eaves; 0: a flat roof
    wing: float = 0.0  # length of a wing at right angles; 0: none


MAIN_ROAD = LineString([(-9, 138), (50, 146), (104, 152), (160, 149), (225, 155), (316, 178)])
LANE = LineString([(128, 151), (133, 186), (128, 222), (134, 262), (131, 316)])
TRACK = LineString([(196, 152), (192, 112), (186, 62), (188, -9)])

FIELDS: dict[str, tuple[tuple[float, float, float], float, list[tuple[float, float]]]] = {
    "wheat": (WHEAT, 4, [(6, 5), (98, 7), (101, 117), (64, 118), (7, 113)]),
    "maize": (MAIZE, 86, [(107, 7), (181, 6), (179, 64), (184, 106), (108, 106)]),
    "meadow": (GRASS, -12, [(196, 4), (302, 5), (303, 30), (268, 92), (202, 108), (194, 62)]),
    "soil": (SOIL, 92, [(6, 196), (60, 192), (118, 197), (120, 224), (124, 258), (92, 262), (8, 259)]),
    "stubble": (STUBBLE, 8, [(142, 236), (212, 229), (217, 301), (141, 302), (144, 262)]),
    "pasture": (GRASS, 30, [(8, 268), (84, 270), (82, 303), (7, 302)]),
}
PONDS = {"mill pond": (42.0, 228.0, 17.0, 11.0), "duck pond": (241.0, 57.0, 13.5, 10.0), "village pond": (168.0, 196.0, 8.5, 7.0)}
HOUSES = [
    House(24, 128, 14, 9.5, 7, CLAY), House(47, 130.5, 12, 9, 7, SLATE), House(70, 132, 13, 9.5, 96, OLD_CLAY),
    House(93, 133, 15, 10, 5, CLAY, wing=8), House(117, 136, 12.5, 9, 2, GREY), House(143, 134, 12, 10, 92, CLAY),
    House(166, 134, 16, 9.5, 0, OLD_CLAY), House(216, 138, 13, 9, 8, SLATE), House(240, 140, 12, 9.5, 100, CLAY),
    House(265, 147, 15, 10, 14, CLAY, wing=7), House(290, 152, 12, 9, 14, OLD_CLAY), House(30, 161, 13, 9, 8, OLD_CLAY),
    House(55, 166, 15, 10, 6, CLAY, wing=8), House(82, 168, 12, 9, 95, SLATE), House(108, 168, 13, 9.5, 4, CLAY),
    House(149, 167, 13, 9.5, 90, CLAY), House(174, 168, 14, 10, 3, GREY), House(205, 171, 13, 9.5, 8, CLAY),
    House(150, 188, 10, 8, 94, OLD_CLAY), House(252, 203, 44, 17, 14, SHEET, 6.0, 2.2), House(247, 238, 34, 15, 14, OLD_CLAY, 5.5, 3.4),
    House(283, 226, 30, 14, 104, GREY, 5.5, 2.4), House(277, 268, 36, 19, 10, SHEET, 5.5, 2.0), House(228, 176, 14, 10, 12, CLAY),
    House(242, 277, 18, 12, 100, CONCRETE, 4.0, 0.0), House(36, 120, 6, 5, 7, GREY, 2.5, 0.0), House(104, 126, 7, 5, 5, SHEET, 2.6, 0.6),
    House(182, 126, 7, 5.5, 0, OLD_CLAY, 2.6, 1.2), House(68, 181, 8, 5, 6, GREY, 2.6, 0.0), House(192, 186, 8, 6, 8, SHEET, 2.8, 0.8),
    House(252, 130, 6, 5, 10, GREY, 2.5, 0.0),
]  # fmt: skip
SILOS = [(222.0, 214.0, 4.2), (221.0, 225.0, 4.2)]
WOODS = [Polygon([(258, 110), (300, 60), (312, 60), (312, 140), (286, 134)]), Polygon([(96, 272), (122, 268), (124, 312), (92, 312)])]
HEDGES = [
    LineString([(103, 5), (105, 60), (104, 112)]),
    LineString([(8, 264), (60, 265), (90, 266)]),
    LineString([(140, 231), (176, 227), (214, 223)]),
    LineString([(189, 62), (191, 108)]),
    LineString([(6, 192), (62, 188), (118, 192)]),
]


def make_ground() -> tuple[Ground, list[tuple[str, str, Any]]]:
    """The scene, and the true outlines in local metres: (class, name, polygon)."""
    ground = Ground(SIDE, GSD / FINER, SEED)
    everywhere = np.ones_like(ground.height, bool)
    ground.paint(everywhere, GRASS, 0.13 * ground.noise(14, 6) + 0.12 * ground.noise(0.6, 2), 0.09 * ground.noise(30, 4))
    truth: list[tuple[str, str, Any]] = []
    for name, (colour, angle, corners) in FIELDS.items():
        field = Polygon(corners).buffer(-1.2, join_style="mitre").buffer(1.2)
        sow(ground, name, colour, math.radians(angle), field)
        truth.append(("field", name, field))
    lay_gardens(ground)
    lay_roads(ground)
    for name, (x, y, wide, high) in PONDS.items():
        truth.append(("pond", name, flood(ground, x, y, wide, high)))
    ponds = unary_union([shape.buffer(2.6) for kind, _, shape in truth if kind == "pond"])
    truth = [(kind, name, shape.difference(ponds) if kind == "field" else shape) for kind, name, shape in truth]
    for number, house in enumerate(HOUSES, 1):
        truth.append(("building", f"building {number}", build(ground, house)))
    for x, y, radius in SILOS:
        truth.append(("silo", "silo", raise_silo(ground, x, y, radius)))
    park_cars(ground)
    plant(ground, [shape for kind, _, shape in truth if kind != "field"])
    return ground, truth


def sow(ground: Ground, name: str, colour: tuple[float, float, float], angle: float, field: Polygon) -> None:
    """A field with what a farmer leaves in it: rows, tramlines, patches, bales."""
    along, across = ground.along(angle)
    where = ground.mask(field)
    wobble = across + 0.25 * ground.noise(18, 2)
    texture = 0.08 * ground.noise(26, 5) + 0.07 * ground.noise(0.5, 1)
    if name in ("wheat", "stubble"):
        texture += 0.05 * np.sin(2 * math.pi * wobble / 1.5)
        for rut in (-0.9, 0.9):
            texture -= 0.26 * np.exp(-(((wobble % 18.0) - 9 + rut) ** 2) / 0.10)
    elif name == "maize":
        texture += 0.24 * np.sin(2 * math.pi * wobble / 0.9) + 0.10 * ground.noise(0.4, 1)
        ground.height[where] = 1.6 + 0.15 * ground.noise(0.6, 1)[where]
    elif name == "soil":
        texture += 0.08 * np.sin(2 * math.pi * wobble / 1.3) - 0.16 * np.clip(ground.noise(40, 3), 0, 2)
    else:
        texture += 0.05 * np.sign(np.sin(2 * math.pi * wobble / 9)) + 0.10 * ground.noise(3, 3)
    ground.paint(where, colour, texture, 0.04 * ground.noise(35, 4))
    if name == "stubble":
        for x, y in ground.random.uniform((146, 236), (212, 298), (26, 2)):
            if field.contains(Point(x, y).buffer(2)):
                bale = affinity.rotate(box(x - 0.8, y - 0.7, x + 0.8, y + 0.7), float(ground.random.uniform(0, 180)))
                stand(ground, bale, BALE, 1.3)


def lay_gardens(ground: Ground) -> None:
    """Each small house stands on a plot of its own: lawn, beds, a terrace, a drive to the road, a hedge."""
    for house in HOUSES:
        if house.length > 20 or house.eaves < 4 or not house.rise:
            continue
        lean = house.angle if house.angle < 45 else house.angle - 90
        plot = affinity.rotate(box(house.x - 11, house.y - 13, house.x + 11, house.y + 13), lean)
        lawn = tuple(channel * ground.random.uniform(0.85, 1.25) for channel in GRASS)
        ground.paint(ground.mask(plot), (lawn[0], lawn[1], lawn[2]), 0.09 * ground.noise(5, 4), 0.16 * ground.noise(12))
        road_point = MAIN_ROAD.interpolate(MAIN_ROAD.project(Point(house.x, house.y)))
        drive = LineString([(house.x + 4, house.y), (road_point.x + 4, road_point.y)]).buffer(1.6, cap_style="flat")
        ground.paint(ground.mask(drive), GRAVEL, 0.08 * ground.noise(1.5, 3))
        terrace = affinity.rotate(box(-house.length / 2, house.width / 2, 0, house.width / 2 + 3.5), house.angle, origin=(0, 0))
        ground.paint(ground.mask(affinity.translate(terrace, house.x, house.y)), CONCRETE, 0.05 * ground.noise(1, 2))
        hedge = ground.mask(plot.exterior.buffer(0.5).difference(drive.buffer(1)))
        ground.paint(hedge, (0.07, 0.115, 0.045), 0.3 * ground.noise(0.9, 2))
        ground.height[hedge] = 1.4


def lay_roads(ground: Ground) -> None:
    """A paved road with worn tracks and a broken centre line, a gravel lane, a grass track with two ruts, a farmyard."""
    yard = Polygon([(224, 190), (268, 190), (272, 216), (296, 212), (300, 262), (258, 262), (254, 286), (228, 286), (230, 232)])
    ground.paint(ground.mask(yard.buffer(2)), CONCRETE, 0.10 * ground.noise(9, 5), 0.06 * ground.noise(14))
    for line, width, colour in ((TRACK, 3.2, (0.22, 0.22, 0.11)), (LANE, 3.6, GRAVEL)):
        ground.paint(ground.mask(line.buffer(width / 2)), colour, 0.12 * ground.noise(2.5, 4))
        ruts = line.parallel_offset(0.85, "left").buffer(0.35).union(line.parallel_offset(0.85, "right").buffer(0.35))
        ground.paint(ground.mask(ruts), (0.36, 0.31, 0.23), 0.10 * ground.noise(2, 3))
    ground.paint(ground.mask(MAIN_ROAD.buffer(4.2)), (0.25, 0.25, 0.15), 0.12 * ground.noise(2, 3))
    ground.paint(ground.mask(MAIN_ROAD.buffer(3.1)), ASPHALT, 0.05 * ground.noise(5, 5))
    for offset in (-1.6, 1.6):
        ground.paint(ground.mask(MAIN_ROAD.parallel_offset(offset, "left").buffer(0.5)), (0.17, 0.17, 0.17), 0.05 * ground.noise(4, 4))
    for start in range(2, int(MAIN_ROAD.length), 9):
        dash = LineString([MAIN_ROAD.interpolate(start), MAIN_ROAD.interpolate(start + 3)])
        ground.paint(ground.mask(dash.buffer(0.09, cap_style="flat")), (0.62, 0.62, 0.58))


def flood(ground: Ground, x: float, y: float, wide: float, high: float) -> Polygon:
    """A pond with a wavy shore, reeds on it, and water that is darker where it is deep."""
    turns = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    waves = 1 + sum(ground.random.uniform(-0.11, 0.11) / k**0.5 * np.cos(k * turns + ground.random.uniform(0, 7)) for k in (2, 3, 4, 6))
    shore = Polygon(np.column_stack([x + wide * waves * np.cos(turns), y + high * waves * np.sin(turns)]))
    bank = ground.mask(shore.buffer(2.6))
    ground.paint(bank, (0.12, 0.15, 0.065), 0.22 * ground.noise(1.6, 3), 0.15 * ground.noise(5))
    inside = ground.mask(shore)
    depth = np.clip(1 - np.hypot((ground.x - x) / wide, (ground.y - y) / high), 0, 1)
    ground.paint(inside, WATER, 0.35 - 0.5 * depth + 0.05 * ground.noise(9, 3) + 0.03 * ground.noise(0.8, 1))
    ground.height[bank] = 0.0
    return shore


def build(ground: Ground, house: House) -> Polygon:
    """A gabled or flat roof, perhaps with a wing, a chimney and roof windows; returns its footprint."""
    footprint = ridge(ground, house, house.x, house.y, house.length, house.width, house.angle)
    angle = math.radians(house.angle)
    if house.wing:
        beside, reach = house.length * 0.22, (house.width + house.wing) / 2 - 1
        x = house.x + beside * math.cos(angle) - reach * math.sin(angle)
        y = house.y + beside * math.sin(angle) + reach * math.cos(angle)
        footprint = footprint.union(ridge(ground, house, x, y, house.wing + 2, house.width * 0.75, house.angle + 90))
    if house.rise > 2.3 and house.length < 20:
        x, y = house.x - house.length * 0.25 * math.cos(angle), house.y - house.length * 0.25 * math.sin(angle)
        stand(ground, Point(x, y).buffer(0.5, quad_segs=1), (0.30, 0.20, 0.16), house.eaves + house.rise + 0.9)
    return footprint


def ridge(ground: Ground, house: House, x: float, y: float, length: float, width: float, degrees: float) -> Polygon:
    """One rectangular roof; where it meets another the higher one is seen."""
    angle = math.radians(degrees)
    shape = affinity.rotate(box(x - length / 2, y - width / 2, x + length / 2, y + width / 2), degrees)
    along, across = ground.along(angle)
    across = across - (y * math.cos(angle) - x * math.sin(angle))
    height = house.eaves + house.rise * np.clip(1 - np.abs(across) / (width / 2), 0, 1)
    where = ground.mask(shape) & (height > ground.height)
    sheets = 0.04 * np.sin(2 * math.pi * along / 1.1) if house.colour == SHEET else 0.03 * np.sin(2 * math.pi * across / 0.7)
    worn = 0.07 * ground.noise(3.5, 4) + 0.05 * ground.noise(0.35, 1) - 0.05 * np.clip(ground.noise(8, 2), 0, 3)
    ground.paint(where, house.colour, sheets + worn - 0.25 * (np.abs(across) < 0.12) * (house.rise > 0))
    ground.height[where] = height[where]
    return shape


def raise_silo(ground: Ground, x: float, y: float, radius: float) -> Polygon:
    shape = Point(x, y).buffer(radius)
    where = ground.mask(shape)
    ground.paint(where, (0.46, 0.47, 0.47), 0.04 * ground.noise(2, 2))
    ground.height[where] = (9 + 1.8 * (1 - np.hypot(ground.x - x, ground.y - y) / radius))[where]
    return shape


def stand(ground: Ground, shape: Polygon, colour: tuple[float, float, float], height: float) -> None:
    where = ground.mask(shape)
    ground.paint(where, colour, 0.08 * ground.random.standard_normal())
    ground.height[where] = height


def park_cars(ground: Ground) -> None:
    """Cars on the road, in the drives and in the yard."""
    paints = [(0.7, 0.7, 0.7), (0.05, 0.05, 0.06), (0.35, 0.05, 0.05), (0.08, 0.12, 0.28), (0.5, 0.5, 0.52)]
    spots = [MAIN_ROAD.parallel_offset(1.6, "left").interpolate(at) for at in (38, 122, 236)] + [
        Point(house.x + 4, house.y + (8.6 if house.y < 150 else -8.6)) for house in HOUSES[0:18:2]
    ]
    for number, spot in enumerate([*spots, Point(236, 256), Point(262, 222), Point(240, 218)]):
        turn = 8 if number < 3 else 92
        stand(ground, affinity.rotate(box(spot.x - 2.1, spot.y - 0.9, spot.x + 2.1, spot.y + 0.9), turn), paints[number % 5], 1.2)


def plant(ground: Ground, keep_clear: list[Any]) -> None:
    """Woods, hedgerows, garden and orchard trees; none on a road, a roof or in the water."""
    places: list[tuple[float, float, float]] = []
    for wood in WOODS:
        west, north, east, south = wood.bounds
        for x, y in ground.random.uniform((west, north), (east, south), (230, 2)):
            if wood.contains(Point(x, y)):
                places.append((x, y, ground.random.uniform(2.2, 4.6)))
    for hedge in HEDGES:
        places += [(p.x, p.y, ground.random.uniform(0.9, 2.4)) for p in map(hedge.interpolate, np.arange(0, hedge.length, 2.1))]
    places += [(150 + 7 * i + 1.5 * j, 205 + 7 * j, ground.random.uniform(1.8, 2.6)) for i in range(7) for j in range(3)]
    for x, y in ground.random.uniform((6, 112), (302, 192), (150, 2)):
        places.append((x, y, ground.random.uniform(1.3, 3.6)))
    for x, y, wide, high in PONDS.values():
        for turn in ground.random.uniform(2.5, 5.6, 7):
            places.append((x + (wide + 5) * math.cos(turn), y + (high + 5) * math.sin(turn), ground.random.uniform(1.5, 3.2)))
    clear = [MAIN_ROAD.buffer(3.4), LANE.buffer(2.2), TRACK.buffer(1.8), *keep_clear]
    bumps = ground.noise(1.3, 3)
    for x, y, radius in places:
        crown = Point(x, y).buffer(radius)
        if not any(shape.intersects(crown.buffer(0.8)) for shape in clear):
            grow(ground, x, y, radius, bumps)


def grow(ground: Ground, x: float, y: float, radius: float, bumps: np.ndarray) -> None:
    """One tree: a bumpy dome, ragged at its rim."""
    reach = int((radius + 1) / ground.pixel)
    row, column = int(y / ground.pixel), int(x / ground.pixel)
    part = np.s_[max(row - reach, 0) : row + reach, max(column - reach, 0) : column + reach]
    distance = np.hypot(ground.x[part] - x, ground.y[part] - y) / radius + 0.13 * bumps[part]
    top = radius * ground.random.uniform(1.7, 2.3)
    dome = top * np.sqrt(np.clip(1 - distance**2, 0, 1)) + 0.35 * bumps[part]
    where = (distance < 1) & (dome > ground.height[part])
    green = np.array([0.075, 0.125, 0.042]) * ground.random.uniform(0.75, 1.35) * ground.random.uniform((0.85, 1, 0.9), (1.3, 1, 1.1))
    shade = (1 + 0.28 * bumps[part])[..., None]
    ground.albedo[part][where] = np.clip(green * shade, 0.01, 1)[where]
    ground.height[part][where] = dome[where]


def write(folder: Path) -> None:
    """`scene.tif` and `truth.geojson` (in the scene's CRS, fields `class` and `name`)."""
    ground, truth = make_ground()
    picture = photograph(ground, FINER)
    transform = Affine(GSD, 0, LEFT, 0, -GSD, TOP)
    folder.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "GTiff", "width": PIXELS, "height": PIXELS, "count": 3, "dtype": "uint8", "crs": CRS, "transform": transform}
    layout = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "jpeg", "photometric": "ycbcr", "jpeg_quality": 88}
    with rasterio.open(folder / "scene.tif", "w", **profile, **layout) as scene:
        scene.write(picture.transpose(2, 0, 1))
        scene.update_tags(TIFFTAG_IMAGEDESCRIPTION="A generated scene, not a photograph; part of Rasterscribe, GPL-2.0-or-later")
    with rasterio.open(folder / "scene.tif", "r+") as scene:
        scene.build_overviews([2, 4], Resampling.average)
    to_map = [1.0, 0, 0, -1.0, LEFT, TOP]
    found = [
        {"type": "Feature", "properties": {"class": kind, "name": name}, "geometry": mapping(affinity.affine_transform(shape, to_map))}
        for kind, name, shape in truth
    ]
    named = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{CRS.partition(':')[2]}"}}
    collection = {"type": "FeatureCollection", "name": "truth", "crs": named, "features": found}
    (folder / "truth.geojson").write_text(json.dumps(collection, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "resources" / "sample")
