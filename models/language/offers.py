"""Known words near to unknown ones: offered, never taken."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from . import lexicon
from .relation_words import BREAKERS, RELATIONS
from .spelling import singular
from .words import CLOSE, Vocabulary

WORDS = 8  # as many unknown words get offers: each is compared with the whole vocabulary
LONGEST = 40  # letters
EACH = 3
LIKE = 0.6  # difflib's ratio, from which the beginning of a longer name is worth an offer
OURS = sorted(
    " ".join(words)
    for table in (lexicon.ATTRIBUTES, lexicon.SUPERLATIVES, RELATIONS)
    for known in table.by_first.values()
    for words, _ in known
    if len(words[0]) > 3
)


def offers(unknown: Sequence[str], vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """For each unknown word that has any: up to EACH known names or attributes, the nearest first."""
    found = {words: _near(words, vocabulary) for words in [each for each in unknown if len(each) <= LONGEST][:WORDS]}
    return {words: near for words, near in found.items() if near}


def _near(words: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    name = " ".join([*words.split()[:-1], singular(words.split()[-1])]) if words.split() else ""
    if len(name) < 3 or name in lexicon.QUALITIES or name in OURS or (BREAKERS | set(OURS)).intersection(name.split()):
        return ()
    last = name.split()[-1]
    if vocabulary.spells(name):  # spelt right, but of no class: perhaps its noun is
        return (last,) if last != name and vocabulary.spells(last) and vocabulary.understand(last) else ()
    known = [*_plain(vocabulary.suggest(name, 4 * EACH)), *difflib.get_close_matches(name, OURS, EACH, CLOSE)]
    near = {each: difflib.SequenceMatcher(None, each, name).ratio() for each in known}
    return tuple(sorted((each for each in near if near[each] >= LIKE), key=lambda each: (-near[each], each))[:EACH])


def _plain(names: Sequence[str]) -> list[str]:
    """Without those that begin with an adjective: "large car" is no better an offer than "large"."""
    return [name for name in names if " " not in name or not {name.split()[0]} & (lexicon.QUALITIES | set(OURS))]
