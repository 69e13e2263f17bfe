"""Clicks simulated from a true mask and a current one, after RITM (Sofiiuk et al., 2021, https://arxiv.org/abs/2102.06583)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def largest_disc(region: np.ndarray) -> tuple[float, float, float]:
    """x, y (pixel centres at .5) and radius, pixels, of the largest disc inside a bool (h, w) region; the image's border ends a region."""
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    if not len(rows):
        return 0.5, 0.5, 0.0
    top, left = int(rows[0]), int(columns[0])
    part = region[top : rows[-1] + 1, left : columns[-1] + 1]  # beyond it nothing can be nearer than its margin
    distance = ndimage.distance_transform_edt(np.pad(part, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(distance.argmax()), distance.shape)
    return left + column + 0.5, top + row + 0.5, float(distance[row, column])


def next_click(target: np.ndarray, mask: np.ndarray) -> tuple[float, float, int]:
    """x, y and label of the click at the centre of the largest error region: 1 where the mask lacks, 0 where it has too much."""
    x1, y1, lacking = largest_disc(target & ~mask)
    x0, y0, too_much = largest_disc(mask & ~target)
    return (x1, y1, 1) if lacking >= too_much else (x0, y0, 0)
