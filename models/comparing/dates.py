"""When a raster was taken, as far as the file or its name says so. Standard library only."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import PurePath

# What files call the time at which they were taken, most telling first.
TAKEN = (
    "ACQUISITIONDATETIME",
    "ACQUISITIONDATE",
    "ACQUISITION_DATETIME",
    "ACQUISITION_DATE",
    "DATE_ACQUIRED",
    "SENSING_TIME",
    "DATATAKE_SENSING_START",
    "PRODUCT_START_TIME",
    "EXIF_DATETIMEORIGINAL",
    "NITF_IDATIM",
)
MADE = ("TIFFTAG_DATETIME", "EXIF_DATETIME")  # the time at which the picture was taken, or else the file written
FIRST_PHOTOGRAPH = 1858  # from the air

YEAR = r"(?<!\d)(?P<year>(?:18|19|20)\d\d)"
PATTERNS = tuple(
    re.compile(YEAR + rest)
    for rest in (
        r"(?P<gap>[-_.:/]?)(?P<month>\d\d)(?P=gap)(?P<day>\d\d)(?!\d(?!\d{3,5}(?!\d)))",
        r"[-_.](?P<month>\d\d)(?!\d)",
        r"(?!\d)",
    )
)


def date_of(path: str, tags: Mapping[str, str]) -> str:
    """ISO: a day, a month or a year, "" where nothing is said; never the time that the file system has.

    A time of acquisition among the file's own tags counts most, then a date in its name. The tag for the time of the picture comes last:
    many programs put the time there at which they wrote the file.
    """
    upper = {name.upper(): value for name, value in tags.items()}
    said = [upper.get(name, "") for name in TAKEN], [PurePath(path).stem], [upper.get(name, "") for name in MADE]
    return next((date for texts in said for text in texts if (date := _date_in(text))), "")


def is_date(text: str) -> bool:
    """Whether a text is an ISO day, month or year."""
    return _date_in(text) == text != ""


def is_later(one: str, other: str) -> bool:
    """Whether a date surely comes after another: 2012-07 does not come after 2012. False where either is not known."""
    known = min(len(one), len(other))
    return one[:known] > other[:known]


def _date_in(text: str) -> str:
    """The first date that a text names, as exactly as possible."""
    for pattern in PATTERNS:
        for found in pattern.finditer(text):
            date = _iso(found.groupdict())
            if date:
                return date
    return ""


def _iso(parts: Mapping[str, str]) -> str:
    year, month, day = int(parts["year"]), parts.get("month"), parts.get("day")
    try:
        when = datetime.date(year, int(month or 1), int(day or 1))
    except ValueError:
        return ""
    if not FIRST_PHOTOGRAPH <= year <= datetime.date.today().year + 1:
        return ""
    return when.isoformat() if day else when.isoformat()[:7] if month else when.isoformat()[:4]
