"""The border of a large object, seen at native resolution.

A view shows an object at a third of its side, so the mask of a large one is coarse. The pixels know better: a guided filter
(He, Sun, Tang, 2013; the fast form, He and Sun, 2015, https://arxiv.org/abs/1505.00996) makes the mask follow the colour edges
nearby and leaves it alone where there are none.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from affine import Affine
from torch import Tensor
from torch.nn import functional

from ..raster import Raster
from .prompts import Box, inside
from .views import View

SIDE_AT_MOST = 768  # pixels of the refined mask: what a click has time for
MARGIN = 6  # mask pixels around the object
RADIUS = 3  # of the filter's window, in halves of a mask pixel
CONTRAST = 0.03  # colour differences (0..1) below this are taken for texture


def refined(raster: Raster, view: View, logits: np.ndarray, box: Box) -> tuple[np.ndarray, Affine]:
    """float32 (h, w) in 0..1 of the object within a native box, and the transform from its pixels to native ones.

    Finer than the mask where the raster is; where it is not, the mask itself.
    """
    margin = MARGIN * view.pixel
    window = inside((box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin), raster)
    if window is None:
        return _sigmoid(logits), view.to_native
    longest = max(window[2] - window[0], window[3] - window[1])
    level = max(0, math.ceil(math.log2(longest / SIDE_AT_MOST)))
    if level >= view.level:
        return _sigmoid(logits), view.to_native
    pixel = 2.0**level
    col, row = math.floor(window[0]), math.floor(window[1])
    width, height = math.ceil((window[2] - col) / pixel), math.ceil((window[3] - row) / pixel)
    pixels = raster.read(col, row, width * pixel, height * pixel, width, height)
    to_native = Affine.translation(col, row) @ Affine.scale(pixel)
    probability = _sampled(_sigmoid(logits), ~view.to_native @ to_native, width, height)
    guide = torch.from_numpy(pixels.rgb).permute(2, 0, 1)[None].float() / 255
    fine = _follow(guide, probability, max(1, 2 ** (view.level - level - 1)))
    return np.where(pixels.valid, fine.clamp_(0, 1)[0, 0].numpy(), np.float32(0)), to_native


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _sampled(values: np.ndarray, to_values: Affine, width: int, height: int) -> Tensor:
    """(1, 1, height, width): `values` (h, w) read, bilinearly, at the pixels that `to_values` takes there."""
    h, w = values.shape
    x = (to_values.a * (torch.arange(width) + 0.5) + to_values.c) / w * 2 - 1
    y = (to_values.e * (torch.arange(height) + 0.5) + to_values.f) / h * 2 - 1
    grid = torch.stack((x.expand(height, width), y[:, None].expand(height, width)), -1)[None].float()
    return functional.grid_sample(torch.from_numpy(values)[None, None], grid, padding_mode="border", align_corners=False)


def _follow(guide: Tensor, values: Tensor, shrink: int) -> Tensor:
    """Guided filter: `values` (1, 1, h, w) as locally linear functions of the guide's (1, 3, h, w) colours, found on a grid
    `shrink` times coarser."""
    size = guide.shape[-2:]
    small = functional.avg_pool2d(guide, shrink, ceil_mode=True)
    target = functional.avg_pool2d(values, shrink, ceil_mode=True)
    lines = functional.interpolate(_local_lines(small, target), scale_factor=shrink, mode="bilinear")[..., : size[0], : size[1]]
    return (guide * lines[:, :3]).sum(1, keepdim=True) + lines[:, 3:]


def _local_lines(guide: Tensor, target: Tensor) -> Tensor:
    """(1, 4, h, w): slope by red, green and blue, and offset, of the least-squares line from colour to target around every pixel."""
    means = _mean(torch.cat((guide, target, guide * target), 1))
    colour, value, both = means[:, :3], means[:, 3:4], means[:, 4:]
    first, second = [0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]
    spread = _mean(guide[:, first] * guide[:, second]) - colour[:, first] * colour[:, second]
    slope = _solved(spread, both - colour * value)
    offset = value - (slope * colour).sum(1, keepdim=True)
    return _mean(torch.cat((slope, offset), 1))


def _solved(spread: Tensor, right: Tensor) -> Tensor:
    """(1, 3, h, w): what every pixel's symmetric 3 x 3 matrix, CONTRAST squared added to its diagonal, takes to `right` (1, 3, h, w).

    `spread` (1, 6, h, w) holds rr, rg, rb, gg, gb, bb. Cramer's rule: a tenth of the time that a general solver takes.
    """
    rr, rg, rb, gg, gb, bb = spread.unbind(1)
    rr, gg, bb = rr + CONTRAST**2, gg + CONTRAST**2, bb + CONTRAST**2
    r, g, b = right.unbind(1)
    inverse_rr, inverse_rg, inverse_rb = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    inverse_gg, inverse_gb, inverse_bb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    solved = (
        inverse_rr * r + inverse_rg * g + inverse_rb * b,
        inverse_rg * r + inverse_gg * g + inverse_gb * b,
        inverse_rb * r + inverse_gb * g + inverse_bb * b,
    )
    return torch.stack(solved, 1) / (rr * inverse_rr + rg * inverse_rg + rb * inverse_rb)[:, None]


def _mean(maps: Tensor) -> Tensor:
    """Over a square window of RADIUS; less of it at the border."""
    return _sums(maps) / _sums(torch.ones_like(maps[:, :1]))


def _sums(maps: Tensor) -> Tensor:
    """Over the same window, zeros beyond the border. Whole maps are added up, shifted: pooling takes several times as long."""
    for axis, margin in ((-1, (RADIUS, RADIUS)), (-2, (0, 0, RADIUS, RADIUS))):
        padded, length = functional.pad(maps, margin), maps.shape[axis]
        maps = padded.narrow(axis, 0, length).clone()
        for shift in range(1, 2 * RADIUS + 1):
            maps += padded.narrow(axis, shift, length)
    return maps
