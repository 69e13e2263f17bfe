"""What may lie between two dates of one ground where nothing was built or removed: season, light, the angle of view, shadows.

uint8 views (h, w, 3) in and out; needs OpenCV. Every draw depends on `rng` alone.
"""

from __future__ import annotations

import cv2
import numpy as np

from . import augment
from .augment import RNG

SOILS = np.array([[196, 164, 128], [150, 120, 92], [214, 204, 188], [122, 104, 84], [182, 140, 110], [168, 160, 140]], np.float32)
GREENS = np.array([[86, 112, 62], [58, 84, 50], [120, 140, 84], [104, 122, 90], [140, 138, 86]], np.float32)
FARTHEST = 1.5  # pixels that a date lies beside where it should, each way: the engine corrects what is more


def another_day(rgb: np.ndarray, rng: RNG) -> np.ndarray:
    """Light, season and sensor of one date, drawn for each date by itself."""
    x = rgb
    if rng.random() < 0.5:
        x = season(x, rng)
    if rng.random() < 0.15:
        x = augment.shadowed(x, rng)
    if rng.random() < 0.9:
        x = lit(x, rng)
    if rng.random() < 0.2:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.4, 1.2))
    elif rng.random() < 0.2:
        soft = cv2.GaussianBlur(x, (0, 0), 1.2).astype(np.float32)
        x = np.clip(x + rng.uniform(0.3, 1.2) * (x - soft), 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        x = np.clip(x + rng.normal(0, rng.uniform(2, 9), (*x.shape[:2], 1)), 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        x = augment.compressed(x, int(rng.integers(30, 90)))
    return x


def lit(rgb: np.ndarray, rng: RNG) -> np.ndarray:
    """Gain, white balance, gamma, contrast, haze and saturation, each more or less; sometimes stretched afterwards, as the engine does."""
    x = rgb.astype(np.float32)
    x *= np.exp(rng.normal(0, 0.2) + rng.normal(0, 0.07, 3)).astype(np.float32)
    x += rng.normal(0, 10, 3).astype(np.float32)
    if rng.random() < 0.5:
        x = 255 * (np.clip(x, 0, 255) / 255) ** np.float32(np.exp(rng.normal(0, 0.35)))
    if rng.random() < 0.5:
        grey = x.mean(2, keepdims=True)
        x = grey + (x - grey) * np.float32(rng.uniform(0.1, 1.7))
    if rng.random() < 0.25:
        haze = rng.uniform(0.1, 0.5)
        x = x * np.float32(1 - haze) + np.float32(haze) * np.array([196, 206, 222], np.float32)
    if rng.random() < 0.5:
        low, high = np.percentile(x[::4, ::4], (2, 98))
        x = (x - low) * np.float32(255 / max(high - low, 24))
    return np.clip(x, 0, 255).astype(np.uint8)


def season(rgb: np.ndarray, rng: RNG) -> np.ndarray:
    """What is green becomes drier or greener, and bare or dry ground green, smoothly and in parts of the view."""
    x = rgb.astype(np.float32)
    excess = 2 * x[..., 1] - x[..., 0] - x[..., 2]
    green = 1 / (1 + np.exp(-(excess - rng.uniform(4, 20)) / 6))
    saturation = x.max(2) - x.min(2)
    bare = np.exp(-(((x[..., 0] - x[..., 2] - 28) / 24) ** 2)) * (x.mean(2) > 60) * (saturation < 90) * (1 - green)
    if rng.random() < 0.6:
        share, towards = green, SOILS[rng.integers(len(SOILS))]
    else:
        share, towards = bare, GREENS[rng.integers(len(GREENS))]
    towards = towards * np.exp(rng.normal(0, 0.15))
    somewhere = cv2.resize(rng.uniform(0.2, 1.3, (4, 4)).astype(np.float32), rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    weight = np.clip(share * somewhere * rng.uniform(0.3, 1.0), 0, 1).astype(np.float32)[..., None]
    texture = x.mean(2, keepdims=True) / max(float(x.mean()), 1.0)
    return np.clip(x * (1 - weight) + towards * texture.clip(0.5, 1.6) * weight, 0, 255).astype(np.uint8)


def leaning(rgb: np.ndarray, high: np.ndarray, rng: RNG) -> np.ndarray:
    """Seen from another angle: what is bool (h, w) `high` moves up to 4 pixels over the ground around it, all of it in one direction."""
    reach = rng.uniform(0.5, 4.0)
    angle = rng.uniform(0, 2 * np.pi)
    amount = cv2.GaussianBlur(high.astype(np.float32), (0, 0), 1.5)
    rows, columns = np.mgrid[: rgb.shape[0], : rgb.shape[1]].astype(np.float32)
    return cv2.remap(
        rgb, columns - amount * np.float32(reach * np.cos(angle)), rows - amount * np.float32(reach * np.sin(angle)),
        cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip


def shaded(rgb: np.ndarray, high: np.ndarray, rng: RNG) -> np.ndarray:
    """The shadows of what is bool (h, w) `high`, all in one direction, on the ground beside."""
    reach, angle = rng.uniform(2, 9), rng.uniform(0, 2 * np.pi)
    move = np.array([[1, 0, reach * np.cos(angle)], [0, 1, reach * np.sin(angle)]])
    shade = cv2.warpAffine(high.astype(np.float32), move, rgb.shape[1::-1]) * ~high
    dark = cv2.GaussianBlur(shade, (0, 0), 0.8)[..., None] * np.float32(rng.uniform(0.2, 0.65))
    return (rgb * (1 - dark)).astype(np.uint8)


def beside(rgb: np.ndarray, rng: RNG) -> np.ndarray:
    """The picture a little beside its labels, as two dates lie, sometimes turned or enlarged by a hair as well."""
    x, y = rng.uniform(-1, 1, 2) * (FARTHEST if rng.random() < 0.6 else 2 * FARTHEST)
    side = rgb.shape[0]
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), rng.normal(0, 0.3), 1 + rng.normal(0, 0.003))
    matrix[:, 2] += (x, y)
    return cv2.warpAffine(rgb, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
