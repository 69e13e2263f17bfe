"""The class areas of a land-cover map as text: for a file, and for the clipboard."""

from __future__ import annotations

import csv
import io
import os
from contextlib import suppress
from pathlib import Path

from ..models.protocol import ClassArea
from .area_state import Covered
from .problems import PluginProblem


def areas_of(covered: Covered, by_area: bool) -> list[tuple[ClassArea, str]]:
    """Each class with its colour ("" while that is not known), the largest first or as in the class list."""
    colours = (*covered.colours, *[""] * len(covered.reply.areas))
    rows = list(zip(covered.reply.areas, colours))
    return sorted(rows, key=lambda row: -row[0].area) if by_area else rows


def table_text(covered: Covered, by_area: bool, separator: str = ",") -> str:
    """A line a class, with a decimal point whatever the language; the area is in m2, or in square pixels without a CRS."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(("class", "pixels", "area_m2" if covered.metric else "area_px2", "share"))
    for one, _colour in areas_of(covered, by_area):
        writer.writerow((one.name, one.pixels, f"{one.area:.2f}", f"{one.share:.6f}"))
    return text.getvalue()


def write_table(path: Path, text: str) -> None:
    """Write a file beside its place, then rename it: any thread. Raises PluginProblem table.unwritable."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(text.encode("utf-8"))
        os.replace(unfinished, path)
    except OSError as error:
        raise PluginProblem("table.unwritable", str(error), file=path.name) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
