"""Water in more colours than the training sets have: ponds painted onto ground, and real water tinted. uint8 views; needs OpenCV."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from .augment import RNG

# Hue, saturation and lightness (0..1) of water seen from above: deep blue, blue-green, algae, silt, black.
WATERS = ((0.58, 0.45, 0.3), (0.5, 0.35, 0.38), (0.28, 0.3, 0.28), (0.1, 0.3, 0.42), (0.6, 0.15, 0.12))


def water_colour(rng: RNG) -> np.ndarray:
    """float (3,), 0..255."""
    hue, saturation, lightness = WATERS[rng.integers(len(WATERS))]
    hue = (hue + rng.normal(0, 0.04)) % 1
    lightness = min(max(lightness * np.exp(rng.normal(0, 0.3)), 0.04), 0.7)
    saturation = min(saturation * np.exp(rng.normal(0, 0.4)), 1.0)
    return 255 * np.array(colorsys.hls_to_rgb(hue, lightness, saturation))


def tinted(rgb: np.ndarray, water: np.ndarray, rng: RNG) -> np.ndarray:
    """The view with its water (bool (h, w)) in another colour, ripples and all."""
    soft = cv2.GaussianBlur(water.astype(np.float32), (0, 0), 1.0)[..., None]
    ripples = rgb - rgb[water].mean(0)
    painted = water_colour(rng) + ripples * rng.uniform(0.5, 1.0)
    return np.clip(rgb * (1 - soft) + painted * soft, 0, 255).astype(np.uint8)


def with_pond(rgb: np.ndarray, free: np.ndarray, rng: RNG) -> tuple[np.ndarray, np.ndarray]:
    """The view with a pond where bool (h, w) `free` lets it be, and the pond, bool (h, w)."""
    side = rgb.shape[0]
    pond = blob(side, rng) & free
    lit = cv2.resize(rng.normal(0, 1, (side // 16, side // 16)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    surface = water_colour(rng) + (lit * rng.uniform(1, 7) + rng.normal(0, rng.uniform(0.5, 3), (side, side)))[..., None]
    soft = cv2.GaussianBlur(pond.astype(np.float32), (0, 0), rng.uniform(0.5, 1.5))[..., None]
    return np.clip(rgb * (1 - soft) + surface * soft, 0, 255).astype(np.uint8), pond


def blob(side: int, rng: RNG) -> np.ndarray:
    """bool (side, side): a roundish or a winding shape."""
    rows, columns = np.mgrid[:side, :side]
    row, column = rng.uniform(0.1, 0.9, 2) * side
    long, wide = side * np.exp(rng.uniform(np.log(0.04), np.log(0.4))), rng.uniform(0.25, 1.0)
    turn = rng.uniform(0, np.pi)
    along = (columns - column) * np.cos(turn) + (rows - row) * np.sin(turn)
    across = (rows - row) * np.cos(turn) - (columns - column) * np.sin(turn)
    rough = cv2.resize(rng.normal(0, 0.35, (8, 8)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    shape: np.ndarray = np.hypot(along / long, across / (long * wide)) + rough < 1
    return shape
