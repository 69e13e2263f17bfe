"""A pair with what near infrared says about water beside its colours, and who listens to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from ..classes import CLASSES
from ..raster import Pixels
from ..surveying.lanes import Looker
from ..surveying.source import Source
from .drawn_from import DrawnFrom
from .water_index import WaterIndex, logits_of

WATER = "water"
SOLID = ("building", "road", "solar panel", "car")  # may be as dark in infrared as water is, and look like themselves
# What looks SOLID by more than FIRM and unlike water by more than UNLIKE, logits above and below 0, is none: ponds look like fields, not
# like roofs, so that this takes little of them.
FIRM, UNLIKE = 1.0, 4.0


class Asked(Protocol):
    def __call__(self, classes: Sequence[int], *, alone: Sequence[int]) -> Looker:
        """alone: of which classes it says how they look, and not whether they changed."""


class WaterPair(DrawnFrom):
    """A source with two more channels: logits of water before and after, see `water_index.logits_of`."""

    def __init__(self, pair: Source, bands: Source, index: WaterIndex) -> None:
        """bands: on the pair's grid, green and near infrared of both dates."""
        super().__init__(pair, pair, bands)
        self.pair, self._bands, self._index = pair, bands, index

    @property
    def identity(self) -> Any:
        return [self.pair.identity, self._bands.identity, self._index.threshold, self._index.brightest]

    def another(self) -> WaterPair:
        return WaterPair(self.pair.another(), self._bands.another(), self._index)

    def read(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> Pixels:
        """uint8 (h, w, C + 2); valid where the pair and the bands are."""
        window = (col, row, width, height, out_width, out_height)
        seen, values = self.pair.read(*window), self._bands.read(*window)
        return Pixels(np.concatenate([seen.rgb, self._index.bytes_of(values.rgb)], axis=-1), seen.valid & values.valid)


def listening(asked: Asked, classes: Sequence[int]) -> Looker:
    """Looks at the views of a `WaterPair` of six or, with the old map, seven channels, and says what `looker.pair_looker` says of the same
    classes, indices in CLASSES; water's opinions are the index's, and what looks like a roof or a road is none.

    asked: gives the network, which looks at the pair without the index.
    """
    water = CLASSES.index(WATER)
    every = (*classes, *(CLASSES.index(name) for name in SOLID if CLASSES.index(name) not in classes))
    inner = asked(every, alone=tuple(one for one in every if one == water or one not in classes))
    wet, solid = every.index(water), [every.index(CLASSES.index(name)) for name in SOLID]
    kept, count = len(classes), len(every)

    def look(views: np.ndarray) -> np.ndarray:
        import torch

        from ..nets.comparing import TRUST, either, mapped

        logits = inner.look(np.ascontiguousarray(views[..., :-2]))
        dates = [logits[:, 1 : 1 + count], logits[:, 1 + count :]]
        told = [_told(logits_of(views[..., at]), date[:, wet], date[:, solid]) for at, date in zip((-2, -1), dates, strict=True)]
        if views.shape[-1] > 8:
            told[0] = told[0] + TRUST * mapped(torch.from_numpy(views[..., 6].copy()), torch.tensor([water]))[:, 0].numpy()
        changed = either(*(torch.from_numpy(one) for one in told)).numpy()
        for date, opinion in zip(dates, told, strict=True):
            date[:, wet] = opinion
        return np.concatenate([np.maximum(logits[:, :1], changed[:, None]), *(date[:, :kept] for date in dates)], axis=1)

    return replace(inner, channels=1 + 2 * kept, key=f"{inner.key} {kept} by index", look=look)


def _told(index: np.ndarray, colours: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """float32 (n, h, w) logits of water by the index and by its colours, and (n, s, h, w) of what is solid -> (n, h, w)."""
    seen: np.ndarray = np.minimum(index, np.maximum(np.float32(FIRM) - solid.max(axis=1), colours + np.float32(UNLIKE)))
    return seen
