"""What the analyst pointed at: clicks and a box, checked, in the frame of the raster or of a view."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..errors import ClickOutside, RequestInvalid
from ..nets.prompt import Prompt
from ..protocol import SIZES, Click
from ..raster import Raster
from .views import View

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom, in whatever frame


@dataclass(frozen=True)
class Clicks:
    """At least one point that adds, or a box; in native pixels unless `within` made them."""

    points: tuple[Point, ...]
    labels: tuple[int, ...]  # 1 adds, 0 removes
    box: Box | None = None

    @property
    def added(self) -> list[Point]:
        return [point for point, label in zip(self.points, self.labels, strict=True) if label]

    @property
    def extent(self) -> Box:
        """Around the box and every point that adds."""
        return around(*([(*point, *point) for point in self.added] + ([self.box] if self.box else [])))

    def within(self, view: View) -> Clicks:
        """In the frame of `view`, without the points that lie outside of it."""
        at = view.from_native(self.points)
        kept = np.flatnonzero(((at >= 0) & (at <= view.side)).all(axis=1))
        box = None
        if self.box:
            left, top, right, bottom = np.clip(view.from_native(self.box).ravel(), 0, view.side).tolist()
            box = (left, top, right, bottom)
        return Clicks(tuple((float(x), float(y)) for x, y in at[kept]), tuple(self.labels[n] for n in kept), box)

    def grown(self) -> Iterator[Clicks]:
        """As the analyst made them: the box, if there is one, or the first point that adds, then one point more each time."""
        first = 0 if self.box else self.labels.index(1) + 1
        for count in range(first, len(self.points) + 1):
            yield replace(self, points=self.points[:count], labels=self.labels[:count])

    def prompt(self, previous: np.ndarray | None) -> Prompt:
        """For a network; `previous` are the logits of the mask before the last point."""
        points = np.array(self.points, np.float32).reshape(-1, 2)
        box = None if self.box is None else np.array(self.box, np.float32)
        return Prompt(points, np.array(self.labels, np.int64), box, previous)


def around(*boxes: Box) -> Box:
    """The smallest box around boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def clicks_of(click: Click, raster: Raster) -> Clicks:
    """A request's points and box in native pixels. Raises RequestInvalid and ClickOutside."""
    numbers = [*(value for point in click.points for value in point), *(click.box or ()), click.pixel]
    if not all(math.isfinite(number) for number in numbers):
        raise RequestInvalid("A click's coordinates are not finite numbers.")
    if len(click.labels) != len(click.points) or not set(click.labels) <= {0, 1}:
        raise RequestInvalid("Every point of a click needs the label 1 (adds) or 0 (removes).")
    if click.box is None and 1 not in click.labels:
        raise RequestInvalid("A click needs a point that adds, or a box.", "Click on the object first.")
    if click.size not in ("", *SIZES):
        raise RequestInvalid(f"{click.size!r} is no size of an object.", f"There are {', '.join(SIZES)}.")
    points = tuple(raster.to_pixel(*point) for point in click.points)
    for point, (x, y) in zip(points, click.points, strict=True):
        if not raster.contains(*point):
            raise ClickOutside(f"The click at {x:.10g}, {y:.10g} is outside the raster.", x=x, y=y)
    return Clicks(points, tuple(click.labels), None if click.box is None else _box_inside(click.box, raster))


def native_box(extent: tuple[float, ...], raster: Raster) -> Box:
    """The native box around an extent (xmin, ymin, xmax, ymax) in map coordinates. Raises RequestInvalid."""
    if len(extent) != 4 or not all(math.isfinite(number) for number in extent):
        raise RequestInvalid("A box needs four finite numbers.")
    x0, y0, x1, y1 = extent
    return around(*((*corner, *corner) for corner in (raster.to_pixel(x, y) for x in (x0, x1) for y in (y0, y1))))


def inside(box: Box, raster: Raster) -> Box | None:
    """The part of a native box that lies in the raster."""
    left, top, right, bottom = max(box[0], 0.0), max(box[1], 0.0), min(box[2], raster.width), min(box[3], raster.height)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _box_inside(extent: tuple[float, ...], raster: Raster) -> Box:
    box = inside(native_box(extent, raster), raster)
    if box is None:
        raise ClickOutside("The box is outside the raster.")
    return box
