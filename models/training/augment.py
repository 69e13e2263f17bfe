"""Other lights, seasons, sensors, compressions and faults than a training image has. uint8 (h, w, 3) in and out; needs OpenCV."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np

RNG: TypeAlias = np.random.Generator


def weathered(rgb: np.ndarray, rng: RNG) -> np.ndarray:
    """What may lie between two pictures of one ground, labels untouched."""
    x = rgb
    if rng.random() < 0.15:
        x = shadowed(x, rng)
    x = recoloured(x, rng)
    if rng.random() < 0.12:
        x = false_coloured(x, rng)
    if rng.random() < 0.2:
        x = compressed(x, int(rng.integers(25, 85)))
    return x


def compressed(rgb: np.ndarray, quality: int) -> np.ndarray:
    """As JPEG leaves it; quality: 0..100."""
    return cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def recoloured(rgb: np.ndarray, rng: RNG) -> np.ndarray:
    """Another light, season, haze or sensor."""
    x = rgb.astype(np.float32)
    if rng.random() < 0.4:  # the product stretches every raster; some data comes unstretched
        low, high = np.percentile(x[::4, ::4], (2, 98))
        x = (x - low) * (255 / max(high - low, 24))
    if rng.random() < 0.8:
        x = x * np.exp(rng.normal(0, 0.15)) + rng.normal(0, 12) + rng.normal(0, 6, 3).astype(np.float32)
    if rng.random() < 0.5:
        grey = x.mean(2, keepdims=True)
        x = grey + (x - grey) * rng.uniform(0.2, 1.5)
    if rng.random() < 0.06:
        x = np.repeat(x.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.1:
        haze = rng.uniform(0.1, 0.45)
        x = x * (1 - haze) + haze * np.array([200, 210, 225], np.float32)
    if rng.random() < 0.3:
        x = 255 * (np.clip(x, 0, 255) / 255) ** np.exp(rng.normal(0, 0.3))
    if rng.random() < 0.2:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.5, 1.5))
    if rng.random() < 0.2:
        x = x + rng.normal(0, rng.uniform(2, 8), x.shape[:2] + (1,))
    return np.clip(x, 0, 255).astype(np.uint8)


def false_coloured(rgb: np.ndarray, rng: RNG) -> np.ndarray:
    """Bands in another order, or a band that stands for two, as in false-colour composites."""
    bands = rng.permutation(3) if rng.random() < 0.6 else rng.integers(0, 3, 3)
    return np.ascontiguousarray(rgb[..., bands])


def shadowed(rgb: np.ndarray, rng: RNG) -> np.ndarray:
    """The shadow of something high or of a cloud."""
    side = rgb.shape[0]
    corners = rng.uniform(-0.2, 1.2, 2) * side + rng.normal(0, 0.3 * side, (rng.integers(3, 7), 2))
    shape = np.zeros(rgb.shape[:2], np.float32)
    cv2.fillPoly(shape, [cv2.convexHull(corners.astype(np.int32))], 1.0)
    soft = cv2.GaussianBlur(shape, (0, 0), rng.uniform(0.7, 6))[..., None] * rng.uniform(0.3, 0.65)
    return (rgb * (1 - soft * np.array([1.0, 0.96, 0.9], np.float32))).astype(np.uint8)


def wedge(shape: tuple[int, int], rng: RNG) -> np.ndarray:
    """bool (h, w): the corner beyond a slanted border, where a raster has no data."""
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.45)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return (columns / shape[1] - 0.5) * np.cos(angle) + (rows / shape[0] - 0.5) * np.sin(angle) > reach
