"""What every model of ours begins with: views through the trunk, once for all heads."""

from __future__ import annotations

import hashlib
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..errors import ModelMissing
from .net import Net, ready
from .trunk import Features

# One network a file and device, for as long as a model needs it: the click, text and change models share its memory.
_networks: WeakValueDictionary[tuple[str, str], Net] = WeakValueDictionary()


class Embedding:
    """What the trunk saw in one view. Any model with the same digest can read it, whichever model encoded it."""

    def __init__(self, features: Features):
        """`features` of one view; a copy is kept, or one view would hold the memory of all that were encoded with it.

        Channels last, as the heads' filters are: the click head takes half again as long on the other order.
        """
        parts = (features.coarse, features.fine, features.colour)
        self.features = Features(*(part.clone(memory_format=torch.channels_last) for part in parts))

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in (self.features.coarse, self.features.fine, self.features.colour))


class Encoder:
    """The trunk behind `encode`; a model adds what its head does with an embedding. Views are 256 pixels a side."""

    side = 256

    def __init__(self, path: Path, id: str, digest: str = "", device: str = "cpu"):
        """The weights at `path` on a torch device; `digest`: their sha256, computed where the caller does not know it.

        Raises ModelMissing where there is no such file, ModelDamaged where it does not hold this network.
        """
        self.id, self.device = id, device
        self.digest = digest or _digest(path)
        self.net = _shared(path, self.digest, device)

    @torch.inference_mode()
    def encode(self, images: np.ndarray) -> list[Embedding]:
        """uint8 (n, 256, 256, 3) RGB -> n embeddings."""
        batch = torch.from_numpy(np.ascontiguousarray(images)).to(self.device).permute(0, 3, 1, 2).float() / 255
        features = self.net.trunk(batch.contiguous(memory_format=torch.channels_last))
        return [Embedding(features[index : index + 1]) for index in range(len(images))]


def full_size(logits: Tensor) -> np.ndarray:
    """Logits (1, c, H/2, W/2) of a head -> float32 (c, H, W)."""
    full: np.ndarray = functional.interpolate(logits, scale_factor=2, mode="bilinear", align_corners=False)[0].float().cpu().numpy()
    return full


def _shared(path: Path, digest: str, device: str) -> Net:
    net = _networks.get((digest, device))
    if net is None:
        net = _networks[digest, device] = ready(path, device)
    return net


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read: {error.strerror}.", "Give the path of a weights file.", model=path.stem) from error
