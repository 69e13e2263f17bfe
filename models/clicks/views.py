"""The pixel windows that networks see, and the memory of those that were encoded.

Views lie on a grid fixed to the raster, so that two clicks near each other share an encoding, wherever the analyst looks from.
Frames: *native* (col, row) are the raster's pixels as floats, (0.5, 0.5) the centre of the first; *view* (x, y) are the view's.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from affine import Affine

from ..errors import ViewEmpty
from ..raster import Raster

FINEST = -2  # the finest level: a native pixel is enlarged four times, further it shows nothing new
VALID_AT_LEAST = 0.01  # of a view's pixels inside the raster
CACHE_BYTES = 512 << 20


@dataclass(frozen=True)
class View:
    """A square of side x side pixels, each 2**level native pixels wide; col and row count quarters of a side from the raster's
    corner."""

    level: int
    col: int
    row: int
    side: int

    @classmethod
    def around(cls, centre: tuple[float, float], level: int, side: int, quarters: int = 2) -> View:
        """The view whose own centre is nearest to a native position, of those that begin every so many quarters of a side."""
        step = side * 2.0**level * quarters / 4
        col, row = (math.floor(at / step - 2 / quarters + 0.5) * quarters for at in centre)
        return cls(level, col, row, side)

    @property
    def pixel(self) -> float:
        """Native pixels a view pixel."""
        return 2.0**self.level

    @property
    def span(self) -> float:
        """Native pixels a side."""
        return self.side * self.pixel

    @property
    def origin(self) -> tuple[float, float]:
        """Its upper left corner, native."""
        return self.col * self.span / 4, self.row * self.span / 4

    @property
    def to_native(self) -> Affine:
        return Affine.translation(*self.origin) @ Affine.scale(self.pixel)

    def from_native(self, positions: np.ndarray) -> np.ndarray:
        """(n, 2) native to (n, 2) view."""
        return (np.asarray(positions, float).reshape(-1, 2) - self.origin) / self.pixel

    def open_sides(self, raster: Raster) -> tuple[bool, bool, bool, bool]:
        """Whether the raster goes on beyond its left, top, right and bottom border."""
        left, top = self.origin
        return left > 0, top > 0, left + self.span < raster.width, top + self.span < raster.height


def coarsest(raster: Raster, side: int) -> int:
    """The level at which one view holds the whole raster."""
    return max(FINEST, math.ceil(math.log2(max(raster.width, raster.height) / side)) + 1)


@dataclass(frozen=True)
class Encoded:
    """A view as a model remembers it."""

    embedding: Any
    valid: np.ndarray  # bool (side, side): pixels with data

    @property
    def nbytes(self) -> int:
        return int(self.embedding.nbytes) + self.valid.nbytes


class Memory:
    """The most recently used values, as many as fit a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.nbytes = 0
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable) -> Any | None:
        """The value, which counts as used now, or None."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a value that has ``nbytes``, and let go of the oldest ones that no longer fit beside it."""
        former = self._values.pop(key, None)
        self._values[key] = value
        self.nbytes += int(value.nbytes) - (int(former.nbytes) if former is not None else 0)
        while self.nbytes > self.limit and len(self._values) > 1:
            self.nbytes -= int(self._values.popitem(last=False)[1].nbytes)

    def clear(self) -> None:
        self._values.clear()
        self.nbytes = 0


class ViewCache:
    """The encoded views of every raster and model, and the masks decoded in them."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._views = Memory(limit * 7 // 8)
        self.masks = Memory(limit // 8)

    @property
    def nbytes(self) -> int:
        return self._views.nbytes + self.masks.nbytes

    def __len__(self) -> int:
        return len(self._views)

    def known(self, raster: Raster, model: Any, view: View) -> Encoded | None:
        """The view if it is encoded already."""
        found: Encoded | None = self._views.get((raster, model.digest, view))
        return found

    def encoded(self, raster: Raster, model: Any, view: View) -> Encoded:
        """The view, read and encoded unless it is known.

        Raises ViewEmpty where the raster has no data in it, and what `Raster.read` raises.
        """
        found = self.known(raster, model, view)
        if found is None:
            pixels = raster.read(*view.origin, view.span, view.span, view.side, view.side)
            inside = _pixels_inside(view, raster)
            if np.count_nonzero(pixels.valid) < max(1.0, VALID_AT_LEAST * inside):
                raise ViewEmpty(f"{raster.path} has no data here.")
            found = Encoded(model.encode(pixels.rgb[None])[0], pixels.valid)
            self._views.put((raster, model.digest, view), found)
        return found

    def clear(self) -> None:
        self._views.clear()
        self.masks.clear()


def _pixels_inside(view: View, raster: Raster) -> float:
    """How many of the view's pixels lie in the raster."""
    left, top = view.origin
    across = min(left + view.span, raster.width) - max(left, 0)
    down = min(top + view.span, raster.height) - max(top, 0)
    return max(across, 0.0) * max(down, 0.0) / view.pixel**2
