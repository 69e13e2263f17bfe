"""How well changes that were found fit those that are true, as `make_pair` leaves them. Run in the engine's environment:

    python -m tools.score_pair FOUND.gpkg TRUTH.gpkg
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyogrio
import shapely

COVERED = 0.5  # of a true change: what of it must be found, as a change of its kind
TRUE = 0.5  # of a found change: what of it must be true, or nobody can see it
NEAR = 1.0  # metres that a border may lie beside the true one
THRESHOLD = 0.5


class One(NamedTuple):
    kind: str
    name: str  # for a person
    shape: Any


class Fit(NamedTuple):
    found: list[str]
    missed: list[str]
    false: list[str]


def fit(found: Sequence[One], truth: Sequence[One], hidden: Any) -> Fit:
    """hidden: the ground under clouds, where nothing has to be found and nothing is false."""
    seen: list[str] = []
    missed: list[str] = []
    for one in truth:
        same = shapely.union_all([other.shape for other in found if _alike(one.kind, other.kind)])
        visible = one.shape.difference(hidden)
        if visible.area > 0.5 * one.shape.area:
            (seen if same.intersection(visible).area >= COVERED * visible.area else missed).append(one.name)
    known = shapely.union_all([*(one.shape.buffer(NEAR) for one in truth), hidden])
    false = [one.name for one in found if one.shape.intersection(known).area < TRUE * one.shape.area]
    return Fit(seen, missed, false)


def _alike(one: str, other: str) -> bool:
    """Whether a field became a pond, or a pond appeared, depends on whether the field was seen as one."""
    return one == other or {one, other} == {"appeared", "changed"}


def read(path: Path, threshold: float = 0.0) -> list[One]:
    """The table `changes` of a GeoPackage."""
    info, _, geometry, values = pyogrio.raw.read(path, layer="changes")
    columns = dict(zip(info["fields"], values, strict=True))
    scores = columns.get("score", np.ones(len(geometry)))
    rows = zip(columns["kind"], columns["from_class"], columns["to_class"], scores, shapely.from_wkb(geometry), strict=True)
    return [One(kind, f"{was} to {now}, {shape.area:.0f} m2", shape) for kind, was, now, score, shape in rows if score >= threshold]


def main(arguments: Sequence[str]) -> int:
    """Prints the score; gives 1 where less than half of the changes are found, or more are false than found."""
    found, truth = (Path(one) for one in arguments)
    hidden = shapely.union_all(shapely.from_wkb(pyogrio.raw.read(truth, layer="clouds")[2])).buffer(8 * NEAR)
    score = fit(read(found, THRESHOLD), read(truth), hidden)
    total = len(score.found) + len(score.missed)
    for what, names in (("missed", score.missed), ("false", score.false)):
        for name in names:
            print(f"  {what}: {name}")
    print(f"{len(score.found)} of {total} true changes were found, and {len(score.false)} that are none.")
    return int(2 * len(score.found) < total or len(score.false) > len(score.found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
