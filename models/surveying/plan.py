"""Which views a survey looks at, what each of them settles, and under which names finished rows of views are kept."""

from __future__ import annotations

import hashlib
import json
import warnings

import numpy as np
import shapely
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import geometry_mask
from shapely.geometry import MultiPolygon, Polygon

from .frame import Frame
from .grid import Axis
from .lanes import Looker, Place

FORMAT = 1  # of what is kept; another number makes a run begin anew


class Plan:
    """The views of a frame and an area (in map coordinates, or None) by their row and column in the raster's grid; all in survey pixels."""

    def __init__(self, frame: Frame, area: Polygon | MultiPolygon | None, looker: Looker, overlap: int) -> None:
        width, height = frame.whole
        self.frame = frame
        self.across, self.down = Axis(width, looker.side, overlap), Axis(height, looker.side, overlap)
        self.columns = self.across.meeting(frame.col, frame.col + frame.width)
        self.rows = self.down.meeting(frame.row, frame.row + frame.height)
        self.left = self.across.first(self.columns[0])
        self.breadth = self.across.end(self.columns[-1]) - self.left  # of all that a row of views gives
        self._on_map = area
        self._area = None if area is None else shapely.make_valid(frame.in_survey(area))
        shapely.prepare(self._area)
        self._name = _digest(frame, self._area, looker, overlap)
        self._wanted = self._meeting_the_area()

    @property
    def total(self) -> float:
        """Pixels of the frame that wanted views settle."""
        return float(sum(self.pixels(row, column) for row in self.rows for column in self.columns))

    def name(self, row: int) -> str:
        return f"strip-{self._name}-{row:06d}"

    def wants(self, row: int, column: int) -> bool:
        """Whether a view gives something to the area."""
        return bool(self._wanted[row - self.rows[0], column - self.columns[0]])

    def places(self, row: int) -> list[Place]:
        """Of the wanted views of a row."""
        return [(self.down.starts[row], self.across.starts[column]) for column in self.columns if self.wants(row, column)]

    def pixels(self, row: int, column: int) -> int:
        """Of the frame, that a wanted view settles; 0 for another."""
        rows, columns = self.settles_rows(row), self.settles_columns(column)
        return (rows.stop - rows.start) * (columns.stop - columns.start) if self.wants(row, column) else 0

    def settles_rows(self, row: int) -> slice:
        """What a row of views settles, in rows of the frame."""
        return _within(self.down, row, self.frame.row, self.frame.height)

    def settles_columns(self, column: int) -> slice:
        """What a column of views settles, in columns of the frame."""
        return _within(self.across, column, self.frame.col, self.frame.width)

    def in_area(self, row: int, column: int) -> np.ndarray | bool:
        """bool (rows, columns) of all that a view settles, in the frame or not: whether a pixel's centre lies in the area."""
        if self._on_map is None:
            return True
        left, right = self.across.first(column), self.across.settled(column)
        top, bottom = self.down.first(row), self.down.settled(row)
        if shapely.contains_properly(self._area, shapely.box(left, top, right, bottom)):
            return True
        to_map = self.frame.raster.transform @ Affine.scale(self.frame.pixel) @ Affine.translation(left, top)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # for a moment the mask that GDAL draws has no place
            inside: np.ndarray = geometry_mask([self._on_map], (bottom - top, right - left), to_map, invert=True)
        return inside

    def _meeting_the_area(self) -> np.ndarray:
        if self._area is None:
            return np.ones((len(self.rows), len(self.columns)), bool)
        tops, bottoms = _ends(self.down, self.rows, self.frame.row, self.frame.height)
        lefts, rights = _ends(self.across, self.columns, self.frame.col, self.frame.width)
        boxes = shapely.box(lefts[None], tops[:, None], rights[None], bottoms[:, None])
        met: np.ndarray = shapely.intersects(self._area, boxes)
        return met


def _within(axis: Axis, view: int, first: int, length: int) -> slice:
    """What a view settles, counted from `first` and cut to `length`."""
    start, stop = (min(max(at - first, 0), length) for at in (axis.first(view), axis.settled(view)))
    return slice(start, stop)


def _ends(axis: Axis, views: range, first: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """float (views,): where what each gives to a frame begins and ends."""
    starts = [max(axis.first(view), first) for view in views]
    stops = [min(axis.end(view), first + length) for view in views]
    return np.array(starts, float), np.array(stops, float)


def _digest(frame: Frame, area: Polygon | MultiPolygon | None, looker: Looker, overlap: int) -> str:
    """Tells what one survey keeps from what any other does."""
    key = {
        "format": FORMAT,
        "raster": frame.raster.identity,
        "frame": [frame.level, frame.col, frame.row, frame.width, frame.height],
        "area": None if area is None else shapely.to_wkb(area, hex=True),
        "looker": [looker.key, looker.side, overlap],
    }
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
