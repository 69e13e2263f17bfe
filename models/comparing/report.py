"""What came of a comparison, as a file and as a reply; the same with and without a before raster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import shapely
from pyproj import CRS

from ..classes import BACKGROUND, OTHER
from ..errors import Cancelled, Problem
from ..objects import results
from ..protocol import Change, ChangeReply, Outlines, PartialObject, Shift
from ..surveying.scratch import Scratch
from .days import days
from .objects import Changed
from .results import Gap, Said, write_changes
from .summary import from_to, kinds_found

TOLD = 100  # objects at a time: more would keep whoever draws them too long


@dataclass(frozen=True)
class Outcome:
    changes: list[Changed]  # with at least the floor's score; none of the classes is OTHER
    gaps: list[Gap]
    compared: float  # m2; square pixels without a CRS
    not_compared: float


@dataclass(frozen=True)
class Report:
    outcome: Outcome
    method: str  # one of `protocol.METHODS`
    model: str  # its id, or the method's name where there are no weights
    digest: str  # sha256 of the weights, "" without any
    classes: tuple[str, ...]  # of interest
    dates: tuple[str, str]  # ISO, "" where it is not known
    shift: Shift | None
    crs: CRS | None

    def written(self, out: Path, provenance: Mapping[str, Any], scratch: Scratch) -> Iterator[None]:
        """Writes the GeoPackage, see `write_changes`."""
        said = Said(*days(*self.dates), self.model, ", ".join(self.classes), scratch.started)
        who = {"method": self.method, "model": self.model, "weights_sha256": self.digest}
        yield from write_changes(out, self.outcome.changes, self.outcome.gaps, self.crs, said, {**provenance, **who}, scratch.folder)

    def reply(self, request: Change, notes: tuple[str, ...], seconds: float) -> ChangeReply:
        changes = self.outcome.changes
        return ChangeReply(
            path=request.out,
            count=sum(one.score >= request.threshold for one in changes),
            kinds=kinds_found(changes, request.threshold),
            matrix=from_to(changes, request.threshold),
            shift=self.shift,
            compared=self.outcome.compared,
            not_compared=self.outcome.not_compared,
            method=self.method,
            before_date=self.dates[0],
            after_date=self.dates[1],
            probability=request.probability,
            notes=notes,
            model=self.model if self.digest else "",
            digest=self.digest,
            seconds=seconds,
        )


def named(change: Changed) -> Changed:
    """As people read it: what none of the classes is, is OTHER."""
    was, now = (OTHER[0] if name == BACKGROUND else name for name in (change.from_class, change.to_class))
    return replace(change, from_class=was, to_class=now)


def outlines_of(changes: Iterable[Changed], threshold: float) -> Iterator[Outlines]:
    """Those of at least that score, to be drawn while a comparison runs."""
    sure = [one for one in changes if one.score >= threshold]
    for first in range(0, len(sure), TOLD):
        some = sure[first : first + TOLD]
        yield Outlines(0, tuple(PartialObject(shapely.to_wkb(one.outline, hex=True), one.class_name, one.score) for one in some))


@contextmanager
def kept(scratch: Scratch) -> Iterator[Scratch]:
    """What a run has finished goes when the run is done or nobody wants it any more, and stays for the next one when it fails.

    What GDAL raises for a file that cannot be written becomes OutputUnwritable or DiskFull.
    """
    try:
        yield scratch
    except Cancelled:
        scratch.clear()
        raise
    except Problem:
        scratch.close()
        raise
    except (OSError, RuntimeError) as error:  # GDAL's errors are RuntimeErrors, rasterio's OSErrors
        scratch.close()
        raise results.problem_of(scratch.output, error) from error
    except BaseException:
        scratch.close()
        raise
    scratch.clear()
