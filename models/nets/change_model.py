"""The shipped change model: the trunk, the text head and the change head behind `encode` and `compare`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..classes import CLASSES
from .embedding import Embedding, Encoder, full_size


class OurChangeModel(Encoder):
    """A `ChangeModel` (see `nets`) with our own network."""

    @torch.inference_mode()
    def compare(self, before: Embedding, after: Embedding, old_map: np.ndarray | None = None) -> np.ndarray:
        """float32 (K, side, side): the calibrated logit that a pixel became or ceased to be of each class, in the order of CLASSES.

        old_map: float32 (K, side, side), 1 where the map of the first date has the class, -1 where it has not, 0 where it says nothing.
        """
        one, two = before.features, after.features
        logits = self.net.change(one, two, self.net.text(one), self.net.text(two), self._known(old_map))
        return full_size(logits / self.net.change_temperature)

    def _known(self, old_map: np.ndarray | None) -> Tensor:
        """(1, K, side / 4, side / 4)."""
        if old_map is None:
            return torch.zeros(1, len(CLASSES), self.side // 4, self.side // 4, device=self.device)
        whole = torch.as_tensor(np.ascontiguousarray(old_map, np.float32))[None].to(self.device)
        return functional.avg_pool2d(whole, 4)
