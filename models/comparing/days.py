"""Dates as far as they are known: a year, a month or a day, and the day that stands for each in a table."""

from __future__ import annotations

import calendar
import re
from datetime import date

from ..errors import DateUnknown

ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def days(before: str, after: str) -> tuple[date | None, date | None]:
    """The days that stand for two dates in ISO form ("2012", "2012-07", "2012-07-31"), None for "".

    A table's field and QGIS's temporal controller know whole days alone, so a year or a month becomes its first day. Where that would put
    the later date before the earlier one ("2012-07-31", then "2012"), the later one becomes its last day. Raises DateUnknown for what is
    no date.
    """
    first, second = _period(before), _period(after)
    start = None if first is None else first[0]
    if second is None:
        return start, None
    return start, second[0] if start is None or start <= second[0] else second[1] if start <= second[1] else second[0]


def _period(text: str) -> tuple[date, date] | None:
    """The first and the last day that a date may mean."""
    if not text:
        return None
    match = ISO.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        year, month, day = (int(part) if part else 0 for part in match.groups())
        first = date(year, month or 1, day or 1)
        month = month or 12
        return first, date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError as error:
        raise DateUnknown(f"{text!r} is no date.", date=text) from error
