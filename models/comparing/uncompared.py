"""The ground that was not compared, as polygons: what had no data at one of the dates, or clouds."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator

import numpy as np
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import geometry_mask
from shapely.geometry import MultiPolygon, Polygon

from ..landcover.row_areas import row_areas
from ..landcover.vectorise import Progress, Rows, vectorise
from .draft import Draft
from .planes import CHANGED

SPECK = 64  # pixels: a smaller patch becomes part of what is around it
REACH = 1.0  # pixels that a border may move when it is drawn
COMPARED, GAP = 1, 2  # classes of a coverage; outside of the area there is none


def not_compared(draft: Draft, area: Polygon | MultiPolygon | None = None) -> Generator[Progress, None, list[Polygon]]:
    """The gaps in a draft that is complete, within an area in map coordinates; in map coordinates, valid and simplified.

    Memory is that of some rows and of the gaps' borders.
    """
    frame = draft.frame
    ground = row_areas(frame.to_map, frame.width, frame.height, None)  # of which nothing is asked
    coverage = yield from vectorise(_rows(draft, area), ground, frame.to_map, SPECK, REACH)
    gaps: list[Polygon] = []
    for patches, polygons, _ in coverage.polygons():
        gaps += polygons[coverage.patches.classes[patches] == GAP].tolist()
        yield frame.height, frame.height, "drawing"
    return gaps


def _rows(draft: Draft, area: Polygon | MultiPolygon | None) -> Iterator[Rows]:
    for row, planes in draft.strips():
        known = planes[CHANGED] > 0
        classes = np.where(known, np.uint8(COMPARED), np.uint8(GAP))
        if area is not None:
            to_map = draft.frame.to_map @ Affine.translation(0, row)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)  # for a moment the mask that GDAL draws has no place
                classes[geometry_mask([area], known.shape, to_map) & ~known] = 0
        yield classes, np.zeros_like(classes)
