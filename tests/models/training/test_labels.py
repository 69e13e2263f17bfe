"""What the sets say of the classes."""

from __future__ import annotations

import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.classes import CLASSES  # noqa: E402
from models.training.labels import BUILDING, RULES, UNKNOWN, only, rule, table, unsure  # noqa: E402


def said(found, name: str) -> int:
    return int(found[CLASSES.index(name)])


def test_a_rule_says_yes_no_and_nothing():
    found = rule("building", "road, water")
    assert [said(found, name) for name in ("building", "road", "water", "tree")] == [1, 0, 0, UNKNOWN]


def test_only_shuts_out_all_but_the_named():
    found = only("solar panel", "building")
    assert said(found, "solar panel") == 1 and said(found, "building") == UNKNOWN
    assert all(said(found, name) == 0 for name in CLASSES if name not in ("solar panel", "building"))


def test_being_unsure_takes_back_what_was_said():
    assert said(unsure(only("water"), "marsh"), "marsh") == UNKNOWN


def test_a_kind_without_a_rule_says_nothing():
    assert (table({1: BUILDING})[7] == UNKNOWN).all() and (table({1: BUILDING})[1] == BUILDING).all()


def test_no_set_knows_its_background_to_be_background():
    """What a set does not label is unknown there: a picture of fields has houses that nobody drew."""
    assert said(RULES["agoro_fields_us"][0], "building") == UNKNOWN
    assert said(RULES["gsi_road_jp"][0], "building") == UNKNOWN
    assert said(RULES["villages"][0], "road") == UNKNOWN


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_set_labels_a_class_somewhere_and_leaves_the_unlabelled_kind_open(name):
    assert (RULES[name] == 1).any() and (RULES[name][UNKNOWN] == UNKNOWN).all()


def test_the_unknown_class_of_the_coast_says_nothing():
    assert (RULES["usgs_monterey_coast"][[0, 5]] == UNKNOWN).all()
