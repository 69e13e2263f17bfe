"""What a comparison keeps of every pixel: how likely it changed, what it was, and what it is; see `keep_for`."""

from __future__ import annotations

import math

import numpy as np

from ..objects.instances import HALF
from ..surveying.survey import CERTAIN, Keep, probability

CHANGED, WAS, IS = range(3)  # the planes
FLOOR = 0.25  # of `protocol.Change`


def least_value(floor: float) -> int:
    """The value of a pixel from which on it may be of a change: that of `floor`, and never more than HALF."""
    return min(HALF, math.ceil(1 + CERTAIN * floor))


def keep_for(m: int, floor: float = FLOOR) -> Keep:
    """What a survey keeps of the channels of `looker.pair_looker` with m classes, or, with m = 0, of a method that knows none.

    float32 (1 + 2 m, h, w) logits -> uint8 (3, h, w): how likely the pixel changed, 1 (impossible) to 255 (certain), and the codes of
    what it was and what it is: 0 for none of the classes, else 1 + the position in them; each the likeliest at its date. Where a change is
    likelier than `floor` both differ: of all pairs of different codes it is the likeliest. Exchanging the dates exchanges the codes and
    changes nothing else; where neither way round is likelier, both stay the same.
    """
    least = least_value(floor)

    def keep(logits: np.ndarray) -> np.ndarray:
        kept = np.zeros((3, *logits.shape[1:]), np.uint8)
        kept[CHANGED] = probability(logits[0])
        if m:
            first, second = logits[1 : 1 + m], logits[1 + m :]
            kept[WAS], kept[IS] = _likeliest(first), _likeliest(second)
            rows, cols = np.nonzero((kept[CHANGED] >= least) & (kept[WAS] == kept[IS]))
            kept[WAS, rows, cols], kept[IS, rows, cols] = _different(first[:, rows, cols], second[:, rows, cols])
        return kept

    return keep


def _likeliest(logits: np.ndarray) -> np.ndarray:
    """float32 (m, h, w) -> uint8 (h, w): the code of the highest, the first of equals; 0 where none is above 0."""
    code, highest = np.zeros(logits.shape[1:], np.uint8), np.zeros(logits.shape[1:], np.float32)
    for number, one in enumerate(logits, start=1):
        code[one > highest] = number
        np.maximum(highest, one, out=highest)
    return code


def _different(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m, n) logits of pixels whose likeliest code is the same at both dates -> (n,) and (n,): the likeliest pair of different ones.

    One side takes its second best: the one that loses less by it; of equals the one whose second best has the lower code.
    """
    was, was_second, was_loss = _ranked(first)
    now, now_second, now_loss = _ranked(second)
    before = (was_loss < now_loss) | ((was_loss == now_loss) & (was_second < now_second))
    after = (now_loss < was_loss) | ((was_loss == now_loss) & (now_second < was_second))
    return np.where(before, was_second, was), np.where(after, now_second, now)


def _ranked(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(m, n) -> (n,) the best code, (n,) the second best, and (n,) by how much that is less."""
    scores = np.concatenate([np.zeros((1, logits.shape[1]), np.float32), logits])
    best, second = np.argsort(-scores, axis=0, kind="stable")[:2]
    here = np.arange(logits.shape[1])
    return best, second, scores[best, here] - scores[second, here]
