"""What there is without our networks, behind the same functions as they are."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...comparing import irmad
from .. import baselines, forest
from .methods import Predict
from .truth import Labelled, Legend

NAMES = {
    "click": tuple(baselines.METHODS),
    "text": ("forest",),
    "cover": ("forest",),
    "change": ("direct", "classes", "map", "combined", "irmad"),
}


def forest_predict(train: Iterable[Labelled], legend: Legend) -> Predict:
    """A random forest that learnt the legend's classes; each phrase for the same yes-or-no mask gets the same answer."""
    # Of yes-or-no masks the truth is 0 and 1; of class ids each class has its own, and background follows them.
    classes = 2 if legend.yes_or_no else len(legend.names) + legend.has_background
    shares_of = forest.learn(((image.rgb, image.truth) for image in train), classes)

    def predict(rgb: np.ndarray) -> np.ndarray:
        shares = np.clip(shares_of(rgb), 1e-4, 1 - 1e-4)
        if legend.yes_or_no:
            shares = np.repeat(shares[1:], len(legend.names), 0)
        elif legend.has_background:  # a class is above one half where it is more likely than background
            shares = shares[:-1] / (shares[:-1] + shares[-1:])
        logits: np.ndarray = np.log(shares / (1 - shares))
        return logits

    return predict


def irmad_compare(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(1, h, w): 1 where IR-MAD says changed, -1 where not."""
    return np.where(irmad.irmad(before, after), 1.0, -1.0)[None]
