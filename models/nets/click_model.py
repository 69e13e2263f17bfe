"""The shipped click model: the trunk and the click head behind `encode` and `decode`."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from .click_head import Prompts
from .embedding import Embedding, Encoder, full_size
from .prompt import Decoded, Prompt
from .trunk import Features

COARSEST = 16  # pixels that one at the bottom of the head's hourglass stands for


class OurClickModel(Encoder):
    """A `ClickModel` (see `nets`) with our own network."""

    @torch.inference_mode()
    def decode(self, embedding: Embedding, prompt: Prompt) -> Decoded:
        """The nested masks at the prompt, and the IoU that the network expects of each."""
        logits, quality = self.net.click(embedding.features, self._batch(prompt))
        scores = torch.sigmoid(quality[0] / self.net.click_temperature)
        return Decoded(full_size(logits), scores.cpu().numpy())

    @torch.inference_mode()
    def decode_near(self, embedding: Embedding, x: float, y: float, reach: int = 64) -> tuple[int, int, np.ndarray, float]:
        """What a click at (x, y) means, seen in the surroundings of 2 `reach` pixels alone, for a quarter of `decode`'s time or less.

        -> column and row of the surroundings' first pixel, float32 (2 reach, 2 reach) logits of the likely candidate, and its score.
        """
        left, top = (int(min(max(round((at - reach) / COARSEST) * COARSEST, 0), self.side - 2 * reach)) for at in (x, y))
        coarse, fine = (np.s_[:, :, top // by : (top + 2 * reach) // by, left // by : (left + 2 * reach) // by] for by in (4, 2))
        whole = embedding.features
        near = Features(whole.coarse[coarse], whole.fine[fine], whole.colour[coarse])
        point = torch.tensor([[[x - left, y - top]]], device=self.device)
        none = torch.zeros(1, 1, reach, reach, device=self.device)
        logits, quality = self.net.click(near, Prompts(point, torch.ones(1, 1, device=self.device), none[0, 0, :1, :4], none))
        decoded = Decoded(full_size(logits), torch.sigmoid(quality[0] / self.net.click_temperature).cpu().numpy())
        return left, top, decoded.logits, decoded.score

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
