"""A query while its words come in: a thing, its attributes, and its relations, each perhaps one of several that would do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Optional

from . import lexicon
from .pieces import Piece
from .query import Query, Rank, Relation, Size, Where
from .relation_words import Link

MOST_ALTERNATIVES = 8  # queries that one draft becomes, where "or" joins its relations
SIZELESS = ("road", "car", "tree", "sand", "vegetation")  # a size said after one of these is that of the thing related to it
ROOFS = ("roof", "roofs", "rooftop", "rooftops")
Features = tuple[Optional[Size], tuple[str, ...], tuple[str, ...], Optional[Rank]]
Said = Callable[[Sequence[Piece]], str]


@dataclass
class Bond:
    """A relation while its words come in."""

    piece: Piece
    links: list[Link]
    reference: Piece | None = None
    marks: list[Piece] = field(default_factory=list)
    article: bool = False  # before the reference
    either: bool = False  # this one or the one before it

    @property
    def kind(self) -> str:
        return self.links[0].kinds[0]

    @property
    def is_negated(self) -> bool:
        return self.links[0].negated

    @property
    def is_part(self) -> bool:
        """ "With", which may tell of a part."""
        return self.kind == "touching" and self.links[0].loose

    def takes_afterthought(self, links: list[Link]) -> bool:
        """Whether a relation without a reference says more of this one, and now has: "with trees nearby", "with panels on it", "south of a
        road within 100 m"."""
        if self.is_part:
            if links[0].kinds != ("inside",):
                self.links = [replace(link, negated=self.is_negated) for link in links]
            return True
        if len(links) > 1 or links[0].kinds != ("within",) or not (self.kind == "within" or self.kind.endswith("_of")):
            return False
        self.links = [replace(link, distance_m=links[0].distance_m) for link in self.links]
        return True

    def takes(self, mark: Piece, said: Said) -> bool:
        """Whether a mark after the reference is the reference's: a size, "near lakes larger than 2 ha", unless the reference has no size
        worth the name, or the grammar says otherwise: "near a lake that are larger than 300 m2"."""
        if mark.kind != "size" or self.reference is None or self.reference.kind == "layer":
            return False
        thing = self.reference.value
        return thing.class_name not in SIZELESS and (thing.plural or "are" not in said([mark]).split())

    def negate(self) -> None:
        self.links = [replace(link, negated=not link.negated) for link in self.links]


def share_relations(drafts: Sequence[Draft]) -> None:
    """What stands beside the last of two things that "and" joins stands beside both: "trees and bushes near houses"."""
    for former, draft in reversed(list(zip(drafts, drafts[1:]))):
        if draft.joined and former.thing is not None and not former.bonds and former.negated == draft.negated:
            former.bonds = list(draft.bonds)


