"""What a phrase asks for, as data, as JSON and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KINDS = ("within", "touching", "inside", "along", "between", "north_of", "south_of", "east_of", "west_of")
SHAPES = ("round", "elongated", "rectangular")
TONES = ("bright", "dark", "green")
RANKED_BY = ("area", "length", "roundness", "elongation", "brightness", "greenness")
ORDERS = {
    ("area", "largest"): "largest", ("area", "smallest"): "smallest", ("length", "largest"): "longest", ("length", "smallest"): "shortest",
    ("roundness", "largest"): "roundest", ("roundness", "smallest"): "least round", ("elongation", "largest"): "most elongated",
    ("elongation", "smallest"): "least elongated", ("brightness", "largest"): "brightest", ("brightness", "smallest"): "darkest",
    ("greenness", "largest"): "greenest", ("greenness", "smallest"): "least green",
}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """Area in square metres; None where open."""

    min_m2: float | None = None
    max_m2: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {"min_m2": tidy(self.min_m2), "max_m2": tidy(self.max_m2)}

    def sentence(self) -> str:
        if self.min_m2 is None:
            return f"area < {readable(self.max_m2)} m²"
        if self.max_m2 is None:
            return f"area > {readable(self.min_m2)} m²"
        return f"area {readable(self.min_m2)} to {readable(self.max_m2)} m²"


@dataclass(frozen=True)
class Rank:
    """The first `n` by RANKED_BY: `order` is "largest" (most of it first) or "smallest"."""

    by: str
    order: str
    n: int

    def to_json(self) -> dict[str, Any]:
        return {"by": self.by, "order": self.order, "n": self.n}

    def sentence(self) -> str:
        name = ORDERS[self.by, self.order]
        return f"the {name}" if self.n == 1 else f"the {self.n} {name}"


@dataclass(frozen=True)
class Where:
    """What must hold of the things that a relation refers to: the large ones of "on large roofs"."""

    size: Size | None = None
    shape: tuple[str, ...] = ()
    tone: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"size": self.size.to_json() if self.size else None, "shape": list(self.shape), "tone": list(self.tone)}

    def sentence(self) -> str:
        return ", ".join(([self.size.sentence()] if self.size else []) + [*self.shape, *self.tone])


@dataclass(frozen=True)
class Relation:
    """A relation to the things of class `of`, or to the features of the vector layer of that name.

    `distance_m` is in metres and None where the kind needs none. Relations "between" come one for each of the things between which it is:
    two of them for "between a road and a river", one for "between roads".
    """

    kind: str
    of: str
    distance_m: float | None = None
    negated: bool = False
    of_layer: bool = False
    where: Where | None = None

    def to_json(self) -> dict[str, Any]:
        said = {"kind": self.kind, "of": self.of, "distance_m": tidy(self.distance_m), "negated": self.negated}
        return said | ({"of_layer": True} if self.of_layer else {}) | ({"where": self.where.to_json()} if self.where else {})

    def sentence(self) -> str:
        name = f"layer '{self.of}'" if self.of_layer else self.of
        name += f" ({self.where.sentence()})" if self.where else ""
        if self.kind == "within":
            return f"{'more than' if self.negated else 'within'} {readable(self.distance_m)} m {'from' if self.negated else 'of'} {name}"
        reach = f"up to {readable(self.distance_m)} m " if self.distance_m is not None else ""
        return f"{'not ' if self.negated else ''}{reach}{self.kind.replace('_', ' ')} {name}"


@dataclass(frozen=True)
class Query:
    """Things of one class, and which of them."""

    class_name: str
    negated: bool = False  # these are not wanted: taken away from what the other queries find
    size: Size | None = None
    shape: tuple[str, ...] = ()  # of SHAPES
    tone: tuple[str, ...] = ()  # of TONES
    rank: Rank | None = None
    relations: tuple[Relation, ...] = ()
    words: str = ""  # as they were typed
    weights: tuple[float, ...] = ()  # over CLASSES: what to ask the networks

    def to_json(self) -> dict[str, Any]:
        return {
            "class": self.class_name,
            "negated": self.negated,
            "size": self.size.to_json() if self.size else None,
            "shape": list(self.shape),
            "tone": list(self.tone),
            "rank": self.rank.to_json() if self.rank else None,
            "relations": [relation.to_json() for relation in self.relations],
        }

    def sentence(self) -> str:
        parts = [f"not {self.class_name}" if self.negated else self.class_name]
        parts += [part.sentence() for part in (self.size,) if part]
        parts += [*self.shape, *self.tone]
        parts += [part.sentence() for part in (self.rank,) if part]
        between = [relation for relation in self.relations if relation.kind == "between" and not relation.negated]
        if len(between) > 1:
            parts.append(" and ".join([between[0].sentence(), *(each.sentence().removeprefix("between ") for each in between[1:])]))
        return ", ".join(parts + [each.sentence() for each in self.relations if len(between) < 2 or each not in between])


@dataclass(frozen=True)
class Parse:
    """A phrase as queries, whose results add up, and what of it was not understood, as it was typed."""

    queries: tuple[Query, ...]
    not_understood: tuple[str, ...] = ()
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # known words near to those not understood

    def to_json(self) -> dict[str, Any]:
        return {"queries": [query.to_json() for query in self.queries], "not_understood": list(self.not_understood)}

    def sentence(self) -> str:
        parts = [query.sentence() for query in self.queries]
        return "; ".join(parts + ([f"not understood: {quoted(self.not_understood)}"] if self.not_understood else []))


def tidy(value: float | None) -> float | int | None:
    """A number for JSON: to the hundredth, without a fraction where it has none."""
    if value is None:
        return None
    value = round(value, 2)
    return int(value) if value == int(value) else value


def readable(value: float | None) -> str:
    """1500.0 as "1,500", 8093.71 as "8,093.71"."""
    return f"{tidy(value or 0.0):,}"


def quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
