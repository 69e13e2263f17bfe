"""Where objects lie with respect to others, solved on the map: near, touching, inside, along, between, north of.

Objects are polygons (n,) on a `Ground`'s plane. An object that is itself among the references is never its own.
Every function gives bool (n,) and is false where there is no reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import shapely

from ..language.query import Relation
from .overlaps import shares_inside
from .references import References
from .shape import is_elongated

NEAR = 50.0  # metres, where a relation gives none
BESIDE = 15.0  # metres from what something stands along
APART = 500.0  # metres from what something stands between, at most; of pixels where metres are unknown
MOSTLY = 0.5  # of an object's area
LINING = 1 / 3  # of an elongated object's outline: a long side is a little less than half of it
SAMPLES = 64  # points of an outline
ROUNDING = 1 + 1e-6
HALF_CONE = 45.0  # degrees: a direction is a quarter of the horizon
ARC = 8  # edges of the arc of a cone
COMPASS = {"north_of": 0.0, "east_of": 90.0, "south_of": 180.0, "west_of": 270.0}


@dataclass(frozen=True, eq=False)
class Party:
    """References, and where among them the objects are that are asked about."""

    references: References
    own: np.ndarray  # int (n,): index of each object among the references, -1 for none


def holds(relation: Relation, objects: np.ndarray, parties: Sequence[Party]) -> np.ndarray:
    """Whether each object stands in the relation to the references; `negated` is heeded. Only `between` may have several parties."""
    held = np.zeros(len(objects), bool)
    if len(objects) and all(len(party.references) for party in parties):
        held = _ask(relation, objects, parties)
    return ~held if relation.negated else held


def _ask(relation: Relation, objects: np.ndarray, parties: Sequence[Party]) -> np.ndarray:
    party = parties[0]

    def metres(usual: float) -> float:
        return usual if relation.distance_m is None else relation.distance_m

    if relation.kind == "touching":
        return touching(objects, party)
    if relation.kind == "inside":
        return inside(objects, party)
    if relation.kind == "along":
        return along(objects, party, metres(BESIDE))
    if relation.kind == "between":
        return between(objects, parties, metres(APART))
    if relation.kind in COMPASS:
        return towards(objects, party, COMPASS[relation.kind])
    return within(objects, party, metres(NEAR))


def within(objects: np.ndarray, party: Party, metres: float) -> np.ndarray:
    """The distance between the outlines is at most `metres`; none where they overlap."""
    return party.references.near(objects, party.own, metres * ROUNDING)


def touching(objects: np.ndarray, party: Party) -> np.ndarray:
    """The outlines are at most a pixel's width apart: nothing in between can be seen."""
    return party.references.near(objects, party.own, party.references.ground.pixel * ROUNDING)


def inside(objects: np.ndarray, party: Party) -> np.ndarray:
    """At least half of the object's area lies in references, or in a hole of theirs that the object fills at least half of.

    The hole, since a pond leaves one in its field: the networks see water there and no field.
    """
    return shares_inside(objects, party.own, party.references.geometries) >= MOSTLY


def along(objects: np.ndarray, party: Party, metres: float) -> np.ndarray:
    """The object lines the reference: it is within `metres` of it, and if it is elongated, so is a third of its outline.

    A third of the outline of a hedge is most of one long side, so a hedge that meets the road with its end does not count. A compact
    object, a tree, has no side to line up.
    """
    lines = party.references.near(objects, party.own, metres * ROUNDING)
    long = np.flatnonzero(lines)[is_elongated(objects[lines])]
    if len(long):
        lines[long] = party.references.share_near(_samples(objects[long]), party.own[long], metres * ROUNDING) >= LINING
    return lines


def between(objects: np.ndarray, parties: Sequence[Party], metres: float) -> np.ndarray:
    """References lie on opposite sides of the object's centroid, both within `metres` of it; where several are named, of two of them.

    On one side the nearest reference, on the other any that reaches into the quarter of the horizon opposite to it. It may be the same
    one, as all roads of a town may be one object, but the centroid must not lie in it.
    """
    pairs = permutations(parties, 2) if len(parties) > 1 else [(parties[0], parties[0])]
    found = np.zeros(len(objects), bool)
    for near, far in pairs:
        found |= _opposite(objects, near, far, metres)
    return found


def towards(objects: np.ndarray, party: Party, compass: float) -> np.ndarray:
    """Seen from the nearest point of the nearest reference, the object's centroid lies in that quarter of the horizon (degrees).

    By true north; without a CRS by the raster's top. An object whose centroid lies in the reference is in no direction from it.
    """
    here = party.references.nearest_points(objects, party.own)
    bearings = party.references.ground.bearings(here, shapely.get_coordinates(shapely.centroid(objects)))
    off = np.abs((bearings - compass + 180) % 360 - 180)
    return np.nan_to_num(off, nan=np.inf) <= HALF_CONE * ROUNDING


def _opposite(objects: np.ndarray, near: Party, far: Party, metres: float) -> np.ndarray:
    """Whether `far` has something opposite to the nearest of `near`, both within `metres` of the centroid."""
    centroids = shapely.get_coordinates(shapely.centroid(objects))
    away = centroids - near.references.nearest_points(objects, near.own)
    scales = near.references.ground.scale(centroids)
    distances = np.hypot(*away.T)
    found = np.zeros(len(objects), bool)
    candidates = np.flatnonzero((distances > 0) & (distances <= metres * scales))
    for reach in far.references.reaches(metres):
        asked = candidates[~found[candidates]]
        cones = _cones(centroids[asked], np.arctan2(away[asked, 1], away[asked, 0]), reach * scales[asked])
        found[asked[far.references.meet(cones, far.own[asked])]] = True
    return found


def _cones(tips: np.ndarray, angles: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Polygons (n,): the quarter discs about `angles` (radians, counter-clockwise from x) with their tips at (n, 2)."""
    fan = angles[:, None] + np.radians(np.linspace(-HALF_CONE, HALF_CONE, ARC + 1))
    arcs = tips[:, None] + radii[:, None, None] * np.stack([np.cos(fan), np.sin(fan)], axis=-1)
    return shapely.polygons(np.concatenate([tips[:, None], arcs], axis=1))


def _samples(objects: np.ndarray) -> np.ndarray:
    """(n, SAMPLES, 2): points at even steps along the outlines."""
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    points = shapely.line_interpolate_point(shapely.boundary(objects)[:, None], steps[None], normalized=True)
    return shapely.get_coordinates(points).reshape(len(objects), SAMPLES, 2)
