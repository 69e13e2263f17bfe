"""One axis of a window that may hang over a raster's border, cut into pieces that lie inside."""

from __future__ import annotations

import math
from dataclasses import dataclass

NEGLIGIBLE = 1e-6  # of an output pixel: rounding, not picture


@dataclass(frozen=True)
class Span:
    """Native pixels [offset, offset + length) fill the output pixels [start, stop)."""

    offset: float
    length: float
    start: int
    stop: int

    @property
    def out(self) -> slice:
        return slice(self.start, self.stop)

    def pieces(self, longest: float) -> list[Span]:
        """The same in pieces of whole output pixels and at most `longest` native pixels each, but at least one output pixel."""
        scale = self.length / (self.stop - self.start)
        step = max(1, int(longest / scale))
        starts = range(self.start, self.stop, step)
        stops = [*starts[1:], self.stop]
        return [
            Span(self.offset + (start - self.start) * scale, (stop - start) * scale, start, stop)
            for start, stop in zip(starts, stops, strict=True)
        ]


def cut(offset: float, length: float, out: int, limit: int) -> list[Span]:
    """Cut the window [offset, offset + length) shown as `out` output pixels at 0 and at `limit`, the raster's size.

    Output pixels wholly inside form one span at the window's own scale; a border that cuts an output pixel makes a span of
    that one pixel and of the part of it inside, so that no pixel is shifted to make the ends meet. Empty where all is outside.
    """
    scale = length / out
    edges = {0.0, float(out)}
    for border in (0.0, float(limit)):
        at = (border - offset) / scale
        if abs(at - round(at)) < NEGLIGIBLE:
            edges.add(float(round(at)))
        else:
            edges.update((float(math.floor(at)), float(math.ceil(at))))
    ordered = sorted(edge for edge in edges if 0 <= edge <= out)
    spans = []
    for start, stop in zip(ordered[:-1], ordered[1:], strict=True):
        low, high = max(0.0, offset + start * scale), min(float(limit), offset + stop * scale)
        if high - low > NEGLIGIBLE * scale:
            spans.append(Span(low, high - low, int(start), int(stop)))
    return spans
