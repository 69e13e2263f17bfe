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

from ..nets.prompt import ClickModel, Decoded
from ..raster import Raster
from .candidates import Extent, Mask, extent_of
from .prompts import Box, Clicks, around
from .views import FINEST, View, ViewCache, coarsest

SCREEN_PIXELS = 512  # of the analyst's screen that a first view shows
FRAMED_AT_MOST = 0.5  # of a view's side that a framed object takes; levels being powers of two, it takes at least half of that
LOOKS = 8  # views that a click may use
WIDER = 3  # times a click looks wider: a river or a forest would else end in a view of the whole raster
NO_DATA = -16.0  # logit of a pixel without data


def first_view(extent: Box, pixel: float, raster: Raster, side: int) -> View:
    """The view nearest to the middle of the prompts whose pixels fit the analyst's screen, or wider to hold all prompts."""
    level = max(screen_level(pixel, raster, side), _framing_level(extent, side))
    return View.around(_middle(extent), min(level, coarsest(raster, side)), side)


@dataclass(frozen=True)
class Found:
    mask: Mask
    size: str  # the mask's, one of SIZES; "" from a model that sees but one
    others: tuple[str, ...]  # sizes that would look different


@dataclass
class Search:
    """The way from a first view to the mask that decides."""

    raster: Raster
    model: ClickModel
    cache: ViewCache
    clicks: Clicks
    size: str = ""  # one of SIZES; "" is the one likely meant
    known_only: bool = False  # use encoded views only
    warm: bool = True  # every view used was encoded before
    wider: int = 0  # times it looked wider

    def run(self, view: View) -> Generator[None, None, Found | None]:
        """What was found; None where `known_only` forbade even the first look."""
        likely = yield from self._likely(view)
        if likely is None:
            return None
        asked = self.mask(likely.view, self.size)
        same = np.array_equal(asked.logits, likely.logits)
        mask = likely if same else (yield from self._whole(asked))
        return Found(mask, asked.size, () if self.known_only else asked.others(self.clicks.within(likely.view)))

    def _likely(self, view: View) -> Generator[None, None, Mask | None]:
        """What is likely meant, in the view it wishes for."""
        looked: dict[View, Mask] = {}
        while view not in looked and len(looked) < LOOKS:
            if self._forbidden(view):
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

    def _whole(self, mask: Mask) -> Generator[None, None, Mask]:
        """A size that was asked for, seen wider where it runs over the border.

        A closer view would show parts of the part, and in a wider one the group may be but an object: so it is never seen closer,
        and in a wider view it is the candidate that looks the same.
        """
        self.wider = 0
        while extent := extent_of(mask, self.clicks.within(mask.view), self.raster):
            view = self._wider_view(mask.view, extent)
            if view == mask.view or self._forbidden(view):
                break
            yield
            mask = self.mask(view, self.size).like(mask)
        return mask

    def mask(self, view: View, size: str = "") -> Mask:
        """What the model answers in `view`: click by click, each with the mask before it, as it was trained and as the analyst
        clicked; the clicks made earlier were decoded then."""
        encoded = self.cache.known(self.raster, self.model, view)
        if encoded is None:
            self.warm = False
            encoded = self.cache.encoded(self.raster, self.model, view)
        mask: Mask | None = None
        for clicks in self.clicks.within(view).grown():
            key = (self.raster, self.model.digest, view, clicks, size if mask else "")  # first candidates serve all
            former, mask = mask, self.cache.masks.get(key)
            if mask is None:
                decoded = self.model.decode(encoded.embedding, clicks.prompt(None if former is None else former.logits))
                candidates = np.where(encoded.valid, decoded.candidates, np.float32(NO_DATA))
                mask = Mask(view, Decoded(candidates, decoded.scores), decoded.best)
                self.cache.masks.put(key, mask)
            mask = mask.of_size(size)
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
        if any(extent.sides_met):
            return self._wider_view(view, extent)
        whole = around(extent.box, self.clicks.extent)
        return View.around(_middle(whole), min(_framing_level(whole, view.side), top), view.side, quarters=1)

    def _wider_view(self, view: View, extent: Extent) -> View:
        """A view wider than `view` around what runs over its border; `view` itself where nothing does, or it was widened enough."""
        top = coarsest(self.raster, view.side)
        if not any(extent.sides_met) or self.wider == WIDER or view.level == top:
            return view
        self.wider += 1
        left, up, right, down = extent.sides_met
        across = (left and right) or (up and down)  # so it is much larger than the view
        return View.around(_middle(around(extent.box, self.clicks.extent)), min(view.level + 1 + across, top), view.side)

    def _forbidden(self, view: View) -> bool:
        return self.known_only and self.cache.known(self.raster, self.model, view) is None


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
