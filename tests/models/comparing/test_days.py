"""Dates as far as they are known become whole days."""

from __future__ import annotations

from datetime import date

import pytest

from rasterscribe.models.comparing.days import days
from rasterscribe.models.errors import DateUnknown


def test_a_year_or_a_month_becomes_its_first_day():
    assert days("2012", "2020-08") == (date(2012, 1, 1), date(2020, 8, 1))
    assert days("2012-07-31", "") == (date(2012, 7, 31), None)
    assert days("", "2020-02-29") == (None, date(2020, 2, 29))


def test_the_later_date_stays_the_later_one():
    assert days("2012-07-31", "2012") == (date(2012, 7, 31), date(2012, 12, 31))
    assert days("2012-02-10", "2012-02") == (date(2012, 2, 10), date(2012, 2, 29))


def test_an_order_that_is_meant_to_be_the_other_way_round_stays_so():
    assert days("2020", "2012") == (date(2020, 1, 1), date(2012, 1, 1))


@pytest.mark.parametrize("text", ["yesterday", "2012-13", "2012-02-30", "12", "2012-7", "2012-07-31T00:00"])
def test_what_is_no_date_is_said(text):
    with pytest.raises(DateUnknown, match="is no date"):
        days(text, "")
