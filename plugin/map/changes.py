"""What a comparison of two dates has written, as layers: the changes, what was not compared, and how likely each pixel has changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsVectorLayer

from ...models.protocol import FromTo
from .found import COLUMNS, REVIEW, Scores, numbers, open_found, read_columns

CHANGES, GAPS = "changes", "not_compared"  # tables of the engine's GeoPackage
ARROW = ">"
REJECTED = f"coalesce(\"{REVIEW}\" = 'rejected', 0)"
PAIR = f"replace(coalesce(\"from_class\", ''), ',', ' ') || '{ARROW}' || replace(coalesce(\"to_class\", ''), ',', ' ')"


@dataclass(frozen=True, eq=False)
class ChangeScores(Scores):
    """And from what to what."""

    pairs: tuple[tuple[str, str], ...]  # class before and after
    pair: np.ndarray  # int (n,): index in pairs
    rejected: np.ndarray  # bool (n,): an analyst says that it is none

    def matrix(self, threshold: float, min_area: float) -> tuple[FromTo, ...]:
        """What a filter lets through, without what was rejected, by class before and after; the largest area first."""
        passing = self.passing(threshold, min_area) & ~self.rejected
        counts = np.bincount(self.pair[passing], minlength=len(self.pairs))
        areas = np.bincount(self.pair[passing], self.areas[passing], len(self.pairs))
        found = [FromTo(*names, int(count), float(area)) for names, count, area in zip(self.pairs, counts, areas) if count]
        return tuple(sorted(found, key=lambda one: (-one.area, one.from_class, one.to_class)))


def read_changes(path: Path) -> ChangeScores:
    """As `read_scores`, of the table of changes. Any thread. Raises PluginProblem found.unreadable."""
    scores, areas, right, rejected, pairs = read_columns(path, CHANGES, (*COLUMNS, REJECTED, PAIR))
    names, places = np.unique(np.array(pairs.split(",") if pairs else [], str), return_inverse=True)
    split = tuple((was, now) for was, _, now in (str(name).partition(ARROW) for name in names))
    return ChangeScores(numbers(scores), numbers(areas), numbers(right) > 0, split, places.reshape(-1), numbers(rejected) > 0)


def open_gaps(path: Path, name: str, crs: QgsCoordinateReferenceSystem) -> Optional[QgsVectorLayer]:
    """What was not compared, None where everything was. Raises PluginProblem found.unreadable."""
    layer = open_found(path, name, crs, GAPS)
    return layer if layer.featureCount() else None
