"""What each training set knows of the classes: its labels, and what they say of CLASSES, 1 = is, 0 = is not, UNKNOWN = not labelled.

A set labels only its own classes. What it does not label is unknown, not background; but a roof is no road, and there are no cars to be
seen from 10 m a pixel: such knowledge is written out here, so that a class meets its opposites from other sets.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from ..classes import CLASSES
from .sets import UNKNOWN, LabelledImage, objects_from_mask, objects_of, read_bands
from .stitch import stitched

K = len(CLASSES)
SMALLEST = 12  # pixels: smaller parts of a mask are flecks of its making, not objects
HELD_OUT = 12  # one image in so many is kept from training: temperatures are set on it
Rule: TypeAlias = np.ndarray  # uint8 (K,)


def rule(yes: str = "", no: str = "", rest: int = UNKNOWN) -> Rule:
    """Comma-separated names; `rest` is said of the classes in neither list."""
    found = np.full(K, rest, np.uint8)
    for names, value in ((yes, 1), (no, 0)):
        for name in filter(None, (part.strip() for part in names.split(","))):
            found[CLASSES.index(name)] = value
    return found


def unsure(base: Rule, names: str) -> Rule:
    """`base`, but nothing said of these classes."""
    found = base.copy()
    found[[CLASSES.index(name.strip()) for name in names.split(",")]] = UNKNOWN
    return found


def only(name: str, but: str = "") -> Rule:
    """Is `name` and nothing else; nothing is said of the classes in `but`."""
    found = rule(name, rest=0)
    return unsure(found, but) if but else found


def table(rules: dict[int, Rule]) -> np.ndarray:
    """uint8 (256, K): what each kind says; a kind without a rule says nothing."""
    found = np.full((256, K), UNKNOWN, np.uint8)
    for kind, said in rules.items():
        found[kind] = said
    return found


BUILDING = only("building", "solar panel")
SOLAR = only("solar panel", "building")
ROAD = only("road", "tree, vegetation, car")
FOREST = unsure(rule("forest, vegetation", rest=0), "tree")
WATER = only("water", "marsh, vegetation")
COAST = "tree, forest, building, car, solar panel"


def _coast(name: str, sure: str) -> Rule:
    """The coast's six labels shut each other out; of the other classes only `sure` are known to be absent."""
    others = [other for other in ("water", "marsh", "field", "sand", "vegetation", "road") if other != name]
    return rule(name, ",".join([*others, sure]))


