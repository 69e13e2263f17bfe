"""CLIP checkpoints as open_clip and its users save them, read without running what they hold, and known by the shapes of their tensors.

The network is that of Radford et al., 2021, https://arxiv.org/abs/2103.00020: a vision transformer and a text transformer. RemoteCLIP
(https://arxiv.org/abs/2306.11029) and SkyCLIP (https://arxiv.org/abs/2312.12856) are the same with other weights.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..errors import ModelForeign

OLDEST_TORCH = (2, 10)  # before it, reading a pickle with `weights_only` had known holes
HEAD = 64  # channels of an attention head, in every CLIP with a vision transformer of usual size
WRAPPERS = ("state_dict", "model_state_dict", "model")  # where training programs put the tensors
PREFIXES = ("module.", "text.")  # of training on several GPUs; of open_clip's classes with a text tower of its own
NO_WEIGHTS = ("attn_mask", "input_resolution", "context_length", "vocab_size")  # what older files hold beside them
_SCALAR = np.float64(0).__reduce__()[0]
NUMPY_SCALARS = [  # numbers, no more; SkyCLIP's files have one. NumPy has moved what makes them.
    (_SCALAR, "numpy.core.multiarray.scalar"),
    (_SCALAR, "numpy._core.multiarray.scalar"),
    np.dtype,
    type(np.dtype(np.float64)),
    type(np.dtype(np.float32)),
]
NAMES = {  # open_clip's, by embedding, patch, width of the pictures' transformer and grid
    (512, 32, 768, 7): "ViT-B-32",
    (512, 16, 768, 14): "ViT-B-16",
    (768, 14, 1024, 16): "ViT-L-14",
    (768, 14, 1024, 24): "ViT-L-14-336",
    (1024, 14, 1280, 16): "ViT-H-14",
}


@dataclass(frozen=True)
class Shape:
    """All that tells one CLIP from another, but for the activation, which no tensor shows."""

    embedding: int  # numbers that describe a picture or a text
    patch: int  # pixels
    grid: int  # patches a side of the pictures it was trained on
    width: int  # channels of the pictures' transformer
    layers: int
    context: int  # tokens of a text
    vocabulary: int
    text_width: int
    text_layers: int

    @property
    def name(self) -> str:
        """open_clip's name, or one of its kind where that has none."""
        usual = NAMES.get((self.embedding, self.patch, self.width, self.grid))
        return usual or f"ViT-{self.width}x{self.layers}-{self.patch}-{self.grid * self.patch}"

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by its name."""
        wide = self.width
        found: dict[str, tuple[int, ...]] = {
            "logit_scale": (),
            "visual.class_embedding": (wide,),
            "visual.positional_embedding": (self.grid**2 + 1, wide),
            "visual.conv1.weight": (wide, 3, self.patch, self.patch),
            "visual.proj": (wide, self.embedding),
            "token_embedding.weight": (self.vocabulary, self.text_width),
            "positional_embedding": (self.context, self.text_width),
            "text_projection": (self.text_width, self.embedding),
        }
        for name, size in (("visual.ln_pre", wide), ("visual.ln_post", wide), ("ln_final", self.text_width)):
            found.update({f"{name}.weight": (size,), f"{name}.bias": (size,)})
        for start, size, layers in (("visual.", wide, self.layers), ("", self.text_width, self.text_layers)):
            for layer in range(layers):
                found.update(_block(f"{start}transformer.resblocks.{layer}", size))
        return found


def _block(name: str, size: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}.{part}": shape
        for part, shape in {
            "ln_1.weight": (size,),
            "ln_1.bias": (size,),
            "attn.in_proj_weight": (3 * size, size),
            "attn.in_proj_bias": (3 * size,),
            "attn.out_proj.weight": (size, size),
            "attn.out_proj.bias": (size,),
            "ln_2.weight": (size,),
            "ln_2.bias": (size,),
            "mlp.c_fc.weight": (4 * size, size),
            "mlp.c_fc.bias": (4 * size,),
            "mlp.c_proj.weight": (size, 4 * size),
            "mlp.c_proj.bias": (size,),
        }.items()
    }


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.safetensors` file or of what torch.save wrote, under the names of open_clip's class CLIP.

    Raises ModelForeign where the file is damaged, holds a program, or holds no tensors.
    """
    found = _safetensors(path) if _is_safetensors(path) else _pickle(path)
    for wrapper in WRAPPERS:
        if isinstance(found, dict) and isinstance(found.get(wrapper), dict):
            found = found[wrapper]
    tensors = {name: value for name, value in found.items() if isinstance(value, Tensor)} if isinstance(found, dict) else {}
    if not tensors:
        raise ModelForeign(f"{path.name} holds no tensors by their names.", path=str(path))
    for prefix in PREFIXES:
        tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
    tensors = {name: value for name, value in tensors.items() if name not in NO_WEIGHTS}
    if "logit_scale" in tensors and tensors["logit_scale"].numel() == 1:
        tensors["logit_scale"] = tensors["logit_scale"].reshape(())
    return tensors


