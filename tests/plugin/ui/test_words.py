"""Numbers read as a person would say them."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QLocale

from rasterscribe.plugin.ui.words import area_words, duration_words, elapsed_words, score_words, size_words


@pytest.fixture(autouse=True)
def english() -> None:
    QLocale.setDefault(QLocale("en_GB"))


@pytest.mark.parametrize(
    ("area", "words"),
    [(1.5, "1.50 m²"), (245.6, "246 m²"), (9_999, "9,999 m²"), (10_000, "1.00 ha"), (123_456, "12.35 ha"), (2_500_000, "2.50 km²")],
)
def test_an_area_has_the_unit_that_fits(area: float, words: str) -> None:
    assert area_words(area, metric=True) == words


def test_without_a_crs_an_area_is_in_pixels() -> None:
    assert area_words(1234, metric=False) == "1,234 px²"


@pytest.mark.parametrize(("score", "word"), [(0.95, "sure"), (0.8, "fairly sure"), (0.6, "unsure"), (0.3, "guessing")])
def test_a_score_says_how_sure_the_model_is(score: float, word: str) -> None:
    assert word in score_words(score)


def test_sizes_and_times_are_round() -> None:
    assert (size_words(250e6), size_words(1.84e9)) == ("250 MB", "1.8 GB")
    assert (duration_words(20), duration_words(70), duration_words(200)) == (
        "less than a minute left",
        "about a minute left",
        "about 3 minutes left",
    )


def test_a_time_that_is_over_is_exact() -> None:
    assert [elapsed_words(seconds) for seconds in (0.84, 12.3, 200)] == ["0.8 s", "12 s", "3 min 20 s"]
