"""From the objects of every class that a phrase names to those that it asks for.

Attributes and relations are geometry on the outlines, exact on the map: naming a class to the networks and solving the rest here
localises better than giving them the sentence. The order of tests is size, shape, relations, tone, rank, so that pixels are read for the
few that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS

from ..errors import LayerUnknown, PhraseUnits
from ..language.query import Parse, Query, Rank, Relation, Size, Where
from . import shape
from .metric import Ground
from .overlaps import shares_inside
from .references import References
from .relations import MOSTLY, Party, holds

if TYPE_CHECKING:
    from ..objects.instances import Instance, Tone

THRESHOLD = 0.5  # the score from which an object serves as a reference, takes a rank or takes others away
# Of the raster's own stretch, from its 2 % darkest to its 2 % brightest: the same answer for any area of it. In a town of Nepal, 19 % of
# the roofs are bright, 11 % dark and 0.5 % green; of all ground there 17 %, 16 % and 27 %.
TONES: dict[str, Callable[[Tone], bool]] = {
    "bright": lambda tone: tone.brightness >= 0.6,
    "dark": lambda tone: tone.brightness <= 0.3,
    "green": lambda tone: tone.greenness >= 0.36,  # grey has a third
}


@dataclass(frozen=True, eq=False)
class Chosen:
    """An object asked for, and the first of the phrase's queries that asked for it."""

    instance: Instance
    query: int


@dataclass(frozen=True, eq=False)
class Selection:
    """The answer, by query, then as the objects came or by rank; and sentences on what could not be as it was asked."""

    chosen: list[Chosen]
    notes: tuple[str, ...] = ()


def select(
    instances: Mapping[str, Sequence[Instance]],
    parse: Parse,
    layers: Mapping[str, Sequence[object]],
    crs: CRS | None,
    gsd: float,
    threshold: float = THRESHOLD,
    tone_of: Callable[[Instance], Tone | None] | None = None,
) -> Selection:
    """The objects that a phrase asks for.

    instances: of each class that the phrase names, weak ones too. layers: geometries of the vector layers that it names, in the
    raster's CRS. gsd: a pixel's width in metres, in map units without a CRS. tone_of: reads what an instance does not carry itself.
    A query that is negated gives nothing; what it would give, and what lies mostly in that, is taken from the others before ranks count.
    Only objects with a score of at least `threshold` are references, take a rank or take others away; the weaker can still be asked for.
    Raises PhraseUnits and LayerUnknown.
    """
    check_answerable(parse, layers, crs)
    scene = _Scene(instances, layers, crs, gsd, threshold, tone_of)
    removed = [(query.class_name, scene.asked(query, strong=True)) for query in parse.queries if query.negated]
    chosen: list[Chosen] = []
    taken: set[int] = set()
    for number, query in enumerate(parse.queries):
        if query.negated:
            continue
        indices = scene.without(query.class_name, scene.asked(query, strong=query.rank is not None), removed)
        for index in scene.ranked(query, indices):
            instance = scene.instances[query.class_name][index]
            if id(instance) not in taken:
                taken.add(id(instance))
                chosen.append(Chosen(instance, number))
    return Selection(chosen, scene.notes(parse))


def check_answerable(parse: Parse, layers: Collection[str], crs: CRS | None) -> None:
    """Raises PhraseUnits where metres are asked for and unknown, LayerUnknown where a relation names a layer that is not there.

    Better said before the networks look than after it.
    """
    for relation in (relation for query in parse.queries for relation in query.relations):
        if relation.of_layer and relation.of not in layers:
            raise LayerUnknown(f"There is no vector layer named {relation.of}.", layer=relation.of)
    if crs is None and any(_needs_metres(query) for query in parse.queries):
        raise PhraseUnits("The raster has no CRS, or a wrong one, so sizes and distances on it cannot be known.")


def classes_named(parse: Parse) -> tuple[str, ...]:
    """The classes whose objects `select` needs, in the order in which the phrase names them."""
    names = []
    for query in parse.queries:
        names += [query.class_name, *(relation.of for relation in query.relations if not relation.of_layer)]
    return tuple(dict.fromkeys(names))


