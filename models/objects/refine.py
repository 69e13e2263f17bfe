"""Objects drawn by the click head: the text head says where buildings are, clicks into them say where one ends and the next begins.

As RSRefSeg 2 does it with larger networks (localise with language, then let the click model draw; https://arxiv.org/abs/2507.06231). Every
seed of a connected part is clicked; what no mask covers is clicked again; of masks that compete for the same ground the surest stays, as
Segment Anything's own generator of masks does. A part is looked at alone and in views fixed to the raster, so the answer does not depend on
what else is found.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from ..nets.prompt import ClickModel
from ..surveying.frame import Frame
from ..surveying.lookers import divided
from .hands import Hands
from .instances import HALF, SMALLEST, Part
from .shares import Sharing, within
from .splitting import depth_of, told_apart

if TYPE_CHECKING:
    from ..nets.clicking import Click, Clicking

# The classes that are drawn by clicks. Of others nobody has measured that it helps, and trees are thousands.
REFINED = frozenset({"building"})

COARSE = 0.2  # metres a survey pixel: above, views are enlarged, as houses are clicked best at about 0.15
BAND = 512  # survey pixels
REMEMBERED = 64  # views, 2 MB each: about those of a band in a strip of a town
ROUNDS = 2  # of clicks
UNCLAIMED = 3.0  # pixels from its border that ground must have somewhere to be clicked again
FREE = 0.75  # of a mask: how much of it no surer mask may have taken
SURE = 0.4  # the least rank of a mask; with FREE, the best on training sites (Banepa: F1 0.52, by waists 0.19; Zanzibar 0.69, 0.61)


Place = tuple[int, int]  # row and column of a view's first pixel, in survey pixels from the raster's corner
Seed = tuple[int, int, int]  # index of a part, and the pixel of its arrays that is clicked


@dataclass(frozen=True)
class Mask:
    """What one click brought; rows and columns are those of the part's arrays."""

    rows: slice
    cols: slice
    logits: np.ndarray  # float32 (rows, cols)
    inside: np.ndarray  # bool (rows, cols)
    text: float  # 0..1, mean probability of the class
    rank: float  # how sure both heads are


Looked = tuple[Place, Any, list[tuple[int, Mask]]]  # a view, its embedding, and masks with the index of their part


def refiner_of(model: ClickModel, frame: Frame) -> ClickRefiner:
    """Who draws the objects of a survey anew with a click model."""
    return ClickRefiner(model, frame)


