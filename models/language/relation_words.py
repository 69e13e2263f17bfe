"""The words that relate one thing to another, and the distances that they stand for. docs/phrases.md tells the user."""

from __future__ import annotations

from dataclasses import dataclass

from .tokens import Table, listed, same

NEXT_TO_M = 20.0
NEAR_M = 50.0
FAR_M = 200.0


@dataclass(frozen=True)
class Link:
    """What a relation asks: one kind or, for "north-east of", two."""

    kinds: tuple[str, ...]
    distance_m: float | None = None
    negated: bool = False
    loose: bool = False  # "with", "without", "nearby": may stand on either side of its reference


WITHIN, TOUCHING, INSIDE, ALONG, BETWEEN = ("within",), ("touching",), ("inside",), ("along",), ("between",)

NEXT_TO = """
    next to, right next to, directly next to, immediately next to, next door to, beside, besides, right beside, right by, adjacent,
    adjacent to, neighbouring, neighboring, at, by the side of, at the side of, at the edge of, at the edges of, on the edge of,
    on the bank of, on the banks of, on the shore of, on the shores of
"""
NEAR = """
    near, near to, nearby to, close to, close by, by, around, surrounding, not far from, a short distance from, in vicinity of,
    in the vicinity of, in proximity to, in close proximity to, in the proximity of, in the neighbourhood of, in the neighborhood of
"""
NEARBY = "nearby, close at hand, in the vicinity, around it, around them, next to it, next to them"
AWAY = "away from, not close to, not near, not near to, not nearby"
FAR = "far from, far away from, far off, well away from, a long way from, distant from, remote from, nowhere near"
TOUCH = """
    touching, touch, touches, that touch, bordering, bordering on, border, borders, adjoining, adjoin, adjoins, abutting, contiguous to,
    contiguous with, sharing a border with, sharing a boundary with, in contact with, connected to, connected with, attached to,
    joined to, crossing, cross, crosses, crossed by, intersecting, intersect, intersects, overlapping, overlapping with, over,
    overhanging
"""
WITH = "with, with at least one, having, that have, which have, that has, containing, that contain, which contain, contain, contains"
WITHOUT = """
    without, without any, lacking, that lack, with no, having no, that have no, not having, not containing, free of, devoid of
"""
IN = """
    in, inside, inside of, within, on, onto, atop, on top of, on the roof of, on the surface of, in the middle of, in the midst of,
    in the interior of, amid, amidst, among, amongst, enclosed by, enclosed in, contained in, contained by, contained within,
    surrounded by, completely inside, completely within, entirely inside, entirely within, fully inside, fully within, installed on,
    mounted on, built on, parked on, parked in, growing in, through, running through, passing through, going through, leading through
"""
OUTSIDE = "outside, outside of, out of, off, beyond"
ALONGSIDE = """
    along, on both sides of, along both sides of, on either side of, running along, that run along, alongside, along the side of,
    along the sides of, along the edge of, along the edges of, along the bank of, along the banks of, along the shore of, lining,
    that line, which line, following, that follow, flanking, parallel to
"""
IN_BETWEEN = "between, in between, sandwiched between, lying between, in the gap between"


def _directions() -> dict[str, Link]:
    """north of, to the north-east of, on the southern side of, NW of ..."""
    found: dict[str, Link] = {}
    names = [(first, second) for first in ("", "north", "south") for second in ("", "east", "west") if first or second]
    for first, second in names:
        link = Link(tuple(f"{name}_of" for name in (first, second) if name))
        for name in {f"{first}{second}", f"{first} {second}".strip(), f"{first} and {second}" if first and second else first or second}:
            found |= same((f"{lead}{name} {end}" for lead in ("", "to the ", "due ", "lying ") for end in ("of", "from")), link)
            found |= same((f"{lead} the {name}{end} side of" for lead in ("on", "at", "to") for end in ("", "ern")), link)
        found |= same((f"{first[:1]}{second[:1]} {end}" for end in ("of", "from")), link)
    return found


RELATIONS = Table(
    same(listed(NEXT_TO), Link(WITHIN, NEXT_TO_M))
    | same(listed(NEAR), Link(WITHIN, NEAR_M))
    | same(listed(NEARBY), Link(WITHIN, NEAR_M, loose=True))
    | same(listed(AWAY), Link(WITHIN, NEAR_M, negated=True))
    | same(listed(FAR), Link(WITHIN, FAR_M, negated=True))
    | same(listed(TOUCH), Link(TOUCHING))
    | same(listed(WITH), Link(TOUCHING, loose=True))
    | same(listed(WITHOUT), Link(TOUCHING, negated=True, loose=True))
    | same(listed(IN), Link(INSIDE))
    | same(listed(OUTSIDE), Link(INSIDE, negated=True))
    | same(listed(ALONGSIDE), Link(ALONG))
    | same(listed(IN_BETWEEN), Link(BETWEEN))
    | _directions()
)
ADJECTIVES = frozenset(
    "adjacent nearby neighbouring neighboring surrounding touching overlapping intersecting crossing adjoining bordering".split()
)  # that may also stand before the thing itself, and then relate it to nothing: "nearby houses"
# No name of a thing reaches over one of these: "solar panels on a roof" are related, though the vocabulary has them so
BREAKERS = frozenset(
    "on in at by near with without along between under over beside inside within outside around touching bordering across amid among "
    "behind above below from to for and or not non no than".split()
)
