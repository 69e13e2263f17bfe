"""How much changed, by kind and by pair of classes."""

from __future__ import annotations

import math

from shapely.geometry import box

from rasterscribe.models.comparing.objects import Changed
from rasterscribe.models.comparing.summary import csv_text, from_to, kinds_found
from rasterscribe.models.protocol import FromTo, KindFound


def changed(kind, was, now, area, score=0.9):
    return Changed(box(0, 0, 1, 1), kind, was, now, now, score, area)


CHANGES = [
    changed("appeared", "field", "building", 100.0),
    changed("appeared", "field", "building", 50.0),
    changed("appeared", "field", "building", 70.0, score=0.3),
    changed("changed", "field", "water", 900.0),
    changed("changed", "forest", "field", math.nan),
]


def test_every_kind_is_counted_and_weak_changes_are_not():
    assert kinds_found(CHANGES, 0.5) == (
        KindFound("appeared", 2, 150.0),
        KindFound("disappeared", 0, 0.0),
        KindFound("changed", 2, 900.0),
    )
    assert kinds_found(CHANGES, 0.2)[0] == KindFound("appeared", 3, 220.0)


def test_pairs_of_classes_come_with_the_largest_area_first():
    pairs = from_to(CHANGES, 0.5)
    assert pairs == (FromTo("field", "water", 1, 900.0), FromTo("field", "building", 2, 150.0), FromTo("forest", "field", 1, 0.0))


def test_the_table_names_its_unit():
    pairs = (FromTo("field, wet", "water", 1, 900.04),)
    assert csv_text(pairs, metric=True) == 'from_class,to_class,count,area_m2\n"field, wet",water,1,900.0\n'
    assert csv_text((), metric=False) == "from_class,to_class,count,area_square_pixels\n"
