"""What somebody types as a class list, and what pixels become by it."""

from __future__ import annotations

import numpy as np
import pytest

from rasterscribe.models.classes import CLASSES, COLOURS, OTHER_COLOUR, PRESETS
from rasterscribe.models.errors import ClassesMissing, ClassesRepeated, ClassesUnknown, RequestInvalid
from rasterscribe.models.landcover.class_list import class_list
from rasterscribe.models.language.words import Vocabulary


@pytest.fixture(scope="module")
def listed():
    vocabulary = Vocabulary.read()
    return lambda *names: class_list(names, vocabulary)


def test_names_are_understood_as_everywhere_and_stay_as_they_were_typed(listed):
    found = listed(" Houses", "wood  land", "", "lake")
    assert found.names == ("Houses", "wood land", "lake")
    assert found.words == ("building", "forest", "water")
    assert [CLASSES[index] for index in found.weights.argmax(axis=1)] == ["building", "forest", "water"]
    assert found.numbers.tolist() == [1, 2, 3] and found.other == 0


@pytest.mark.parametrize("names", PRESETS.values(), ids=PRESETS)
def test_every_preset_is_a_class_list(listed, names):
    assert listed(*names).names == names


@pytest.mark.parametrize("name", ["other", "Background", "unclassified"])
def test_what_is_left_over_has_names(listed, name):
    found = listed("house", name, "water")
    assert (found.other, found.numbers.tolist(), found.words) == (2, [1, 3], ("building", "", "water"))


@pytest.mark.parametrize("names", [(), ("", " "), ("other",)])
def test_a_list_without_a_class_is_a_problem(listed, names):
    with pytest.raises(ClassesMissing):
        listed(*names)


@pytest.mark.parametrize("names", [("road", "road"), ("house", "water", "buildings"), ("Road", "road"), ("road", "other", "background")])
def test_two_names_of_one_class_are_a_problem(listed, names):
    with pytest.raises(ClassesRepeated) as raised:
        listed(*names)
    assert len(raised.value.data["names"]) == 2


def test_unknown_names_are_told_with_the_nearest_known_ones(listed):
    with pytest.raises(ClassesUnknown) as raised:
        listed("bulding", "water", "rubbish")
    assert raised.value.data["names"] == ["bulding", "rubbish"]
    assert "building" in raised.value.data["offers"]["bulding"]
    assert "building" in raised.value.what


def test_more_classes_than_a_byte_counts_are_a_problem(listed):
    with pytest.raises(RequestInvalid):
        listed(*[f"road {number}" for number in range(300)])


def test_each_class_has_its_colour_and_no_two_have_one(listed):
    assert listed("woodland", "house", "other").colours == (COLOURS["forest"], COLOURS["building"], OTHER_COLOUR)
    assert len(set(listed(*CLASSES, "other").colours)) == len(CLASSES) + 1


def test_a_pixel_gets_its_likeliest_class(listed):
    numbers, sure = listed("house", "water").keep(np.array([[[3, -5]], [[1, -4]]], np.float32))
    assert numbers.tolist() == [[1, 2]]
    assert sure.tolist() == [[243, 6]]


def test_where_no_class_is_likelier_than_not_the_rest_is(listed):
    numbers, sure = listed("house", "other", "water").keep(np.array([[[3, -5, 0]], [[1, -4, -1]]], np.float32))
    assert numbers.tolist() == [[1, 2, 1]]
    assert sure.tolist() == [[243, 250, 128]]
