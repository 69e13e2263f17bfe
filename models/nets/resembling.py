"""Pixels that look like given ones: a head that compares every pixel's feature with prototypes, for and against.

The nearest prototype decides, as in prototypical networks (Snell et al., 2017, https://arxiv.org/abs/1703.05175), with several of each kind
because neither what is looked for nor what is around it looks all alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import enlarged
from .net import Net
from .trunk import Features


@dataclass(frozen=True, eq=False)
class Prototypes:
    """A pixel's logit is slope * (cosine with the nearest of `like` - cosine with the nearest of `unlike`) + offset."""

    like: np.ndarray  # float32 (k, d), unit vectors
    unlike: np.ndarray  # float32 (j, d)
    slope: float
    offset: float


class PixelFeatures(nn.Module):
    """`forward(coarse, fine)` -> (n, d, H/2, W/2), a unit vector a pixel: a third each of what the text head sees there, of what the trunk
    sees, which knows more than the classes, and of the classes' own logits, which tell best what is one of them."""

    def __init__(self, net: Net):
        super().__init__()
        self.head = net.text
        self.register_buffer("sharpness", 1 / net.text_temperature[:, None, None])

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        pixels = self.head.pixels(Features(coarse, fine, coarse[:, :3]))
        parts = (pixels, enlarged(coarse), self.head.compare(pixels) * self.sharpness)
        return torch.cat([functional.normalize(part.float(), dim=1) for part in parts], 1) / math.sqrt(len(parts))


class Resembling(nn.Module):
    """`forward(coarse, fine)` -> float32 (n, 1, H, W) logits."""

    def __init__(self, features: PixelFeatures, prototypes: Prototypes):
        super().__init__()
        self.features = features
        self.slope, self.offset = prototypes.slope, prototypes.offset
        device = features.sharpness.device
        for name in ("like", "unlike"):
            self.register_buffer(name, torch.as_tensor(getattr(prototypes, name), device=device))

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        pixels = self.features(coarse, fine)
        like, unlike = (torch.einsum("ndhw,kd->nkhw", pixels, each.float()).amax(1, keepdim=True) for each in (self.like, self.unlike))
        return enlarged(self.slope * (like - unlike) + self.offset)


@torch.inference_mode()
def pixel_features(net: Net, view: np.ndarray) -> np.ndarray:
    """uint8 (h, w, 3) RGB -> float32 (h/2, w/2, d), a unit vector a pixel."""
    image = torch.from_numpy(np.ascontiguousarray(view[None])).to(net.text_temperature.device).permute(0, 3, 1, 2).float() / 255
    features = net.trunk(image.contiguous(memory_format=torch.channels_last))
    seen: np.ndarray = PixelFeatures(net)(features.coarse, features.fine)[0].permute(1, 2, 0).cpu().numpy()
    return seen
