"""What happens to pictures on their way to an analyst, one thing at a time, to images and their truth alike.

Degradations act on colours as the network sees them, stretched to 0..255, so that they mean the same on every sensor. The choice of them
follows benchmarks of robustness (Hendrycks and Dietterich, 2019, https://arxiv.org/abs/1903.12261).
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable

import numpy as np
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from scipy import ndimage

from ...stretch import MIDDLE_GREY

NOISE = 15.0  # standard deviation, of 255
BLUR = 1.5  # standard deviation, pixels
JPEG_QUALITY = 25
ANGLE = 10.0  # degrees
KINDS = ("noise", "blur", "jpeg", "band", "rotate", "half", "double")  # half and double: of the ground sample distance


def degraded(rgb: np.ndarray, kind: str, name: str) -> np.ndarray:
    """uint8 (h, w, 3) -> the same, or half or twice as large. The same name gives the same noise; "" leaves the image as it is."""
    return _IMAGES[kind](rgb, np.random.default_rng(zlib.crc32(name.encode()))) if kind else rgb


def followed(labels: np.ndarray, kind: str, outside: int) -> np.ndarray:
    """Labels (h, w) of the image that `degraded` gives; `outside` where the image shows no more of what was labelled."""
    if kind == "half":
        return labels.repeat(2, 0).repeat(2, 1)
    if kind == "double":
        return _most_of_four(labels)
    if kind == "rotate":
        return _turned(labels, labels.shape[:2], order=0, mode="constant", outside=outside)
    return labels


def placed(kind: str, shape: tuple[int, ...]) -> Affine:
    """From pixel coordinates (x, y) of an image of `shape` to those of the image that `degraded` gives; pixel centres at .5."""
    if kind == "rotate":
        return Affine.rotation(ANGLE, (shape[1] / 2, shape[0] / 2))
    return Affine.scale({"half": 2.0, "double": 0.5}.get(kind, 1.0))


def _noise(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip(np.rint(rgb + rng.normal(0, NOISE, rgb.shape)), 0, 255).astype(np.uint8)


def _blur(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return ndimage.gaussian_filter(rgb, (BLUR, BLUR, 0))


def _jpeg(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    with MemoryFile() as memory, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(driver="JPEG", width=rgb.shape[1], height=rgb.shape[0], count=3, dtype="uint8", quality=JPEG_QUALITY) as file:
            file.write(rgb.transpose(2, 0, 1))
        with memory.open() as file:
            return np.ascontiguousarray(file.read().transpose(1, 2, 0))


def _band(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Any one of the three, as the engine shows a band that says nothing."""
    found = rgb.copy()
    found[..., rng.integers(3)] = MIDDLE_GREY
    return found


def _rotate(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """About the middle; what comes in at the corners mirrors the rest, as black wedges would be another degradation."""
    return np.stack([_turned(band, band.shape, order=1, mode="mirror", outside=0) for band in np.moveaxis(rgb, -1, 0)], axis=-1)


def _half(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every pixel becomes four, between which the colours run smoothly; nothing is to be seen that was not there before."""
    return ndimage.zoom(rgb, (2, 2, 1), order=1, mode="nearest", grid_mode=True)


def _double(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    even = rgb[: rgb.shape[0] // 2 * 2, : rgb.shape[1] // 2 * 2].astype(np.float32)
    return np.rint(even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, 3).mean((1, 3))).astype(np.uint8)


def _turned(values: np.ndarray, shape: tuple[int, ...], order: int, mode: str, outside: int) -> np.ndarray:
    """Values (h, w) turned as `placed` says."""
    back = ~placed("rotate", shape)
    matrix = np.array([[back.e, back.d], [back.b, back.a]])  # rows and columns in place of x and y
    offset = np.array([back.f, back.c]) + matrix @ [0.5, 0.5] - 0.5
    return ndimage.affine_transform(values, matrix, offset, order=order, mode=mode, cval=outside)


def _most_of_four(labels: np.ndarray) -> np.ndarray:
    """The label that most of each block of 2 x 2 pixels have."""
    even = labels[: labels.shape[0] // 2 * 2, : labels.shape[1] // 2 * 2]
    a, b, c, d = even[::2, ::2], even[::2, 1::2], even[1::2, ::2], even[1::2, 1::2]
    return np.where((a == b) | (a == c) | (a == d), a, np.where((b == c) | (b == d), b, np.where(c == d, c, a)))


_IMAGES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "noise": _noise, "blur": _blur, "jpeg": _jpeg, "band": _band, "rotate": _rotate, "half": _half, "double": _double,
}  # fmt: skip
