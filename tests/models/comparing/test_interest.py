"""Classes of interest in anybody's words."""

from __future__ import annotations

import pytest

from rasterscribe.models.classes import CLASSES, MAPPED
from rasterscribe.models.comparing.interest import interest_of
from rasterscribe.models.errors import ClassesMissing, ClassesUnknown


def test_words_become_classes_each_of_them_once(vocabulary):
    interest = interest_of(("ponds", " houses ", "building", "other"), vocabulary)
    assert interest.classes == ("water", "building") and not interest.not_understood
    assert [CLASSES[index] for index in interest.indices] == ["water", "building"]


def test_without_a_word_it_is_what_people_map(vocabulary):
    assert interest_of((), vocabulary).classes == interest_of(("  ",), vocabulary).classes == MAPPED


def test_what_is_not_known_is_kept_to_be_said(vocabulary):
    interest = interest_of(("qwxzy", "house"), vocabulary)
    assert interest.classes == ("building",) and interest.not_understood == ("qwxzy",)


def test_what_asks_for_nothing_is_refused(vocabulary):
    with pytest.raises(ClassesUnknown) as problem:
        interest_of(("forst",), vocabulary)
    assert "forest" in problem.value.data["offers"]["forst"]
    with pytest.raises(ClassesMissing):
        interest_of(("other",), vocabulary)


def test_small_things_are_not_looked_for_on_coarse_pixels(vocabulary):
    usual = interest_of((), vocabulary)
    assert usual.at(0.5).classes == usual.at(None).classes == MAPPED and not usual.at(0.5).not_seen
    coarse = usual.at(5.0)
    assert coarse.classes == ("water", "forest", "field", "sand")
    assert coarse.not_seen == ("building", "road", "solar panel")


def test_small_things_are_looked_for_where_somebody_asks(vocabulary):
    asked = interest_of(("houses", "ponds"), vocabulary).at(5.0)
    assert asked.classes == ("building", "water") and asked.not_seen == ("building",)
