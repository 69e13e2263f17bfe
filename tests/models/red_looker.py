"""A looker with an exact answer: the red of each pixel, and what a view's own place does to it where that is wanted."""

from __future__ import annotations

import time

import numpy as np

from rasterscribe.models.surveying.lanes import Looker

SIDE = 32


def red_looker(lanes: int = 1, batch: int = 1, by_view: float = 0.0, seconds: float = 0.0, views: list | None = None) -> Looker:
    """by_view: logits more or less, as the mean colour of a view will have it: a network that neighbouring views disagree about.

    views: is filled with each view looked at that shows anything.
    """

    def look(images: np.ndarray) -> np.ndarray:
        time.sleep(seconds)
        if views is not None:
            views.extend(image for image in images if image.any())
        red = images[..., 0].astype(np.float32)
        return ((red - 127) / 32 + by_view * red.mean(axis=(1, 2), keepdims=True) / 255)[:, None]

    return Looker(SIDE, 1, f"red {by_view}", look, batch, lanes)
