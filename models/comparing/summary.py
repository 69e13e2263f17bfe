"""How much changed: by kind, and from which class to which."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..protocol import KINDS, FromTo, KindFound

if TYPE_CHECKING:
    from .objects import Changed


def kinds_found(changes: Iterable[Changed], threshold: float) -> tuple[KindFound, ...]:
    """Of changes with at least that score, every one of KINDS in their order."""
    strong = list(_strong(changes, threshold))
    by_kind = {kind: [one.area for one in strong if one.kind == kind] for kind in KINDS}
    return tuple(KindFound(kind, len(areas), _sum(areas)) for kind, areas in by_kind.items())


def from_to(changes: Iterable[Changed], threshold: float) -> tuple[FromTo, ...]:
    """Of changes with at least that score, every pair of classes that there is; the largest area first."""
    pairs: dict[tuple[str, str], list[float]] = {}
    for one in _strong(changes, threshold):
        pairs.setdefault((one.from_class, one.to_class), []).append(one.area)
    found = [FromTo(was, now, len(areas), _sum(areas)) for (was, now), areas in pairs.items()]
    return tuple(sorted(found, key=lambda one: (-one.area, one.from_class, one.to_class)))


def csv_text(matrix: Sequence[FromTo], metric: bool) -> str:
    """A table of every pair of classes, with a header that names the unit: m2, or square pixels without a CRS."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("from_class", "to_class", "count", "area_m2" if metric else "area_square_pixels"))
    writer.writerows((one.from_class, one.to_class, one.count, f"{one.area:.1f}") for one in matrix)
    return text.getvalue()


def _strong(changes: Iterable[Changed], threshold: float) -> Iterator[Changed]:
    return (one for one in changes if one.score >= threshold)


def _sum(areas: Sequence[float]) -> float:
    """Of what has a size that is known."""
    return float(sum(area for area in areas if math.isfinite(area)))
