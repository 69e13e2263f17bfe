"""A pair of rasters with the old map beside them, drawn window by window."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import rasterize

from ..raster import Pixels
from ..surveying.source import Source
from .drawn_from import DrawnFrom
from .old_map import NOTHING, MapPolygons

UNMAPPED, NONE = 0, 255  # of the map's channel: nothing is known; mapped, and none of the classes


class MappedPair(DrawnFrom):
    """A source with one more channel: what the map says, UNMAPPED, NONE, or 1 + index in CLASSES; small polygons lie on large ones.

    Around its polygons a map says NONE if it is of all classes that are asked for: a map of houses does not know where water is.
    """

    def __init__(self, pair: Source, polygons: MapPolygons, asked: Collection[str]) -> None:
        """asked: the classes of interest."""
        super().__init__(pair, pair)
        self.pair, self.polygons, self._asked = pair, polygons, tuple(sorted(asked))

    @property
    def files(self) -> tuple[str, ...]:
        return (*super().files, self.polygons.file)

    @property
    def identity(self) -> Any:
        return [self.pair.identity, self.polygons.digest, self._asked]

    def another(self) -> MappedPair:
        return MappedPair(self.pair.another(), self.polygons, self._asked)

    def read(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> Pixels:
        """uint8 (h, w, C + 1), the map last; valid as without it."""
        seen = self.pair.read(col, row, width, height, out_width, out_height)
        window = self.transform @ Affine.translation(col, row) @ Affine.scale(width / out_width, height / out_height)
        return Pixels(np.concatenate([seen.rgb, self._drawn(window, out_width, out_height)[..., None]], axis=-1), seen.valid)

    def _drawn(self, transform: Affine, width: int, height: int) -> np.ndarray:
        """uint8 (height, width)."""
        corners = [transform @ corner for corner in ((0, 0), (width, 0), (width, height), (0, height))]
        met = np.sort(self.polygons.tree.query(shapely.Polygon(corners), predicate="intersects"))
        shapes = [(self._mapped, NONE)] if self._mapped is not None else []
        codes = self.polygons.codes[met]
        values = np.where(codes == NOTHING, UNMAPPED, codes + 1)
        shapes += list(zip(self.polygons.outlines[met], values.tolist(), strict=True))
        if not shapes:
            return np.zeros((height, width), np.uint8)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            drawn: np.ndarray = rasterize(shapes, (height, width), fill=UNMAPPED, transform=transform, dtype=np.uint8)
        return drawn

    @cached_property
    def _mapped(self) -> shapely.Geometry | None:
        """The ground around the polygons; None where it tells nothing."""
        if not set(self._asked) <= set(self.polygons.classes):
            return None
        hull = shapely.convex_hull(shapely.GeometryCollection(list(self.polygons.outlines)))
        return hull if hull.area > 0 else None
