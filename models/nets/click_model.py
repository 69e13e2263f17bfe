"""The shipped click model: the trunk and the click head behind `encode` and `decode`."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from .click_head import Prompts
from .embedding import Embedding, Encoder, full_size
from .prompt import Decoded, Prompt


class OurClickModel(Encoder):
    """A `ClickModel` (see `nets`) with our own network."""

    @torch.inference_mode()
    def decode(self, embedding: Embedding, prompt: Prompt) -> Decoded:
        """The nested masks at the prompt, and the IoU that the network expects of each."""
        logits, quality = self.net.click(embedding.features, self._batch(prompt))
        scores = torch.sigmoid(quality[0] / self.net.click_temperature)
        return Decoded(full_size(logits), scores.cpu().numpy())

    def _batch(self, prompt: Prompt) -> Prompts:
        points = torch.as_tensor(np.asarray(prompt.points, np.float32).reshape(1, -1, 2))
        labels = torch.as_tensor(np.asarray(prompt.labels, np.int64).reshape(1, -1))
        if points.shape[1] == 0:  # a box alone: one filler, so that no reduction is over nothing
            points, labels = torch.zeros(1, 1, 2), torch.full((1, 1), -1)
        box = torch.zeros(1, 4) if prompt.box is None else torch.as_tensor(np.asarray(prompt.box, np.float32)).reshape(1, 4)
        half = self.side // 2
        previous = torch.zeros(1, 1, half, half)
        if prompt.previous is not None:
            previous = functional.avg_pool2d(torch.as_tensor(prompt.previous)[None, None], 2)
        return Prompts(points.to(self.device), labels.to(self.device), box.to(self.device), previous.to(self.device))
