"""Planes on disk are read as they were written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rasterscribe.models.comparing.draft import Draft
from rasterscribe.tests.models.comparing.scene import SIDE, draft_of, frame_in

PLANES = np.random.default_rng(1).integers(0, 256, (3, SIDE, SIDE)).astype(np.uint8)


@pytest.mark.parametrize("high", [1, 7, SIDE])
def test_windows_are_read_from_what_was_written_in_strips(tmp_path: Path, high: int) -> None:
    with draft_of(tmp_path, frame_in(tmp_path), PLANES, high) as draft:
        assert np.array_equal(draft.read(10, 20, 30, 40), PLANES[:, 20:60, 10:40])
        assert np.array_equal(np.concatenate([planes for _, planes in draft.strips(13)], axis=1), PLANES)


def test_beyond_the_frame_and_below_the_last_row_written_there_is_nothing(tmp_path: Path) -> None:
    with Draft(tmp_path / "draft.tif", frame_in(tmp_path)) as draft:
        draft.write(0, PLANES[:, :10])
        assert np.array_equal(draft.read(-5, -5, 10, 20)[:, 5:15, 5:], PLANES[:, :10, :5])
        assert not draft.read(-5, -5, 10, 5).any() and not draft.read(-5, 10, 10, 20).any() and not draft.read(SIDE, 0, 5, 5).any()


def test_what_a_run_that_died_left_behind_is_gone(tmp_path: Path) -> None:
    frame = frame_in(tmp_path)
    draft_of(tmp_path, frame, PLANES).close()
    with Draft(tmp_path / "draft.tif", frame) as draft:
        assert not draft.read(0, 0, SIDE, SIDE).any()
