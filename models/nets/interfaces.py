"""What a text model and a change model can do, whatever network is behind it: numpy only. K is the number of CLASSES."""

from __future__ import annotations

from typing import Any, Optional, Protocol

import numpy as np


class TextModel(Protocol):
    """Encode a view once, then ask it for classes or phrases."""

    id: str
    digest: str  # sha256 of the weights
    side: int  # of a view, pixels

    def encode(self, images: np.ndarray) -> list[Any]:
        """uint8 (n, side, side, 3) RGB -> n embeddings, each with `nbytes`."""
        ...

    def classify(self, embedding: Any) -> np.ndarray:
        """float32 (K, side, side): a calibrated logit a class, each a yes or no of its own."""
        ...

    def ask(self, embedding: Any, weights: np.ndarray) -> np.ndarray:
        """float32 (m, side, side): logits of m phrases, given as weights (m, K) over the classes."""
        ...

    def likeness(self, embedding: Any) -> Optional[np.ndarray]:
        """float32 (K, side, side): a second opinion by resemblance to prototypes; None where the model has none."""
        ...


class ChangeModel(Protocol):
    """Encode the views of two dates, then compare them."""

    id: str
    digest: str  # sha256 of the weights
    side: int  # of a view, pixels

    def encode(self, images: np.ndarray) -> list[Any]:
        """uint8 (n, side, side, 3) RGB -> n embeddings, each with `nbytes`."""
        ...

    def compare(self, before: Any, after: Any, old_map: Optional[np.ndarray] = None) -> np.ndarray:
        """float32 (K, side, side): a calibrated logit a class that the pixel became or ceased to be of it.

        old_map: float32 (K, side, side), 1 where the map of the first date has the class, -1 where it has not, 0 where it says nothing.
        """
        ...
