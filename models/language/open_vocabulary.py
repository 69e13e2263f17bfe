"""Phrases for a model that takes any words: what our vocabulary lacks names a class of its own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import PhraseUnknown
from .phrase import Parse, parse
from .spelling import key
from .words import Understood, Vocabulary


def parse_openly(text: str, vocabulary: Vocabulary, layers: Sequence[str] = ()) -> Parse:
    """As `parse`, with the words that the vocabulary lacks as classes of their own.

    Not so a word that only describes the known one after it: "abandoned" in "abandoned houses" stays not understood. Raises PhraseEmpty,
    LayerUnknown, and PhraseUnknown where even so nothing is named.
    """
    try:
        first = parse(text, vocabulary, layers)
        unknown = first.not_understood
    except PhraseUnknown as problem:
        first, unknown = None, problem.data["not_understood"]
    names = [words for words in unknown if not _describes(words, text, vocabulary)]
    if not names:
        return first or parse(text, vocabulary, layers)
    return parse(text, _extended(vocabulary, names), layers)


def _describes(words: str, text: str, vocabulary: Vocabulary) -> bool:
    """Whether a known word follows at once."""
    after = " ".join(text.lower().split()).partition(words)[2]
    following = re.match(r"\s+([^\W\d]+)", after)
    return following is not None and vocabulary.understand(following[1]) is not None


@dataclass(frozen=True, eq=False)
class _Itself(Understood):
    """Words that mean themselves; their weights are of no class of ours."""

    @property
    def word(self) -> str:
        return self.phrase


@dataclass(frozen=True, eq=False)
class _Extended(Vocabulary):
    more: frozenset[str] = frozenset()  # keys of names beside those of the table

    def understand(self, phrase: str) -> Understood | None:
        return _Itself(np.ones(1, np.float32), phrase, 1.0, phrase) if key(phrase) in self.more else super().understand(phrase)

    def spells(self, phrase: str) -> bool:
        return key(phrase) in self.more or super().spells(phrase)


def _extended(vocabulary: Vocabulary, names: Iterable[str]) -> _Extended:
    fields = {item.name: getattr(vocabulary, item.name) for item in dataclasses.fields(Vocabulary)}
    return _Extended(**fields, more=frozenset(map(key, names)))
