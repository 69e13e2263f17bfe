"""Trees that people marked with points, and vegetation by its near infrared: `evaluate text --points`.

The set has `points/` (JSON, {"points": [[x, y], ...]} in pixels) and `pseudo_masks/` (1 = vegetation, 2 = tree: vegetation near a point).
Recall is the share of points inside the mask of "tree"; since a mask of everything has them all, the share of ground that the mask covers
stands beside it, and its IoU with the pseudo masks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ...errors import RequestInvalid
from . import degrade
from .bootstrap import interval
from .methods import Predict
from .truth import IGNORE, Selection, paths_of, read_labels, read_rgb

PHRASES = ("tree", "vegetation")
# Which phrase's mask is compared with which kinds of the pseudo mask.
PAIRS = {"tree": ("tree", (2,)), "tree_in_vegetation": ("tree", (1, 2)), "vegetation": ("vegetation", (1, 2))}


@dataclass(frozen=True)
class Marked:
    rgb: np.ndarray  # uint8 (h, w, 3), stretched
    kinds: np.ndarray  # uint8 (h, w): 0 = other, 1 = vegetation, 2 = tree, IGNORE
    points: np.ndarray  # float (n, 2): x, y of trees, in pixels of the image and inside of it


def read(folder: Path, selection: Selection) -> Iterator[Marked]:
    """Raises RequestInvalid where the set has no points or no pseudo masks."""
    for path in selection.of(paths_of(folder, "images", "points", "pseudo_masks")):
        rgb, _ = read_rgb(path)
        kinds = read_labels(folder / "pseudo_masks", path.stem, rgb.shape)
        shown = degrade.degraded(rgb, selection.degrade, path.stem)
        to_shown = degrade.placed(selection.degrade, rgb.shape)
        points = np.array([to_shown @ (x, y) for x, y in _points(folder / "points" / f"{path.stem}.json")]).reshape(-1, 2)
        inside = ((points >= 0) & (points < shown.shape[1::-1])).all(1)
        yield Marked(shown, degrade.followed(kinds, selection.degrade, IGNORE), points[inside])


def evaluate(folder: Path, selection: Selection, predict: Predict) -> dict:
    """{"n", "points", "recall", "covered", "iou": {pair: IoU}, "interval"}; `predict` answers PHRASES."""
    found, met, covered, overlaps = [], [], [], []
    for image in read(folder, selection):
        masks = dict(zip(PHRASES, predict(image.rgb) > 0, strict=True))
        columns, rows = image.points.astype(int).T
        found.append(len(image.points))
        met.append(int(masks["tree"][rows, columns].sum()))
        covered.append(float(masks["tree"].mean()))
        known = image.kinds != IGNORE
        overlaps.append([_overlap(masks[phrase] & known, np.isin(image.kinds, kinds)) for phrase, kinds in PAIRS.values()])
    if not sum(found):
        raise RequestInvalid(f"No image of {folder} has a point.", "Choose other images.")
    return _figures(np.array(found), np.array(met), np.array(covered), np.array(overlaps))


def _figures(found: np.ndarray, met: np.ndarray, covered: np.ndarray, overlaps: np.ndarray) -> dict:
    """overlaps: (images, pairs, 2), pixels of intersections and unions."""

    def recall(drawn: np.ndarray) -> float:
        return float(met[drawn].sum() / max(found[drawn].sum(), 1))

    def iou(drawn: np.ndarray, pair: int) -> float:
        both, either = overlaps[drawn, pair].sum(0)
        return float(both / max(either, 1))

    everything = np.arange(len(found))
    ious = {name: round(iou(everything, pair), 4) for pair, name in enumerate(PAIRS)}
    intervals = {f"iou_{name}": interval(partial(iou, pair=pair), len(found)) for pair, name in enumerate(PAIRS)}
    share = round(float(covered.mean()), 4)
    return {
        "n": len(found), "points": int(found.sum()), "recall": round(recall(everything), 4), "covered": share, "iou": ious,
        "interval": {"recall": interval(recall, len(found)), **intervals},
    }  # fmt: skip


def _points(path: Path) -> list[tuple[float, float]]:
    try:
        return [(float(x), float(y)) for x, y in json.loads(path.read_text(encoding="utf-8"))["points"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RequestInvalid(f"{path} does not list points.", 'Write {"points": [[x, y], ...]} in pixels.', reason=str(error)) from error


def _overlap(mask: np.ndarray, target: np.ndarray) -> tuple[int, int]:
    return int((mask & target).sum()), int((mask | target).sum())
