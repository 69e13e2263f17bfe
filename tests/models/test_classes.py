"""What is said of classes: what happened where one became another."""

from __future__ import annotations

import pytest

from rasterscribe.models.classes import KIND_COLOURS, kind_of


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("other", "water", "appeared"),
        ("water", "background", "disappeared"),
        ("field", "building", "appeared"),
        ("building", "field", "disappeared"),
        ("field", "water", "changed"),
        ("tree", "building", "changed"),
    ],
)
def test_things_come_and_go_and_ground_changes(was: str, now: str, kind: str) -> None:
    assert kind_of(was, now) == kind and kind in KIND_COLOURS


@pytest.mark.parametrize(("was", "now"), [("other", "road"), ("sand", "car"), ("marsh", "forest"), ("", "")])
def test_the_other_way_round_what_appeared_disappeared(was: str, now: str) -> None:
    swapped = {"appeared": "disappeared", "disappeared": "appeared", "changed": "changed"}
    assert kind_of(now, was) == swapped[kind_of(was, now)]
