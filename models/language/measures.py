"""Numbers and units: "at least half a hectare", "between 100 and 500 m²", "1,000 sq ft", "within 1.5 km"."""

from __future__ import annotations

from dataclasses import dataclass

from .tokens import MOST, Table, Token, listed, same

ABOUT = 0.1  # "of 300 m²", "about 300 m²": so much of it less or more
LENGTHS = {
    "m metre metres meter meters mtr mtrs": 1.0,
    "km kms kilometre kilometres kilometer kilometers": 1000.0,
    "cm centimetre centimetres centimeter centimeters": 0.01,
    "ft foot feet": 0.3048,
    "yd yds yard yards": 0.9144,
    "mi mile miles": 1609.344,
}
IN_METRES = {name: factor for names, factor in LENGTHS.items() for name in names.split()}
SQUARED = ("{}2", "{} 2", "sq {}", "sq{}", "square {}", "{} squared")
UNITS = Table(
    {name: ("length", factor) for name, factor in IN_METRES.items()}
    | same(("nautical mile", "nautical miles"), ("length", 1852.0))
    | {form.format(name): ("area", factor**2) for name, factor in IN_METRES.items() for form in SQUARED}
    | same(("ha", "hectare", "hectares"), ("area", 1e4))
    | same(("acre", "acres", "ac"), ("area", 4046.8564224))
)
SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
COUNTS = {word: float(n) for n, word in enumerate(SMALL.split())} | {word: 10.0 * n for n, word in enumerate(TENS.split(), 2)}
COUNTS |= {"dozen": 12.0}
TIMES = {"hundred": 100.0, "thousand": 1000.0, "k": 1000.0, "million": 1e6}

MORE, LESS, NEARLY, SPAN = "more", "less", "nearly", "span"
NO = ("no", "not", "never")
GREATER = ("larger", "bigger", "greater", "more", "higher", "broader", "longer", "farther", "further", "over", "above")
LESSER = ("smaller", "less", "fewer", "lower", "tinier", "closer", "nearer", "shorter", "under", "below")


def _than(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word if word in ("over", "above", "under", "below") else f"{word} than" for word in words)


AT_LEAST = """
    exceeding, exceeds, exceed, in excess of, at least, at the least, min, minimum, minimum of, a minimum of, upwards of, beyond,
    starting at, starting from
"""
AT_MOST = "not exceeding, at most, at the most, max, maximum, maximum of, a maximum of, up to, not beyond"
ALMOST = "about, around, approximately, approx, roughly, circa, ca, ~, ≈, =, exactly, some, nearly, almost"
COMPARED = Table(
    same([*_than(GREATER), *(f"{no} {word}" for no in NO for word in _than(LESSER)), *listed(AT_LEAST), ">", ">=", "=>", "≥"], MORE)
    | same([*_than(LESSER), *(f"{no} {word}" for no in NO for word in _than(GREATER)), *listed(AT_MOST), "<", "<=", "=<", "≤"], LESS)
    | same(listed(ALMOST), NEARLY)
    | same(listed("between, in between, ranging from, from, in the range, in the range of, in the range from"), SPAN)
)
UPWARDS = "more, larger, bigger, greater, over, above, up, upwards, further, farther"
DOWNWARDS = "less, smaller, under, below, fewer, lower, closer"
AFTERWARDS = Table(
    same([f"{link} {word}" for link in ("or", "and") for word in listed(UPWARDS)], MORE)
    | same(listed("+, plus, up, upwards, min, minimum, at least, at the least"), MORE)
    | same([f"{link} {word}" for link in ("or", "and") for word in listed(DOWNWARDS)], LESS)
    | same(listed("max, maximum, at most, at the most"), LESS)
)


@dataclass(frozen=True)
class Quantity:
    value: float
    kind: str  # "area", "length" or "" without a unit
    factor: float
    end: int


@dataclass(frozen=True)
class Span:
    """From `low` to `high` (None: open), in m², in m, or bare (`kind` ""); `said` where a word compared."""

    low: float | None
    high: float | None
    kind: str
    end: int
    said: bool
    factor: float = 1.0  # of the unit


