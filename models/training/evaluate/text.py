"""What a phrase finds, pixel by pixel: `evaluate text`.

Of masks with class ids, each labelled pixel goes to the best of the classes asked. Of yes-or-no masks each phrase is a question of its own,
yes above a score of one half. mIoU is the mean over the classes that the set's masks have; gIoU and cIoU are over masks, one an image and
class. What a set does not label is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...errors import RequestInvalid
from .bootstrap import interval
from .calibration import Reliability, probability
from .methods import Predict
from .metrics import ciou, giou
from .truth import IGNORE, Labelled, Legend


def evaluate(images: Iterable[Labelled], legend: Legend, predict: Predict, reliability: Reliability | None = None) -> dict:
    """{"n", "miou", "giou", "ciou", "classes": {name: IoU}, "interval"}. Raises RequestInvalid where no image has a labelled pixel."""
    counts = []
    for image in images:
        known = image.truth != IGNORE
        if known.any():
            logits, truth = predict(image.rgb)[:, known], image.truth[known]
            masks, targets = answers(logits, legend), truths(truth, legend)
            counts.append(np.stack([(masks & targets).sum(1), (masks | targets).sum(1), targets.sum(1)]))
            if reliability is not None:
                reliability.add(probability(logits), targets)
    if not counts:
        raise RequestInvalid("No image of the set has a labelled pixel.", "Check what the ids of the masks mean, or choose other images.")
    return figures(np.stack(counts).astype(np.int64), legend.names)


def answers(logits: np.ndarray, legend: Legend) -> np.ndarray:
    """bool (phrases, pixels): the masks that logits (phrases, pixels) mean."""
    if legend.yes_or_no:
        return logits > 0
    return assigned(logits, legend.has_background) == np.arange(len(logits))[:, None]


def assigned(logits: np.ndarray, with_background: bool) -> np.ndarray:
    """The index of the best class of logits (classes, ...) at each pixel; with background, `classes` where none is above 0."""
    if with_background:
        logits = np.concatenate([logits, np.zeros_like(logits[:1])])
    best: np.ndarray = logits.argmax(0)
    return best


def truths(truth: np.ndarray, legend: Legend) -> np.ndarray:
    """bool (phrases, pixels): the true masks of labelled pixels (pixels,)."""
    if legend.yes_or_no:
        return np.broadcast_to(truth == 1, (len(legend.names), len(truth)))
    return truth == np.arange(len(legend.names))[:, None]


def figures(counts: np.ndarray, names: tuple[str, ...]) -> dict:
    """counts: (images, 3, classes), the pixels of each image's intersections, unions and true masks."""
    both, either, true = counts.transpose(1, 0, 2)

    def ious(drawn: np.ndarray) -> np.ndarray:
        seen = true[drawn].sum(0) > 0
        return np.where(seen, both[drawn].sum(0) / np.maximum(either[drawn].sum(0), 1), np.nan)

    def miou(drawn: np.ndarray) -> float:
        values = ious(drawn)
        return float(values[~np.isnan(values)].mean()) if not np.isnan(values).all() else float("nan")

    measures = {"miou": miou, "giou": lambda n: giou(both[n], either[n]), "ciou": lambda n: ciou(both[n], either[n])}
    everything = np.arange(len(counts))
    classes = {name: None if np.isnan(value) else round(float(value), 4) for name, value in zip(names, ious(everything), strict=True)}
    found: dict = {"n": len(counts), **{name: rounded(measure(everything)) for name, measure in measures.items()}, "classes": classes}
    return {**found, "interval": {name: interval(measure, len(counts)) for name, measure in measures.items()}}


def rounded(value: float) -> float | None:
    """For JSON, which knows no NaN."""
    return None if np.isnan(value) else round(value, 4)
