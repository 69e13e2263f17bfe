"""What a comparison was made of and how: enough to run it again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely

from ..protocol import Change
from ..raster import Raster
from ..surveying.area import Area
from ..surveying.frame import Frame
from ..version import engine_version
from .pair import RasterPair


def provenance_of(request: Change, pair: RasterPair, frame: Frame, area: Area | None, classes: Sequence[str]) -> dict[str, Any]:
    """JSON values. area: in the grid's CRS. Who compared, and by which weights, is not in it."""
    return {
        "before": _source(pair.before.raster),
        "after": _source(pair.after.raster),
        "overlap": pair.overlap,
        "shift": None if pair.shift is None else dataclasses.asdict(pair.shift),
        "grid": {"width": pair.width, "height": pair.height, "transform": list(pair.transform)[:6], "pixels_a_pixel": frame.pixel},
        "dates": list(pair.dates),
        **_asked(request, area, classes),
    }


def alone(request: Change, raster: Raster, area: Area | None, classes: Sequence[str]) -> dict[str, Any]:
    """The same of a raster that was compared with a map alone; area: in the raster's CRS."""
    return {"before": None, "after": _source(raster), **_asked(request, area, classes)}


def _asked(request: Change, area: Area | None, classes: Sequence[str]) -> dict[str, Any]:
    return {
        "map": None if request.old_map is None else dataclasses.asdict(request.old_map),
        "area": None if area is None else shapely.to_wkt(area, rounding_precision=-1),
        "classes": list(classes),
        "threshold": request.threshold,
        "floor": request.floor,
        "min_area": request.min_area,
        "refine": request.refine,
        "smooth": request.options.smooth,
        "right_angles": request.options.right_angles,
        "min_hole": request.options.min_hole,
        "rasterscribe": engine_version(),
    }


def _source(raster: Raster) -> dict[str, Any]:
    """A raster as it was read; `stamp` is the size of its file in bytes and the time at which that was written, ns since 1970."""
    return {
        "path": str(Path(raster.path).absolute()),
        "stamp": raster.stamp,
        "bands": list(raster.bands),
        "stretch": [list(values) for values in raster.stretch],
    }
