"""Objects drawn by the click head: the text head says where buildings are, clicks into them say where one ends and the next begins.

As RSRefSeg 2 does it with larger networks (localise with language, then let the click model draw; https://arxiv.org/abs/2507.06231). Every
seed of a connected part is clicked; what no mask covers is clicked again; of masks that compete for the same ground the surest stays, as
Segment Anything's own generator of masks does. A part is looked at alone and in views fixed to the raster, so the answer does not depend on
what else is found.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from .frame import Frame
from .instances import HALF, SMALLEST, Part
from .nets.prompt import ClickModel, Prompt
from .splitting import told_apart

COARSE = 0.2  # metres a survey pixel: above, views are enlarged, as houses are clicked best at about 0.15
REMEMBERED = 48  # views, 2 MB each
ROUNDS = 2  # of clicks
UNCLAIMED = 3.0  # pixels from its border that ground must have somewhere to be clicked again
FREE = 0.75  # of a mask: how much of it no surer mask may have taken
SURE = 0.4  # the least rank of a mask; with FREE, the best on training sites (Banepa: F1 0.52, by waists 0.19; Zanzibar 0.69, 0.61)


@dataclass(frozen=True)
class Mask:
    """What one click brought; rows and columns are those of the part's arrays."""

    rows: slice
    cols: slice
    logits: np.ndarray  # float32 (rows, cols)
    inside: np.ndarray  # bool (rows, cols)
    text: float  # 0..1, mean probability of the class
    rank: float  # how sure both heads are


def refiner_of(model: ClickModel, frame: Frame) -> ClickRefiner:
    """Who draws the objects of a survey anew with a click model."""
    return ClickRefiner(model, frame)


class ClickRefiner:
    """A `Refiner` on a survey's frame."""

    def __init__(self, model: ClickModel, frame: Frame) -> None:
        self._model, self._frame = model, frame
        self._zoom = 2 if frame.raster.crs and frame.pixel_area > COARSE**2 else 1  # view pixels a survey pixel
        self._span = model.side // self._zoom  # survey pixels a view
        self._views: OrderedDict[tuple[int, int], Any] = OrderedDict()

    def apart(self, part: Part) -> list[Part]:
        """The single objects of a connected part, as clicks draw them; at least one."""
        masks: list[Mask] = []
        ground, least = part.inside, 0.0
        for _ in range(ROUNDS):
            masks += self._clicked(part, list(_innermost(ground, least)))
            ground, least = part.inside & ~_covered(masks, part.inside.shape), UNCLAIMED
        return list(_claimed(part, masks)) or [part]

    def _clicked(self, part: Part, seeds: list[tuple[int, int]]) -> Iterator[Mask]:
        """What clicks at pixels (row, col) of the part bring, view by view."""
        top, left = self._frame.row + part.top, self._frame.col + part.left  # of the part, from the raster's corner
        nearest = [(self._nearest(top + row), self._nearest(left + col)) for row, col in seeds]
        for (view_top, view_left), (row, col) in sorted(zip(nearest, seeds)):
            x, y = ((at + 0.5) * self._zoom for at in (left + col - view_left, top + row - view_top))
            clicked = self._model.decode(self._view(view_top, view_left), Prompt(np.array([[x, y]], np.float32), np.array([1])))
            logits = clicked.logits.reshape(self._span, self._zoom, self._span, self._zoom).mean(axis=(1, 3))
            mask = _mask(part, view_top - top, view_left - left, logits, clicked.score, (row, col))
            if mask is not None:
                yield mask

    def _nearest(self, at: int) -> int:
        """Where the view begins, along one axis, whose middle is nearest to a pixel."""
        stride = self._span // 2
        return round((at + 0.5 - self._span / 2) / stride) * stride

    def _view(self, top: int, left: int) -> Any:
        """The embedding of the view at a pixel of the survey, counted from the raster's corner."""
        if (top, left) not in self._views:
            side, pixel = self._model.side, self._frame.pixel
            span = self._span * pixel
            seen = self._frame.raster.read(left * pixel, top * pixel, span, span, side, side)
            self._views[top, left] = self._model.encode(seen.rgb[None])[0]
            if len(self._views) > REMEMBERED:
                self._views.popitem(last=False)
        self._views.move_to_end((top, left))
        return self._views[top, left]


def _innermost(ground: np.ndarray, least: float) -> Iterator[tuple[int, int]]:
    """The pixel (row, col) furthest from the border of each object of bool (h, w) ground, if it is `least` pixels from it."""
    depth = ndimage.distance_transform_edt(np.pad(ground, 1))[1:-1, 1:-1]
    labels = told_apart(ground)
    for label, (rows, cols) in enumerate(ndimage.find_objects(labels), start=1):
        own = np.where(labels[rows, cols] == label, depth[rows, cols], 0)
        row, col = np.unravel_index(own.argmax(), own.shape)
        if own[row, col] >= least:
            yield rows.start + int(row), cols.start + int(col)


def _mask(part: Part, top: int, left: int, logits: np.ndarray, score: float, seed: tuple[int, int]) -> Mask | None:
    """Logits (h, w) at (top, left) of a part as a mask: what is joined to the seed and of no other part; None for none."""
    height, width = part.inside.shape
    rows = slice(max(top, 0), min(top + logits.shape[0], height))
    cols = slice(max(left, 0), min(left + logits.shape[1], width))
    there = logits[rows.start - top : rows.stop - top, cols.start - left : cols.stop - left]
    values, own = part.values[rows, cols], part.inside[rows, cols]
    labels, _ = ndimage.label((there > 0) & (own | (values < part.level)))
    label = labels[seed[0] - rows.start, seed[1] - cols.start]
    inside = labels == label
    if not label or inside.sum() < SMALLEST:
        return None
    text = (float(values[inside].mean()) - 1) / 254
    rank = text * score
    return Mask(rows, cols, there, inside, text, rank) if text > 0.5 and rank > SURE else None


def _covered(masks: list[Mask], shape: tuple[int, ...]) -> np.ndarray:
    covered = np.zeros(shape, bool)
    for mask in masks:
        covered[mask.rows, mask.cols] |= mask.inside
    return covered


def _claimed(part: Part, masks: list[Mask]) -> Iterator[Part]:
    """The masks, the surest first, each of the ground that is left to it."""
    taken = np.zeros(part.inside.shape, bool)
    for mask in sorted(masks, key=lambda mask: -mask.rank):
        free = mask.inside & ~taken[mask.rows, mask.cols]
        if free.sum() < FREE * mask.inside.sum():
            continue
        labels, count = ndimage.label(free)
        if count > 1:
            free = labels == np.bincount(labels.ravel())[1:].argmax() + 1
        if free.sum() < SMALLEST:
            continue
        taken[mask.rows, mask.cols] |= free
        yield _part(part, mask, free)


def _part(part: Part, mask: Mask, free: np.ndarray) -> Part:
    values = np.rint(1 + 254 / (1 + np.exp(-mask.logits.clip(-60, 60)))).astype(np.uint8)
    values = np.where(free, np.maximum(values, HALF), values)
    place = ndimage.find_objects(free.astype(np.uint8))[0]
    top, left = place[0].start - 1, place[1].start - 1
    return Part(
        part.top + mask.rows.start + top,
        part.left + mask.cols.start + left,
        np.pad(values, 1)[top + 1 : place[0].stop + 2, left + 1 : place[1].stop + 2],
        np.pad(free, 1)[top + 1 : place[0].stop + 2, left + 1 : place[1].stop + 2],
        HALF,
        mask.text,
    )
