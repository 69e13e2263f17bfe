"""Open-vocabulary networks: CLIP by open_clip's own classes, asked about whole pictures and about every pixel of a view.

open_clip (https://github.com/mlfoundations/open_clip) is a package that the engine works without: it is imported when such a model is
wanted, and its absence is a problem that names the remedy.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from ..device import torch_version
from ..errors import ModelForeign, PackageMissing
from ..tiling import blended
from ..user_models import store
from .clip_weights import HEAD, Shape, shape_of
from .dense_attention import dense_features

PACKAGE = "open_clip_torch==3.3.0"
WHEELS = "https://download.pytorch.org/whl/"  # PyTorch's builds; torchvision must be of the same one
PICTURES = 16  # that go through the network together
CONTEXT = 32  # tokens of a text that are read: fewer than CLIP was trained with cost less, and what follows a text's end changes nothing

# Words around the words, after SkyScript's (https://arxiv.org/abs/2312.12856): a mean over several is steadier than any one.
TEMPLATES = (
    "a satellite photo of {}.",
    "a satellite image of {}",
    "an aerial photo of {}.",
    "an aerial view of {}",
    "a photo of {} from above.",
)


class DenseClip:
    """A CLIP model. Texts and pictures become unit vectors of one space; so does every patch of a view."""

    def __init__(self, path: Path, id: str, digest: str, quick_gelu: bool = False, device: str = "cpu", crop: int = 0):
        """The safetensors at `path` on a torch device. quick_gelu: of models that began with OpenAI's weights, which no tensor shows.

        crop: pixels a side of what goes through the network at once, in whole patches; 0 is the size it was trained at, others get
        their positions interpolated. Raises PackageMissing, ModelForeign.
        """
        clip = _open_clip()
        tensors = {name: value.float() for name, value in load_file(path).items()}
        shape = shape_of(tensors, path.name)
        self.id, self.digest, self.device = id, digest, device
        self.patch, self.embedding = shape.patch, shape.embedding
        self.crop = crop or shape.patch * shape.grid
        if self.crop % shape.patch:
            raise ModelForeign(f"A crop of {self.crop} pixels is not whole patches of {shape.patch}.", "Give a multiple of the patch.")
        context = min(CONTEXT, shape.context)
        self.net = _build(clip, shape, quick_gelu, self.crop, context)
        tensors["positional_embedding"] = tensors["positional_embedding"][:context]
        clip.model.resize_pos_embed(tensors, self.net)
        self.net.load_state_dict(tensors)
        self.net.eval().to(device)
        self._tokens = clip.SimpleTokenizer(context_length=context)
        self._mean, self._spread = (
            torch.tensor(values, device=device).view(3, 1, 1) for values in (clip.OPENAI_DATASET_MEAN, clip.OPENAI_DATASET_STD)
        )

    @torch.inference_mode()
    def embed_images(self, images: np.ndarray) -> np.ndarray:
        """uint8 (n, s, s, 3) RGB of any size -> float32 (n, d): a unit vector a picture."""
        found = [np.zeros((0, self.embedding), np.float32)]
        for first in range(0, len(images), PICTURES):
            pictures = self._pixels(images[first : first + PICTURES], self.crop)
            found.append(self.net.encode_image(pictures, normalize=True).cpu().numpy())
        return np.concatenate(found)

    @torch.inference_mode()
    def embed_texts(self, texts: Sequence[str], templates: Sequence[str] = TEMPLATES) -> np.ndarray:
        """Phrases -> float32 (m, d): of each a unit vector, the mean over `templates` ("{}" alone takes the phrases as they are).

        What is longer than CONTEXT tokens, some twenty words, is cut at its end.
        """
        found = [np.zeros((0, self.embedding), np.float32)]
        for text in texts:
            tokens = self._tokens([template.format(text) for template in templates]).to(self.device)
            mean = self.net.encode_text(tokens, normalize=True).mean(0, keepdim=True)
            found.append(functional.normalize(mean, dim=1).cpu().numpy())
        return np.concatenate(found)

    @torch.inference_mode()
    def likeness(self, view: np.ndarray, texts: np.ndarray, enlarge: int = 1) -> np.ndarray:
        """uint8 (h, w, 3) RGB and unit vectors (m, d) -> float32 (m, h, w): the cosine of every pixel with every text.

        The view, `enlarge` times as large, is seen in crops that overlap by half, as SCLIP and SegEarth-OV do; where they overlap their
        answers are blended. A view smaller than a crop gets its border repeated.
        """
        height, width = (max(side * enlarge, self.crop) for side in view.shape[:2])
        large = np.pad(view, [(0, max(0, -(-self.crop // enlarge) - side)) for side in view.shape[:2]] + [(0, 0)], mode="edge")
        pixels = self._pixels(large[None], 0, enlarge)[0, :, :height, :width]
        asked = torch.from_numpy(np.ascontiguousarray(texts, np.float32)).to(self.device)

        def look(places: list[tuple[int, int]]) -> np.ndarray:
            crops = torch.stack([pixels[:, row : row + self.crop, left : left + self.crop] for row, left in places])
            cosines = torch.einsum("ndhw,md->nmhw", dense_features(self.net.visual, crops), asked)
            full: np.ndarray = functional.interpolate(cosines, size=self.crop, mode="bilinear", align_corners=False).cpu().numpy()
            return full

        whole = blended(height, width, self.crop, self.crop // 2, look)
        if enlarge > 1:
            whole = functional.avg_pool2d(torch.from_numpy(whole)[None], enlarge)[0].numpy()
        return whole[:, : view.shape[0], : view.shape[1]]

    def _pixels(self, images: np.ndarray, side: int, enlarge: int = 1) -> Tensor:
        """(n, 3, side, side), or `enlarge` times the images' own size for side 0, in the numbers that CLIP was trained on."""
        batch = torch.from_numpy(np.ascontiguousarray(images)).to(self.device).permute(0, 3, 1, 2).float()
        size = (side, side) if side else (images.shape[1] * enlarge, images.shape[2] * enlarge)
        if tuple(batch.shape[2:]) != size:
            batch = functional.interpolate(batch, size=size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 255)
        return (batch / 255 - self._mean) / self._spread


