"""The text head: every pixel's feature, and one query a class that it is compared with.

A phrase becomes a query by way of its sentence embedding (see `language.words`): it attends to the phrases whose class was labelled and
takes their queries in proportion, so a synonym that was never trained asks nearly what its class asks. Training needs no text for that.
Comparing pixels with text follows LSeg (Li et al., 2022, https://arxiv.org/abs/2201.03546).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..classes import CLASSES
from .blocks import Hourglass, enlarged
from .trunk import FINE, WIDTH, Features, Separable

DIMENSIONS = 3 * FINE  # of a pixel's feature and of a query


class TextHead(nn.Module):
    """`forward(features)` -> logits (n, classes, H/2, W/2) in the order of CLASSES; each class is a yes or no of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = Hourglass(WIDTH)
        self.narrow = nn.Conv2d(WIDTH, 2 * FINE, 1)
        self.mix = nn.Sequential(Separable(DIMENSIONS), Separable(DIMENSIONS))
        self.queries = nn.Parameter(torch.randn(len(CLASSES), DIMENSIONS) * 0.1)
        self.bias = nn.Parameter(torch.full((len(CLASSES),), -1.5))

    def pixels(self, features: Features) -> Tensor:
        """(n, DIMENSIONS, H/2, W/2)."""
        up = enlarged(self.narrow(self.blocks(features.coarse)))
        return self.mix(torch.cat((up, features.fine), 1))

    def forward(self, features: Features) -> Tensor:
        return self.compare(self.pixels(features))

    def compare(self, pixels: Tensor, mix: Tensor | None = None) -> Tensor:
        """(n, K, H/2, W/2), or (n, m, H/2, W/2) with a `mix` (m, K) of the classes: comparing is linear, so queries can be mixed."""
        queries, bias = (self.queries, self.bias) if mix is None else (mix @ self.queries, mix @ self.bias)
        return torch.einsum("ndhw,kd->nkhw", pixels, queries) + bias[:, None, None]
