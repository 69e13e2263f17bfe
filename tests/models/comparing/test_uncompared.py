"""The ground that was not compared, as polygons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box

from rasterscribe.models.comparing.uncompared import not_compared
from rasterscribe.models.surveying.frame import Frame
from rasterscribe.tests.models.comparing.scene import SIDE, draft_of, frame_in, ground, planes_of


@pytest.fixture
def frame(tmp_path: Path) -> Frame:
    return frame_in(tmp_path)


def gaps(folder: Path, frame: Frame, planes: np.ndarray, area: Polygon | None = None) -> list[Polygon]:
    with draft_of(folder, frame, planes) as draft:
        work = not_compared(draft, area)
        try:
            while True:
                next(work)
        except StopIteration as end:
            return end.value


def on_map(shape: Polygon, frame: Frame) -> Polygon:
    return shapely.transform(shape, lambda x, y: frame.to_map @ (x, y), interleaved=False)


def test_a_gap_is_drawn_and_specks_are_not(frame: Frame, tmp_path: Path) -> None:
    planes = planes_of(ground(), ground())
    planes[:, 20:60, 30:70] = 0
    planes[:, 80:84, 80:84] = 0
    planes[0, 30:34, 40:44] = 9  # seen for a moment
    [gap] = gaps(tmp_path, frame, planes)
    true = on_map(box(30, 20, 70, 60), frame)
    assert gap.is_valid and not gap.interiors and gap.symmetric_difference(true).area < 0.02 * true.area


def test_outside_of_the_area_nothing_is_missed(frame: Frame, tmp_path: Path) -> None:
    area = box(10, 10, 50, 50)
    planes = planes_of(ground(), ground())
    planes[:, :, :30] = 0
    planes[:, :10] = planes[:, 50:] = planes[:, :, 50:] = 0
    [gap] = gaps(tmp_path, frame, planes, on_map(area, frame))
    assert gap.symmetric_difference(on_map(box(10, 10, 30, 50), frame)).area < 5


def test_where_all_was_compared_there_is_no_gap(frame: Frame, tmp_path: Path) -> None:
    assert gaps(tmp_path, frame, np.full((3, SIDE, SIDE), 1, np.uint8)) == []


def test_where_nothing_was_compared_all_is_one(frame: Frame, tmp_path: Path) -> None:
    [gap] = gaps(tmp_path, frame, np.zeros((3, SIDE, SIDE), np.uint8))
    assert gap.equals(on_map(box(0, 0, SIDE, SIDE), frame))