def number(line: tuple[Token, ...], place: int) -> tuple[float, int] | None:
    """A number in digits or in words, and where it ends: "1,000", "5 thousand", "twenty-five", "two and a half", "half a", "a hundred"."""
    start, words = place, [token.word for token in line[place : place + 8]]
    if words[:2] in (["half", "a"], ["half", "an"]):
        return 0.5, place + 2
    value: float | None = None
    if words and line[place].kind == "number":
        value, place = line[place].value, place + 1
    elif words and words[0] in COUNTS:
        value, place = COUNTS[words[0]], place + 1
        if value >= 20 and len(words) > 1 and 0 < COUNTS.get(words[1], 0.0) < 10:
            value, place = value + COUNTS[words[1]], place + 1
    elif len(words) > 1 and words[0] in ("a", "an") and (words[1] in TIMES or words[1] in COUNTS):
        value, place = COUNTS.get(words[1], 1.0), place + (2 if words[1] in COUNTS else 1)
    while value is not None and place < len(line) and line[place].word in TIMES:
        value, place = value * TIMES[line[place].word], place + 1
    if value is not None and words[place - start : place - start + 3] == ["and", "a", "half"]:
        value, place = value + 0.5, place + 3
    return None if value is None else (min(value, MOST), place)


def quantity(line: tuple[Token, ...], place: int) -> Quantity | None:
    """A number and its unit, if it has one; "a hectare" is one."""
    found = number(line, place)
    if found is None and place < len(line) and line[place].word in ("a", "an", "one"):
        found = (1.0, place + 1) if UNITS.at(line, place + 1) else None
    if found is None:
        return None
    unit = UNITS.at(line, found[1])
    if unit is None:
        return Quantity(found[0], "", 1.0, found[1])
    (kind, factor), end = unit
    return Quantity(found[0] * factor, kind, factor, end)


def span(line: tuple[Token, ...], place: int) -> Span | None:
    """What bounds a quantity: "at least 5 ha", "5 ha or more", "2 to 3 km", "between 2 and 3 km", "about 5 ha", "over 2 but under 5 ha"."""
    first = _span(line, place)
    if first is None or not first.said or (first.low is None) == (first.high is None):
        return first
    second = _span(line, first.end + int(first.end < len(line) and line[first.end].word in ("and", "but", ",")))
    if second is None or not second.said or first.kind not in ("", second.kind) or (first.low is None) == (second.low is None):
        return first
    scale = 1.0 if first.kind else second.factor
    low, high = first.low or second.low or 0.0, first.high or second.high or 0.0
    low, high = (low * scale, high) if second.low is None else (low, high * scale)
    return Span(low, high, second.kind, second.end, True, second.factor)


def _span(line: tuple[Token, ...], place: int) -> Span | None:
    compared = COMPARED.at(line, place)
    how, at = compared if compared else ("", place)
    first = quantity(line, at)
    if first is None:
        return None
    both = None if how in (MORE, LESS) else _range(line, first, ("to", "-", "and") if how == SPAN else ("to", "-"))
    if both:
        return Span(*both, True, first.factor)
    after = AFTERWARDS.at(line, first.end)
    if how in ("", SPAN) and after and not _goes_on(line, after[1] - 1):
        how, end = after
        return Span(*_bounds(first.value, how), first.kind, end, True, first.factor)
    if how == SPAN:
        return None
    return Span(*_bounds(first.value, how), first.kind, first.end, bool(how), first.factor)


def _goes_on(line: tuple[Token, ...], place: int) -> bool:
    """Whether a word that could end a measure begins another one: "300 m2 at least 5 m from"; "+" between two things."""
    return quantity(line, place + 1) is not None or (
        line[place].word in ("+", "plus") and place + 1 < len(line) and line[place + 1].kind == "word"
    )


def _bounds(value: float, how: str) -> tuple[float | None, float | None]:
    if how == MORE:
        return value, None
    if how == LESS:
        return None, value
    return value * (1 - ABOUT), value * (1 + ABOUT)


def _range(line: tuple[Token, ...], first: Quantity, joints: tuple[str, ...]) -> tuple[float, float, str, int] | None:
    """Two quantities joined; the former takes the unit of the latter where it has none."""
    if first.end >= len(line) or line[first.end].word not in joints:
        return None
    second = quantity(line, first.end + 1)
    if second is None or (first.kind and second.kind and first.kind != second.kind):
        return None
    one = first.value if first.kind else first.value * second.factor
    two = second.value if second.kind else second.value * first.factor
    return min(one, two), max(one, two), first.kind or second.kind, second.end
