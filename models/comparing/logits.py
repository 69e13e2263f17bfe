"""What changed between two images of the same ground, of any size, by the change model."""

from __future__ import annotations

import numpy as np

from ..classes import BACKGROUND, CLASSES
from ..errors import RequestInvalid
from ..nets.interfaces import ChangeModel
from ..tiling import OVERLAP, Place, at_least, blended, views_of

# What the numbers of `from_to` mean.
LEGEND = ("unchanged", *CLASSES, BACKGROUND)


def change_logits(
    before: np.ndarray, after: np.ndarray, model: ChangeModel, old_map: np.ndarray | None = None, overlap: int = OVERLAP
) -> np.ndarray:
    """Two images uint8 (h, w, 3), pixel on pixel -> float32 (K, h, w): the calibrated logit that a pixel became or ceased to be of each
    class, in the order of CLASSES.

    old_map: float32 (K, h, w), 1 where the map of the first date has the class, -1 where it has not, 0 where it says nothing.
    Raises RequestInvalid where sizes differ or views would overlap by more than half.
    """
    if before.shape != after.shape:
        raise RequestInvalid(f"The images differ in size: {before.shape} and {after.shape}.", "Bring both to the same pixels first.")
    if old_map is not None and old_map.shape != (len(CLASSES), *before.shape[:2]):
        raise RequestInvalid(f"The old map does not fit the images: {old_map.shape}.", "Bring it to the same pixels, one channel a class.")
    side = model.side
    dates = [at_least(image, side) for image in (before, after)]
    known = None if old_map is None else at_least(np.moveaxis(old_map, 0, -1), side)

    def look(places: list[Place]) -> list[np.ndarray]:
        seen = [model.encode(views_of(image, places, side)) for image in dates]
        maps = [None] * len(places) if known is None else np.moveaxis(views_of(known, places, side), -1, 1)
        return [model.compare(one, two, said) for one, two, said in zip(*seen, maps)]

    return blended(before.shape[0], before.shape[1], side, overlap, look)


def changed(logits: np.ndarray) -> np.ndarray:
    """bool (h, w): whether a pixel became or ceased to be of any class, from the logits (K, h, w) of `change_logits`."""
    any_class: np.ndarray = logits.max(axis=0) > 0
    return any_class


def from_to(before: np.ndarray, after: np.ndarray, change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What changed pixels were and what they became: two uint8 (h, w) that count in LEGEND, 0 where nothing changed.

    before, after: float32 (K, h, w), the class logits of both dates; change: float32 (K, h, w), of `change_logits`. A class is the likelier
    on one side the more it was there at that date and the more it is said to have changed; background where no class was there. The two
    sides differ: of all pairs of different classes, the likeliest.
    """
    sides = [np.concatenate([date + change, -date.max(axis=0, keepdims=True)]) for date in (before, after)]
    ranked = [np.argsort(side, axis=0)[-2:] for side in sides]  # the second best and the best
    (second_from, best_from), (second_to, best_to) = ranked
    loss_from, loss_to = (_gap(side, order) for side, order in zip(sides, ranked))
    same = best_from == best_to
    was = np.where(same & (loss_from < loss_to), second_from, best_from)
    became = np.where(same & (loss_from >= loss_to), second_to, best_to)
    here = changed(change)
    return np.where(here, was + 1, 0).astype(np.uint8), np.where(here, became + 1, 0).astype(np.uint8)


def _gap(scores: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(h, w): what the second best of the scores (c, h, w) has less than the best; order: (2, h, w), their indices."""
    second, best = np.take_along_axis(scores, order, axis=0)
    difference: np.ndarray = best - second
    return difference