def _needs_metres(query: Query) -> bool:
    sizes = [query.size, *(relation.where.size for relation in query.relations if relation.where)]
    metric = [relation.kind in ("within", "along") or relation.distance_m is not None for relation in query.relations]
    return any(metric) or any(size is not None for size in sizes)


class _Scene:
    """The objects of one raster, each class projected once and only if a question needs it."""

    def __init__(
        self,
        instances: Mapping[str, Sequence[Instance]],
        layers: Mapping[str, Sequence[object]],
        crs: CRS | None,
        gsd: float,
        threshold: float,
        tone_of: Callable[[Instance], Tone | None] | None,
    ) -> None:
        self.instances = instances
        self._layers = layers
        self._crs, self._gsd = crs, gsd
        self._threshold = threshold
        self._tone_of = tone_of
        self._outlines: dict[str, np.ndarray] = {}

    def asked(self, query: Query, strong: bool) -> np.ndarray:
        """Indices of the class's objects that pass all of a query but its rank; `strong`: no weak ones."""
        indices = self._all(query.class_name, strong)
        indices = self._attributed(query.class_name, indices, Where(query.size, query.shape))
        for relations in _together(query.relations):
            indices = indices[self._related(query.class_name, indices, relations)]
        return self._toned(query.class_name, indices, query.tone)

    def without(self, name: str, indices: np.ndarray, removed: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
        """The indices less those whose objects are removed, or lie mostly in what is."""
        for other, gone in removed:
            if other == name:
                indices = indices[~np.isin(indices, gone)]
            elif len(gone) and len(indices):
                nowhere = np.full(len(indices), -1)
                shares = shares_inside(self._on_ground(name)[indices], nowhere, self._on_ground(other)[gone], fill=False)
                indices = indices[shares < MOSTLY]
        return indices

    def ranked(self, query: Query, indices: np.ndarray) -> np.ndarray:
        if query.rank is None:
            return indices
        values = self._property(query.class_name, indices, query.rank)
        order = np.argsort(-values if query.rank.order == "largest" else values, kind="stable")
        return indices[order[: query.rank.n]]

    def notes(self, parse: Parse) -> tuple[str, ...]:
        """What a person should know about the answer."""
        notes = []
        for relation in (relation for query in parse.queries for relation in query.relations):
            if not len(self._geometries(relation.of, relation.of_layer)):
                notes.append(f"No {relation.of} was found in the area.")
            if relation.kind == "inside" and relation.of_layer and not self._has_areas(relation.of):
                notes.append(f"Nothing can lie inside of {relation.of}: the layer has no polygons here.")
        if parse.queries and all(query.negated for query in parse.queries):
            notes.append("The phrase says only what is not asked for.")
        return tuple(dict.fromkeys(notes))

    def _all(self, name: str, strong: bool) -> np.ndarray:
        instances = self.instances.get(name, ())
        if not strong:
            return np.arange(len(instances))
        return np.flatnonzero([instance.score >= self._threshold for instance in instances])

    def _attributed(self, name: str, indices: np.ndarray, where: Where) -> np.ndarray:
        return self._toned(name, self._shaped(name, self._sized(name, indices, where.size), where.shape), where.tone)

    def _sized(self, name: str, indices: np.ndarray, size: Size | None) -> np.ndarray:
        if size is None:
            return indices
        areas = np.array([self.instances[name][index].area for index in indices])
        low = -np.inf if size.min_m2 is None else size.min_m2
        high = np.inf if size.max_m2 is None else size.max_m2
        return indices[(areas >= low) & (areas <= high)]

    def _shaped(self, name: str, indices: np.ndarray, shapes: Iterable[str]) -> np.ndarray:
        for one in shapes:
            indices = indices[shape.TESTS[one](self._on_ground(name)[indices])] if len(indices) else indices
        return indices

    def _toned(self, name: str, indices: np.ndarray, tones: Sequence[str]) -> np.ndarray:
        if not tones:
            return indices
        fits = [seen is not None and all(TONES[tone](seen) for tone in tones) for seen in self._tones(name, indices)]
        return indices[np.array(fits, bool)]

    def _related(self, name: str, indices: np.ndarray, relations: Sequence[Relation]) -> np.ndarray:
        parties = [self._party(name, indices, relation) for relation in relations]
        return holds(relations[0], self._on_ground(name)[indices], parties)

    def _party(self, name: str, indices: np.ndarray, relation: Relation) -> Party:
        of, where = relation.of, relation.where
        if relation.of_layer:
            return Party(References(self._geometries(of, True), self._ground), np.full(len(indices), -1))
        strong = self._all(of, strong=True)
        if where is not None:
            strong = self._attributed(of, strong, where)
        place = np.full(len(self.instances.get(of, ())), -1)
        place[strong] = np.arange(len(strong))
        own = place[indices] if of == name else np.full(len(indices), -1)
        return Party(References(self._on_ground(of)[strong], self._ground), own)

    def _geometries(self, name: str, is_layer: bool) -> np.ndarray:
        """Of a layer all of them on the ground's plane, of a class the strong ones."""
        if not is_layer:
            return self._on_ground(name)[self._all(name, strong=True)]
        key = f"layer {name}"
        if key not in self._outlines:
            placed = self._ground.of(_array(self._layers[name]))
            self._outlines[key] = placed[~shapely.is_missing(placed)]
        return self._outlines[key]

    def _has_areas(self, layer: str) -> bool:
        geometries = self._geometries(layer, True)
        return not len(geometries) or bool((shapely.get_dimensions(geometries) == 2).any())

    def _on_ground(self, name: str) -> np.ndarray:
        if name not in self._outlines:
            self._outlines[name] = self._ground.of(self._on_map(name))
        return self._outlines[name]

    def _on_map(self, name: str) -> np.ndarray:
        return _array([instance.outline for instance in self.instances.get(name, ())])

    @cached_property
    def _ground(self) -> Ground:
        bounds = np.array([shapely.total_bounds(self._on_map(name)) for name, found in self.instances.items() if len(found)])
        if not len(bounds):
            return Ground(None, (0.0, 0.0), self._gsd)
        low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
        x, y = (low + high) / 2
        return Ground(self._crs, (float(x), float(y)), self._gsd)

    def _lengths(self, name: str, indices: np.ndarray) -> np.ndarray:
        outlines = self._on_ground(name)[indices]
        return shape.sides(outlines)[0] / self._ground.scale(shapely.get_coordinates(shapely.centroid(outlines)))

    def _tones(self, name: str, indices: np.ndarray) -> list[Tone | None]:
        """None where the raster has no data."""
        found = [self.instances[name][index] for index in indices]
        return [one.tone if one.tone is not None else self._read(one) for one in found]

    def _read(self, instance: Instance) -> Tone | None:
        if self._tone_of is None:
            raise ValueError("a tone is asked for, and nobody can tell it")
        return self._tone_of(instance)

    def _property(self, name: str, indices: np.ndarray, rank: Rank) -> np.ndarray:
        found = [self.instances[name][index] for index in indices]
        if rank.by in ("brightness", "greenness"):
            return np.array([getattr(tone, rank.by, np.nan) for tone in self._tones(name, indices)])  # NaN comes last
        if rank.by == "length":
            return self._lengths(name, indices)
        if rank.by in ("roundness", "elongation"):
            measure = shape.roundness if rank.by == "roundness" else shape.elongation
            return measure(self._on_ground(name)[indices])
        return np.array([one.area for one in found])


def _together(relations: Sequence[Relation]) -> list[list[Relation]]:
    """The relations one by one, but those of what something lies between together."""
    groups = [[relation] for relation in relations if relation.kind != "between"]
    for negated in (False, True):
        between = [relation for relation in relations if relation.kind == "between" and relation.negated == negated]
        groups += [between] if between else []
    return groups


def _array(geometries: Sequence[object]) -> np.ndarray:
    array = np.empty(len(geometries), object)
    array[:] = geometries
    return array
