"""Pixels by a random forest on colour and simple texture, as classification plugins of QGIS offer it. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from scipy import ndimage
from skimage.color import rgb2lab

PIXELS = 60_000  # to learn from, as many of each class
FROM_AN_IMAGE = 4_000
TREES, LEAF = 60, 5
WIDTHS = (1.5, 4.0)  # standard deviations of the neighbourhoods that texture is taken from, pixels


def features(rgb: np.ndarray) -> np.ndarray:
    """uint8 (h, w, 3) -> float32 (h, w, 12): CIELAB, the means of two neighbourhoods, and the spread and slope of lightness there."""
    lab = rgb2lab(rgb).astype(np.float32)
    light = lab[..., 0]
    found = [lab]
    for width in WIDTHS:
        mean = ndimage.gaussian_filter(lab, (width, width, 0))
        spread = np.sqrt(np.maximum(ndimage.gaussian_filter(light**2, width) - mean[..., 0] ** 2, 0))
        found += [mean, spread[..., None]]
    found.append(ndimage.gaussian_gradient_magnitude(light, WIDTHS[0])[..., None])
    return np.concatenate(found, axis=-1)


def learn(images: Iterable[tuple[np.ndarray, np.ndarray]], classes: int, seed: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """A forest from images, uint8 (h, w, 3), and their truth (h, w), 0 to `classes` - 1 and anything else where unknown.

    It answers uint8 (h, w, 3) with float32 (classes, h, w), the share of trees for each class.
    """
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(seed)
    rows: list[list[np.ndarray]] = [[] for _ in range(classes)]
    for rgb, truth in images:
        seen = features(rgb)
        for index in range(classes):
            here = np.flatnonzero(truth == index)
            rows[index].append(seen.reshape(-1, seen.shape[-1])[rng.permutation(here)[: FROM_AN_IMAGE // classes]])
    gathered = [np.concatenate(parts) for parts in rows]
    drawn = [part[rng.permutation(len(part))[: PIXELS // classes]] for part in gathered]
    forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, class_weight="balanced", random_state=seed)
    forest.fit(np.concatenate(drawn), np.repeat(np.arange(classes), [len(part) for part in drawn]))

    def predict(rgb: np.ndarray) -> np.ndarray:
        shares = np.zeros((classes, rgb.shape[0] * rgb.shape[1]), np.float32)
        flat = features(rgb).reshape(shares.shape[1], -1)
        shares[forest.classes_] = forest.predict_proba(flat).T
        return shares.reshape(classes, *rgb.shape[:2])

    return predict
