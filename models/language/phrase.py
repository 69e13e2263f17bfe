"""A phrase in plain English becomes queries: "the 5 largest ponds next to a road, solar panels on large roofs".

Class, attributes and relations are taken apart, for naming just the class localises better than the whole sentence; attributes and
relations are then solved on the outlines, where they are exact. What is not understood is said, never guessed.
docs/phrases.md has the rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import PhraseEmpty, PhraseUnknown
from .drafts import Draft
from .offers import offers
from .pieces import Cutter, Piece
from .query import Parse, Query, Rank, Relation, Size, Where, quoted
from .reader import Reader
from .tokens import tidy, tokens
from .words import Vocabulary

__all__ = ["Parse", "Query", "Rank", "Relation", "Size", "Where", "parse"]

LONGEST = 60  # letters of what is not understood that a sentence repeats


def parse(text: str, vocabulary: Vocabulary, layers: Sequence[str] = ()) -> Parse:
    """What a phrase asks for; `layers` are the names of the vector layers that its relations may name.

    Raises `PhraseEmpty` where it asks for nothing, `PhraseUnknown` where it names no class that is known, `LayerUnknown` where it names a
    vector layer that is not among `layers`.
    """
    text = tidy(text)
    line = tokens(text)
    cutter = Cutter(text, line, vocabulary, layers)
    pieces = tuple(cutter.pieces())
    if all(piece.kind in ("filler", "joint", "not") for piece in pieces):
        raise PhraseEmpty("The phrase says nothing to look for.")

    def said(parts: Sequence[Piece]) -> str:
        return " ".join(text[line[parts[0].start].start : line[parts[-1].end - 1].end].lower().split())

    reader = Reader(pieces, said, cutter.non)
    drafts = reader.read()
    asked = [query for draft in drafts for query in draft.queries()]
    queries = list({repr(query.to_json()): query for query in reversed(asked)}.values())[::-1]  # houses and barns are asked for once
    unknown = list(dict.fromkeys([*reader.unknown, *(words for draft in drafts for words in draft.unknown)]))
    queries, unknown = _without_contradictions(queries, unknown)
    unknown = [words for words in unknown if not any(words != other and f" {words} " in f" {other} " for other in unknown)]
    unknown.sort(key=lambda words: text.lower().find(words) if words in text.lower() else len(text))
    near = offers(unknown, vocabulary)
    if not queries:
        data = {"not_understood": unknown, "offers": {words: list(known) for words, known in near.items()}}
        raise PhraseUnknown(f"Nothing in the phrase names a class that is known: {quoted(_shown(unknown))}.", _remedy(near), **data)
    return Parse(tuple(queries), tuple(unknown), near)


def _without_contradictions(queries: list[Query], unknown: list[str]) -> tuple[list[Query], list[str]]:
    """Buildings but no houses: that class cannot be told from itself, so the negation is said to be not understood."""
    wanted = {query.class_name for query in queries if not query.negated}
    plain = [query for query in queries if query.negated and query.class_name in wanted and query == Draft.bare(query)]
    return [query for query in queries if query not in plain], [*unknown, *(query.words for query in plain if query.words not in unknown)]


def _shown(unknown: Sequence[str]) -> list[str]:
    """What of the unknown a sentence has room for."""
    return [words if len(words) <= LONGEST else f"{words[:LONGEST]}…" for words in unknown[:8]]


def _remedy(near: dict[str, tuple[str, ...]]) -> str:
    """Names the nearest known words, where there are any."""
    found = list(dict.fromkeys(known for each in near.values() for known in each))[:6]
    return f"Did you mean {quoted(found)}?" if found else ""
