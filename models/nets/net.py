"""All that ships, as trained and as saved: one trunk and three heads, in one file of half-precision safetensors."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..classes import CLASSES
from .change_head import ChangeHead
from .click_head import ClickHead
from .text_head import TextHead
from .trunk import Trunk


class Net(nn.Module):
    """Temperatures divide logits, so that a score of 0.8 is right about 8 times in 10 (Guo et al., 2017,
    https://arxiv.org/abs/1706.04599); they are set after training and 1 before."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.click = ClickHead()
        self.text = TextHead()
        self.change = ChangeHead()
        self.register_buffer("click_temperature", torch.ones(()))
        self.register_buffer("text_temperature", torch.ones(len(CLASSES)))
        self.register_buffer("change_temperature", torch.ones(()))

    def save(self, path: Path) -> None:
        """Write the weights as half-precision safetensors."""
        half = {name: value.half() if value.is_floating_point() else value for name, value in self.state_dict().items()}
        save_file({name: value.contiguous() for name, value in half.items() if not name.endswith("num_batches_tracked")}, path)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a file that `Net.save` wrote, in single precision."""
    return {name: value.float() for name, value in load_file(path).items()}


def fold_norms(net: nn.Module) -> None:
    """Fold every batch normalisation into the convolution before it: the same numbers in two thirds of the time."""
    for layers in net.modules():
        if isinstance(layers, nn.Sequential) and len(layers) > 1 and isinstance(layers[1], nn.BatchNorm2d):
            layers[0], layers[1] = fuse_conv_bn_eval(layers[0], layers[1]), nn.Identity()


def ready(path: Path, device: str = "cpu") -> Net:
    """The network of a file, folded and ready for inference on a torch device."""
    net = Net()
    net.load_state_dict(read_weights(path), strict=False)
    fold_norms(net.eval())
    return net.to(device, memory_format=torch.channels_last)
