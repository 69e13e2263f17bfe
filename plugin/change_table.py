"""What changed, from class to class, as text: for a file, and for the clipboard."""

from __future__ import annotations

import csv
import io

from .change_state import Compared


def table_text(compared: Compared, separator: str = ",") -> str:
    """A line a pair of classes, with a decimal point whatever the language; the area is in m2, or in square pixels without a CRS."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(("from_class", "to_class", "count", "area_m2" if compared.metric else "area_px2"))
    writer.writerows((one.from_class, one.to_class, one.count, f"{one.area:.2f}") for one in compared.matrix)
    return text.getvalue()
