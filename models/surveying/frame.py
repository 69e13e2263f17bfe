"""The pixel grid of a survey: that of the raster, or coarser, cut to the area that is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely
from affine import Affine
from shapely.affinity import affine_transform
from shapely.geometry import MultiPolygon, Polygon

from ..errors import AreaOutside
from .source import Source


@dataclass(frozen=True)
class Frame:
    """A window of survey pixels, each 2**level native pixels wide, counted from the raster's corner.

    `col`, `row`: its first pixel; `width`, `height`: how many. Frames: *frame* (col, row) count from its own corner, *survey* ones from the
    raster's, both in survey pixels; *native* ones are the raster's pixels.
    """

    raster: Source
    level: int
    col: int
    row: int
    width: int
    height: int

    @property
    def pixel(self) -> int:
        """Native pixels a survey pixel."""
        return 1 << self.level

    @property
    def to_native(self) -> Affine:
        return Affine.scale(self.pixel) @ Affine.translation(self.col, self.row)

    @property
    def to_map(self) -> Affine:
        return self.raster.transform @ self.to_native

    @property
    def pixel_area(self) -> float:
        """m2 of a survey pixel at the raster's centre; square native pixels without a CRS."""
        return self.raster.pixel_area * self.pixel**2

    @property
    def whole(self) -> tuple[int, int]:
        """Width and height of the whole raster in survey pixels; the last ones may hang over its border."""
        return math.ceil(self.raster.width / self.pixel), math.ceil(self.raster.height / self.pixel)

    def in_survey(self, area: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
        """An area in map coordinates as one in survey pixels."""
        return _in_pixels(area, self.raster, self.level)


def frame_of(raster: Source, level: int = 0, area: Polygon | MultiPolygon | None = None) -> Frame:
    """The frame that just holds an area (in the raster's CRS), or the whole raster. Raises AreaOutside where they share nothing."""
    pixel = 1 << level
    width, height = math.ceil(raster.width / pixel), math.ceil(raster.height / pixel)
    if area is None:
        return Frame(raster, level, 0, 0, width, height)
    shown = shapely.box(0, 0, raster.width / pixel, raster.height / pixel)
    met = shapely.intersection(shapely.make_valid(_in_pixels(area, raster, level)), shown)
    if not met.area > 0:
        raise AreaOutside(f"The area lies outside of {raster.path}.", path=raster.path)
    left, top, right, bottom = met.bounds
    col, row = math.floor(left), math.floor(top)
    return Frame(raster, level, col, row, math.ceil(right) - col, math.ceil(bottom) - row)


def _in_pixels(area: Polygon | MultiPolygon, raster: Source, level: int) -> Polygon | MultiPolygon:
    to_survey = Affine.scale(1 / (1 << level)) @ ~raster.transform
    return affine_transform(area, to_survey.to_shapely())
