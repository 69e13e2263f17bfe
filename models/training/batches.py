"""What one training step sees: views with objects to click, views with classes, and pairs of dates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from ..classes import CLASSES
from .augment import RNG
from .labels import UNKNOWN, Source
from .pairs import changed, edited, untouched
from .scenes import Painter, Scene, finish

# How often a view with objects comes from each set, and a view with classes.
OBJECT_SHARES = {
    "fair_buildings": 0.16, "fair_sites": 0.24, "fair_buildings_banepa": 0.16, "agoro_fields_us": 0.24, "gsi_solar_jp": 0.14,
    "urbantree_naip": 0.03, "amazon_forest_s2": 0.01, "flood_water_oblique": 0.02,
}  # fmt: skip
CLASS_SHARES = {
    "gsi_road_jp": 0.34, "usgs_monterey_coast": 0.18, "urbantree_naip": 0.17, "cars_kit_ais": 0.1, "amazon_forest_s2": 0.06,
    "agoro_fields_us": 0.04, "gsi_solar_jp": 0.06, "flood_water_oblique": 0.02, "naip_prairie_potholes": 0.03,
}  # fmt: skip
OBJECT_VIEWS, CLASS_VIEWS = 4, 4  # and two views of another date
REAL = 0.3  # of the steps see two real dates in place of two edited ones
MAPPED = 0.5  # of the pairs come with an old map


@dataclass(frozen=True)
class Batch:
    """images: float (n, 3, 256, 256) in 0..1; known: uint8 (n, K, 256, 256); weights: (n,); targets: bool (m, 256, 256), TARGETS a view
    for the first views; pairs: (p, 2) indices of views; changes: uint8 (p, K, 256, 256); old_maps: float (p, K, 64, 64), see
    `ChangeHead`."""

    images: Tensor
    known: Tensor
    weights: Tensor
    targets: np.ndarray
    pairs: Tensor
    changes: Tensor
    old_maps: Tensor


class Batches:
    def __init__(self, sources: dict[str, Source], data: Path, rng: RNG):
        self.painter, self.rng = Painter(sources, rng), rng
        self.dates = real_dates(sources, data)

    def draw(self) -> Batch:
        objects = [self.painter.object_scene(OBJECT_SHARES) for _ in range(OBJECT_VIEWS)]
        classes = [self.painter.class_scene(CLASS_SHARES) for _ in range(CLASS_VIEWS)]
        first = OBJECT_VIEWS + CLASS_VIEWS
        if self.rng.random() < REAL and self.dates:
            dates, change = self._real_pair()
            pairs, changes = [(first, first + 1)], [change]
        else:
            dates = [edited(objects[index], objects[2 + index], self.rng) for index in range(2)]
            pairs, changes = [(0, first), (1, first + 1)], [untouched(objects[i], after) for i, after in enumerate(dates)]
        for a, b in ((2, 3), (1, int(self.rng.choice([2, 3])))):  # unrelated grounds: labels alone say what differs
            pairs.append((a, b))
            changes.append(changed(objects[a].known, objects[b].known))
        scenes = [finish(scene, self.rng) for scene in (*objects, *classes, *dates)]
        return self._batch(scenes, pairs, changes)

    def _real_pair(self) -> tuple[list[Scene], np.ndarray]:
        """Two dates of one ground, seen alike. Light and season differ; what people built does not, and the water is labelled."""
        source, one, other = self.dates[self.rng.integers(len(self.dates))]
        state = self.rng.bit_generator.state
        before = self.painter.piece(source, one)
        self.rng.bit_generator.state = state
        after = self.painter.piece(source, other)
        change = changed(before.known, after.known)
        valid = (before.known != UNKNOWN).any(2) & (after.known != UNKNOWN).any(2)
        for index, name in enumerate(CLASSES):
            if name in ("building", "road", "solar panel", "forest"):
                change[valid, index] = 0
            elif name in ("tree", "vegetation"):  # made from each date's own light: their differences are not change
                change[..., index] = UNKNOWN
        return [before, after], change

    def _batch(self, scenes: list[Scene], pairs: list[tuple[int, int]], changes: list[np.ndarray]) -> Batch:
        turned = [pair[::-1] if self.rng.random() < 0.5 else pair for pair in pairs]
        images = torch.from_numpy(np.stack([scene.rgb for scene in scenes])).permute(0, 3, 1, 2).float() / 255
        return Batch(
            images.contiguous(memory_format=torch.channels_last),
            torch.from_numpy(np.stack([scene.known for scene in scenes])).permute(0, 3, 1, 2),
            torch.tensor([scene.weight for scene in scenes]),
            np.stack([target for scene in scenes[:OBJECT_VIEWS] for target in scene.targets]),
            torch.tensor(turned),
            torch.from_numpy(np.stack(changes)).permute(0, 3, 1, 2),
            torch.from_numpy(np.stack([old_map_of(scenes[a].known, self.rng) for a, _ in turned])),
        )


def old_map_of(known: np.ndarray, rng: RNG) -> np.ndarray:
    """float32 (K, 64, 64) of the first date: often of one class alone, a little beside the picture, with holes; or nothing."""
    drawn = np.where(known == UNKNOWN, 0.0, known * 2.0 - 1.0).astype(np.float32)
    if rng.random() > MAPPED:
        return np.zeros((drawn.shape[2], 64, 64), np.float32)
    if rng.random() < 0.6:
        only = rng.integers(drawn.shape[2])
        present = np.flatnonzero((drawn > 0).any((0, 1)))
        drawn[..., [i for i in range(drawn.shape[2]) if i != (rng.choice(present) if len(present) else only)]] = 0
    drawn = np.roll(drawn, rng.integers(-2, 3, 2), axis=(0, 1))
    for _ in range(rng.integers(0, 3)):
        y, x = rng.integers(0, 224, 2)
        drawn[y : y + 32, x : x + 32] = np.minimum(drawn[y : y + 32, x : x + 32], 0)
    small = cv2.resize(drawn, (64, 64), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small.transpose(2, 0, 1))


def real_dates(sources: dict[str, Source], data: Path) -> list[tuple]:
    """(source, image, image of another date) of every pair of dates; the few ponds as often as the many streets."""
    found = []
    trees = sources.get("urbantree_naip")
    if trees is not None:
        images = {image.name: image for image in trees.images}
        sites = json.loads((data / "urbantree_naip" / "multitemporal_pairs.json").read_text(encoding="utf-8"))
        for years in sites.values():
            names = [name for name in years.values() if name in images]
            found += [(trees, images[a], images[b]) for i, a in enumerate(names) for b in names[i + 1 :]]
    ponds = sources.get("naip_prairie_potholes")
    if ponds is not None:
        some = [(ponds, a, b) for i, a in enumerate(ponds.images) for b in ponds.images[i + 1 :]]
        found += some * max(1, len(found) // (4 * len(some)))
    return found
