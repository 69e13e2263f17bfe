"""The way from the bytes of views to the logits of phrases, on a processor as two graphs: the trunk's and the head's.

A graph runs without Python. That counts where several threads look at views while another one traces outlines: where Python runs a network,
its thread may wait milliseconds for its turn after every layer.
"""

from __future__ import annotations

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


class _Asked(nn.Module):
    """The text head from tensors: coarse and fine features -> float32 (n, m, H, W)."""

    def __init__(self, head: TextHead, mix: Tensor):
        super().__init__()
        self.head = head
        self.register_buffer("mix", mix)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        return enlarged(self.head.compare(self.head.pixels(Features(coarse, fine, coarse[:, :3])), self.mix))


def asking(net: Net, weights: np.ndarray, side: int) -> Look:
    """A function of uint8 (n, side, side, 3) views, for several threads: float32 (n, m, side, side), calibrated logits of m phrases.

    weights: (m, K) over the classes, as for `TextModel.ask`. The trunk is used in the form that the network has now.
    """
    device = net.text_temperature.device
    mix = torch.as_tensor(np.asarray(weights, np.float32), device=device) / net.text_temperature
    trunk: nn.Module = net.trunk
    asked: nn.Module = _Asked(net.text, mix).eval()
    if device.type == "cpu":
        if not isinstance(trunk, Frozen):
            trunk = Frozen(trunk, example_view(side), GRAPHS[FROZEN])
        asked = _graph(asked, trunk, example_view(side))

    @torch.inference_mode()
    def look(views: np.ndarray) -> np.ndarray:
        images = torch.from_numpy(np.ascontiguousarray(views)).to(device).permute(0, 3, 1, 2).float() / 255
        features = trunk(images.contiguous(memory_format=torch.channels_last))
        logits: np.ndarray = asked(features.coarse, features.fine).cpu().numpy()
        return logits

    return look


@torch.inference_mode()
def _graph(asked: nn.Module, trunk: nn.Module, example: Tensor) -> nn.Module:
    """The head as a graph that has looked at the shapes and made itself ready, as the trunk is then."""
    features = trunk(example)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trace keeps one branch of the pyramid: the branch that every view takes
        graph: nn.Module = torch.jit.freeze(torch.jit.trace(asked, (features.coarse, features.fine), check_trace=False))
    for _ in range(WARM_UP):
        features = trunk(example)
        graph(features.coarse, features.fine)
    return graph
