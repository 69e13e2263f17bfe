"""Small blocks that the heads share."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from .trunk import Separable


class Hourglass(nn.Module):
    """Blocks at full, half and quarter size and back, added up: sees the whole view at the price of a few small filters.

    (Dilated filters see as far; on a CPU they take five to ten times as long.)
    """

    def __init__(self, width: int):
        super().__init__()
        self.down = nn.ModuleList((Separable(width), Separable(width)))
        self.middle = nn.Sequential(Separable(width), Separable(width), Separable(width))
        self.up = nn.ModuleList((Separable(width), Separable(width)))

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for block in self.down:
            x = block(x)
            kept.append(x)
            x = functional.avg_pool2d(x, 2)
        x = self.middle(x)
        for block in self.up:
            x = block(functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False) + kept.pop())
        return x


def enlarged(x: Tensor) -> Tensor:
    """(n, c, h, w) -> (n, c, 2 h, 2 w), bilinear."""
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
