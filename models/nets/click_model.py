"""The shipped click model: the trunk and the click head behind `encode` and `decode`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .click_head import ClickHead, Prompts
from .prompt import Decoded, Prompt
from .trunk import Features, Trunk


class ClickNet(nn.Module):
    """Trunk and click head, as trained and as saved."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.head = ClickHead()

    def save(self, path: Path) -> None:
        """Write the weights as half-precision safetensors."""
        half = {name: value.half() if value.is_floating_point() else value for name, value in self.state_dict().items()}
        save_file({name: value.contiguous() for name, value in half.items() if not name.endswith("num_batches_tracked")}, path)


class OurClickModel:
    """A `ClickModel` (see `nets`) with our own network. Views are 256 pixels a side."""

    side = 256

    def __init__(self, path: Path, id: str, digest: str, device: str = "cpu"):
        self.id, self.digest, self.device = id, digest, device
        net = ClickNet()
        net.load_state_dict({name: value.float() for name, value in load_file(path).items()}, strict=False)
        _fold_norms(net.eval())
        self.net = net.to(device, memory_format=torch.channels_last)

    @torch.inference_mode()
    def encode(self, images: np.ndarray) -> list[Embedding]:
        """uint8 (n, 256, 256, 3) RGB -> n embeddings."""
        batch = torch.from_numpy(images).to(self.device).permute(0, 3, 1, 2).float() / 255
        features = self.net.trunk(batch.contiguous(memory_format=torch.channels_last))
        return [Embedding(features[index : index + 1]) for index in range(len(images))]

    @torch.inference_mode()
    def decode(self, embedding: Embedding, prompt: Prompt) -> Decoded:
        """The mask at the prompt, as logits float32 (256, 256), and the IoU that the network expects of it."""
        logits, quality = self.net.head(embedding.features, self._batch(prompt))
        full = functional.interpolate(logits, scale_factor=2, mode="bilinear", align_corners=False)
        return Decoded(full[0, 0].cpu().numpy(), float(torch.sigmoid(quality[0])))

    def _batch(self, prompt: Prompt) -> Prompts:
        points = torch.as_tensor(np.asarray(prompt.points, np.float32).reshape(1, -1, 2))
        labels = torch.as_tensor(np.asarray(prompt.labels, np.int64).reshape(1, -1))
        if points.shape[1] == 0:  # a box alone: one filler, so that no reduction is over nothing
            points, labels = torch.zeros(1, 1, 2), torch.full((1, 1), -1)
        box = torch.zeros(1, 4) if prompt.box is None else torch.as_tensor(np.asarray(prompt.box, np.float32)).reshape(1, 4)
        half = self.side // 2
        previous = torch.zeros(1, 1, half, half)
        if prompt.previous is not None:
            previous = functional.avg_pool2d(torch.as_tensor(prompt.previous)[None, None], 2)
        return Prompts(points.to(self.device), labels.to(self.device), box.to(self.device), previous.to(self.device))


def _fold_norms(net: nn.Module) -> None:
    """Fold every batch normalisation into the convolution before it: the same numbers in two thirds of the time."""
    for layers in net.modules():
        if isinstance(layers, nn.Sequential) and len(layers) > 1 and isinstance(layers[1], nn.BatchNorm2d):
            layers[0], layers[1] = fuse_conv_bn_eval(layers[0], layers[1]), nn.Identity()


class Embedding:
    """What the trunk saw in one view."""

    def __init__(self, features: Features):
        """`features` of one view; a copy is kept, or one view would hold the memory of all that were encoded with it.

        Channels last, as the head's filters are: the decoder takes half again as long on the other order.
        """
        parts = (features.coarse, features.fine, features.colour)
        self.features = Features(*(part.clone(memory_format=torch.channels_last) for part in parts))

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in (self.features.coarse, self.features.fine, self.features.colour))