@dataclass
class Draft:
    said: Said
    thing: Piece | None = None
    negated: bool = False
    marks: list[Piece] = field(default_factory=list)
    choices: list[tuple[Piece, Piece]] = field(default_factory=list)  # two marks joined by "or"
    bonds: list[Bond] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)  # that say something, in order
    joined: bool = False  # by "and" or "or", not by a comma, to a noun right before it

    @staticmethod
    def bare(query: Query) -> Query:
        """The query without what narrows it."""
        return Query(query.class_name, query.negated, words=query.words, weights=query.weights)

    def queries(self) -> list[Query]:
        """One query, or one for each choice of relations that "or" joins; none without a thing."""
        if self.thing is None:
            if self.pieces and not self.unknown:
                self.unknown.append(self.said(self.pieces))
            return []
        thing = self.thing.value
        self.take_roofs(thing.class_name)
        words = self.said([self.thing])
        several = [self.features(marks, thing.class_name, thing.plural) for marks in self.marks_to_choose()]
        chosen = itertools.islice(itertools.product(several, self.relations()), MOST_ALTERNATIVES)
        return [
            Query(thing.class_name, self.negated, size, shape, tone, rank, relations, words, thing.weights)
            for (size, shape, tone, rank), relations in chosen
        ]

    def take_roofs(self, class_name: str) -> None:
        """What is said of a building's own roof is said of the building: "houses with dark roofs"."""
        for bond in list(self.bonds) if class_name == "building" else []:
            if bond.is_part and bond.reference and self.said([bond.reference]) in ROOFS and not bond.is_negated:
                self.marks += bond.marks
                self.bonds.remove(bond)

    def marks_to_choose(self) -> list[list[Piece]]:
        """The marks, once for each choice that "or" leaves: "smaller than 50 or larger than 500 m2"."""
        several = [self.marks]
        for one, other in self.choices:
            if len(several) < MOST_ALTERNATIVES and one in self.marks and other in self.marks:
                several = [[mark for mark in marks if mark != left_out] for left_out in (other, one) for marks in several]
        return several

    def relations(self) -> list[tuple[Relation, ...]]:
        """The relations, once for each choice that "or" leaves: "near a road or inside a field"."""
        groups: list[list[list[Relation]]] = []
        for bond in self.bonds:
            found = self.related(bond)
            if any(replace(each, negated=not each.negated) in before for each in found for group in groups for before in group):
                self.unknown.append(self.said([bond.piece] if bond.reference is None else [bond.piece, bond.reference]))
            elif found and bond.either and groups:
                groups[-1].append(found)
            elif found:
                groups.append([found])
        chosen = itertools.islice(itertools.product(*groups), MOST_ALTERNATIVES)
        return list(dict.fromkeys(tuple(dict.fromkeys(itertools.chain(*each))) for each in chosen))

    def related(self, bond: Bond) -> list[Relation]:
        """What a bond says; nothing where the reference is unknown, or a part of the thing: "houses with red roofs"."""
        if bond.reference is None:
            return []
        is_layer = bond.reference.kind == "layer"
        of = bond.reference.value if is_layer else bond.reference.value.class_name
        if bond.is_part and self.thing and of == self.thing.value.class_name:
            self.unknown.append(self.said([bond.piece, bond.reference]))
            return []
        parts = [each.piece.start for each in self.bonds if each.is_part]
        if bond.kind == "inside" and self.thing and of == self.thing.value.class_name and parts and parts[0] < bond.piece.start:
            return []  # "houses with solar panels on the roof": the panels are there, not the houses
        size, shape, tone, rank = self.features(bond.marks, of if not is_layer else "", False)
        if rank:
            self.unknown.extend(self.said([mark]) for mark in bond.marks if mark.kind == "rank")
        where = Where(size, shape, tone) if size or shape or tone else None
        return [Relation(kind, of, link.distance_m, link.negated, is_layer, where) for link in bond.links for kind in link.kinds]

    def features(self, marks: list[Piece], class_name: str, plural: bool) -> Features:
        """Size, shape, tone and rank. Measures go before "large" and "small".

        Not understood is what contradicts an earlier mark, and any attribute of a layer's features (no class name).
        """
        size, rank = Size(), None
        counts: list[Piece] = []
        kept: list[tuple[str, str]] = []
        for mark in sorted(marks, key=lambda mark: mark.kind == "attribute"):
            if mark.kind == "size" and _fits(size, mark.value):
                size = _both(size, mark.value)
            elif mark.kind == "rank" and rank is None:
                rank = mark
            elif mark.kind == "count":
                counts.append(mark)
            elif mark.kind == "attribute" and class_name and not any({mark.value[1], other} in lexicon.AGAINST for _, other in kept):
                kept.append(mark.value)
            elif mark.kind != "by" or rank is None:
                self.unknown.append(self.said([mark]))
        if size == Size():
            size = _class_size([which for what, which in kept if what == "size"], class_name)
        n = rank.value.n if rank else 0
        if rank and not n and counts and counts[0].value >= 1:
            n = int(counts.pop(0).value)
        self.unknown.extend(self.said([mark]) for mark in counts)
        shape, tone = (tuple(dict.fromkeys(which for what, which in kept if what == name)) for name in ("shape", "tone"))
        found = replace(rank.value, n=n or (lexicon.TOP if plural else 1)) if rank else None
        return (None if size == Size() else size), shape, tone, found


def _fits(size: Size, other: Size) -> bool:
    both = _both(size, other)
    return both.min_m2 is None or both.max_m2 is None or both.min_m2 <= both.max_m2


def _both(size: Size, other: Size) -> Size:
    lows = [low for low in (size.min_m2, other.min_m2) if low is not None]
    highs = [high for high in (size.max_m2, other.max_m2) if high is not None]
    return Size(max(lows, default=None), min(highs, default=None))


def _class_size(words: list[str], class_name: str) -> Size:
    """What "large", "small" and "medium" mean for the class."""
    if not words:
        return Size()
    small, large = lexicon.SMALL_M2[class_name], lexicon.LARGE_M2[class_name]
    return {"large": Size(large, None), "small": Size(None, small), "medium": Size(small, large)}[words[0]]
