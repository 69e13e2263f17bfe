"""How far a figure would wander with other images of the same kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

ROUNDS = 1000


def interval(figure: Callable[[np.ndarray], float], images: int, rounds: int = ROUNDS, seed: int = 0) -> list[float]:
    """The 95 % percentile interval [low, high] of a figure, by drawing images with replacement (Efron, 1979); [] where it has no value.

    figure: from the indices (images,) of those drawn to its value, NaN where it has none. Images, not pixels or objects, are drawn:
    those of one image are too much alike to count as new evidence. The same seed gives the same interval.
    """
    rng = np.random.default_rng(seed)
    values = np.array([figure(rng.integers(images, size=images)) for _ in range(rounds)])
    if np.isnan(values).all():
        return []
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return [round(float(low), 4), round(float(high), 4)]
