"""All that ships, as trained and as saved: one trunk and three heads, in one file of half-precision safetensors."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..classes import CLASSES
from ..errors import ModelDamaged, ModelMissing
from .change_head import ChangeHead
from .click_head import ClickHead
from .text_head import DIMENSIONS, TextHead
from .trunk import Trunk

PROTOTYPES = 4  # a class
COUNTERS = "num_batches_tracked"  # of normalisations: nothing that inference needs, so no file holds them


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
        # (classes, PROTOTYPES, DIMENSIONS + 1), see `text_model.resemblance`; made after training (`training/prototypes.py`), None before.
        self.register_buffer("text_prototypes", None)

    def save(self, path: Path) -> None:
        """Write the weights as half-precision safetensors."""
        half = {name: value.half() if value.is_floating_point() else value for name, value in self.state_dict().items()}
        save_file({name: value.contiguous() for name, value in half.items() if not name.endswith(COUNTERS)}, path)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a file that `Net.save` wrote, in single precision. Raises ModelMissing, ModelDamaged."""
    try:
        return {name: value.float() for name, value in load_file(path).items()}
    except OSError as error:
        raise ModelMissing(f"The weights {path} cannot be read.", model=path.stem) from error
    except SafetensorError as error:
        raise ModelDamaged(f"{path} is no file of weights, or it was cut short.", model=path.stem) from error


def fill(net: Net, path: Path) -> None:
    """Give the network the weights of a file. Raises ModelMissing, and ModelDamaged where the tensors are those of another network."""
    found = read_weights(path)
    if "text_prototypes" in found:
        net.text_prototypes = torch.zeros(len(CLASSES), PROTOTYPES, DIMENSIONS + 1)
    wanted = {name: value for name, value in net.state_dict().items() if not name.endswith(COUNTERS)}
    names = sorted(wanted.keys() | found.keys())
    amiss = [name for name in names if name not in wanted or name not in found or wanted[name].shape != found[name].shape]
    if amiss:
        what = f"{path.name} holds the weights of another network: tensors that do not fit this version's: {len(amiss)}, first {amiss[0]}."
        raise ModelDamaged(what, "Install the plugin again, or train the weights with this version.", model=path.stem)
    net.load_state_dict(found, strict=False)


def fold_norms(net: nn.Module) -> None:
    """Fold every batch normalisation into the convolution before it: the same numbers in two thirds of the time."""
    for layers in net.modules():
        if isinstance(layers, nn.Sequential) and len(layers) > 1 and isinstance(layers[1], nn.BatchNorm2d):
            layers[0], layers[1] = fuse_conv_bn_eval(layers[0], layers[1]), nn.Identity()


def ready(path: Path, device: str = "cpu") -> Net:
    """The network of a file, folded and ready for inference on a torch device. Raises what `fill` raises."""
    net = Net()
    fill(net, path)
    fold_norms(net.eval())
    return net.to(device, memory_format=torch.channels_last)
