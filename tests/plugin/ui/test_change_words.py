"""What is said of two dates is short and in the reader's units."""

from __future__ import annotations

from typing import Optional

import pytest
from qgis.PyQt.QtCore import QLocale

from rasterscribe.models.protocol import METHODS, PairReply, Shift
from rasterscribe.plugin.ui.change_words import class_words, dates_words, method_words, pair_words, shift_words, unit_of


@pytest.fixture(autouse=True)
def english() -> None:
    QLocale.setDefault(QLocale("en_GB"))


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (Shift(0.9, -0.9, 0.64, 0.5, True), "1.3 px (0.64 m) apart, corrected"),
        (Shift(3.0, 4.0, None, 0.5, True), "5.0 px apart, corrected"),
        (Shift(0.2, 0.1, 0.1, 0.5, False), "less than half a pixel apart"),
        (Shift(6.0, 8.0, 50.0, 2.0, False), "10.0 px (50 m) apart, too far to be corrected"),
        (None, "how far they are apart could not be measured"),
    ],
)
def test_how_far_apart_two_rasters_lie(shift: Optional[Shift], words: str) -> None:
    assert shift_words(shift) == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (0.5, 0.51, "0.5 m, "),
        (0.5, 0.3, "0.5 and 0.3 m, "),
        (5.0, 30.0, "5 and 30 m, "),
        (None, 0.3, ""),
        (0.075, 0.15, "0.07 and 0.15 m, "),
    ],
)
def test_sizes_of_pixels_are_said_once_where_they_are_alike(before: Optional[float], after: Optional[float], words: str) -> None:
    near = Shift(0.0, 0.0, 0.0, 0.5, False)
    assert pair_words(PairReply("", "", before, after, 0.915, near)) == f"{words}overlap 92 %, less than half a pixel apart"


def test_dates_are_told_as_far_as_they_are_known() -> None:
    assert (
        dates_words("2012-07", "2020") == "2012-07 to 2020" and dates_words("", "2020") == "unknown to 2020" and dates_words("", "") == ""
    )


def test_classes_that_are_none_have_words_too() -> None:
    assert [class_words(name) for name in ("water", "background", "other", "")] == ["water", "other", "other", "not told"]


def test_every_method_has_a_name_and_says_when() -> None:
    assert list(method_words()) == ["", *METHODS] and all(name and when for name, when in method_words().values())


@pytest.mark.parametrize(("largest", "metric", "unit"), [(900.0, True, "m²"), (2e5, True, "ha"), (3e7, True, "km²"), (3e7, False, "px²")])
def test_areas_of_one_table_are_of_one_unit(largest: float, metric: bool, unit: str) -> None:
    assert unit_of(largest, metric)[0] == unit
