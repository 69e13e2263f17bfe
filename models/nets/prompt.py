"""What goes into a click model and what comes out: numpy only, the same for every model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Protocol

import numpy as np


@dataclass(frozen=True)
class Prompt:
    """Clicks and a box in pixels of the view: x right, y down, pixel centres at .5.

    points: float32 (n, 2); labels: (n,), 1 = adds, 0 = removes; box: (4,) x0 y0 x1 y1;
    previous: float32 (side, side), logits of the former mask of the same object.
    """

    points: np.ndarray
    labels: np.ndarray
    box: Optional[np.ndarray] = None
    previous: Optional[np.ndarray] = None


LEAD = 0.05  # of its score, that a part or a group needs to be shown first; chosen on training images that were held out


@dataclass(frozen=True)
class Decoded:
    """Up to three nested masks, each within the next: a part, the object, a group of them. A model without such knowledge gives one.

    candidates: float32 (k, side, side) logits, above 0 is inside; scores: float32 (k,), 0..1: the IoU with the true mask that the
    model expects.
    """

    candidates: np.ndarray
    scores: np.ndarray

    @property
    def best(self) -> int:
        """The object in the middle, unless another promises clearly more: scores are near each other, and objects are what people map."""
        middle, likely = len(self.scores) // 2, int(self.scores.argmax())
        return likely if self.scores[likely] > self.scores[middle] + LEAD else middle

    @property
    def logits(self) -> np.ndarray:
        """float32 (side, side): the candidate that is likely meant."""
        best: np.ndarray = self.candidates[self.best]
        return best

    @property
    def score(self) -> float:
        return float(self.scores[self.best])


class ClickModel(Protocol):
    """Encode a view once, decode it at every click (the shape of Segment Anything; Kirillov et al., 2023)."""

    id: str
    digest: str  # sha256 of the weights
    side: int  # of a view, pixels

    def encode(self, images: np.ndarray) -> list[Any]:
        """uint8 (n, side, side, 3) RGB -> n embeddings, each with `nbytes`."""
        ...

    def decode(self, embedding: Any, prompt: Prompt) -> Decoded: ...
