"""Where objects lie with respect to others, solved on the map: near, touching, inside, along, between, north of.

Objects are polygons (n,) on a `Ground`'s plane. An object that is itself among the references is never its own.
Every function gives bool (n,) and is false where there is no reference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from .overlaps import shares_inside
from .query import Relation
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


def holds(relation: Relation, objects: np.ndarray, party: Party, other: Party | None = None) -> np.ndarray:
    """Whether each object stands in the relation to the references, for `between` to those and the others; `negated` is heeded."""
    held = np.zeros(len(objects), bool)
    if len(party.references) and len(objects):
        held = _ask(relation, objects, party, other)
    return ~held if relation.negated else held


def _ask(relation: Relation, objects: np.ndarray, party: Party, other: Party | None) -> np.ndarray:
    def metres(usual: float) -> float:
        return usual if relation.distance_m is None else relation.distance_m

    if relation.kind == "touching":
        return touching(objects, party)
    if relation.kind == "inside":
        return inside(objects, party)
    if relation.kind == "along":
        return along(objects, party, metres(BESIDE))
    if relation.kind == "between":
        return between(objects, party, other or party, metres(APART))
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


def between(objects: np.ndarray, party: Party, other: Party, metres: float) -> np.ndarray:
    """References lie on opposite sides of the object's centroid, both within `metres` of it.

    On one side the nearest reference, on the other any that reaches into the quarter of the horizon opposite to it. It may be the same
    one, as all roads of a town may be one object, but the centroid must not lie in it. Where two classes are named, one of each.
    """
    if not len(other.references):
        return np.zeros(len(objects), bool)
    found = _opposite(objects, party, other, metres)
    return found if other is party else found | _opposite(objects, other, party, metres)


def towards(objects: np.ndarray, party: Party, compass: float) -> np.ndarray:
    """Seen from the nearest point of the nearest reference, the object's centroid lies in that quarter of the horizon (degrees).

    By true north; without a CRS by the raster's top. An object whose centroid lies in the reference is in no direction from it.
    """
    here = party.references.nearest_points(objects, party.own)
    bearings = party.references.ground.bearings(here, shapely.get_coordinates(shapely.centroid(objects)))
    off = np.abs((bearings - compass + 180) % 360 - 180)
    return np.nan_to_num(off, nan=np.inf) <= HALF_CONE * ROUNDING


def _opposite(objects: np.ndarray, party: Party, other: Party, metres: float) -> np.ndarray:
    """Whether the other party has something opposite to the party's nearest, both within `metres` of the centroid."""
    centroids = shapely.get_coordinates(shapely.centroid(objects))
    away = centroids - party.references.nearest_points(objects, party.own)
    scales = party.references.ground.scale(centroids)
    distances = np.hypot(*away.T)
    found = np.zeros(len(objects), bool)
    candidates = np.flatnonzero((distances > 0) & (distances <= metres * scales))
    for reach in other.references.reaches(metres):
        asked = candidates[~found[candidates]]
        cones = _cones(centroids[asked], np.arctan2(away[asked, 1], away[asked, 0]), reach * scales[asked])
        found[asked[other.references.meet(cones, other.own[asked])]] = True
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
