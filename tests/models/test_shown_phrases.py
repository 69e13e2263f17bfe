"""What the panel shows as examples of what can be said, can be said."""

from __future__ import annotations

import pytest

from rasterscribe.models.language.phrase import parse
from rasterscribe.models.language.words import Vocabulary
from rasterscribe.plugin.ui import examples


@pytest.mark.parametrize("phrase", examples.ALL)
def test_every_phrase_that_is_shown_is_understood(phrase: str, vocabulary: Vocabulary) -> None:
    asked = parse(phrase, vocabulary)
    assert asked.queries and not asked.not_understood


@pytest.mark.parametrize(
    ("phrases", "part"),
    [(examples.SIZES, "size"), (examples.LOOKS, ("shape", "tone")), (examples.COUNTS, "rank"), (examples.PLACES, "relations")],
)
def test_each_shows_what_its_headline_says(phrases: tuple[str, ...], part: str | tuple[str, ...], vocabulary: Vocabulary) -> None:
    parts = (part,) if isinstance(part, str) else part
    for phrase in phrases:
        assert any(getattr(query, name) for query in parse(phrase, vocabulary).queries for name in parts), phrase


@pytest.mark.parametrize("phrase", examples.NEGATIONS)
def test_a_negation_is_taken_as_one(phrase: str, vocabulary: Vocabulary) -> None:
    (query,) = parse(phrase, vocabulary).queries
    assert [relation.negated for relation in query.relations] == [True]
