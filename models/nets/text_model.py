"""The shipped text model: the trunk and the text head behind `encode`, `classify` and `ask`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .embedding import Embedding, Encoder, full_size


class OurTextModel(Encoder):
    """A `TextModel` (see `nets`) with our own network."""

    @torch.inference_mode()
    def classify(self, embedding: Embedding) -> np.ndarray:
        """float32 (K, side, side): the calibrated logit of each class, in the order of CLASSES; each is a yes or no of its own."""
        return full_size(self.net.text(embedding.features) / self.net.text_temperature[:, None, None])

    @torch.inference_mode()
    def ask(self, embedding: Embedding, weights: np.ndarray) -> np.ndarray:
        """float32 (m, side, side): the logits of m phrases, given as weights (m, K) over the classes.

        A phrase's query is the weighted mean of the classes' queries. Comparing with it is linear, so its logits are the same mean of
        the classes' logits: a phrase that is all of one class asks exactly what the class asks, calibration included.
        """
        mix = torch.as_tensor(np.asarray(weights, np.float32), device=self.device) / self.net.text_temperature
        return full_size(self.net.text.compare(self.net.text.pixels(embedding.features), mix))

    @torch.inference_mode()
    def likeness(self, embedding: Embedding) -> np.ndarray | None:
        """float32 (K, side, side): logits of a second opinion, by resemblance to the prototypes of each class.

        None where the weights hold no prototypes.
        """
        prototypes = self.net.text_prototypes
        return None if prototypes is None else full_size(resemblance(self.net.text.pixels(embedding.features), prototypes))


def resemblance(pixels: Tensor, prototypes: Tensor) -> Tensor:
    """(n, K, h, w) logits of pixels (n, d, h, w) by the nearest of each class's prototypes (K, k, d + 1).

    The first d numbers are a unit vector times a slope, which multiplies the cosine, and the last is added.
    """
    cosines = torch.einsum("ndhw,kjd->nkjhw", functional.normalize(pixels, dim=1), prototypes[..., :-1])
    return (cosines + prototypes[..., -1, None, None]).amax(2)
