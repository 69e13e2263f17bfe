"""A text as words, numbers, quotations and marks, each with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST = 1e15  # a number beyond it means no more, but must not become infinite
FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
SAME = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'} | dict.fromkeys("‐‑‒–—―−", "-")
)
GRAMMAR = re.compile(
    r"""(?<!\w)(?P<mark>['"])(?P<quote>[^'"\n]*[^'"\s][^'"\n]*)(?P=mark)(?!\w)
    | (?P<number>\d{1,3}(?:[,']\d{3})+(?!\d)(?:\.\d+)? | \d{1,3}(?:[ ]\d{3})+(?!\d) | \d+/\d+ | \d+[.,]\d+ | \d+ | \.\d+)
    | (?P<word>[^\W\d]\w*(?:'\w+)*)
    | (?P<sign>[<>]=?|=<|=>|[≤≥=~≈%,;/&+:.?!()-]|\n)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """`word` is in lower case and without apostrophes, and the sign itself for a sign; `value` is that of a number."""

    kind: str  # "word", "number", "quote" or "sign"
    word: str
    start: int
    end: int
    value: float = 0.0
    glued: bool = False  # to the token before it, by a hyphen


def tidy(text: str) -> str:
    """The text with one form for each sign: m² and m^2 are m2, every dash is a hyphen, every apostrophe straight."""
    for sign, decimals in FRACTIONS.items():
        text = re.sub(rf"(?<=\d)\s*{sign}", decimals, text).replace(sign, f"0{decimals}")
    text = unicodedata.normalize("NFKC", text.translate(SAME)).translate(SAME)
    text = re.sub(r"(?<=[A-Za-z])\s?(?:\^|\*\*)\s?2\b", "2", text)
    text = re.sub(r"\b(sq|approx|max|min|ca)\.", r"\1 ", text, flags=re.IGNORECASE)
    text = re.sub(r"\bw/o\b", "without", re.sub(r"\bw/(?!o\b)", "with ", text, flags=re.IGNORECASE), flags=re.IGNORECASE)
    text = re.sub(r"\b(?:i\.e|e\.g)\.,?", "", text, flags=re.IGNORECASE)
    whole = re.fullmatch(r"""\s*(["'])([^"']*)\1\s*""", text)
    return whole[2] if whole else text


def tokens(text: str) -> tuple[Token, ...]:
    """Those of a tidy text."""
    found: list[Token] = []
    for match in GRAMMAR.finditer(text):
        kind = "quote" if match["quote"] else str(match.lastgroup)
        if kind == "sign" and match[0] == "-" and _joins(text, match.start(), found):
            continue
        glued = kind == "word" and re.search(r"[^\W\d_]-$", text[: match.start()][-2:]) is not None
        word = match["quote"] or match[0].lower().replace("'", "").replace("\n", ";")
        found.append(Token(kind, word, match.start(), match.end(), min(_value(match[0]), MOST) if kind == "number" else 0.0, glued))
    return tuple(found)


def _joins(text: str, place: int, found: list[Token]) -> bool:
    """Whether a hyphen makes one word ("solar-panel", "50-metre", "top-5") and does not stand for "to" ("20-50 m", "20m-50m")."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not before.isalnum() or not after.isalnum():
        return False
    return after.isalpha() or (before.isalpha() and [token.kind for token in found[-2:]] != ["number", "word"])


def _value(text: str) -> float:
    """A comma before exactly three digits parts thousands (1,000), any other one is a decimal comma (2,5; 0,500)."""
    over, _, under = text.partition("/")
    if under:
        return float(over) / float(under) if float(under) else 0.0
    plain = text.replace(" ", "").replace("'", "")
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", plain):
        return float(plain.replace(",", ""))
    head, _, tail = plain.replace(",", ".").rpartition(".")
    return float(f"{head.replace('.', '')}.{tail}") if head or plain.startswith(".") else float(plain)


class Table(Generic[Value]):
    """Phrases with what they mean; the longest that stands at a place counts."""

    def __init__(self, meanings: Mapping[str, Value]) -> None:
        self.by_first: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        for phrase, value in meanings.items():
            words = tuple(phrase.split())
            self.by_first.setdefault(words[0], []).append((words, value))
        for known in self.by_first.values():
            known.sort(key=lambda each: -len(each[0]))

    def at(self, line: tuple[Token, ...], place: int) -> tuple[Value, int] | None:
        """What stands at a place, and where it ends; None where nothing of the table does, or only half of a hyphened word."""
        if place >= len(line) or line[place].kind == "quote":
            return None
        for words, value in self.by_first.get(line[place].word, ()):
            end = place + len(words)
            if all(token.word == word for token, word in zip(line[place:end], words, strict=False)) and whole(line, place, end):
                return value, end
        return None


def whole(line: tuple[Token, ...], start: int, end: int) -> bool:
    """Whether tokens [start, end) are all there and cut no hyphened word."""
    return end <= len(line) and not line[start].glued and not (end < len(line) and line[end].glued)


def same(phrases: Iterable[str], value: Value) -> dict[str, Value]:
    """Each of the phrases with that one meaning."""
    return dict.fromkeys(phrases, value)


def listed(text: str) -> list[str]:
    """Phrases between commas, on however many lines."""
    return [" ".join(each.split()) for each in text.split(",") if each.strip()]
