"""When a raster was taken, by its own words."""

from __future__ import annotations

import pytest

from rasterscribe.models.comparing.dates import date_of, is_date, is_later


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("m_4709963_se_14_1_20120731.tif", "2012-07-31"),
        ("town-2012-07-31-ortho.tif", "2012-07-31"),
        ("town_2012_07_31.tif", "2012-07-31"),
        ("S2A_20200831T101031_tile.tif", "2020-08-31"),
        ("20120731101530.tif", "2012-07-31"),
        ("LC08_L2SP_007066_20200831_20200906_02_T1.tif", "2020-08-31"),
        ("town_2012_07.tif", "2012-07"),
        ("1985.tif", "1985"),
        ("town2012.tif", "2012"),
        ("town_2012_99.tif", "2012"),
        ("town_20121399.tif", ""),
        ("tile_4096_4709963.tif", ""),
        ("town.tif", ""),
    ],
)
def test_a_name_says_a_day_a_month_a_year_or_nothing(name: str, date: str) -> None:
    assert date_of(f"/maps/1999-01-01/{name}", {}) == date


def test_a_file_says_when_its_picture_was_taken() -> None:
    assert date_of("town.tif", {"TIFFTAG_DATETIME": "2016:08:16 10:30:00"}) == "2016-08-16"
    assert date_of("town.tif", {"AcquisitionDateTime": "2016-08-16T10:30:00Z"}) == "2016-08-16"


def test_the_time_of_acquisition_counts_more_than_the_name_and_that_more_than_when_the_file_was_written() -> None:
    tags = {"TIFFTAG_DATETIME": "2021:01:02 03:04:05"}
    assert date_of("town_2012.tif", tags) == "2012"
    assert date_of("town_2012.tif", {**tags, "ACQUISITIONDATE": "2011-05-06"}) == "2011-05-06"


def test_years_that_have_not_come_are_no_dates() -> None:
    assert date_of("tile_2099.tif", {}) == ""


def test_a_day_is_later_than_another_but_not_than_its_own_year() -> None:
    assert is_later("2012-08-01", "2012-07-31")
    assert is_later("2013", "2012-07-31")
    assert not is_later("2012-07-31", "2012")
    assert not is_later("2012", "2012-07-31")
    assert not is_later("2012", "")


@pytest.mark.parametrize(("text", "good"), [("2012", True), ("2012-07", True), ("2012-07-31", True), ("31.7.2012", False), ("", False)])
def test_only_iso_dates_are_taken(text: str, good: bool) -> None:
    assert is_date(text) is good
