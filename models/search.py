"""The way from a first view to the mask that decides.

The answer should not depend on where the analyst looks from. So the first view follows the screen, but every mask then wishes for
a view of its own: wider where the object runs over the border, closer where there is nothing to see, else the one view that shows
the object at about a third of its side. The mask that wishes for the view it was seen in decides.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .nets.prompt import ClickModel
from .outlines import CLICK_REACH
from .prompts import Box, Clicks, around
from .raster import Raster
from .views import FINEST, View, ViewCache, coarsest

SCREEN_PIXELS = 512  # of the analyst's screen that a first view shows
FRAMED_AT_MOST = 0.5  # of a view's side that a framed object takes; levels being powers of two, it takes at least half of that
LOOKS = 8  # views that a click may use
WIDER = 3  # times a click looks wider: a river or a forest would else end in a view of the whole raster
NO_DATA = -16.0  # logit of a pixel without data


@dataclass(frozen=True)
class Mask:
    """What a model answers in one view."""

    view: View
    logits: np.ndarray  # float32 (side, side), NO_DATA where the raster has none
    score: float  # 0..1: the IoU with the truth that the model expects

    @property
    def nbytes(self) -> int:
        return self.logits.nbytes


@dataclass(frozen=True)
class Extent:
    """Where in its view the object lies that the prompts mean."""

    box: Box  # native frame
    sides_met: tuple[bool, bool, bool, bool]  # left, top, right, bottom: it runs on over a border where the raster runs on


def first_view(extent: Box, pixel: float, raster: Raster, side: int) -> View:
    """The view nearest to the middle of the prompts whose pixels fit the analyst's screen, or wider to hold all prompts."""
    level = max(screen_level(pixel, raster, side), _framing_level(extent, side))
    return View.around(_middle(extent), min(level, coarsest(raster, side)), side)


@dataclass
class Search:
    """The way from a first view to the mask that decides."""

    raster: Raster
    model: ClickModel
    cache: ViewCache
    clicks: Clicks
    known_only: bool = False  # use encoded views only
    warm: bool = True  # every view used was encoded before
    wider: int = 0  # times it looked wider

    def run(self, view: View) -> Generator[None, None, Mask | None]:
        """The mask that decides; None where `known_only` forbade even the first look."""
        looked: dict[View, Mask] = {}
        while view not in looked and len(looked) < LOOKS:
            if self.known_only and self.cache.known(self.raster, self.model, view) is None:
                self.warm = self.warm and bool(looked)
                break
            looked[view] = self.mask(view)
            yield
            view = self.wish(looked[view])
        masks = list(looked.values())
        if view in looked:  # two looks may wish for each other
            masks = masks[list(looked).index(view) :]
            return max(masks, key=lambda mask: (bool((mask.logits > 0).any()), mask.score))
        return masks[-1] if masks else None

    def mask(self, view: View) -> Mask:
        """What the model answers in `view`: click by click, each with the mask before it, as it was trained and as the analyst
        clicked; the clicks made earlier were decoded then."""
        encoded = self.cache.known(self.raster, self.model, view)
        if encoded is None:
            self.warm = False
            encoded = self.cache.encoded(self.raster, self.model, view)
        mask: Mask | None = None
        for clicks in self.clicks.within(view).grown():
            key = (self.raster, self.model.digest, view, clicks)
            former, mask = mask, self.cache.masks.get(key)
            if mask is None:
                decoded = self.model.decode(encoded.embedding, clicks.prompt(None if former is None else former.logits))
                mask = Mask(view, np.where(encoded.valid, decoded.logits, np.float32(NO_DATA)), float(decoded.score))
                self.cache.masks.put(key, mask)
        if mask is None:
            raise ValueError("a view was chosen that shows none of the prompts")
        return mask

    def wish(self, mask: Mask) -> View:
        """The view that a mask would rather be seen in; its own where there is none better."""
        view, top = mask.view, coarsest(self.raster, mask.view.side)
        extent = extent_of(mask, self.clicks.within(view), self.raster)
        if extent is None:
            closer = max(view.level - 1, FINEST, _framing_level(self.clicks.extent, view.side))
            return view if closer >= view.level else View.around(_middle(self.clicks.extent), closer, view.side)
        whole = around(extent.box, self.clicks.extent)
        if not any(extent.sides_met):
            return View.around(_middle(whole), min(_framing_level(whole, view.side), top), view.side, quarters=1)
        if self.wider == WIDER or view.level == top:
            return view
        self.wider += 1
        left, up, right, down = extent.sides_met
        across = (left and right) or (up and down)  # so it is much larger than the view
        return View.around(_middle(whole), min(view.level + 1 + across, top), view.side)


def extent_of(mask: Mask, clicks: Clicks, raster: Raster) -> Extent | None:
    """Where the components of a mask lie that a click adds, or else the largest; `clicks` in the view's frame."""
    labels, count = ndimage.label(mask.logits > 0)
    if not count:
        return None
    edge = mask.view.side - 1
    hit = set().union(*(_labels_at(labels, min(int(x), edge), min(int(y), edge)) for x, y in clicks.added))
    meant = np.isin(labels, list(hit or {int(np.bincount(labels.ravel())[1:].argmax()) + 1}))
    columns, rows = np.flatnonzero(meant.any(axis=0)), np.flatnonzero(meant.any(axis=1))
    met = (columns[0] == 0, rows[0] == 0, columns[-1] == edge, rows[-1] == edge)
    left, top = mask.view.to_native @ (float(columns[0]), float(rows[0]))
    right, bottom = mask.view.to_native @ (float(columns[-1] + 1), float(rows[-1] + 1))
    left_open, top_open, right_open, bottom_open = mask.view.open_sides(raster)
    met = (bool(met[0] and left_open), bool(met[1] and top_open), bool(met[2] and right_open), bool(met[3] and bottom_open))
    return Extent((left, top, right, bottom), met)


def _labels_at(labels: np.ndarray, x: int, y: int) -> set[int]:
    """The component at a pixel, or those within CLICK_REACH of it: a mask may miss the very pixel clicked."""
    if labels[y, x]:
        return {int(labels[y, x])}
    near = labels[max(0, y - CLICK_REACH) : y + CLICK_REACH + 1, max(0, x - CLICK_REACH) : x + CLICK_REACH + 1]
    return {int(label) for label in np.unique(near)} - {0}


def screen_level(pixel: float, raster: Raster, side: int) -> int:
    """The level at which a view shows SCREEN_PIXELS screen pixels of `pixel` map units each; 0 stands for the raster's own."""
    enlargement = pixel / raster.pixel_size if pixel > 0 else 1.0
    level = round(math.log2(SCREEN_PIXELS * enlargement / side))
    return max(FINEST, min(level, coarsest(raster, side)))


def _framing_level(box: Box, side: int) -> int:
    """The finest level at which a native box takes no more than FRAMED_AT_MOST of a view's side."""
    longest = max(box[2] - box[0], box[3] - box[1], 1e-9)
    return max(FINEST, math.ceil(math.log2(longest / (FRAMED_AT_MOST * side))))


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
