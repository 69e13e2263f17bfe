"""What can be refused before a file is opened: places to write to, and numbers that cannot be meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from ..errors import RequestInvalid
from ..objects import results
from ..protocol import METHODS, Change


def check_request(request: Change) -> None:
    """Raises RequestInvalid."""
    if request.method not in ("", *METHODS):
        what = f"There is no way to compare called {request.method!r}."
        raise RequestInvalid(what, f"Choose one of {', '.join(METHODS)}.")
    if not 0 < request.threshold < 1:
        what = f"The least score asked for, {request.threshold:g}, is not between 0 and 1."
        raise RequestInvalid(what, "Ask for more than 0 and less than 1.")
    if not 0 < request.floor <= request.threshold:
        raise RequestInvalid("The scores asked for are not between 0 and 1, the lower one first.", "Give 0 < floor <= threshold < 1.")
    if not 0 <= request.min_area < math.inf:
        raise RequestInvalid(f"No change has an area of {request.min_area:g} or more.", "Ask for 0 or more square metres.")
    if request.before is None and request.old_map is None:
        raise RequestInvalid("There is nothing to compare with.", "Choose a before raster, or the old map, or both.")
    if request.before is None and request.method not in ("", "map"):
        what = f"Without a before raster nothing can be compared by the method {request.method!r}."
        raise RequestInvalid(what, 'Choose a before raster, or the method "map".')
    if request.method == "map" and request.old_map is None:
        raise RequestInvalid("The method that asks the old map was chosen, and there is no map.", "Choose the old map.")


def check_places(request: Change, inputs: Sequence[str]) -> tuple[Path, Path | None]:
    """Where changes and their probability go, None where that is not wanted; `inputs` are all files that are read.

    Raises RequestInvalid and OutputUnwritable.
    """
    out, probability = Path(request.out), Path(request.probability) if request.probability else None
    for path in (out, *([probability] if probability else [])):
        results.check_place(path, *inputs)
    if probability is not None and results.is_same(out, probability):
        raise RequestInvalid("Changes and their probability cannot be one file.", "Write them to two files.")
    return out, probability
