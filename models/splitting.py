"""Objects that touch, told apart: houses of a row, cars side by side, crowns of a wood."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.morphology import h_maxima
from skimage.segmentation import watershed


# What people count; the rest (water, forest, road, ...) is one object as far as it reaches.
COUNTABLE = frozenset({"building", "tree", "solar panel", "car"})

NARROWING = 0.5  # pixels by which a waist must be narrower than what it joins to part it
SMOOTHED = 1.0  # pixels: steps of the border would otherwise be seeds


def parted(inside: np.ndarray) -> np.ndarray:
    """bool (h, w) of one connected part -> int (h, w): the single objects it consists of, counted from 1; 0 outside.

    Watershed on the distance to the border (Vincent and Soille, 1991), from maxima that stand out by NARROWING (h-maxima).
    """
    depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1], SMOOTHED)
    seeds, count = ndimage.label(h_maxima(depth, NARROWING) & inside, np.ones((3, 3)))
    if count <= 1:
        return inside.astype(int)
    labels: np.ndarray = watershed(-depth, seeds, mask=inside)
    return labels
