"""Images of any size through networks that see views of one size: the views overlap, and what they say is blended smoothly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from .errors import RequestInvalid

OVERLAP = 64  # pixels that neighbouring views share
BATCH = 8  # views that are looked at together

Place = tuple[int, int]  # row and column of a view's upper left pixel
Look = Callable[[list[Place]], Iterable[np.ndarray]]  # views, and of each float32 (channels, side, side)


def starts(length: int, side: int, overlap: int) -> list[int]:
    """Where the views along one axis begin: every side - overlap pixels; the last is moved back to end with the image.

    So no view sees invented pixels unless the image is smaller than a view.
    """
    return [min(start, max(length - side, 0)) for start in range(0, max(length - overlap, 1), side - overlap)]


def window(side: int, overlap: int) -> np.ndarray:
    """float32 (side, side): how much each pixel of a view counts, 1 in the middle and down a cosine's slope where views overlap."""
    slope = np.sin(np.pi / 2 * (np.arange(overlap) + 0.5) / max(overlap, 1)) ** 2
    line = np.concatenate([slope, np.ones(side - 2 * overlap), slope[::-1]]).astype(np.float32)
    return np.outer(line, line)


def strips(height: int, width: int, side: int, overlap: int, look: Look) -> Iterator[tuple[int, np.ndarray]]:
    """An image from top to bottom, as (first row, float32 (channels, rows, width)), each strip once nothing more is added to it.

    Memory is that of one row of views, however high the image. Raises RequestInvalid where views would overlap by more than half.
    """
    if not 0 <= overlap <= side // 2:
        raise RequestInvalid(f"Views of {side} pixels cannot overlap by {overlap}.", f"Let them overlap by 0 to {side // 2} pixels.")
    tops, lefts = starts(height, side, overlap), starts(width, side, overlap)
    weight = window(side, overlap)
    total: np.ndarray | None = None  # weighted sums, and the sum of the weights as the last channel
    for top, below in zip(tops, [*tops[1:], height]):
        for batch in (lefts[first : first + BATCH] for first in range(0, len(lefts), BATCH)):
            for left, values in zip(batch, look([(top, left) for left in batch])):
                if total is None:
                    total = np.zeros((len(values) + 1, side, max(width, side)), np.float32)
                total[:-1, :, left : left + side] += values * weight
                total[-1, :, left : left + side] += weight
        if total is not None:
            done = below - top
            yield top, total[:-1, :done, :width] / total[-1, :done, :width]
            total = np.concatenate([total[:, done:], np.zeros_like(total[:, :done])], axis=1)


def blended(height: int, width: int, side: int, overlap: int, look: Look) -> np.ndarray:
    """float32 (channels, height, width): all strips of an image."""
    whole: np.ndarray | None = None
    for top, strip in strips(height, width, side, overlap, look):
        if whole is None:
            whole = np.empty((len(strip), height, width), np.float32)
        whole[:, top : top + strip.shape[1]] = strip
    return np.zeros((0, height, width), np.float32) if whole is None else whole


def at_least(image: np.ndarray, side: int) -> np.ndarray:
    """The image (h, w, ...) with its last row and column repeated up to a view's side; as it is where it is as large."""
    height, width = image.shape[:2]
    if not height or not width:
        raise RequestInvalid("The image has no pixels.", "Give one of at least one pixel.")
    missing = [(0, max(side - height, 0)), (0, max(side - width, 0))] + [(0, 0)] * (image.ndim - 2)
    return np.pad(image, missing, mode="edge") if min(height, width) < side else image


def views_of(image: np.ndarray, places: list[Place], side: int) -> np.ndarray:
    """(n, side, side, ...): the pixels of views in an image of at least a view's side."""
    return np.stack([image[row : row + side, column : column + side] for row, column in places])
