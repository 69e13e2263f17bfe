"""How coarse to look for what."""

from __future__ import annotations

import pytest

from rasterscribe.models.classes import CLASSES
from rasterscribe.models.surveying.scale import BEST, level_for


def test_every_class_has_a_scale():
    assert set(BEST) == set(CLASSES)


@pytest.mark.parametrize(
    "name, gsd, level",
    [
        ("building", 0.3, 0),
        ("building", 0.15, 0),
        ("building", 0.075, 1),
        ("building", 0.03, 2),
        ("car", 0.1, 1),
        ("road", 0.25, 0),
        ("water", 0.25, 2),
        ("water", 10, 0),
        ("tree", 0.3, 1),
        ("field", 0.3, 0),
        (None, 0.3, 0),
        (None, 0.02, 3),
        ("a class of tomorrow", 0.3, 0),
    ],
)
def test_the_raster_is_brought_near_the_scale_of_the_examples(name, gsd, level):
    assert level_for(name, gsd) == level


@pytest.mark.parametrize("gsd", [None, 0.0, float("nan")])
def test_without_a_scale_the_raster_is_taken_as_it_is(gsd):
    assert level_for("building", gsd) == 0


def test_the_finest_raster_still_has_a_level():
    assert level_for("water", 1e-9) == 8
