"""From strips of probability to objects: whole across strips, told apart where they touch, outlined, scored.

The answer does not depend on how high the strips are: a connected part is looked at once, whole, when it can no longer grow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from scipy import ndimage
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon

from .components import LARGEST, Component, Components, Rows, joined_to, large_polygon
from .frame import Frame
from .outlines import cleaned, contour, on_map
from .protocol import OutlineOptions
from .splitting import COUNTABLE, parted
from .tone import Tone

HALF = 128  # of uint8 probability (1 + 254 p): the least value that is rather inside than not
FAINTER = 0.6  # of a weak object's own highest probability: where its outline runs
SMALLEST = 12  # survey pixels: less is noise


@dataclass(frozen=True, eq=False)
class Instance:
    """One object of a class, in map coordinates."""

    outline: Polygon | MultiPolygon  # valid
    score: float  # 0..1, the mean probability of its pixels; below 0.5 it is a weak one
    class_name: str
    area: float  # m2, geodesic; square native pixels without a CRS
    tone: Tone | None = None  # filled in by who needs it, see `tone.tone_of`


@dataclass(frozen=True)
class Part:
    """The pixels of one object, with at least a pixel of what surrounds them on every side."""

    top: int  # of the first pixel, in the frame; may be -1
    left: int
    values: np.ndarray  # uint8 (h, w) probability as in a strip
    inside: np.ndarray  # bool (h, w)
    level: int  # value from which on pixels may belong to it

    @property
    def score(self) -> float:
        return (float(self.values[self.inside].mean()) - 1) / 254

    @property
    def probability(self) -> np.ndarray:
        """float32 (h, w), 0.5 where the object ends; neighbours are mirrored, so that a shared border runs between their pixels."""
        own = self.values / np.float32(2 * self.level - 1)
        other = (self.values >= self.level) & ~self.inside
        return np.where(other, 1 - own, own)


class Shape(NamedTuple):
    outline: Polygon | MultiPolygon  # in the frame
    score: float


class Refiner(Protocol):
    """Draws objects anew: by the click head, see `refine`."""

    def refine(self, parts: Sequence[Part]) -> list[Part]:
        """The same objects in the same order, each whatever else is among them."""
        ...


class Gatherer:
    """The objects of one class in a plane of probability that comes from top to bottom."""

    def __init__(
        self,
        frame: Frame,
        class_name: str,
        options: OutlineOptions,
        floor: float = 0.25,
        refiner: Refiner | None = None,
        largest: int = LARGEST,
    ) -> None:
        """Objects at 0.5 and above, and as weak ones those that reach `floor` (0..0.5) and nowhere 0.5.

        Objects whose box is beyond `largest` pixels are never held as a mask.
        """
        self.frame, self.class_name, self._options, self._refiner = frame, class_name, options, refiner
        self._rows = Rows()
        self._strong = Components(self._rows, HALF, largest=largest)
        self._floor = math.ceil(1 + 254 * floor)
        self._weak = Components(self._rows, self._floor, limit=HALF, largest=largest) if self._floor < HALF else None

    def take(self, strip_row: int, plane: np.ndarray) -> list[Instance]:
        """uint8 (rows, width), 0 = nothing known, 1 + 254 p otherwise -> the objects that can no longer grow, from top to bottom.

        Strips follow each other without a gap; `strip_row` is the first row in the frame.
        """
        self._rows.add(strip_row, plane)
        strong = self._strong.take(strip_row, plane)
        weak = self._weak.take(strip_row, plane) if self._weak else []
        found = self._instances(strong, weak)
        needed = [parts.first_needed for parts in (self._strong, self._weak) if parts is not None]
        self._rows.forget(min(first for first in (*needed, strip_row + len(plane)) if first is not None) - 1)
        return found

    def finish(self) -> list[Instance]:
        """The objects that the last row cut."""
        return self._instances(self._strong.finish(), self._weak.finish() if self._weak else [])

    def _instances(self, strong: list[Component], weak: list[Component]) -> list[Instance]:
        ended = sorted([(one, HALF) for one in strong] + [(one, 0) for one in weak], key=lambda pair: (pair[0].order, -pair[1]))
        shapes: list[Shape | Part] = []
        for component, level in ended:
            if component.count < SMALLEST:
                continue
            if component.is_large:
                shapes.append(self._large(component))
            else:
                shapes.extend(self._parts(component, weak=not level))
        parts = [shape for shape in shapes if isinstance(shape, Part)]
        refined = iter(self._refiner.refine(parts) if self._refiner and parts else parts)
        drawn = [self._drawn(next(refined)) if isinstance(shape, Part) else shape for shape in shapes]
        return self._placed([shape for shape in drawn if shape is not None])

    def _large(self, component: Component) -> Shape:
        stairs, options = large_polygon(component), replace(self._options, right_angles=False)
        return Shape(cleaned(stairs, options, self.frame.pixel_area), (component.total / component.count - 1) / 254)

    def _drawn(self, part: Part) -> Shape | None:
        outline = contour(part.probability, self._options, self.frame.pixel_area)
        return None if outline is None else Shape(translate(outline, part.left, part.top), part.score)

    def _placed(self, shapes: list[Shape]) -> list[Instance]:
        outlines = on_map(np.array([shape.outline for shape in shapes], object), self.frame.to_map)
        areas = [self.frame.raster.square_metres(outline) for outline in outlines]
        return [Instance(outline, shape.score, self.class_name, area) for outline, shape, area in zip(outlines, shapes, areas, strict=True)]

    def _parts(self, component: Component, weak: bool) -> Iterator[Part]:
        top, left = component.top - 1, component.left - 1
        values = self._rows.crop(top, left, component.bottom + 1, component.right + 1)
        if weak:
            yield _weak_part(top, left, values, component, self._floor)
            return
        inside = joined_to(values >= HALF, component.row - top, component.col - left)
        if self.class_name not in COUNTABLE:
            yield Part(top, left, values, inside, HALF)
            return
        labels = parted(inside)
        for label, place in enumerate(ndimage.find_objects(labels), start=1):
            rows, cols = (slice(one.start - 1, one.stop + 1) for one in place)
            own = labels[rows, cols] == label
            if own.sum() >= SMALLEST:
                yield Part(top + rows.start, left + cols.start, values[rows, cols], own, HALF)


def _weak_part(top: int, left: int, values: np.ndarray, component: Component, floor: int) -> Part:
    """What surrounds the highest probability of a weak object, down to FAINTER of it; never below the floor."""
    whole = joined_to(values >= floor, component.row - top, component.col - left)
    row, col = np.unravel_index(np.where(whole, values, 0).argmax(), values.shape)
    level = max(floor, math.ceil(1 + FAINTER * (int(values[row, col]) - 1)))
    return Part(top, left, values, joined_to(whole & (values >= level), int(row), int(col)), level)