class ClickRefiner:
    """A `Refiner` on a survey's frame."""

    def __init__(self, model: ClickModel, frame: Frame, lanes: int | None = None) -> None:
        """`lanes`: threads that draw at once; without it as many as suit the model."""
        self._model, self._frame, self._lanes = model, frame, lanes
        self._zoom = 2 if frame.raster.crs and frame.pixel_area > COARSE**2 else 1  # view pixels a survey pixel
        self._span = model.side // self._zoom  # survey pixels a view
        self._views: OrderedDict[Place, Any] = OrderedDict()
        self._clicking: Clicking | None = None

    def apart(self, parts: Sequence[Part]) -> Sharing[list[list[Part]]]:
        """The single objects of each connected part, as clicks draw them; at least one.

        It goes from the left to the right by some bands at a time, so that their views are remembered until the last round, and that there
        is work for every hand where objects are few.
        """
        apart: list[list[Part]] = [[] for _ in parts]
        if not parts:
            return apart
        if self._clicking is None:
            self._clicking = yield from _ready(self._model)
        together = list(self._together(parts))
        ends = np.cumsum([0, *(sum(parts[index].inside.size for index in some) for some in together)])
        shares = (ends / ends[-1]).tolist()
        with Hands(self._lanes or self._clicking.lanes, divided) as hands:
            for some, start, stop in zip(together, shares, shares[1:]):
                drawn = yield from within(start, stop, self._drawn(hands, self._clicking.click, [parts[index] for index in some]))
                for index, objects in zip(some, drawn, strict=True):
                    apart[index] = objects
        return apart

    def _together(self, parts: Sequence[Part]) -> Iterator[list[int]]:
        """The indices of parts in neighbouring bands, as many as have views that can be remembered."""
        bands: dict[int, list[int]] = {}
        for index, part in enumerate(parts):
            bands.setdefault((self._frame.col + part.left) // BAND, []).append(index)
        some: list[int] = []
        views = 0
        for band in sorted(bands):
            more = sum(math.prod(1 + 2 * length // self._span for length in parts[index].inside.shape) for index in bands[band])
            if some and views + more > REMEMBERED:
                yield some
                some, views = [], 0
            some, views = some + bands[band], views + more
        yield some

    def _drawn(self, hands: Hands, click: Click, parts: list[Part]) -> Sharing[list[list[Part]]]:
        masks: list[list[Mask]] = [[] for _ in parts]
        for turn in range(ROUNDS):
            look = partial(_seeds, least=UNCLAIMED if turn else 0.0)
            seeds = yield from hands.all(look, zip(parts, masks, strict=True), turn / ROUNDS)
            clicks: dict[Place, list[Seed]] = {}
            for index, some in enumerate(seeds):
                for row, col in some:
                    clicks.setdefault(self._nearest(parts[index], row, col), []).append((index, row, col))
            done = turn / ROUNDS
            pieces = ((place, self._seen(place), clicks[place]) for place in sorted(clicks))
            for one in hands.each(partial(self._clicked, hands, click, parts), pieces):
                if one is None:
                    yield done
                    continue
                place, embedding, found = one
                self._remember(place, embedding)
                for index, mask in found:
                    masks[index].append(mask)
                done += 1 / ROUNDS / len(clicks)
        return (yield from hands.all(lambda pair: list(_claimed(*pair)) or [pair[0]], zip(parts, masks, strict=True), 1.0))

    def _clicked(self, hands: Hands, click: Click, parts: list[Part], piece: tuple[Place, Any, list[Seed]]) -> Looked:
        """What the clicks into one view bring: at pixels of parts, whose index comes with them. In a thread of its own."""
        place, seen, seeds = piece
        embedding = self._model.encode(seen[None])[0] if isinstance(seen, np.ndarray) else seen
        found = []
        for index, row, col in sorted(seeds):
            hands.check_stopped()
            part = parts[index]
            top, left = place[0] - self._frame.row - part.top, place[1] - self._frame.col - part.left
            x, y = (col - left + 0.5) * self._zoom, (row - top + 0.5) * self._zoom
            clicked = click(embedding, x, y, self._zoom)
            mask = _mask(part, top, left, clicked.logits, clicked.score, (row, col))
            if mask is not None:
                found.append((index, mask))
        return place, embedding, found

    def _nearest(self, part: Part, row: int, col: int) -> Place:
        """Where the view begins, counted from the raster's corner, whose middle is nearest to a pixel of a part."""
        stride = self._span // 2
        at = self._frame.row + part.top + row, self._frame.col + part.left + col
        down, across = (round((one + 0.5 - self._span / 2) / stride) * stride for one in at)
        return down, across

    def _seen(self, place: Place) -> Any:
        """The embedding of a view, or its pixels where it is not remembered."""
        if place in self._views:
            self._views.move_to_end(place)
            return self._views[place]
        side, pixel = self._model.side, self._frame.pixel
        return self._frame.raster.read(place[1] * pixel, place[0] * pixel, self._span * pixel, self._span * pixel, side, side).rgb

    def _remember(self, place: Place, embedding: Any) -> None:
        self._views[place] = embedding
        self._views.move_to_end(place)
        if len(self._views) > REMEMBERED:
            self._views.popitem(last=False)


def _ready(model: ClickModel) -> Sharing[Clicking]:
    from ..nets.clicking import clicking
    from ..nets.forms import quicken

    for _ in quicken(model):
        yield 0.0
    return clicking(model)


def _seeds(drawn: tuple[Part, list[Mask]], least: float) -> list[tuple[int, int]]:
    """The pixels (row, col) of a part to click next, where no mask covers it."""
    part, masks = drawn
    return list(_innermost(part.inside & ~_covered(masks, part.inside.shape), least))


def _innermost(ground: np.ndarray, least: float) -> Iterator[tuple[int, int]]:
    """The pixel (row, col) furthest from the border of each object of bool (h, w) ground, if it is `least` pixels from it."""
    depth = depth_of(ground)
    labels = told_apart(ground, depth=depth)
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
    return _cropped(Mask(rows, cols, there, inside, text, rank)) if text > 0.5 and rank > SURE else None


def _cropped(mask: Mask) -> Mask:
    """The same with a pixel around it at most: there may be thousands."""
    [place] = ndimage.find_objects(mask.inside.view(np.uint8))
    rows, cols = (slice(max(one.start - 1, 0), one.stop + 1) for one in place)
    logits, inside = mask.logits[rows, cols].copy(), mask.inside[rows, cols].copy()
    top, left = mask.rows.start + rows.start, mask.cols.start + cols.start
    return replace(mask, rows=slice(top, top + len(inside)), cols=slice(left, left + inside.shape[1]), logits=logits, inside=inside)


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
