"""A land cover map, every class at once: `evaluate cover`.

Each pixel goes to the best class of the set, or to the background where no class scores above one half, as the product maps it; so a
labelled pixel that is called background is an error, which `evaluate text` does not know. Background has a figure where a set labels it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...classes import BACKGROUND
from ...errors import RequestInvalid
from .bootstrap import interval
from .calibration import Reliability, probability
from .methods import Predict
from .metrics import class_iou, confusion
from .text import assigned, rounded, truths
from .truth import IGNORE, Labelled, Legend


def evaluate(images: Iterable[Labelled], legend: Legend, predict: Predict, reliability: Reliability | None = None) -> dict:
    """{"n", "miou", "accuracy", "classes": {name: IoU}, "interval"}. Raises RequestInvalid where no image has a labelled pixel."""
    if legend.yes_or_no and len(legend.names) > 1:
        raise RequestInvalid("A yes-or-no mask has one class, and background.", "Give one --word.")
    matrices = []
    for image in images:
        known = image.truth != IGNORE
        if known.any():
            logits, truth = predict(image.rgb)[:, known], image.truth[known]
            index = np.where(truth == 1, 0, 1) if legend.yes_or_no else truth
            matrices.append(confusion(index, assigned(logits, True), len(legend.names) + 1))
            if reliability is not None:
                reliability.add(probability(logits), truths(truth, legend))
    if not matrices:
        raise RequestInvalid("No image of the set has a labelled pixel.", "Check what the ids of the masks mean, or choose other images.")
    return figures(np.stack(matrices), (*legend.names, BACKGROUND))


def figures(matrices: np.ndarray, names: tuple[str, ...]) -> dict:
    """matrices: (images, classes, classes), one confusion matrix an image; the last class is the background."""

    def miou(drawn: np.ndarray) -> float:
        values = class_iou(matrices[drawn].sum(0))
        return float(values[~np.isnan(values)].mean())

    whole = matrices.sum(0)
    classes = {name: rounded(value) for name, value in zip(names, class_iou(whole).tolist(), strict=True)}
    if not whole[-1].any():
        del classes[BACKGROUND]
    return {
        "n": len(matrices),
        "miou": rounded(miou(np.arange(len(matrices)))),
        "accuracy": round(float(np.trace(whole) / whole.sum()), 4),
        "classes": classes,
        "interval": {"miou": interval(miou, len(matrices))},
    }
