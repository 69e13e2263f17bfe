"""The way from the bytes of views to the logits of phrases, on a processor as two graphs: the trunk's and the head's.

A graph runs without Python. That counts where several threads look at views while another one traces outlines: where Python runs a network,
its thread may wait milliseconds for its turn after every layer.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from .blocks import enlarged
from .forms import FROZEN, GRAPHS, WARM_UP, Frozen, example_view
from .net import Net
from .text_head import TextHead
from .trunk import Features

Look = Callable[[np.ndarray], np.ndarray]
Answer = Callable[[Tensor], Tensor]  # float32 (n, 3, H, W) in 0..1 -> float32 (n, m, H, W)


class _Asked(nn.Module):
    """The text head from tensors: coarse and fine features -> float32 (n, m, H, W)."""

    def __init__(self, head: TextHead, mix: Tensor):
        super().__init__()
        self.head = head
        self.register_buffer("mix", mix)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        return enlarged(self.head.compare(self.head.pixels(Features(coarse, fine, coarse[:, :3])), self.mix).float())


def asking(net: Net, weights: np.ndarray, side: int) -> Look:
    """A function of uint8 (n, side, side, 3) views, for several threads: float32 (n, m, side, side), calibrated logits of m phrases.

    weights: (m, K) over the classes, as for `TextModel.ask`. The trunk is used in the form that the network has now, and the head with it:
    where the trunk computes in half precision, the head does, which is off by 0.01 of a logit in the mean.
    """
    device = net.text_temperature.device
    return answering(net, _Asked(net.text, torch.as_tensor(np.asarray(weights, np.float32), device=device) / net.text_temperature), side)


def answering(net: Net, head: nn.Module, side: int) -> Look:
    """The same with a head of one's own: coarse and fine features, as in `Features` -> float32 (n, m, H, W)."""
    device = net.text_temperature.device
    head = head.eval()
    answer = _graphs(net.trunk, head, example_view(side)) if device.type == "cpu" else _modules(net.trunk, head)

    @torch.inference_mode()
    def look(views: np.ndarray) -> np.ndarray:
        images = torch.from_numpy(np.ascontiguousarray(views)).to(device).permute(0, 3, 1, 2).float() / 255
        logits: np.ndarray = answer(images.contiguous(memory_format=torch.channels_last)).cpu().numpy()
        return logits

    return look


def _modules(trunk: nn.Module, asked: nn.Module) -> Answer:
    def answer(images: Tensor) -> Tensor:
        features = trunk(images)
        return asked(features.coarse, features.fine)

    return answer


@torch.inference_mode()
def _graphs(trunk: nn.Module, asked: nn.Module, example: Tensor) -> Answer:
    """Both as graphs, which have looked at the shapes and made themselves ready."""
    if not isinstance(trunk, Frozen):
        trunk = Frozen(trunk, example, GRAPHS[FROZEN])
    first, dtype = trunk.graph, trunk.dtype
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trace keeps one branch of the pyramid: the branch that every view takes
        traced = torch.jit.trace(copy.deepcopy(asked).to(dtype), first(example.to(dtype)), check_trace=False)
    second = torch.jit.freeze(traced)

    def answer(images: Tensor) -> Tensor:
        logits: Tensor = second(*first(images.to(dtype)))
        return logits

    for _ in range(WARM_UP):
        answer(example)
    return answer
