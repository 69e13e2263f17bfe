"""Which objects of a map the changes on its ground are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from qgis.core import QgsGeometry, QgsRectangle, QgsSpatialIndex

from .areas import clean

ENOUGH = 0.5  # share that makes one thing another


@dataclass(frozen=True, eq=False)
class MapObject:
    number: int
    ground: QgsGeometry
    word: str  # its class, "" where the map does not say


@dataclass(frozen=True, eq=False)
class Accepted:
    """A change that is so, in the map's CRS."""

    kind: str  # "appeared", "disappeared" or "changed"
    was: str
    now: str
    ground: QgsGeometry


@dataclass(frozen=True)
class Touched:
    """What the changes do to an object of the map."""

    change: int  # the one that covers most of it
    partly: bool  # they cover less than half of it


@dataclass
class Matches:
    touched: dict[int, Touched] = field(default_factory=dict)  # by the object's number
    added: list[int] = field(default_factory=list)  # changes that are objects of their own
    there: list[int] = field(default_factory=list)  # ... that the map has already
    strays: list[int] = field(default_factory=list)  # changes that no object of the map is about


class MapMatch:
    """The rules. Something appeared: it is added, unless the map has objects of its class on half of its ground already. Something
    disappeared, or became something else: that is about every object of which such changes together cover at least half. A change about
    none of those, but at least half of which is on the map's objects, is about a part of the one it covers most ground of. Objects of the
    class that was there go before all others."""

    def __init__(self, objects: Iterable[MapObject]) -> None:
        self._objects = {one.number: one for one in objects if not one.ground.isEmpty()}
        self._index = QgsSpatialIndex()
        for number, one in self._objects.items():
            self._index.addFeature(number, one.ground.boundingBox())

    def of(self, changes: Sequence[Accepted]) -> Matches:
        found = Matches()
        grounds = [clean(change.ground) for change in changes]
        shares: dict[int, dict[int, QgsGeometry]] = {}  # object -> change -> what they share
        for index, change in enumerate(changes):
            if change.kind == "appeared":
                (found.there if self._has(change, grounds[index]) else found.added).append(index)
            else:
                for number, shared in self._under(change.was, grounds[index]).items():
                    shares.setdefault(number, {})[index] = shared
        for number, shared_by in shares.items():
            for index in _whole(self._objects[number], changes, shared_by):
                found.touched[number] = Touched(index, partly=False)
        wholly = set(found.touched)
        for index, change in enumerate(changes):
            if change.kind != "appeared":
                self._place_part(index, grounds[index], shares, wholly, found)
        return found

    def _has(self, change: Accepted, ground: QgsGeometry) -> bool:
        same = [shared.area() for number, shared in self._shared(ground) if alike(self._objects[number].word, change.now)]
        return sum(same) >= ENOUGH * ground.area() > 0

    def _under(self, was: str, ground: QgsGeometry) -> dict[int, QgsGeometry]:
        """What a change shares with each object: of its class, if there are any."""
        shared = dict(self._shared(ground))
        same = {number: one for number, one in shared.items() if alike(self._objects[number].word, was)}
        return same or shared

    def _shared(self, ground: QgsGeometry) -> Iterable[tuple[int, QgsGeometry]]:
        box: QgsRectangle = ground.boundingBox()
        for number in self._index.intersects(box):
            shared = self._objects[number].ground.intersection(ground)
            if shared.area() > 0:
                yield number, shared

    def _place_part(
        self, index: int, ground: QgsGeometry, shares: dict[int, dict[int, QgsGeometry]], wholly: set[int], found: Matches
    ) -> None:
        """Of a change that is not mostly about objects that are touched wholly."""
        on = {number: by[index].area() for number, by in shares.items() if index in by}
        if sum(area for number, area in on.items() if number in wholly) >= ENOUGH * sum(on.values()) > 0:
            return
        if not on or sum(on.values()) < ENOUGH * ground.area():
            found.strays.append(index)
            return
        number = max(on, key=lambda one: on[one])
        found.touched.setdefault(number, Touched(index, partly=True))


def alike(word: str, other: str) -> bool:
    """Whether two names of a class are one: "Buildings" and "building"."""
    return _plain(word) == _plain(other) != ""


def _plain(word: str) -> str:
    return word.strip().lower().replace("_", " ").rstrip("s")


def _whole(one: MapObject, changes: Sequence[Accepted], shared: dict[int, QgsGeometry]) -> list[int]:
    """The change that covers most of an object, where those that tell the same of it cover enough; else none."""
    told: dict[tuple[str, str], list[int]] = {}
    for index in shared:
        told.setdefault((changes[index].kind, changes[index].now if changes[index].kind == "changed" else ""), []).append(index)
    for indices in sorted(told.values(), key=lambda some: -sum(shared[index].area() for index in some)):
        together = QgsGeometry.unaryUnion([shared[index] for index in indices])
        if together.area() >= ENOUGH * one.ground.area():
            return [max(indices, key=lambda index: shared[index].area())]
    return []
