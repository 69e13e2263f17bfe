"""From planes of what every pixel was and is to the objects that changed.

Pixels of one group (`kinds.Groups`) make objects, as those of one class do in a search; what stood where something appeared, and what is
left where something disappeared, is said of the object as a whole. Exchanging the dates exchanges kinds and classes and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from shapely.geometry import MultiPolygon, Polygon

from ..objects.instances import SMALLEST, Gatherer, Instance, Refiner
from ..objects.refine import REFINED
from ..objects.shares import Sharing, within
from ..protocol import OutlineOptions
from ..surveying.frame import Frame
from .covered import pieces_of
from .draft import Draft
from .kinds import APPEARED, CHANGED, DISAPPEARED, STANDING, UNKNOWN, Group, groups_of
from .planes import CHANGED as CHANGE
from .planes import IS, WAS, least_value
from .shared_rows import Beside, GroupRows, SharedRows

Refiners = tuple[Refiner | None, Refiner | None]  # who draws what people count in the before and in the after raster
MEASURED = 3  # survey pixels of an object of a class that is measured: a network's smallest are noise, and those are not


@dataclass(frozen=True, eq=False)
class Changed:
    """One object that changed, in map coordinates of the pair's grid."""

    outline: Polygon | MultiPolygon  # valid
    kind: str  # one of `protocol.change.KINDS`
    from_class: str  # one of the classes, `classes.BACKGROUND` for none of them, "" where the method does not say
    to_class: str
    class_name: str  # what appeared or disappeared, or what it became
    score: float  # 0..1, the mean probability of its pixels; below 0.5 it is a weak one
    area: float  # m2, geodesic; square pixels without a CRS


def least_area(group: Group, frame: Frame, min_area: float) -> float:
    """m2 (square native pixels without a CRS) that an object must have."""
    return max(min_area, 0.0 if frame.raster.gsd is None else group.least)


class Gathering:
    """The objects that changed in the planes of a draft that is written from top to bottom."""

    def __init__(
        self,
        draft: Draft,
        classes: Sequence[str],
        options: OutlineOptions,
        floor: float,
        refiners: Refiners = (None, None),
        min_area: float = 0.0,
        measured: Collection[str] = (),
    ) -> None:
        """classes: of interest, in the order of the codes; none where the method knows none. floor: of the probability of weak objects.

        min_area: m2 (square native pixels without a CRS) below which objects are passed over, as are those that are noise for their class.
        measured: of the classes, those that every pixel was measured for, see MEASURED.
        """
        self._draft, self._frame, self._groups = draft, draft.frame, groups_of(classes)
        self._options, self._floor, self._refiners, self._min_area = options, floor, refiners, min_area
        self._measured, self._least = measured, least_value(floor)
        self._shared = SharedRows(self._least)
        self._gatherers: dict[int, tuple[Gatherer, GroupRows]] = {}

    def taking(self, row: int, planes: np.ndarray) -> Sharing[list[Changed]]:
        """uint8 (3, rows, width), which the draft has from `row` on and which follow those taken before -> the objects that can no longer
        grow. Shares are those of these rows."""
        values, numbers = planes[CHANGE], self._groups.numbers(planes[WAS], planes[IS])
        self._shared.add(row, values, numbers)
        met = np.bincount(numbers[values >= self._least], minlength=STANDING)[1:STANDING].nonzero()[0] + 1
        here = sorted({*met.tolist(), *(number for number, (gatherer, _) in self._gatherers.items() if not gatherer.is_idle)})
        found: list[Changed] = []
        for at, number in enumerate(here):
            gatherer, _ = self._gatherer(number)
            # One row without any of it ends what grew.
            plane = values * (numbers == number) if number in met else np.zeros_like(values[:1])
            instances = yield from within(at / len(here), (at + 1) / len(here), gatherer.taking(row, plane))
            found += self._changed(number, instances)
        needed = [rows.first_needed for gatherer, rows in self._gatherers.values() if not gatherer.is_idle]
        self._shared.forget(min([row + len(values) - 1, *needed]))
        return found

    def finishing(self) -> Sharing[list[Changed]]:
        """The objects that the last row cut."""
        found: list[Changed] = []
        for at, (number, (gatherer, _)) in enumerate(sorted(self._gatherers.items())):
            instances = yield from within(at / len(self._gatherers), (at + 1) / len(self._gatherers), gatherer.finishing())
            found += self._changed(number, instances)
        return found

    def _gatherer(self, number: int) -> tuple[Gatherer, GroupRows]:
        if number not in self._gatherers:
            group, rows = self._groups.all[number - 1], GroupRows(self._shared, number)
            refiner, parted = self._refiner(group), group.is_parted
            smallest = SMALLEST if {group.was, group.now}.isdisjoint(self._measured) else MEASURED
            gatherer = Gatherer(
                self._frame, group.class_name, self._options, self._floor, refiner, parted=parted, rows=rows, smallest=smallest
            )
            self._gatherers[number] = gatherer, rows
        return self._gatherers[number]

    def _refiner(self, group: Group) -> Refiner | None:
        """Who draws a thing where it stands."""
        refiner = {DISAPPEARED: self._refiners[0], APPEARED: self._refiners[1], CHANGED: None}[group.kind]
        if refiner is None or group.class_name not in REFINED:
            return None
        least = least_area(group, self._frame, self._min_area) / self._frame.pixel_area
        return Beside(refiner, self._shared, STANDING + self._groups.names.index(group.class_name), least)

    def _changed(self, number: int, instances: list[Instance]) -> list[Changed]:
        group = self._groups.all[number - 1]
        least = least_area(group, self._frame, self._min_area)
        changed = []
        for one in instances:
            if one.area < least:  # it may be unknown
                continue
            other = self._other_side(number, group, one)
            was, now = (other if group.kind == APPEARED else group.was), (other if group.kind == DISAPPEARED else group.now)
            changed.append(Changed(one.outline, group.kind, was, now, group.class_name, one.score, one.area))
        return changed

    def _other_side(self, number: int, group: Group, instance: Instance) -> str:
        """What an object stands on at the date at which it is not there: what most of its pixels are, the likelier ones counting more."""
        if group.kind == CHANGED:
            return UNKNOWN
        evidence = np.zeros(len(self._groups.names), np.int64)
        for piece in pieces_of(instance.outline, self._frame):
            planes = self._draft.read(*piece.window)
            own = piece.inside & (self._groups.table[planes[WAS], planes[IS]] == number)
            codes = planes[WAS if group.kind == APPEARED else IS][own]
            evidence += np.bincount(codes, planes[CHANGE][own], len(evidence)).astype(np.int64)
        return self._groups.names[int(evidence.argmax())]
