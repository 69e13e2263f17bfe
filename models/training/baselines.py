"""What an analyst without a network has: magic wand, GrabCut and random walker, clicked by the same protocol."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.segmentation import flood, random_walker

TOLERANCE = 12.0  # CIELAB units
SEED_RADIUS = 3  # pixels


def magic_wand(rgb: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Everything connected to a click within the tolerance in CIELAB; what a removing click floods is taken away."""
    lab = rgb2lab(rgb)

    def segment(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
        mask = np.zeros(rgb.shape[:2], bool)
        for (x, y), label in zip(points, labels, strict=True):
            row, column = int(y), int(x)
            near = np.linalg.norm(lab - lab[row, column], axis=2) <= TOLERANCE
            mask = mask | flood(near, (row, column)) if label else mask & ~flood(near, (row, column))
        return mask

    return segment


def grabcut(rgb: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Rother et al., 2004: clicks are certain, the view's border is surely not the object, the rest is open. Needs OpenCV."""
    import cv2

    def segment(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
        inside, outside = seeds(rgb.shape[:2], points, labels)
        around = ndimage.distance_transform_edt(~inside) < 0.2 * rgb.shape[0]
        marks = np.where(around, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        marks[outside] = cv2.GC_BGD
        marks[inside] = cv2.GC_FGD
        cv2.grabCut(rgb, marks, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
        return (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)

    return segment


def walker(rgb: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Grady, 2006: each pixel goes to the seed that a random walker, shy of edges, meets first; the view's border is a seed."""

    def segment(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
        inside, outside = seeds(rgb.shape[:2], points, labels)
        marks = np.zeros(rgb.shape[:2], int)
        marks[outside] = 2
        marks[inside] = 1
        return random_walker(rgb / 255.0, marks, beta=300, mode="cg_j", tol=1e-2, channel_axis=2) == 1

    return segment


def seeds(shape: tuple[int, int], points: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """bool (h, w) twice: discs under the clicks that add; discs under those that remove, and the border."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    discs = [np.hypot(columns - x, rows - y) <= SEED_RADIUS for x, y in points]
    inside = np.any([disc for disc, label in zip(discs, labels, strict=True) if label], axis=0)
    border = np.pad(np.zeros((shape[0] - 2, shape[1] - 2), bool), 1, constant_values=True)
    outside = np.any([border] + [disc for disc, label in zip(discs, labels, strict=True) if not label], axis=0)
    return inside, outside & ~inside


METHODS = {"magic-wand": magic_wand, "grabcut": grabcut, "random-walker": walker}
