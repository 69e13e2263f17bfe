"""Dates as file names and the engine give them: a year, a month or a day, as ISO text."""

from __future__ import annotations

import re
from datetime import date
from typing import Optional

# 2012, 2012-07, 2012_07_31 or 20120731, and not a part of a longer number
IN_NAME = re.compile(r"(?<!\d)((?:19[3-9]|20[0-9])\d)(?:[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")


def date_in(name: str) -> str:
    """The first date that a name tells, as ISO; "" for none."""
    found = IN_NAME.search(name)
    return "-".join(part for part in found.groups() if part) if found else ""


def first_day(iso: str) -> Optional[date]:
    """Of a year, a month or a day; None for what is none."""
    parts = iso.split("-")
    try:
        return date(*(int(part) for part in (*parts, "1", "1")[:3])) if len(parts) <= 3 else None
    except ValueError:
        return None