def shape_of(tensors: dict[str, Tensor], name: str) -> Shape:
    """Which CLIP these tensors are. Raises ModelForeign where they are none, or one of a kind that this engine does not run."""
    if any(key.startswith(("vision_model.", "text_model.")) for key in tensors):
        what = f"{name} is a CLIP model in the form of the package transformers, not in that of open_clip."
        raise ModelForeign(what, "Choose the file that open_clip reads, such as open_clip_model.safetensors of the same model.")
    if any(key.startswith("visual.layer1.") for key in tensors):
        what = f"{name} is a CLIP model whose pictures go through a ResNet."
        raise ModelForeign(what, "Choose the same model with a vision transformer: its name has ViT in it.")
    try:
        conv, places = tensors["visual.conv1.weight"].shape, tensors["visual.positional_embedding"].shape[0]
        shape = Shape(
            embedding=tensors["text_projection"].shape[1],
            patch=conv[2],
            grid=round((places - 1) ** 0.5),
            width=conv[0],
            layers=_layers(tensors, "visual."),
            context=tensors["positional_embedding"].shape[0],
            vocabulary=tensors["token_embedding.weight"].shape[0],
            text_width=tensors["token_embedding.weight"].shape[1],
            text_layers=_layers(tensors, ""),
        )
    except (KeyError, IndexError) as error:
        raise ModelForeign(f"{name} holds {len(tensors)} tensors, but not those of a CLIP model: {error} is missing or odd.") from None
    _check(shape, tensors, name)
    return shape


def _layers(tensors: dict[str, Tensor], start: str) -> int:
    return len({key for key in tensors if re.fullmatch(rf"{re.escape(start)}transformer\.resblocks\.\d+\.ln_1\.weight", key)})


def _check(shape: Shape, tensors: dict[str, Tensor], name: str) -> None:
    wanted = shape.tensors()
    amiss = sorted(key for key in wanted.keys() | tensors.keys() if key not in tensors or tuple(tensors[key].shape) != wanted.get(key))
    if amiss or shape.width % HEAD or shape.text_width % HEAD or shape.layers < 2:
        sizes = f"transformers {shape.width} and {shape.text_width} channels wide, {shape.layers} and {shape.text_layers} deep"
        which = f"{len(amiss)} of its tensors do not fit, first {amiss[0]}" if amiss else sizes
        raise ModelForeign(f"{name} looks like a CLIP model, but is built another way than open_clip's: {which}.")
    odd = next((key for key, value in tensors.items() if not value.is_floating_point() or not bool(torch.isfinite(value).all())), None)
    if odd:
        raise ModelForeign(f"{name} holds weights that are no numbers, first in {odd}.", "Fetch or copy the file again.")


def _is_safetensors(path: Path) -> bool:
    """By its bytes: a name may say anything."""
    with path.open("rb") as file:
        start = file.read(9)
    return len(start) == 9 and start[8:] == b"{" and int.from_bytes(start[:8], "little") < 100_000_000


def _safetensors(path: Path) -> Any:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ModelForeign(f"{path.name} was cut short or damaged ({error}).", "Fetch or copy the file again.", path=str(path)) from None


def _pickle(path: Path) -> Any:
    """What torch.save wrote; only tensors, numbers and texts are read, anything else is refused before it runs."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inside = archive.namelist()
        if any(name.endswith("/constants.pkl") for name in inside):
            what = f"{path.name} is a TorchScript program, as OpenAI publishes its models, and not a file of weights."
            raise ModelForeign(what, "Fetch the same model from the list instead, or import its open_clip_model.safetensors.")
        if not any(name.endswith("/data.pkl") for name in inside):
            raise ModelForeign(f"{path.name} is an archive without weights.", "Unpack it and import the .pt or .safetensors file in it.")
    release = tuple(int(part) for part in re.findall(r"\d+", torch.__version__)[:2])
    if release < OLDEST_TORCH:
        what = f"{path.name} is a pickle, which this engine's PyTorch {torch.__version__} cannot read safely."
        raise ModelForeign(what, "Import the model's .safetensors file, or set the engine up again with a newer PyTorch.")
    try:
        with torch.serialization.safe_globals(NUMPY_SCALARS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen kinds, pickle's among them
        stranger = re.search(r"GLOBAL (\S+)", str(error))
        if stranger:
            what = f"{path.name} holds more than weights ({stranger[1]}), which could run anything, so it was not read."
            raise ModelForeign(what, "Import the model's .safetensors file, or a .pt file of weights alone.", path=str(path)) from None
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        what = f"{path.name} was cut short, or it is no file of weights ({first:.120})."
        raise ModelForeign(what, "Fetch or copy the file again.", path=str(path)) from None
