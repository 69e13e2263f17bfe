"""Training crops: a view as an analyst might have it, with objects to click in it. Needs OpenCV (the `training` extra)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .framing import FRAMED_SHARE, LARGEST_SCALE, SIDE, SMALLEST_TARGET
from .sets import LabelledImage, LabelledObject


@dataclass(frozen=True)
class Crop:
    rgb: np.ndarray  # uint8 (256, 256, 3)
    targets: list[np.ndarray]  # bool (256, 256), one an object


class Cropper:
    """Draws crops from sets by weight; each draw depends on `rng` alone."""

    def __init__(self, sets: dict[str, list[LabelledImage]], weights: dict[str, float], rng: np.random.Generator, targets: int = 2):
        self.names = list(sets)
        self.chances = np.array([weights[name] for name in self.names]) / sum(weights[name] for name in self.names)
        self.sets, self.rng, self.targets = sets, rng, targets
        self.halves: dict[int, list[np.ndarray]] = {}

    def draw(self) -> Crop:
        while True:
            images = self.sets[self.names[self.rng.choice(len(self.names), p=self.chances)]]
            image = images[self.rng.integers(len(images))]
            crop = self._crop(image, self._pick(image))
            if crop.targets:
                return crop

    def _pick(self, image: LabelledImage) -> LabelledObject:
        """Large objects a little more often: they are rarer, and specks are many."""
        chances = np.array([item.area for item in image.objects], float) ** 0.25
        return image.objects[self.rng.choice(len(image.objects), p=chances / chances.sum())]

    def _crop(self, image: LabelledImage, item: LabelledObject) -> Crop:
        rng = self.rng
        if rng.random() < 0.8:
            share = FRAMED_SHARE * np.exp(rng.normal(0, 0.35))
            scale = min(LARGEST_SCALE, np.clip(share, 0.1, 0.85) * SIDE / item.side)
            if rng.random() < 0.8:  # small images: rather a larger object than a view that is mostly empty
                scale = max(scale, SIDE / (1.4 * max(image.ids.shape)))
        else:
            scale = rng.choice([1.0, 1.0, 0.5, 2.0])
        forward = self._transform(item, scale)
        rgb = self._warp_image(image, forward, scale)
        window = cv2.warpAffine(image.ids, forward, (SIDE, SIDE), flags=cv2.INTER_NEAREST)
        visible = np.bincount(window.ravel(), minlength=1)
        whole = {other.id: other.area * scale**2 for other in image.objects}
        ids = [i for i in np.flatnonzero(visible) if i in whole and visible[i] >= max(SMALLEST_TARGET, 0.3 * whole[i])]
        chosen = [item.id] if item.id in ids else []
        others = [i for i in ids if i != item.id]
        rng.shuffle(others)
        chosen += others[: self.targets - len(chosen)]
        chosen = chosen * self.targets  # an only object is clicked in two ways: batches of one shape are faster
        return Crop(_recolour(rgb, rng), [self._target(image, i, forward, scale, window) for i in chosen[: self.targets]])

    def _transform(self, item: LabelledObject, scale: float) -> np.ndarray:
        """2 x 3 matrix from image to crop: turned, mirrored, the object somewhere about the middle."""
        rng = self.rng
        angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.4 else rng.integers(4) * np.pi / 2
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if rng.random() < 0.5:
            turn[:, 0] *= -1
        place = SIDE / 2 + rng.triangular(-0.28, 0, 0.28, 2) * SIDE
        offset = place - turn @ np.array(item.centre)
        # OpenCV counts from pixel centres.
        return np.column_stack((turn, offset + turn @ np.array([0.5, 0.5]) - 0.5))

    def _warp_image(self, image: LabelledImage, forward: np.ndarray, scale: float) -> np.ndarray:
        """Shrinks from a halved copy, so that nothing aliases.

        Outside the image is what the engine fills in (the nearest pixel), or black as nodata.
        """
        steps = int(np.clip(np.floor(np.log2(1 / scale) + 0.35), 0, 4))
        pyramid = self.halves.setdefault(id(image), [image.rgb])
        while len(pyramid) <= steps:
            pyramid.append(cv2.resize(pyramid[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        source = pyramid[steps]
        ratio = image.rgb.shape[1] / source.shape[1]
        adapted = forward.copy()
        adapted[:, :2] *= ratio
        adapted[:, 2] += forward[:, :2] @ np.array([ratio - 1, ratio - 1]) / 2
        edge = cv2.BORDER_REPLICATE if self.rng.random() < 0.75 else cv2.BORDER_CONSTANT
        way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
        return cv2.warpAffine(source, adapted, (SIDE, SIDE), flags=way, borderMode=edge)

    @staticmethod
    def _target(image: LabelledImage, number: int, forward: np.ndarray, scale: float, window: np.ndarray) -> np.ndarray:
        """Enlarged masks get smooth borders, not stairs."""
        if scale <= 1:
            return window == number
        return cv2.warpAffine((image.ids == number).astype(np.float32), forward, (SIDE, SIDE), flags=cv2.INTER_LINEAR) > 0.5


def _recolour(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another light, season, sensor or compression. uint8 in, uint8 out."""
    x = rgb.astype(np.float32)
    if rng.random() < 0.4:  # the product stretches every raster; some data comes unstretched
        low, high = np.percentile(x[::4, ::4], (2, 98))
        x = (x - low) * (255 / max(high - low, 24))
    if rng.random() < 0.8:
        x = x * np.exp(rng.normal(0, 0.15)) + rng.normal(0, 12) + rng.normal(0, 6, 3)
    if rng.random() < 0.5:
        grey = x.mean(2, keepdims=True)
        x = grey + (x - grey) * rng.uniform(0.2, 1.5)
    if rng.random() < 0.07:
        x = np.repeat(x.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.3:
        x = 255 * (np.clip(x, 0, 255) / 255) ** np.exp(rng.normal(0, 0.3))
    if rng.random() < 0.2:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.5, 1.5))
    if rng.random() < 0.2:
        x = x + rng.normal(0, rng.uniform(2, 8), x.shape[:2] + (1,))
    return np.clip(x, 0, 255).astype(np.uint8)