RULES: dict[str, np.ndarray] = {
    "buildings": table({0: rule(no="building, solar panel, field, marsh"), 1: BUILDING}),
    "villages": table({0: rule(no="building, solar panel"), 1: BUILDING}),
    "agoro_fields_us": table({0: rule(no="field, solar panel, car"), 1: only("field", "vegetation, sand, marsh")}),
    "gsi_solar_jp": table({0: rule(no="solar panel"), 1: SOLAR}),
    "gsi_road_jp": table({0: rule(no="road"), 1: ROAD}),
    "amazon_forest_s2": table({0: rule(no="forest, solar panel, car"), 1: FOREST}),
    "urbantree_naip": table({
        0: rule(no="tree, vegetation, forest"), 1: rule("vegetation", "building, road, water, sand, solar panel, car"),
        2: rule("tree, vegetation", "building, road, water, sand, solar panel, car, field"),
        3: rule("vegetation", "tree, forest, building, road, water, sand, solar panel, car"),
    }),
    "cars_kit_ais": table({0: rule(no="car, field, forest, marsh"), 1: rule("car", "forest, field, marsh, water")}),
    "flood_water_oblique": table({0: rule(no="water, solar panel"), 1: unsure(WATER, "tree, building")}),
    "naip_prairie_potholes": table({0: rule(no="water, solar panel, car"), 1: unsure(WATER, "marsh")}),
    "usgs_monterey_coast": table({
        1: _coast("water", COAST), 2: _coast("marsh", "forest, building, car, solar panel"), 3: _coast("field", COAST),
        4: _coast("sand", COAST), 8: _coast("sand", COAST), 6: _coast("vegetation", "building, car, solar panel"),
        7: _coast("vegetation", COAST), 9: _coast("vegetation", COAST), 10: _coast("road", "tree, forest, building, solar panel"),
        11: rule(no="water, marsh, field, sand, solar panel"),
    }),
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A training set: its images, what its kinds say, and the range of scales (view pixels a native pixel) it is seen at as a whole."""

    images: list[LabelledImage]
    rules: np.ndarray  # uint8 (256, K)
    scales: tuple[float, float]
    weight: float = 1.0  # of its labels in the loss


def sources(data: Path, scenes: Path | None, held_out: bool = False) -> dict[str, Source]:
    """Every training set under `data`; with `held_out`, only the images that training leaves out."""

    def part(images: list[LabelledImage]) -> list[LabelledImage]:
        return [image for index, image in enumerate(images) if (index % HELD_OUT == HELD_OUT - 1) == held_out]

    def of(name: str, scales: tuple[float, float], read: Callable[[Path], list[LabelledImage]], weight: float = 1.0) -> Source:
        return Source(part(read(data / name)), RULES[name], scales, weight)

    found = {
        "fair_buildings_banepa": Source(part(masked(data / "fair_buildings_banepa", gsd=0.13)), RULES["villages"], (0.25, 1.5)),
        "agoro_fields_us": of("agoro_fields_us", (0.3, 1.2), masked),
        "gsi_solar_jp": of("gsi_solar_jp", (0.4, 2.0), masked),
        "gsi_road_jp": of("gsi_road_jp", (0.4, 1.5), _roads),
        "amazon_forest_s2": of("amazon_forest_s2", (0.6, 2.0), masked),
        "urbantree_naip": of("urbantree_naip", (0.7, 2.5), _trees, 0.5),
        "cars_kit_ais": of("cars_kit_ais", (0.7, 2.0), _cars),
        "flood_water_oblique": of("flood_water_oblique", (0.3, 0.8), masked, 0.5),
        "usgs_monterey_coast": of("usgs_monterey_coast", (0.4, 1.5), _coast_images),
    }
    if not held_out:  # tiles of one ground at several zooms: none can be left out and stay unseen
        tiles = masked(data / "fair_buildings")
        found["fair_buildings"] = Source([image for image in tiles if image.objects], RULES["villages"], (0.25, 1.5))
        found["fair_sites"] = Source(stitched(tiles, SMALLEST), RULES["villages"], (0.25, 1.5))
        if scenes is not None:
            name = "naip_prairie_potholes"
            found[name] = Source(_potholes(scenes / name), RULES[name], (0.6, 2.0), 0.7)
    return found


def _image(path: Path, kinds: np.ndarray, ids: np.ndarray, gsd: float = 0.0) -> LabelledImage:
    rgb = np.ascontiguousarray(read_bands(path)[:3].transpose(1, 2, 0))
    return LabelledImage(path.stem, rgb, ids, tuple(objects_of(ids, SMALLEST)), kinds, gsd)


def masked(folder: Path, gsd: float = 0.0) -> list[LabelledImage]:
    """0/255 masks with instances."""
    found = []
    for path in sorted((folder / "images").glob("*")):
        kinds = (read_bands(folder / "masks" / f"{path.stem}.png")[0] > 0).astype(np.uint8)
        ids = read_bands(folder / "instances" / f"{path.stem}.png")[0].astype(np.uint16)
        found.append(_image(path, kinds, ids, gsd=gsd))
    return found


def _roads(folder: Path) -> list[LabelledImage]:
    """Some masks leave lane markings out: what a small closing would fill is unknown."""
    found = []
    for path in sorted((folder / "images").glob("*")):
        road = (read_bands(folder / "masks" / f"{path.stem}.png")[0] > 0).astype(np.uint8)
        closed = cv2.morphologyEx(road, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        found.append(_image(path, np.where(closed > road, UNKNOWN, road).astype(np.uint8), np.zeros(road.shape, np.uint16)))
    return found


def _trees(folder: Path) -> list[LabelledImage]:
    """Pseudo masks, mended by the points that people set: a tree within 1.5 m of one, grass where none is within 9 m."""
    found = []
    for path in sorted((folder / "images").glob("*")):
        kinds = read_bands(folder / "pseudo_masks" / f"{path.stem}.png")[0].astype(np.uint8)
        points = json.loads((folder / "points" / f"{path.stem}.json").read_text(encoding="utf-8"))["points"]
        away = np.ones(kinds.shape, np.uint8)
        for x, y in points:
            away[min(int(y), away.shape[0] - 1), min(int(x), away.shape[1] - 1)] = 0
        distance = cv2.distanceTransform(away, cv2.DIST_L2, 5) * 0.6 if points else np.full(kinds.shape, np.inf)
        kinds = np.where(distance < 1.5, 2, np.where((kinds == 1) & (distance > 9), 3, kinds)).astype(np.uint8)
        ids = objects_from_mask(folder / "pseudo_masks" / f"{path.stem}.png", 80, 4000)
        found.append(_image(path, kinds, ids, gsd=0.6))
    return found


def _cars(folder: Path) -> list[LabelledImage]:
    """Boxes, shrunk by a tenth on each side: their corners are road."""
    found = []
    for path in sorted((folder / "images").glob("*")):
        height, width = read_bands(path).shape[1:]
        kinds, ids = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint16)
        lines = (folder / "labels" / f"{path.stem}.txt").read_text(encoding="utf-8").splitlines()
        for line in lines:
            x, y, w, h = (float(value) for value in line.split()[1:5])
            x0, x1, y0, y1 = (x - w / 2) * width, (x + w / 2) * width, (y - h / 2) * height, (y + h / 2) * height
            kinds[round(max(y0, 0)) : round(y1), round(max(x0, 0)) : round(x1)] = UNKNOWN
            dx, dy = 0.1 * (x1 - x0), 0.1 * (y1 - y0)
            kinds[round(max(y0 + dy, 0)) : round(y1 - dy), round(max(x0 + dx, 0)) : round(x1 - dx)] = 1
        found.append(_image(path, kinds, ids, gsd=0.15))
    return found


def _coast_images(folder: Path) -> list[LabelledImage]:
    found = []
    for path in sorted((folder / "images").glob("*")):
        kinds = read_bands(folder / "masks" / f"{path.stem}.png")[0].astype(np.uint8)
        found.append(_image(path, kinds, np.zeros(kinds.shape, np.uint16)))
    return found


def _potholes(folder: Path) -> list[LabelledImage]:
    """Four dates of one ground; water by the NDWI of the near infrared band, which the network does not see."""
    found = []
    for path in sorted(folder.glob("*.tif")):
        kinds = (read_bands(folder / "pseudo_water" / path.name)[0] > 0).astype(np.uint8)[:723]
        image = _image(path, kinds, np.zeros(kinds.shape, np.uint16), gsd=5.0)
        found.append(LabelledImage(image.name, image.rgb[:723], image.ids, (), kinds, 5.0))
    return found