def load_clip_model(model_id: str = "", device: str = "cpu", folder: Path | None = None) -> DenseClip:
    """One of the analyst's open-vocabulary models, "" the first there is; `folder`: where they are, the store by default.

    Raises ModelMissing, ModelDamaged, PackageMissing, ModelForeign.
    """
    card = store.trusted(model_id, folder or store.folder())
    return DenseClip(card.weights, card.id, card.sha256, card.architecture.endswith("-quickgelu"), device)


def _build(clip: ModuleType, shape: Shape, quick_gelu: bool, side: int, context: int) -> torch.nn.Module:
    pictures = clip.CLIPVisionCfg(layers=shape.layers, width=shape.width, head_width=HEAD, patch_size=shape.patch, image_size=side)
    texts = clip.CLIPTextCfg(
        context_length=context,
        vocab_size=shape.vocabulary,
        width=shape.text_width,
        heads=shape.text_width // HEAD,
        layers=shape.text_layers,
    )
    net: torch.nn.Module = clip.CLIP(embed_dim=shape.embedding, vision_cfg=pictures, text_cfg=texts, quick_gelu=quick_gelu)
    return net


def _open_clip() -> ModuleType:
    """The package. Raises PackageMissing."""
    try:
        import open_clip

        return open_clip
    except (ImportError, RuntimeError) as error:  # torchvision of another build than torch's raises the latter
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        what = f"This model needs the package open_clip, which the engine's environment lacks or cannot load ({first:.120})."
        raise PackageMissing(what, f"Run: {install_command()}", package=PACKAGE) from None


def install_command(python: str = sys.executable, version: str | None = None, has_pip: bool | None = None) -> str:
    """What to type for open_clip with the torchvision that fits this PyTorch; by default the engine's own."""
    version = torch_version() if version is None else version
    has_pip = importlib.util.find_spec("pip") is not None if has_pip is None else has_pip
    tool = f'"{python}" -m pip install' if has_pip else f'uv pip install --python "{python}"'
    build = version.partition("+")[2]
    wheels = f" --extra-index-url {WHEELS}{build}" if build else ""
    return f"{tool} {PACKAGE} torch=={version}{wheels}"
