"""What a phrase asks for, once it has been understood: classes, attributes and relations, as frozen data.

`models.phrase` makes them, `models.select` answers them. Standard library only. Lengths are in metres, areas in square metres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

DIRECTIONS = ("north_of", "south_of", "east_of", "west_of")
KINDS = ("within", "touching", "inside", "along", "between", *DIRECTIONS)
SHAPES = ("round", "elongated", "rectangular")
TONES = ("bright", "dark", "green")
RANK_BY = ("area", "length", "brightness", "greenness", "roundness", "elongation", "score")
ORDERS = ("largest", "smallest")


@dataclass(frozen=True)
class Size:
    """Bounds, both included; None is no bound. Of the area, and of the length: the longer side of the tightest rectangle around."""

    min_m2: Optional[float] = None
    max_m2: Optional[float] = None
    min_m: Optional[float] = None
    max_m: Optional[float] = None

    def to_json(self) -> dict[str, Any]:
        lengths = {"min_m": self.min_m, "max_m": self.max_m}
        return {"min_m2": self.min_m2, "max_m2": self.max_m2, **{name: value for name, value in lengths.items() if value is not None}}

    def sentence(self) -> str:
        return _joined(_bounds("area", self.min_m2, self.max_m2, "m²"), _bounds("length", self.min_m, self.max_m, "m"))


@dataclass(frozen=True)
class Rank:
    """The `n` first by a property, of all that pass the rest of their query."""

    by: str = "area"  # of RANK_BY
    order: str = "largest"  # of ORDERS: largest means most of the property, smallest least
    n: int = 1

    def to_json(self) -> dict[str, Any]:
        return {"by": self.by, "order": self.order, "n": self.n}

    def sentence(self) -> str:
        what = self.order if self.by == "area" else f"{'most' if self.order == 'largest' else 'least'} by {self.by}"
        return f"the {what}" if self.n == 1 else f"the {self.n} {what}"


@dataclass(frozen=True)
class Attributes:
    """What a relation may say of its references: "on large flat roofs"."""

    size: Optional[Size] = None
    shape: tuple[str, ...] = ()  # of SHAPES, all of them
    tone: tuple[str, ...] = ()  # of TONES, all of them

    def to_json(self) -> dict[str, Any]:
        return {"size": self.size.to_json() if self.size else None, "shape": list(self.shape), "tone": list(self.tone)}

    def sentence(self) -> str:
        return _joined(*self.shape, *self.tone, self.size.sentence() if self.size else "")


@dataclass(frozen=True)
class Relation:
    """Where the objects lie with respect to others."""

    kind: str  # of KINDS
    of: str  # a class, or a vector layer's name where `of_layer` says so
    distance_m: Optional[float] = None  # for within and along; None: the kind's own
    negated: bool = False
    of_layer: bool = False
    where: Optional[Attributes] = None  # of the references
    other: Optional[str] = None  # for between: the class or layer on the other side, where it is not `of` again
    other_layer: bool = False

    def to_json(self) -> list[dict[str, Any]]:
        """One entry a reference: `between` of two classes is two entries that follow each other."""
        said = {"kind": self.kind, "of": self.of, "distance_m": self.distance_m, "negated": self.negated}
        first = {**said, **({"layer": True} if self.of_layer else {}), **({"where": self.where.to_json()} if self.where else {})}
        if self.other is None:
            return [first]
        return [first, {**said, "of": self.other, **({"layer": True} if self.other_layer else {})}]

    def sentence(self) -> str:
        where = self.where.sentence() if self.where else ""
        of = f"{self.of} ({where})" if where else self.of
        if self.kind in ("within", "along") and self.distance_m is not None:
            words = f"{self.kind} {_number(self.distance_m)} m of {of}"
        elif self.other is not None:
            words = f"between {of} and {self.other}"
        else:
            words = f"{self.kind.replace('_', ' ')} {of}"
        return f"not {words}" if self.negated else words


@dataclass(frozen=True)
class Query:
    """The objects of a class that have every attribute and stand in every relation; `negated`: all but those."""

    class_name: str
    negated: bool = False
    size: Optional[Size] = None
    shape: tuple[str, ...] = ()  # of SHAPES, all of them
    tone: tuple[str, ...] = ()  # of TONES, all of them
    rank: Optional[Rank] = None
    relations: tuple[Relation, ...] = ()  # all of them
    words: str = ""  # what the user said
    weights: tuple[float, ...] = ()  # of the networks' classes, in their order

    def to_json(self) -> dict[str, Any]:
        return {
            "class": self.class_name,
            "negated": self.negated,
            "size": self.size.to_json() if self.size else None,
            "shape": list(self.shape),
            "tone": list(self.tone),
            "rank": self.rank.to_json() if self.rank else None,
            "relations": [entry for relation in self.relations for entry in relation.to_json()],
        }

    def sentence(self) -> str:
        name = f"not {self.class_name}" if self.negated else self.class_name
        attributes = Attributes(self.size, self.shape, self.tone).sentence()
        rank = self.rank.sentence() if self.rank else ""
        return _joined(name, attributes, *(relation.sentence() for relation in self.relations), rank)


@dataclass(frozen=True)
class Parse:
    """A phrase taken apart: one query a part, and what was left over."""

    queries: tuple[Query, ...]
    not_understood: tuple[str, ...] = ()
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # a word not understood -> known ones near to it

    def to_json(self) -> dict[str, Any]:
        return {"queries": [query.to_json() for query in self.queries], "not_understood": list(self.not_understood)}

    def sentence(self) -> str:
        """In words: "building, area > 300 m², within 50 m of road; not understood: 'abandoned'"."""
        left = ", ".join(f"'{word}'" for word in self.not_understood)
        return "; ".join([*(query.sentence() for query in self.queries), *([f"not understood: {left}"] if left else [])])


def _bounds(name: str, low: Optional[float], high: Optional[float], unit: str) -> str:
    if low is not None and high is not None:
        return f"{name} {_number(low)} to {_number(high)} {unit}"
    if low is not None:
        return f"{name} > {_number(low)} {unit}"
    return "" if high is None else f"{name} < {_number(high)} {unit}"


def _number(value: float) -> str:
    """Without a useless decimal point, and never as 1e+06."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
