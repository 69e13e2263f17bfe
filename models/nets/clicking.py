"""One click into each of many objects, by several threads at once: what draws the objects of a whole survey.

On a processor the click head is a graph for a single click that adds, as `asking` has graphs for phrases: it runs without Python, and in
half precision where the trunk does, which moves one border pixel in a thousand. It takes one click at a time: four together take longer, as
what they need no longer fits the processor's caches.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import enlarged
from .click_head import ClickHead, Prompts, cues
from .click_model import OurClickModel
from .embedding import Embedding
from .forms import WARM_UP, Frozen
from .prompt import ClickModel, Decoded, Prompt
from .trunk import FINE, WIDTH, Features

MOST_LANES = 4  # more threads would need more memory than they save time


@dataclass(frozen=True)
class Clicked:
    logits: np.ndarray  # float32 (side / zoom, side / zoom), above 0 is inside
    score: float  # 0..1, the IoU with the true mask that the model expects


Click = Callable[[Any, float, float, int], Clicked]  # embedding; x, y in pixels of its view; zoom: how often the mask is made smaller


@dataclass(frozen=True)
class Clicking:
    """A click model for single clicks."""

    click: Click
    lanes: int = 1  # threads that may click at once


def clicking(model: ClickModel) -> Clicking:
    """The quickest way to click with a model: our own network on a processor, in the form that its trunk has now, by several threads.

    Each of them should have its share of torch's threads, see `lookers.divided`.
    """
    if not isinstance(model, OurClickModel) or model.device != "cpu":
        return Clicking(_decoding(model))
    trunk = model.net.trunk
    graph = _graph(model, trunk.dtype if isinstance(trunk, Frozen) else torch.float32)

    @torch.inference_mode()
    def click(embedding: Embedding, x: float, y: float, zoom: int) -> Clicked:
        seen = embedding.features
        logits, scores = graph(seen.coarse, seen.fine, seen.colour, torch.tensor([[[x, y]]], dtype=torch.float32))
        candidates = Decoded(logits[0].numpy(), scores.numpy())
        full = enlarged(logits[:, candidates.best, None])
        return Clicked((functional.avg_pool2d(full, zoom) if zoom > 1 else full)[0, 0].numpy(), candidates.score)

    return Clicking(click, min(torch.get_num_threads(), MOST_LANES))


def _decoding(model: ClickModel) -> Click:
    def click(embedding: Any, x: float, y: float, zoom: int) -> Clicked:
        decoded = model.decode(embedding, Prompt(np.array([[x, y]], np.float32), np.array([1])))
        height, width = decoded.logits.shape
        return Clicked(decoded.logits.reshape(height // zoom, zoom, width // zoom, zoom).mean(axis=(1, 3)), decoded.score)

    return click


class _SingleClick(nn.Module):
    """The click head from tensors: features of a view and the place of a click (1, 1, 2) -> logits (1, c, H/2, W/2), scores (c,)."""

    def __init__(self, head: ClickHead, temperature: Tensor, dtype: torch.dtype):
        super().__init__()
        self.dtype = dtype
        self.head = copy.deepcopy(head).to(dtype)
        self.head.quality.float()
        self.register_buffer("temperature", temperature.clone())

    def forward(self, coarse: Tensor, fine: Tensor, colour: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        height, width = fine.shape[-2:]
        prompts = Prompts(points, torch.ones(1, 1, dtype=torch.int64), torch.zeros(1, 4), torch.zeros(1, 1, height, width))
        told = cues(Features(coarse, fine, colour), prompts).contiguous(memory_format=torch.channels_last)
        joined, logits = self.head.drawn(coarse.to(self.dtype), fine.to(self.dtype), told.to(self.dtype))
        quality = self.head.expected_iou(joined.float(), logits)
        return logits, torch.sigmoid(quality[0] / self.temperature)


@torch.inference_mode()
def _graph(model: OurClickModel, dtype: torch.dtype) -> Callable[..., tuple[Tensor, Tensor]]:
    """The head as a graph that has looked at the shapes and made itself ready."""
    side = model.side
    shapes = ((WIDTH, side // 4), (FINE, side // 2), (3, side // 4))
    example = [torch.rand(1, channels, size, size).contiguous(memory_format=torch.channels_last) for channels, size in shapes]
    single = _SingleClick(model.net.click, model.net.click_temperature, dtype).eval()
    points = torch.full((1, 1, 2), side / 2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trace keeps the sizes of this view: of every view
        graph = torch.jit.freeze(torch.jit.trace(single, (*example, points), check_trace=False))
    for _ in range(WARM_UP):
        graph(*example, points)
    ready: Callable[..., tuple[Tensor, Tensor]] = graph
    return ready
