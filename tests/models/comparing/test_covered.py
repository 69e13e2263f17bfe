"""The pixels of an object are the same in one piece and in many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import Point, box

from rasterscribe.models.comparing import covered
from rasterscribe.models.comparing.covered import pieces_of
from rasterscribe.tests.models.comparing.scene import SIDE, frame_in


@pytest.mark.parametrize("side", [7, 32, SIDE])
def test_pieces_make_up_the_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: int) -> None:
    frame = frame_in(tmp_path)
    ring = Point(45.3, 50.2).buffer(30).difference(Point(45, 50).buffer(11))
    monkeypatch.setattr(covered, "SIDE", side)
    found = np.zeros((SIDE, SIDE), int)
    for piece in pieces_of(shapely.transform(ring, lambda x, y: frame.to_map @ (x, y), interleaved=False), frame):
        col, row, width, height = piece.window
        assert max(width, height) <= side and piece.around(2) == (col - 2, row - 2, width + 4, height + 4)
        found[row : row + height, col : col + width] += piece.inside
    middles = np.arange(SIDE) + 0.5
    assert np.array_equal(found, shapely.contains_xy(ring, *np.meshgrid(middles, middles)))


def test_an_object_between_the_middles_of_pixels_has_none(tmp_path: Path) -> None:
    frame = frame_in(tmp_path)
    sliver = shapely.transform(box(10.6, 10, 11.4, 40), lambda x, y: frame.to_map @ (x, y), interleaved=False)
    assert list(pieces_of(sliver, frame)) == []
