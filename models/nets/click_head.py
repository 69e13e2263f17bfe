"""The click head: what the trunk sees, and where the analyst pointed, to a mask.

Cues follow RITM (Sofiiuk et al., 2021, https://arxiv.org/abs/2102.06583: discs and the former mask) and add two that make one click tell
more: how much every pixel's feature and colour resemble those under the clicks, and how far away the clicks are.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import Hourglass, enlarged
from .trunk import FINE, WIDTH, Features, Separable

GROUPS = 4  # the features are compared in four parts, so that a part can look at texture while another looks at place
REACHES = (4.0, 16.0)  # in coarse pixels: how fast the nearness of a click fades
DISC = 1.5  # radius of a click's disc, coarse pixels
COLOUR_SPREAD = 0.12  # colour distance (RGB in 0..1) at which resemblance has fallen to exp(-1)
CANDIDATES = 3  # masks a prompt: the part, the object, the group
CUES = 2 + 2 * len(REACHES) + 2 * GROUPS + 2 + 3


@dataclass(frozen=True)
class Prompts:
    """A batch of m prompts, in pixels of the view (x right, y down, pixel centres at .5).

    points: (m, p, 2); labels: (m, p) with 1 = adds, 0 = removes, -1 = filler; box: (m, 4) x0 y0 x1 y1, all zero = none;
    previous: (m, 1, H/2, W/2) logits of the former mask, all zero = none.
    """

    points: Tensor
    labels: Tensor
    box: Tensor
    previous: Tensor


def cues(features: Features, prompts: Prompts) -> Tensor:
    """(m, CUES, H/4, W/4): everything the prompts say, as channels beside the features of the same m views."""
    height, width = features.coarse.shape[-2:]
    rows = torch.arange(height, dtype=torch.float32, device=features.coarse.device) + 0.5
    columns = torch.arange(width, dtype=torch.float32, device=features.coarse.device) + 0.5
    x, y = (prompts.points / 4).unbind(-1)
    distance = torch.sqrt((columns - x[..., None, None]) ** 2 + (rows[:, None] - y[..., None, None]) ** 2)
    feature_likeness = _likeness(features.coarse, x, y)
    colour_likeness = _colour_likeness(features.colour, x, y)
    channels = []
    for sign in (1, 0):
        these = (prompts.labels == sign)[..., None, None]
        nearest = distance.masked_fill(~these, 1e4).amin(1)
        channels.append((nearest <= DISC).float())
        channels.extend(torch.exp(-nearest / reach) for reach in REACHES)
        channels.extend(feature_likeness.masked_fill(~these[..., None], -1.0).amax(1).unbind(1))
        channels.append(colour_likeness.masked_fill(~these, 0.0).amax(1))
    box = prompts.box / 4
    inside_x = (columns > box[:, 0:1]) & (columns < box[:, 2:3])
    inside_y = (rows > box[:, 1:2]) & (rows < box[:, 3:4])
    channels.append((inside_y[:, :, None] & inside_x[:, None, :]).float())
    channels.append((prompts.box.abs().amax(1) > 0).float()[:, None, None].expand(-1, height, width))
    channels.append(torch.tanh(functional.avg_pool2d(prompts.previous, 2)[:, 0] / 4))
    return torch.stack(channels, 1)


def _at_points(maps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(m, p, c): maps (m, c, h, w) read at x, y (m, p), between pixels bilinearly."""
    grid = torch.stack((x / maps.shape[-1], y / maps.shape[-2]), -1) * 2 - 1
    return functional.grid_sample(maps, grid[:, :, None], padding_mode="border", align_corners=False)[..., 0].transpose(1, 2)


def _likeness(coarse: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(m, p, GROUPS, h, w): cosine between each pixel's feature and the feature under each click."""
    m, _, height, width = coarse.shape
    grouped = coarse.reshape(m, GROUPS, -1, height, width)
    pixels = functional.normalize(grouped, dim=2)
    clicked = functional.normalize(_at_points(coarse, x, y).reshape(m, x.shape[1], GROUPS, -1), dim=3)
    return torch.einsum("mpgc,mgchw->mpghw", clicked, pixels)


def _colour_likeness(colour: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(m, p, h, w) in 0..1."""
    clicked = _at_points(colour, x, y)[..., None, None]
    return torch.exp(-((colour[:, None] - clicked) ** 2).sum(2) / COLOUR_SPREAD**2)


class ClickHead(nn.Module):
    """`forward(features, prompts)` -> logits (m, CANDIDATES, H/2, W/2) and their expected IoU's logits (m, CANDIDATES).

    A click on a roof may mean the plane of the roof, the house or the row of houses. So the candidates are nested, each within the next,
    by construction; the score says which is likely meant (as in Segment Anything; Kirillov et al., 2023, https://arxiv.org/abs/2304.02643).
    """

    def __init__(self) -> None:
        super().__init__()
        self.join = nn.Conv2d(WIDTH + CUES, WIDTH, 1)
        self.blocks = Hourglass(WIDTH)
        self.narrow = nn.Conv2d(WIDTH, 2 * FINE, 1)
        self.border = nn.Sequential(Separable(3 * FINE), Separable(3 * FINE), nn.Conv2d(3 * FINE, CANDIDATES, 1))
        self.quality = nn.Sequential(nn.Linear(2 * WIDTH + 2, 32), nn.ReLU(), nn.Linear(32, CANDIDATES))

    def forward(self, features: Features, prompts: Prompts) -> tuple[Tensor, Tensor]:
        told = cues(features, prompts).contiguous(memory_format=torch.channels_last)  # as features are: else joining takes twice as long
        joined, logits = self.drawn(features.coarse, features.fine, told)
        return logits, self.expected_iou(joined.detach(), logits.detach())

    def drawn(self, coarse: Tensor, fine: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """Features, and the cues beside them -> what is made of both, and the logits of the masks in single precision."""
        joined = self.blocks(self.join(torch.cat((coarse, told), 1)))
        less, middle, more = self.border(torch.cat((enlarged(self.narrow(joined)), fine), 1)).float().split(1, 1)
        return joined, torch.cat((middle - functional.softplus(less), middle, middle + functional.softplus(more)), 1)

    def expected_iou(self, joined: Tensor, logits: Tensor) -> Tensor:
        """The gradient stops at the masks: the score describes a mask, it must not shape it."""
        probability = functional.avg_pool2d(torch.sigmoid(logits), 2)
        share = probability.mean((2, 3))[..., None]
        inside_only = probability / probability.sum((2, 3), keepdim=True).clamp(min=1e-3)
        inside = torch.einsum("mkhw,mchw->mkc", inside_only, joined)
        outside = joined.mean((2, 3))[:, None] - share * inside
        certainty = (probability * inside_only).sum((2, 3))[..., None]
        # of each mask (m, CANDIDATES, CANDIDATES): the score that it has if it is the first, the second or the third
        scores = self.quality(torch.cat((inside, outside, certainty, share), 2))
        return scores.diagonal(dim1=1, dim2=2)
