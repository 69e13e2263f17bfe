"""Losses of the heads."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

ABSENT = 0.35  # weight of a class in an image where it is known to be nowhere


def normalized_focal(logits: Tensor, target: Tensor, gamma: float = 2.0) -> Tensor:
    """(m, c): focal loss whose weights add up to one an image (RITM's; Sofiiuk et al., 2019). logits (m, c, h, w), target (m, 1, h, w)."""
    signed = torch.where(target > 0.5, logits, -logits)
    weight = (1 - torch.sigmoid(signed)).detach() ** gamma
    share = weight.mean((2, 3), keepdim=True).clamp(min=1e-4)
    return (functional.softplus(-signed) * weight / share).mean((2, 3))


def dice(logits: Tensor, target: Tensor) -> Tensor:
    """(m, c): one minus the soft Dice coefficient. logits (m, c, h, w), target (m, 1, h, w)."""
    probability = torch.sigmoid(logits)
    both = (probability * target).sum((2, 3))
    return 1 - (2 * both + 1) / (probability.sum((2, 3)) + target.sum((2, 3)) + 1)


def iou(mask: Tensor, target: Tensor) -> Tensor:
    """(m, c) intersection over union of bool (m, c, h, w) and (m, 1, h, w)."""
    both = (mask & target).sum((2, 3)).float()
    return both / (mask | target).sum((2, 3)).clamp(min=1).float()


def nearest(losses: Tensor, usual: int) -> Tensor:
    """(m,) of (m, c): the loss of the best candidate, and as much of the usual one's, which is shown first.

    Only the best learns (multiple choice learning; Guzman-Rivera et al., 2012; as in Segment Anything).
    """
    return 0.5 * (losses.min(1).values + losses[:, usual])


def partial(logits: Tensor, target: Tensor, known: Tensor, weight: Tensor, absent: float = ABSENT) -> Tensor:
    """Cross-entropy and Lovasz hinge (Berman et al., 2018, https://arxiv.org/abs/1705.08790), where labels are known.

    logits, target (0..1), known (bool): (n, k, h, w); weight: (n, k). A class of an image is one entry, so rare classes count as much as
    frequent ones.
    """
    share = known.float().mean((2, 3))
    present = (target * known).amax((2, 3)) > 0.5
    chosen = share > 0.002
    if not chosen.any():
        return logits.sum() * 0
    entry = torch.where(present, 1.0, absent) * weight
    logits, target, known = (part[chosen].flatten(1) for part in (logits, target, known))
    entry, share, present = entry[chosen], share[chosen], present[chosen]
    cross = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    entropy = (cross * known).mean(1) / share
    total = entry * entropy
    if present.any():
        total = total.clone()
        total[present] += entry[present] * 0.5 * lovasz_hinge(logits[present], target[present] > 0.5, known[present])
    return total.sum() / entry.sum()


def lovasz_hinge(logits: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """(e,): the convex surrogate of one minus IoU, over the known pixels. logits float, target and known bool: (e, pixels)."""
    sign = target.float() * 2 - 1
    errors = torch.where(known, 1 - logits * sign, torch.full_like(logits, -1e4))
    ordered, order = errors.sort(1, descending=True)
    truth = (target & known).float().gather(1, order)
    positives = truth.sum(1, keepdim=True)
    jaccard = 1 - (positives - truth.cumsum(1)) / (positives + (1 - truth).cumsum(1)).clamp(min=1)
    steps = torch.cat((jaccard[:, :1], jaccard[:, 1:] - jaccard[:, :-1]), 1)
    return (functional.relu(ordered) * steps).sum(1)
