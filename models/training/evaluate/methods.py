"""Who is asked: the networks, from the catalogue or a file, behind functions that baselines have as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...comparing.logits import change_logits
from ...nets import ChangeModel, ClickModel, TextModel, load_change_model, load_click_model, load_text_model
from ...text import class_logits
from ...tiling import OVERLAP, at_least, blended, views_of
from .phrases import weights_of

# uint8 (h, w, 3) -> float32 (phrases, h, w): logits, each phrase a yes or no of its own.
Predict = Callable[[np.ndarray], np.ndarray]
# The same of two dates: what became or ceased to be.
Compare = Callable[[np.ndarray, np.ndarray], np.ndarray]
# Two dates and the old map or None -> float32 (1 + 2 m, h, w), the channels of `nets.comparing`.
Pairwise = Callable[[np.ndarray, np.ndarray, np.ndarray | None], np.ndarray]


@dataclass(frozen=True)
class Choice:
    """Which network: `weights`, a safetensors file, or `model`, an id of the catalogue; the shipped one without either."""

    model: str = ""
    weights: Path | None = None
    device: str = "cpu"
    look: dict[str, Any] = field(default_factory=dict)  # options of `class_logits`

    def click(self) -> ClickModel:
        if self.weights is None:
            return load_click_model(self.model, self.device)
        from ...nets.click_model import OurClickModel

        return OurClickModel(self.weights, self.weights.stem, "", self.device)

    def text(self) -> TextModel:
        if self.weights is None:
            return load_text_model(self.model, self.device)
        from ...nets.text_model import OurTextModel

        return OurTextModel(self.weights, self.weights.stem, "", self.device)

    def change(self) -> ChangeModel:
        if self.weights is None:
            return load_change_model(self.model, self.device)
        from ...nets.change_model import OurChangeModel

        return OurChangeModel(self.weights, self.weights.stem, "", self.device)

    def predict(self, phrases: Sequence[str]) -> Predict:
        """Asks the text model for phrases. Raises RequestInvalid where one is not understood, and what loading raises."""
        return text_predict(self.text(), weights_of(phrases), **self.look)

    def compare(self, phrases: Sequence[str]) -> Compare:
        """Asks the change model for phrases."""
        return change_compare(self.change(), weights_of(phrases))

    def pairwise(self, classes: Sequence[int], method: str) -> Pairwise | None:
        """A way of `nets.comparing` in single precision; None where the network is not of the kind that has it."""
        from ...nets.comparing import comparing
        from ...nets.net import Net

        model = self.change()
        net = getattr(model, "net", None)
        return pairwise(comparing(net, classes, method, model.side), model.side) if isinstance(net, Net) else None

    def difference(self, phrases: Sequence[str]) -> Compare:
        """Post-classification comparison: the text model on both dates."""
        return difference(self.predict(phrases))


def text_predict(model: TextModel, weights: np.ndarray, **look: Any) -> Predict:
    """weights: (phrases, K). A phrase's logits are the same mean of the classes' logits as its query is of theirs (see `TextModel.ask`)."""
    return lambda rgb: np.tensordot(weights, class_logits(rgb, model, **look), 1)


def change_compare(model: ChangeModel, weights: np.ndarray) -> Compare:
    return lambda before, after: np.tensordot(weights, change_logits(before, after, model), 1)


def pairwise(look: Callable[[np.ndarray], np.ndarray], side: int) -> Pairwise:
    """Images of any size, in views of `side` pixels that overlap."""

    def compare(before: np.ndarray, after: np.ndarray, old_map: np.ndarray | None) -> np.ndarray:
        both = np.concatenate([before, after] + ([] if old_map is None else [old_map[..., None]]), axis=2)
        whole = at_least(both, side)
        height, width = before.shape[:2]
        return blended(height, width, side, OVERLAP, lambda places: list(look(views_of(whole, places, side))))

    return compare


def difference(predict: Predict) -> Compare:
    """Changed where exactly one date is of the class: the logit of p (1 - q) + q (1 - p), which is above 0 just where one of p and q
    is above a half and the other is not."""

    def compare(before: np.ndarray, after: np.ndarray) -> np.ndarray:
        # tanh(x / 2) = 2 p - 1, and the chance that both agree less the chance that they differ is the product of the two.
        product = np.tanh(predict(before) / 2) * np.tanh(predict(after) / 2)
        logits: np.ndarray = -2 * np.arctanh(np.clip(product, -0.999999, 0.999999))
        return logits

    return compare
