"""Changes to a GeoPackage: the table `changes`, and the table `not_compared` with the ground of which nothing can be said.

The same changes with the same time give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pyproj import CRS
from shapely.geometry import MultiPolygon, Polygon

from ..objects import results
from .styles import changes_style, gaps_style

if TYPE_CHECKING:
    from .objects import Changed

CHANGES, GAPS = "changes", "not_compared"


class Gap(NamedTuple):
    """Ground that was not compared, in map coordinates, and why."""

    outline: Polygon | MultiPolygon
    reason: str


@dataclass(frozen=True)
class Said:
    """What all changes of a run have in common."""

    before: date | None  # of the two rasters, None where nobody knows
    after: date | None
    model: str
    prompt: str  # the classes of interest
    made_at: datetime  # UTC


def write_changes(
    path: Path,
    changes: Sequence[Changed],
    gaps: Sequence[Gap],
    crs: CRS | None,
    said: Said,
    provenance: Mapping[str, Any],
    folder: Path,
) -> Iterator[None]:
    """Write a new GeoPackage with styles, and `provenance` (JSON values) in the metadata of the table `changes`; pauses in between.

    The fields of a change: kind, class, from_class, to_class, score, area_m2 (null without a CRS), date_before and date_after (null where
    they are not known), model, prompt, review (what an analyst decides about it: "" as yet), made_at. Those of a gap: reason, made_at.
    folder: where the file lies until it is finished, on the same disk. A file that was there is replaced at the end and not before.
    Raises OutputUnwritable and DiskFull; closing the iterator leaves nothing.
    """
    with results.replacing(path, folder) as beside:
        for first in range(0, max(len(changes), 1), results.BATCH):
            some = changes[first : first + results.BATCH]
            outlines = np.array([one.outline for one in some], object)
            columns = _columns(some, crs, said)
            results.write_batch(beside, outlines, columns, crs, said.made_at, None if first else provenance, CHANGES)
            yield
        reasons = {"reason": np.array([gap.reason for gap in gaps], object)}
        results.write_batch(beside, np.array([gap.outline for gap in gaps], object), reasons, crs, said.made_at, {}, GAPS)
        results.write_styles(beside, {CHANGES: changes_style(), GAPS: gaps_style()}, said.made_at)
        results.check_count(beside, len(changes), CHANGES)
        results.check_count(beside, len(gaps), GAPS)
        yield


def _columns(changes: Sequence[Changed], crs: CRS | None, said: Said) -> dict[str, np.ndarray]:
    count = len(changes)
    return {
        "kind": np.array([one.kind for one in changes], object),
        "class": np.array([one.class_name for one in changes], object),
        "from_class": np.array([one.from_class for one in changes], object),
        "to_class": np.array([one.to_class for one in changes], object),
        "score": np.array([one.score for one in changes], float),
        "area_m2": np.array([one.area for one in changes], float) if crs else np.full(count, np.nan),
        "date_before": np.full(count, np.datetime64(said.before or "NaT", "D")),
        "date_after": np.full(count, np.datetime64(said.after or "NaT", "D")),
        "model": np.full(count, said.model, object),
        "prompt": np.full(count, said.prompt, object),
        "review": np.full(count, "", object),
    }
