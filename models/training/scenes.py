"""Training views as an analyst might have them, with what is known of their pixels and objects to click. Needs OpenCV.

Every draw depends on `rng` alone. Views show an object, framed about as an analyst frames one; or a piece of an image at any of its
set's scales; or pieces of several sets side by side, so that borders between data sets are not learnt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np

from ..classes import CLASSES
from . import augment, ponds
from .framing import FRAMED_SHARE, LARGEST_SCALE, SIDE, SMALLEST_TARGET
from .labels import UNKNOWN, WATER, Source
from .sets import LabelledImage, LabelledObject

TARGETS = 2  # objects that are clicked in a view
PONDS = 0.15  # of the views get a pond
GROUPED = 0.05  # of the targets that are a row or cluster of objects
WIDE_GSD = (0.12, 0.8)  # metres a view pixel of views that show many objects
RNG: TypeAlias = np.random.Generator


@dataclass
class Scene:
    rgb: np.ndarray  # uint8 (256, 256, 3)
    known: np.ndarray  # uint8 (256, 256, K): 1 is of the class, 0 is not, UNKNOWN
    weight: float = 1.0  # of what is known, in the loss
    targets: list[np.ndarray] = field(default_factory=list)  # bool (256, 256), objects to click
    ids: np.ndarray | None = None  # (256, 256): the object at each pixel, 0 = none


class Painter:
    def __init__(self, sources: dict[str, Source], rng: RNG):
        self.sources, self.rng = sources, rng
        self.pyramids: dict[int, list[np.ndarray]] = {}

    def object_scene(self, shares: dict[str, float]) -> Scene:
        """A view around an object, with TARGETS objects to click; `shares` are chances by the name of the set."""
        while True:
            source = self.source(shares)
            image = source.images[self.rng.integers(len(source.images))]
            if not image.objects:
                continue
            scene = self._around(source, image, self._pick(image))
            if scene.targets:
                return watered(scene, self.rng)

    def class_scene(self, shares: dict[str, float], mosaic: float = 0.25) -> Scene:
        """A view anywhere in an image, or with chance `mosaic` a view of two to four."""
        scene = watered(self.piece(self.source(shares)), self.rng)
        if self.rng.random() < mosaic:
            column, row = (self.rng.uniform(0.25, 0.75, 2) * SIDE).astype(int)
            parts = [np.s_[:, column:], np.s_[row:, :column]][: self.rng.integers(1, 3)]
            for part in parts:
                other = self.piece(self.source(shares))
                scene.rgb[part], scene.known[part] = other.rgb[part], other.known[part]
                scene.weight = min(scene.weight, other.weight)
        return scene

    def source(self, shares: dict[str, float]) -> Source:
        names = [name for name in shares if name in self.sources]
        chances = np.array([shares[name] for name in names])
        return self.sources[names[self.rng.choice(len(names), p=chances / chances.sum())]]

    def piece(self, source: Source, image: LabelledImage | None = None) -> Scene:
        rng = self.rng
        if image is None:
            image = source.images[rng.integers(len(source.images))]
        height, width = image.rgb.shape[:2]
        low, high = np.log(source.scales)
        scale = float(np.exp(rng.uniform(low, high) if rng.random() < 0.6 else rng.triangular(low, 0.0, max(high, 0.01))))
        reach = np.maximum(np.array([width, height]) - 0.7 * SIDE / scale, 0) / 2
        middle = np.array([width, height]) / 2 + rng.uniform(-1, 1, 2) * reach
        return self.scene(source, image, self.matrix(middle, scale, jitter=0.0), scale)[0]

    def _around(self, source: Source, image: LabelledImage, item: LabelledObject) -> Scene:
        rng = self.rng
        scale = self._scale(image, item)
        forward = self.matrix(np.array(item.centre), scale)
        scene, window = self.scene(source, image, forward, scale)
        visible = np.bincount(window.ravel(), minlength=1)
        whole = {other.id: other.area * scale**2 for other in image.objects}
        ids = [int(i) for i in np.flatnonzero(visible) if i in whole and visible[i] >= max(SMALLEST_TARGET, 0.3 * whole[i])]
        chosen = [item.id] if item.id in ids else []
        others = [i for i in ids if i != item.id]
        rng.shuffle(others)
        # An only object is clicked in two ways: batches of one shape are faster.
        chosen = ((chosen + others[: TARGETS - len(chosen)]) * TARGETS)[:TARGETS]
        scene.targets = [self._target(image, i, forward, scale, window) for i in chosen]
        scene.ids = window
        return scene

    def _scale(self, image: LabelledImage, item: LabelledObject) -> float:
        """View pixels a native pixel."""
        rng = self.rng
        chance = rng.random()
        small = SIDE / (1.4 * max(image.ids.shape))  # small images: rather a larger object than a view that is mostly empty
        if image.gsd and chance < 0.2:
            low, high = np.log(WIDE_GSD)
            return float(np.clip(image.gsd / np.exp(rng.uniform(low, high)), max(0.06, small), 2))
        if chance < 0.85:
            share = FRAMED_SHARE * np.exp(rng.normal(0, 0.35))
            scale = min(LARGEST_SCALE, float(np.clip(share, 0.1, 0.85)) * SIDE / item.side)
            return max(scale, small) if rng.random() < 0.8 else scale
        return float(rng.choice([1.0, 1.0, 0.5, 2.0]))

    def _pick(self, image: LabelledImage) -> LabelledObject:
        """Large objects a little more often: they are rarer, and specks are many."""
        chances = np.array([item.area for item in image.objects], float) ** 0.25
        return image.objects[self.rng.choice(len(image.objects), p=chances / chances.sum())]

    def matrix(self, centre: np.ndarray, scale: float, jitter: float = 0.28) -> np.ndarray:
        """2 x 3 from image to view: turned, mirrored, `centre` somewhere about the middle."""
        rng = self.rng
        angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.35 else rng.integers(4) * np.pi / 2
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if rng.random() < 0.5:
            turn[:, 0] *= -1
        place = SIDE / 2 + (rng.triangular(-jitter, 0, jitter, 2) * SIDE if jitter else 0)
        # OpenCV counts from pixel centres.
        return np.column_stack((turn, place - turn @ centre + turn @ np.array([0.5, 0.5]) - 0.5))

    def scene(self, source: Source, image: LabelledImage, forward: np.ndarray, scale: float) -> tuple[Scene, np.ndarray]:
        """The scene, and the ids in it. Of what lies outside the image nothing is known."""
        if image.kinds is None:
            raise ValueError(f"{image.name} was read without its labels")
        rgb = self._pixels(image, forward, scale)
        kinds = cv2.warpAffine(
            image.kinds, forward, (SIDE, SIDE), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=UNKNOWN
        )
        ids = cv2.warpAffine(image.ids, forward, (SIDE, SIDE), flags=cv2.INTER_NEAREST)
        return Scene(rgb, source.rules[kinds], source.weight, ids=ids), ids

    def _pixels(self, image: LabelledImage, forward: np.ndarray, scale: float) -> np.ndarray:
        """Shrinks from a halved copy, so that nothing aliases. Outside the image is what the engine fills in (the nearest pixel), or
        black as nodata."""
        steps = int(np.clip(np.floor(np.log2(1 / scale) + 0.35), 0, 4))
        pyramid = self.pyramids.setdefault(id(image), [image.rgb])
        while len(pyramid) <= steps:
            pyramid.append(cv2.resize(pyramid[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        source = pyramid[steps]
        ratio = source.shape[1] / image.rgb.shape[1], source.shape[0] / image.rgb.shape[0]
        from_source = np.diag([1 / ratio[0], 1 / ratio[1], 1.0])
        from_source[:2, 2] = 0.5 / np.array(ratio) - 0.5
        adapted = (np.vstack((forward, [0, 0, 1])) @ from_source)[:2]
        edge = cv2.BORDER_REPLICATE if self.rng.random() < 0.75 else cv2.BORDER_CONSTANT
        way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
        return cv2.warpAffine(source, adapted, (SIDE, SIDE), flags=way, borderMode=edge)

    def _target(self, image: LabelledImage, number: int, forward: np.ndarray, scale: float, window: np.ndarray) -> np.ndarray:
        """Enlarged masks get smooth borders, not stairs."""
        if self.rng.random() < GROUPED:
            return cluster(window, number, gap=int(self.rng.integers(3, 9)))
        if scale <= 1:
            return window == number
        item = next(item for item in image.objects if item.id == number)
        x0, y0, x1, y1 = item.box
        x0, y0 = max(x0 - 2, 0), max(y0 - 2, 0)
        part = (image.ids[y0 : y1 + 2, x0 : x1 + 2] == number).astype(np.float32)
        shifted = forward.copy()
        shifted[:, 2] += forward[:, :2] @ np.array([x0, y0])
        return cv2.warpAffine(part, shifted, (SIDE, SIDE), flags=cv2.INTER_LINEAR) > 0.5


def cluster(ids: np.ndarray, number: int, gap: int) -> np.ndarray:
    """bool (h, w): the objects that hang together with one over gaps of `gap` pixels: a row of houses, an array of panels."""
    joined = cv2.dilate((ids > 0).astype(np.uint8), np.ones((gap, gap), np.uint8))
    _, labels = cv2.connectedComponents(joined, connectivity=4)
    return (labels == labels[ids == number][0]) & (ids > 0)


def watered(scene: Scene, rng: RNG) -> Scene:
    """The scene's water in another colour now and then, or a pond where no object is: few training sets show blue water."""
    water = scene.known[..., CLASSES.index("water")] == 1
    if water.any() and rng.random() < 0.5:
        scene.rgb = ponds.tinted(scene.rgb, water, rng)
    elif rng.random() < PONDS:
        free = (scene.known != UNKNOWN).any(2) & (scene.ids == 0 if scene.ids is not None else True)
        scene.rgb, pond = ponds.with_pond(scene.rgb, free, rng)
        scene.known[pond] = WATER
    return scene


def finish(scene: Scene, rng: RNG) -> Scene:
    """The scene as another sensor on another day would have seen it, now and then with a corner that has no data."""
    scene.rgb = augment.weathered(scene.rgb, rng)
    if not scene.targets and rng.random() < 0.06:
        empty = augment.wedge(scene.rgb.shape[:2], rng)
        scene.rgb[empty], scene.known[empty] = 0, UNKNOWN
    return scene
