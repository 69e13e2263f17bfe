"""The change head: what the trunk sees at two dates, and the old map if there is one, to what changed of each class.

A siamese comparison of features (Daudt et al., 2018, https://arxiv.org/abs/1810.08462) with the classes of both dates beside them, so that
each change has a from and a to; the old map as in MapFormer (Bernhard et al., 2023, https://arxiv.org/abs/2303.17859).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..classes import CLASSES
from .blocks import Hourglass, enlarged
from .trunk import FINE, WIDTH, Features, Separable

K = len(CLASSES)


class ChangeHead(nn.Module):
    """`forward(before, after, classes_before, classes_after, old_map)` -> logits (n, classes, H/2, W/2): this pixel became or
    ceased to be of the class.

    before, after: features of the same n views; classes_before, classes_after: (n, classes, H/2, W/2), the text head's logits;
    old_map: (n, classes, H/4, W/4), 1 where the map of the first date has the class, -1 where it has not, 0 where nothing is known.
    """

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Conv2d(WIDTH, WIDTH, 1)
        self.join = nn.Conv2d(3 * WIDTH + 1 + 4 * K, WIDTH, 1)
        self.blocks = Hourglass(WIDTH)
        self.narrow = nn.Conv2d(WIDTH, 2 * FINE, 1)
        self.border = nn.Sequential(Separable(3 * FINE + 16), nn.Conv2d(3 * FINE + 16, K, 1))
        self.lift = nn.Conv2d(K, 16, 1)
        with torch.no_grad():
            self.border[1].bias.fill_(-3.0)

    def forward(
        self, before: Features, after: Features, classes_before: Tensor, classes_after: Tensor, old_map: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The logits, and (n, 1, H/4, W/4) the cosine of the two dates' features, which training draws to 1 where nothing changed."""
        a, b = self.project(before.coarse), self.project(after.coarse)
        alike = functional.cosine_similarity(a, b, dim=1)[:, None]
        p, q = torch.sigmoid(classes_before), torch.sigmoid(classes_after)
        small_p, small_q = functional.avg_pool2d(p, 2), functional.avg_pool2d(q, 2)
        joined = torch.cat((a, b, (a - b).abs(), alike, small_p, small_q, (small_p - small_q).abs(), old_map), 1)
        up = enlarged(self.narrow(self.blocks(self.join(joined))))
        fine = torch.cat((up, (before.fine - after.fine).abs(), self.lift((p - q).abs())), 1)
        return self.border(fine), alike
