"""Losses of the click head."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def normalized_focal(logits: Tensor, target: Tensor, gamma: float = 2.0) -> Tensor:
    """Focal loss whose weights add up to one an image (RITM's; Sofiiuk et al., 2019). Both (m, 1, h, w); target 0 or 1."""
    signed = torch.where(target > 0.5, logits, -logits)
    weight = (1 - torch.sigmoid(signed)).detach() ** gamma
    share = weight.mean((1, 2, 3), keepdim=True).clamp(min=1e-4)
    return (functional.softplus(-signed) * weight / share).mean()


def dice(logits: Tensor, target: Tensor) -> Tensor:
    """One minus the soft Dice coefficient, a mean over images. Both (m, 1, h, w)."""
    probability = torch.sigmoid(logits)
    both = (probability * target).sum((1, 2, 3))
    return (1 - (2 * both + 1) / (probability.sum((1, 2, 3)) + target.sum((1, 2, 3)) + 1)).mean()


def iou(mask: Tensor, target: Tensor) -> Tensor:
    """(m,) intersection over union of two bool (m, 1, h, w)."""
    both = (mask & target).sum((1, 2, 3)).float()
    return both / (mask | target).sum((1, 2, 3)).clamp(min=1).float()
