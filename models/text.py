"""Classes of every pixel of an image of any size, by the text model."""

from __future__ import annotations

import numpy as np
from skimage.transform import resize

from .errors import RequestInvalid
from .nets.interfaces import TextModel
from .tiling import OVERLAP, Place, at_least, blended, views_of

TRUST = 0.5  # the most that the second opinion counts: as much as the pixel classifier itself
SUREST = 0.01  # of an image's pixels: the share by which the classifier is judged to have found a class


def class_logits(
    rgb: np.ndarray,
    model: TextModel,
    overlap: int = OVERLAP,
    scales: tuple[float, ...] = (1.0,),
    flips: bool = False,
    fuse: bool = False,
) -> np.ndarray:
    """uint8 (h, w, 3) -> float32 (K, h, w): the calibrated logit of each class at each pixel, in the order of CLASSES.

    overlap: pixels that neighbouring views share. scales: sizes at which to look, as factors; the mean is taken. flips: look at each view
    mirrored too. fuse: hear the prototypes as a second opinion (see `fused`), where the model has some.
    Raises RequestInvalid where the image is none or views would overlap by more than half.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise RequestInvalid(f"This is no RGB image: {rgb.dtype} {rgb.shape}.", "Give uint8 (height, width, 3).")
    if not scales or min(scales) <= 0:
        raise RequestInvalid("There is no size to look at.", "Give one or more scales above 0.")
    at_each = [_at_scale(rgb, model, overlap, scale, flips, fuse) for scale in scales]
    logits = at_each[0] if len(at_each) == 1 else np.mean(at_each, axis=0, dtype=np.float32)
    return _fused_halves(logits) if fuse else logits


def fused(logits: np.ndarray, likeness: np.ndarray) -> np.ndarray:
    """Two opinions of one image, float32 (K, h, w) logits each, as one: what the pixel classifier loses, the prototypes bring back.

    Class by class, the less sure the classifier is to have found the class anywhere in the image, the more the prototypes are heard where
    they say more than it does. After the confidence-guided fusion of LandSegmenter (Liu et al., 2025, https://arxiv.org/abs/2511.08156),
    whose second opinion is a large vision-language model's.
    """
    trust = TRUST * (1 - confidence(logits))[:, None, None]
    together: np.ndarray = logits + trust * np.maximum(likeness - logits, 0)
    return together


def confidence(logits: np.ndarray) -> np.ndarray:
    """float32 (K,), 0..1: the mean score of the pixels where each class scores highest."""
    flat = logits.reshape(len(logits), -1)
    count = max(1, round(SUREST * flat.shape[1]))
    surest = np.partition(flat, flat.shape[1] - count, axis=1)[:, -count:]
    means: np.ndarray = (1 / (1 + np.exp(-np.clip(surest, -60, 60)))).mean(axis=1)
    return means


def _at_scale(rgb: np.ndarray, model: TextModel, overlap: int, scale: float, flips: bool, fuse: bool) -> np.ndarray:
    """(K, h, w), or (2 K, h, w) with the likeness below."""
    height, width = rgb.shape[:2]
    if scale != 1:
        rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
        rgb = np.rint(resize(rgb, (rows, columns), order=1, preserve_range=True, anti_aliasing=scale < 1)).astype(np.uint8)
    image = at_least(rgb, model.side)

    def look(places: list[Place]) -> list[np.ndarray]:
        views = views_of(image, places, model.side)
        seen = [_opinions(model, embedding, fuse) for embedding in model.encode(views)]
        if flips:
            mirrored = model.encode(np.ascontiguousarray(views[:, :, ::-1]))
            seen = [(one + _opinions(model, other, fuse)[:, :, ::-1]) / 2 for one, other in zip(seen, mirrored)]
        return seen

    logits = blended(rgb.shape[0], rgb.shape[1], model.side, overlap, look)
    if scale == 1:
        return logits
    return np.stack([resize(channel, (height, width), order=1, anti_aliasing=scale > 1) for channel in logits]).astype(np.float32)


def _opinions(model: TextModel, embedding: object, fuse: bool) -> np.ndarray:
    logits = model.classify(embedding)
    likeness = model.likeness(embedding) if fuse else None
    if not fuse:
        return logits
    return np.concatenate([logits, logits if likeness is None else likeness])


def _fused_halves(opinions: np.ndarray) -> np.ndarray:
    logits, likeness = np.split(opinions, 2)
    return fused(logits, likeness)
