"""What a comparison was made of and how: enough to run it again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely

from ..protocol import Change
from ..surveying.area import Area
from ..surveying.frame import Frame
from ..version import engine_version
from .aligned import Aligned
from .pair import RasterPair


def provenance_of(request: Change, pair: RasterPair, frame: Frame, area: Area | None, classes: Sequence[str]) -> dict[str, Any]:
    """JSON values. area: in the grid's CRS. Who compared, and by which weights, is not in it."""
    return {
        "before": _source(pair.before),
        "after": _source(pair.after),
        "map": None if request.old_map is None else dataclasses.asdict(request.old_map),
        "area": None if area is None else shapely.to_wkt(area, rounding_precision=-1),
        "overlap": pair.overlap,
        "shift": None if pair.shift is None else dataclasses.asdict(pair.shift),
        "grid": {"width": pair.width, "height": pair.height, "transform": list(pair.transform)[:6], "pixels_a_pixel": frame.pixel},
        "dates": list(pair.dates),
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


def _source(date: Aligned) -> dict[str, Any]:
    """A raster as it was read; `stamp` is the size of its file in bytes and the time at which that was written, ns since 1970."""
    raster = date.raster
    return {
        "path": str(Path(raster.path).absolute()),
        "stamp": raster.stamp,
        "bands": list(raster.bands),
        "stretch": [list(values) for values in raster.stretch],
    }
