"""From strips of probability to objects: whole across strips, told apart where they touch, outlined, scored.

The answer does not depend on how high the strips are: a connected part is looked at once, whole, when it can no longer grow.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
import shapely
from affine import Affine
from rasterio import features
from scipy import ndimage
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon

from ..ground import areas
from ..protocol import OutlineOptions
from ..surveying.frame import Frame
from .components import LARGEST, Component, Components, Rows, joined_to, large_polygon
from .hands import Hands
from .outlines import cleaned, contour, on_map
from .shares import Pace, Sharing, within, without_pauses
from .splitting import COUNTABLE, told_apart
from .tone import Tone

HALF = 128  # of uint8 probability (1 + 254 p): the least value that is rather inside than not
FAINTER = 0.6  # of a weak object's own highest probability: where its outline runs
SMALLEST = 12  # survey pixels: less is noise
BLOCK, AROUND = 1024, 128  # survey pixels that countable objects of a large part are told apart in, and those seen around them
HANDFUL = 32  # components that are drawn before another thread hears of it
REFINING = 0.9  # of the time that some objects take, where clicks draw them; the rest is for their outlines


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
    score: float  # 0..1, mean probability of the class

    @property
    def probability(self) -> np.ndarray:
        """float32 (h, w), 0.5 where the object ends; neighbours are mirrored, so that a shared border runs between their pixels."""
        own = self.values / np.float32(2 * self.level - 1)
        other = (self.values >= self.level) & ~self.inside
        return np.where(other, 1 - own, own)


class Block(NamedTuple):
    """A part of a large component that begins at `top` and `left`, with what surrounds it."""

    top: int
    left: int
    part: Part

    def own(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Those whose middle lies in the block."""
        for part in parts:
            row, col = (float(at.mean()) for at in np.nonzero(part.inside))
            if self.top <= part.top + row < self.top + BLOCK and self.left <= part.left + col < self.left + BLOCK:
                yield replace(part, score=self.part.score)


class Shape(NamedTuple):
    outline: Polygon | MultiPolygon  # in the frame
    score: float


