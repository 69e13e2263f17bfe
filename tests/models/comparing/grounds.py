"""Ground with edges everywhere, and what another date makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass
class TwoDates:
    """Arrays (h, w, C) pixel on pixel."""

    before: np.ndarray
    after: np.ndarray

    @property
    def width(self) -> int:
        return self.before.shape[1]

    @property
    def height(self) -> int:
        return self.before.shape[0]


def ground(height: int = 300, width: int = 300, seed: int = 0) -> np.ndarray:
    """uint8 (3, height, width): fields, roofs and grain, no two places alike."""
    rng = np.random.default_rng(seed)
    image = 110 + ndimage.gaussian_filter(rng.normal(size=(height, width)), 4) * 200 + rng.normal(size=(height, width)) * 4
    for _ in range(height * width // 1500):
        row, col = rng.integers(0, (height, width))
        image[row : row + rng.integers(4, 16), col : col + rng.integers(4, 16)] = rng.integers(30, 220)
    return np.stack([image, image * 0.9 + 10, image * 0.8]).clip(1, 254).astype(np.uint8)


def moved(image: np.ndarray, x: float, y: float) -> np.ndarray:
    """What was at (col, row) is at (col + x, row + y)."""
    return (
        np.stack([ndimage.shift(band.astype(np.float32), (y, x), order=3, mode="mirror") for band in image]).clip(0, 255).astype(np.uint8)
    )


def later(image: np.ndarray, share: float = 0.2, seed: int = 1) -> np.ndarray:
    """Another season's light and noise, and a share of the ground built over."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[1:]
    out = image[[1, 0, 2]].astype(np.float32) * 0.6 + 40 + rng.normal(size=image.shape) * 10
    for _ in range(int(share * height * width / 500)):
        row, col = rng.integers(0, (height, width))
        out[:, row : row + rng.integers(10, 34), col : col + rng.integers(10, 34)] = rng.integers(0, 255, (3, 1, 1))
    return out.clip(0, 255).astype(np.uint8)


def shown(image: np.ndarray) -> np.ndarray:
    """(3, h, w) -> (h, w, 3)."""
    return np.ascontiguousarray(np.moveaxis(image, 0, -1))
