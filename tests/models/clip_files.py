"""Tiny CLIP checkpoints with the names and shapes of real ones: random tensors, and the formats in which people publish them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from rasterscribe.models.nets.clip_weights import Shape

TINY = Shape(embedding=64, patch=8, grid=4, width=64, layers=2, context=77, vocabulary=49408, text_width=64, text_layers=1)


def tensors(shape: Shape = TINY, seed: int = 0) -> dict[str, Tensor]:
    """Random weights of a CLIP."""
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.randn(size, generator=generator) * 0.1 for name, size in shape.tensors().items()}


def safetensors(path: Path, weights: dict[str, Tensor]) -> Path:
    save_file(weights, path)
    return path


def pickled(path: Path, content: Any, **options: Any) -> Path:
    torch.save(content, path, **options)
    return path
