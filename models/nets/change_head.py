"""The change head: what the trunk sees at two dates, and the old map if there is one, to what changed of each class.

A siamese comparison of features (Daudt et al., 2018, https://arxiv.org/abs/1810.08462) with the classes of both dates beside them; the old
map as in MapFormer (Bernhard et al., 2023, https://arxiv.org/abs/2303.17859). Nothing but the map belongs to one of the dates: they meet in
sums and absolute differences, which do not know their order, so that exchanging them changes no bit of the answer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..classes import CLASSES
from .blocks import Hourglass, enlarged
from .trunk import FINE, WIDTH, Features

K = len(CLASSES)
SHARED = 48  # channels in which the features of the two dates are compared
DRAWN = 24  # channels at stride 2: filters there take most of the time


class ChangeHead(nn.Module):
    """`forward(before, after, classes_before, classes_after, old_map)` -> logits (n, classes, H/2, W/2): this pixel became or
    ceased to be of the class.

    before, after: features of the same n views; classes_before, classes_after: (n, classes, H/2, W/2), the text head's logits;
    old_map: (n, classes, H/4, W/4), 1 where the map of the first date has the class, -1 where it has not, 0 where nothing is known.
    """

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Conv2d(WIDTH, SHARED, 1)
        self.join = nn.Conv2d(2 * SHARED + 2 * K, WIDTH, 1)
        self.mapped = nn.Conv2d(3 * K, WIDTH, 1, bias=False)
        self.blocks = Hourglass(WIDTH)
        self.narrow = nn.Conv2d(WIDTH, DRAWN, 1)
        self.mix = nn.Conv2d(FINE + K, DRAWN, 1)
        self.border = nn.Sequential(nn.Conv2d(DRAWN, DRAWN, 3, padding=1, groups=DRAWN), nn.ReLU(inplace=True), nn.Conv2d(DRAWN, K, 1))
        with torch.no_grad():
            self.border[2].bias.fill_(-3.0)

    def forward(self, before: Features, after: Features, classes_before: Tensor, classes_after: Tensor, old_map: Tensor) -> Tensor:
        # In the order of the features: filters wait for sums of two orders, and for each of their copies.
        classes_before, classes_after, old_map = (
            part.contiguous(memory_format=torch.channels_last) for part in (classes_before, classes_after, old_map)
        )
        a, b = self.project(before.coarse), self.project(after.coarse)
        p, q = torch.sigmoid(classes_before), torch.sigmoid(classes_after)
        differ = (p - q).abs()
        p, q = p[..., ::2, ::2], q[..., ::2, ::2]
        joined = self.join(torch.cat((a + b, (a - b).abs(), p + q, (p - q).abs()), 1))
        # What contradicts the map at either date. Without a map all three are 0, and so is what is made of them.
        joined = joined + self.mapped(torch.cat((old_map, old_map * (2 * p - 1), old_map * (2 * q - 1)), 1))
        up = enlarged(self.narrow(self.blocks(joined)))
        logits: Tensor = self.border(up + self.mix(torch.cat(((before.fine - after.fine).abs(), differ), 1)))
        return logits