class Refiner(Protocol):
    """Draws objects anew where they are COUNTABLE: by the click head, see `refine`."""

    def apart(self, parts: Sequence[Part]) -> Sharing[list[list[Part]]]:
        """The single objects of each connected part, at least one; those of a part depend on that part alone."""
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
        parted: bool | None = None,
        rows: Rows | None = None,
        smallest: int = SMALLEST,
    ) -> None:
        """Objects at 0.5 and above, and as weak ones those that reach `floor` (0..0.5) and nowhere 0.5.

        Objects whose box is beyond `largest` pixels are never held as a mask. `parted`: whether those that touch are told apart; without
        it those of COUNTABLE classes are. `rows`: where strips are looked up again, for who holds them already. `smallest`: survey pixels
        of an object.
        """
        self.frame, self.class_name, self._options, self._refiner = frame, class_name, options, refiner
        self._smallest = smallest
        self._parted = class_name in COUNTABLE if parted is None else parted
        self._rows = Rows() if rows is None else rows
        self._strong = Components(self._rows, HALF, largest=largest)
        self._floor = math.ceil(1 + 254 * floor)
        self._weak = Components(self._rows, self._floor, limit=HALF, largest=largest) if self._floor < HALF else None

    @property
    def is_idle(self) -> bool:
        """Whether no object may go on in the next strip: strips without any may then be left out."""
        return not self._strong.is_growing and not (self._weak and self._weak.is_growing)

    def take(self, strip_row: int, plane: np.ndarray) -> list[Instance]:
        """uint8 (rows, width), 0 = nothing known, 1 + 254 p otherwise -> the objects that can no longer grow, from top to bottom.

        Strips follow each other without a gap; `strip_row` is the first row in the frame.
        """
        return without_pauses(self.taking(strip_row, plane))

    def finish(self) -> list[Instance]:
        """The objects that the last row cut."""
        return without_pauses(self.finishing())

    def taking(self, strip_row: int, plane: np.ndarray) -> Sharing[list[Instance]]:
        """As `take`, with pauses: to draw the objects of a strip anew may take a minute."""
        self._rows.add(strip_row, plane)
        strong = self._strong.take(strip_row, plane)
        weak = self._weak.take(strip_row, plane) if self._weak else []
        found = yield from self._instances(strong, weak)
        needed = [parts.first_needed for parts in (self._strong, self._weak) if parts is not None]
        self._rows.forget(min(first for first in (*needed, strip_row + len(plane)) if first is not None) - 1)
        return found

    def finishing(self) -> Sharing[list[Instance]]:
        """As `finish`, with pauses."""
        return self._instances(self._strong.finish(), self._weak.finish() if self._weak else [])

    def _instances(self, strong: list[Component], weak: list[Component]) -> Sharing[list[Instance]]:
        ended = [(one, least) for some, least in ((strong, HALF), (weak, 0)) for one in some if one.count >= self._smallest]
        ended.sort(key=lambda pair: (pair[0].order, -pair[1]))
        clicked = self._refiner is not None and self._parted
        start = REFINING if clicked else 0.0
        refined = (yield from within(0.0, start, self._refined([one for one, level in ended if level]))) if clicked else {}
        shapes: list[Shape] = []
        pace = Pace()
        with Hands() as hands:  # a thread of its own: a single object may be a whole town
            done = 0
            handfuls = (ended[at : at + HANDFUL] for at in range(0, len(ended), HANDFUL))
            for some in hands.each(lambda few: [one for pair in few for one in self._shapes(hands, *pair, refined)], handfuls):
                if some is not None:
                    shapes += some
                    done += HANDFUL
                if pace.is_due():
                    yield start + (1 - start) * min(1.0, done / len(ended))
        return self._placed(shapes)

    def _shapes(self, hands: Hands, component: Component, level: int, refined: dict[int, list[Part]]) -> Iterator[Shape]:
        if component.is_large and not (self._parted and level):
            yield self._large(component)
            return
        for part in refined[id(component)] if id(component) in refined else self._parts(component, weak=not level):
            hands.check_stopped()
            outline = contour(part.probability, self._options, self.frame.pixel_area)
            if outline is not None:
                yield Shape(translate(outline, part.left, part.top), part.score)

    def _large(self, component: Component) -> Shape:
        stairs, options = large_polygon(component), replace(self._options, right_angles=False)
        return Shape(cleaned(stairs, options, self.frame.pixel_area), component.score)

    def _placed(self, shapes: list[Shape]) -> list[Instance]:
        outlines = on_map(np.array([shape.outline for shape in shapes], object), self.frame.to_map)
        raster = self.frame.raster
        sizes = areas(outlines, raster.crs) if raster.crs else shapely.area(outlines) / abs(raster.transform.determinant)
        return [
            Instance(outline, shape.score, self.class_name, float(size))
            for outline, shape, size in zip(outlines, shapes, sizes, strict=True)
        ]

    def _parts(self, component: Component, weak: bool) -> Iterator[Part]:
        if component.is_large:
            for block in self._blocks(component):
                yield from block.own(_apart(block.part))
        elif weak:
            yield _weak_part(*self._seen(component), component, self._floor)
        else:
            whole = self._whole(component)
            yield from _apart(whole) if self._parted else (whole,)

    def _refined(self, components: list[Component]) -> Sharing[dict[int, list[Part]]]:
        """The parts of each, by its identity, as the refiner draws them."""
        if self._refiner is None:
            return {}
        held = [one for one in components if not one.is_large]
        refined = yield from self._refiner.apart([self._whole(one) for one in held])
        parts = {id(one): found for one, found in zip(held, refined, strict=True)}
        for component in (one for one in components if one.is_large):
            parts[id(component)] = []
            for block in self._blocks(component):
                [found] = yield from within(1.0, 1.0, self._refiner.apart([block.part]))
                parts[id(component)] += block.own(found)
        return parts

    def _whole(self, component: Component) -> Part:
        top, left, values = self._seen(component)
        inside = joined_to(values >= HALF, component.row - top, component.col - left)
        return Part(top, left, values, inside, HALF, _mean(values[inside]))

    def _seen(self, component: Component) -> tuple[int, int, np.ndarray]:
        """The first row and column of a component and its surroundings, and the values there."""
        top, left = component.top - 1, component.left - 1
        return top, left, self._rows.crop(top, left, component.bottom + 1, component.right + 1)

    def _blocks(self, component: Component) -> Iterator[Block]:
        """A large component block by block of a grid fixed to the raster: a town whose houses all touch.

        What was held of it are its edges, so its objects have its score.
        """
        stairs = large_polygon(component)
        first_row = component.top - (component.top + self.frame.row) % BLOCK
        first_col = component.left - (component.left + self.frame.col) % BLOCK
        for top, left in itertools.product(range(first_row, component.bottom, BLOCK), range(first_col, component.right, BLOCK)):
            inside = _drawn_from(stairs, top - AROUND, left - AROUND, BLOCK + 2 * AROUND)
            if inside.any():
                values = np.where(inside, np.uint8(255), np.uint8(0))
                yield Block(top, left, Part(top - AROUND, left - AROUND, values, inside, HALF, component.score))


def _drawn_from(stairs: Polygon | MultiPolygon, top: int, left: int, side: int) -> np.ndarray:
    """bool (side, side): the pixels inside a polygon along pixel edges; none in the outermost rows and columns."""
    clipped = shapely.clip_by_rect(stairs, left + 1, top + 1, left + side - 1, top + side - 1)
    if clipped.is_empty:
        return np.zeros((side, side), bool)
    drawn: np.ndarray = features.rasterize([clipped], (side, side), transform=Affine.translation(left, top), dtype=np.uint8)
    return drawn.astype(bool)


def _apart(whole: Part) -> Iterator[Part]:
    """The objects that a part's narrow places tell apart."""
    labels = told_apart(whole.inside)
    for label, place in enumerate(ndimage.find_objects(labels), start=1):
        rows, cols = (slice(one.start - 1, one.stop + 1) for one in place)
        values, own = whole.values[rows, cols], labels[rows, cols] == label
        if own.sum() >= SMALLEST:
            yield Part(whole.top + rows.start, whole.left + cols.start, values, own, HALF, _mean(values[own]))


def _weak_part(top: int, left: int, values: np.ndarray, component: Component, floor: int) -> Part:
    """What surrounds the highest probability of a weak object, down to FAINTER of it; never below the floor."""
    whole = joined_to(values >= floor, component.row - top, component.col - left)
    row, col = np.unravel_index(np.where(whole, values, 0).argmax(), values.shape)
    level = max(floor, math.ceil(1 + FAINTER * (int(values[row, col]) - 1)))
    inside = joined_to(whole & (values >= level), int(row), int(col))
    return Part(top, left, values, inside, level, _mean(values[inside]))


def _mean(values: np.ndarray) -> float:
    """0..1, of uint8 probabilities."""
    return (float(values.mean()) - 1) / 254
