"""Two rasters as one pair."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from pyproj import Transformer
from shapely.geometry import box

from rasterscribe.models.comparing.checking import paired
from rasterscribe.models.comparing.pair import RasterPair, open_pair
from rasterscribe.models.errors import (
    PairApart,
    PairBands,
    PairOrder,
    PairSame,
    PairScale,
    PairUnplaced,
    Problem,
    RasterMissing,
    RasterUnreadable,
    RequestInvalid,
)
from rasterscribe.models.protocol import Open, Pair
from rasterscribe.models.raster import Pixels
from rasterscribe.models.surveying.survey import Looker, Scratch, Strip, frame_of, survey
from rasterscribe.tests.models.comparing.grounds import ground, later, moved

Write = Callable[..., str]
HERE = Affine(0.5, 0, 350000, 0, -0.5, 3060000)
GROUND = ground()
PLAIN = ((0.0, 255.0),) * 3


def opened(before: str, after: str, **options: Any) -> RasterPair:
    return open_pair(Open(before), Open(after), **options)


def whole(pair: RasterPair) -> Pixels:
    return pair.read(0, 0, pair.width, pair.height, pair.width, pair.height)


@pytest.fixture
def before(write_raster: Write) -> str:
    return write_raster(GROUND, "before.tif")


class TestGrid:
    def test_one_grid_is_read_as_it_is(self, write_raster: Write, before: str) -> None:
        pair = opened(before, write_raster(GROUND, "after.tif"))
        seen = whole(pair)
        assert seen.rgb.shape == (300, 300, 6)
        assert seen.valid.all()
        assert (seen.rgb[..., :3] == seen.rgb[..., 3:]).all()
        assert pair.overlap == 1
        assert pair.transform == HERE

    def test_only_what_both_cover_is_compared(self, write_raster: Write, before: str) -> None:
        after = write_raster(GROUND[:, 100:, 60:], "after.tif", transform=HERE @ Affine.translation(60, 100))
        pair = opened(before, after)
        assert (pair.width, pair.height) == (240, 200)
        assert pair.overlap == pytest.approx(0.8 * 200 / 300)
        assert pair.common.equals(box(350030, 3059850, 350150, 3059950))
        seen = whole(pair)
        assert np.abs(seen.rgb[..., :3].astype(int) - seen.rgb[..., 3:]).max() <= 2
        assert "53%" in pair.notes[0]

    def test_a_finer_after_raster_is_averaged(self, write_raster: Write, before: str) -> None:
        fine = GROUND.repeat(3, axis=1).repeat(3, axis=2)
        pair = opened(before, write_raster(fine, "after.tif", transform=HERE @ Affine.scale(1 / 3)))
        seen = whole(pair)
        assert np.abs(seen.rgb[..., :3].astype(int) - seen.rgb[..., 3:]).max() <= 3
        assert "the before raster are 3.0 times as large" in pair.notes[0]

    def test_a_coarser_after_raster_lies_where_it_should(self, write_raster: Write) -> None:
        smooth = ground(200, 200).repeat(2, axis=1).repeat(2, axis=2)
        pair = opened(write_raster(smooth, "before.tif"), write_raster(smooth[:, ::2, ::2], "after.tif", transform=HERE @ Affine.scale(2)))
        assert pair.shift is not None
        assert abs(pair.shift.x) + abs(pair.shift.y) < 0.5

    def test_a_turned_raster_is_turned_back(self, write_raster: Write, before: str) -> None:
        quarter = HERE @ Affine.translation(0, 300) @ Affine.rotation(-90)  # its columns go up, its rows to the right
        after = write_raster(np.rot90(GROUND, axes=(2, 1)), "after.tif", transform=quarter)
        seen = whole(opened(before, after))
        assert seen.valid.all()
        assert np.abs(seen.rgb[..., :3].astype(int) - seen.rgb[..., 3:]).max() <= 2

    def test_a_raster_with_south_up_is_mirrored_back(self, write_raster: Write, before: str) -> None:
        after = write_raster(GROUND[:, ::-1], "after.tif", transform=HERE @ Affine.translation(0, 300) @ Affine.scale(1, -1))
        seen = whole(opened(before, after))
        assert np.abs(seen.rgb[..., :3].astype(int) - seen.rgb[..., 3:]).max() <= 2

    def test_another_crs_is_warped(self, write_raster: Write, before: str) -> None:
        degrees = Transformer.from_crs("EPSG:32645", "EPSG:4326", always_xy=True)
        west, north = degrees.transform(350010, 3059990)
        transform = Affine(0.5 / 98000, 0, west, 0, -0.5 / 110800, north)
        cols, rows = np.meshgrid(np.arange(250) + 0.5, np.arange(250) + 0.5)
        x, y = degrees.transform(*(transform @ (cols, rows)), direction="INVERSE")
        at = tuple(np.clip(np.floor(np.stack(~HERE @ (x, y))[::-1]), 0, 299).astype(int))
        pair = opened(before, write_raster(GROUND[:, at[0], at[1]], "after.tif", crs="EPSG:4326", transform=transform))
        assert pair.crs is not None and pair.crs.to_epsg() == 32645
        assert 0.6 < pair.overlap < 0.75
        assert pair.shift is not None
        assert abs(pair.shift.x) + abs(pair.shift.y) < 0.3
        assert whole(pair).valid.mean() > 0.95

    def test_what_one_date_has_no_data_of_is_black_at_both_and_not_valid(self, write_raster: Write, before: str) -> None:
        holed = GROUND.copy()
        holed[:, 100:200, 50:100] = 0
        pair = opened(before, write_raster(holed, "after.tif", nodata=0))
        seen = whole(pair)
        assert not seen.valid[100:200, 50:100].any()
        assert not seen.rgb[100:200, 50:100].any()
        assert seen.valid[:90].all()

    def test_what_is_under_clouds_is_not_valid(self, write_raster: Write, before: str) -> None:
        class West:
            def at(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> np.ndarray:
                columns = col + (np.arange(out_width) + 0.5) * width / out_width
                return np.broadcast_to(columns < 100, (out_height, out_width))

        pair = opened(before, write_raster(GROUND, "after.tif")).under((None, West()))
        seen = pair.another().read(50, 0, 100, 100, 100, 100)
        assert not seen.valid[:, :50].any()
        assert seen.valid[:, 50:].all()

    def test_numbers_of_any_type_become_bytes(self, write_raster: Write, before: str) -> None:
        heights = GROUND.astype("float32") * 10
        heights[:, :20] = np.nan
        seen = whole(opened(before, write_raster(heights, "after.tif", transform=HERE @ Affine.translation(0.5, 0))))
        assert seen.rgb.dtype == np.uint8
        assert not seen.valid[:19].any()
        assert seen.valid[22:, 2:].all()

    def test_rasters_without_a_crs_are_compared_from_the_corner(self, write_raster: Write) -> None:
        pair = opened(
            write_raster(GROUND, "before.tif", crs=None, transform=None),
            write_raster(GROUND[:, :200], "after.tif", crs=None, transform=None),
        )
        assert (pair.width, pair.height, pair.gsd) == (300, 200, None)
        assert "pixel on pixel" in pair.notes[0]
        assert pair.shift is not None and pair.shift.metres is None


class TestShift:
    def test_a_shift_is_said_and_taken_away(self, write_raster: Write, before: str) -> None:
        pair = opened(before, write_raster(later(moved(GROUND, 3, -1.5)), "after.tif"))
        assert pair.shift is not None and pair.shift.corrected
        assert (pair.shift.x, pair.shift.y) == pytest.approx((3, -1.5), abs=0.15)
        assert pair.shift.metres == pytest.approx(0.5 * np.hypot(3, 1.5), rel=0.1)
        assert not pair.notes

    def test_pixels_lie_on_each_other_afterwards(self, write_raster: Write, before: str) -> None:
        pair = opened(before, write_raster(moved(GROUND, 2, 1), "after.tif"))
        seen = pair.read(20, 20, 200, 200, 200, 200)
        assert np.abs(seen.rgb[..., :3].astype(int) - seen.rgb[..., 3:]).mean() < 1

    def test_less_than_half_a_pixel_is_left(self, write_raster: Write, before: str) -> None:
        pair = opened(before, write_raster(moved(GROUND, 0.3, 0), "after.tif"))
        assert pair.shift is not None and not pair.shift.corrected
        assert pair.shift.x == pytest.approx(0.3, abs=0.1)
        assert not pair.notes

    def test_more_than_five_pixels_are_a_warning(self, write_raster: Write, before: str) -> None:
        pair = opened(before, write_raster(moved(GROUND, 7, 2), "after.tif"))
        assert pair.shift is not None and not pair.shift.corrected
        assert "7.3 pixels (3.6 m)" in pair.notes[0]
        assert "too far" in pair.notes[0]

    def test_bare_ground_says_that_nothing_could_be_measured(self, write_raster: Write) -> None:
        flat = np.full((3, 200, 200), 90, "uint8")
        pair = opened(write_raster(flat, "before.tif"), write_raster(flat, "after.tif"))
        assert pair.shift is None
        assert "could not be measured" in pair.notes[0]


class TestOrder:
    def test_swapped_dates_swap_the_channels_to_the_last_bit(self, write_raster: Write, before: str) -> None:
        after = write_raster(later(moved(GROUND, 0.2, 0.1)), "after.tif")
        there, back = opened(before, after), opened(after, before)
        assert (whole(there).rgb == np.roll(whole(back).rgb, 3, axis=-1)).all()
        assert there.shift is not None and back.shift is not None
        assert (there.shift.x, there.shift.y) == (-back.shift.x, -back.shift.y)

    def test_the_newer_raster_first_is_a_problem_unless_it_is_meant(self, write_raster: Write) -> None:
        new, old = write_raster(GROUND, "town_2020.tif"), write_raster(GROUND, "town_2012-07.tif")
        with pytest.raises(PairOrder) as problem:
            opened(new, old)
        assert problem.value.data == {"before": "2020", "after": "2012-07"}
        assert opened(new, old, any_order=True).dates == ("2020", "2012-07")
        assert opened(old, new).dates == ("2012-07", "2020")

    def test_given_dates_count(self, write_raster: Write) -> None:
        new, old = write_raster(GROUND, "town_2020.tif"), write_raster(GROUND, "town_2012.tif")
        assert opened(new, old, before_date="2010-01-01").dates == ("2010-01-01", "2012")
        with pytest.raises(RequestInvalid):
            opened(old, new, before_date="last summer")


class TestBadInput:
    def test_one_file_twice_by_any_name(self, write_raster: Write, before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        linked, hard = tmp_path / "linked.tif", tmp_path / "hard.tif"
        linked.symlink_to(before)
        os.link(before, hard)
        monkeypatch.chdir(tmp_path)
        for name in (before, str(linked), str(hard), "before.tif", f"{tmp_path}/../{tmp_path.name}/before.tif"):
            with pytest.raises(PairSame):
                opened(before, name)

    def test_rasters_of_other_places(self, write_raster: Write, before: str) -> None:
        with pytest.raises(PairApart):
            opened(before, write_raster(GROUND, "after.tif", transform=HERE @ Affine.translation(300, 0)))
        with pytest.raises(PairApart):
            opened(before, write_raster(GROUND, "after.tif", crs="EPSG:3031"))

    def test_rasters_that_share_less_than_a_pixel_share_nothing(self, write_raster: Write, before: str) -> None:
        with pytest.raises(PairApart):
            opened(before, write_raster(GROUND, "beside.tif", transform=HERE @ Affine.translation(299.8, 0)))
        pair = opened(before, write_raster(GROUND, "after.tif", transform=HERE @ Affine.translation(298, 0)))
        assert "covers 0.7% of" in pair.notes[0]
        pair = opened(before, write_raster(GROUND, "corner.tif", transform=HERE @ Affine.translation(296, 295)))
        assert "covers less than 0.1% of" in pair.notes[0]

    def test_pixels_more_than_eight_times_as_large(self, write_raster: Write, before: str) -> None:
        with pytest.raises(PairScale) as problem:
            opened(before, write_raster(GROUND, "after.tif", transform=HERE @ Affine.scale(9)))
        assert "9 times" in problem.value.what
        assert opened(before, write_raster(GROUND, "near.tif", transform=HERE @ Affine.scale(7.9))).overlap == 1

    def test_colour_against_grey(self, write_raster: Write, before: str) -> None:
        with pytest.raises(PairBands):
            opened(before, write_raster(GROUND[:1], "after.tif"))

    def test_a_crs_on_one_side_only(self, write_raster: Write, before: str) -> None:
        bare = write_raster(GROUND, "after.tif", crs=None)
        for pair in ((before, bare), (bare, before)):
            with pytest.raises(PairUnplaced) as problem:
                opened(*pair)
            assert problem.value.data == {"path": bare}

    def test_a_file_that_is_not_there(self, before: str, tmp_path: Path) -> None:
        with pytest.raises(RasterMissing):
            opened(before, str(tmp_path / "none.tif"))

    def test_a_file_that_changes_under_way(self, write_raster: Write, before: str) -> None:
        pair = opened(before, write_raster(GROUND, "after.tif"))
        Path(pair.after.path).write_bytes(b"no raster")
        with pytest.raises(RasterUnreadable):
            pair.check_file()

    @pytest.mark.parametrize("name", ["before.tif", "after.tif"])
    def test_every_sentence_names_a_remedy(self, write_raster: Write, before: str, name: str) -> None:
        with pytest.raises(Problem) as problem:
            opened(before, before if name == "before.tif" else write_raster(GROUND[:1], name))
        assert problem.value.what.endswith(".") and problem.value.remedy.endswith(".")


def test_a_survey_reads_pairs_as_it_reads_rasters(write_raster: Write, before: str, tmp_path: Path) -> None:
    changed = GROUND.copy()
    changed[:, 100:140, 100:140] = 255
    pair = opened(before, write_raster(changed, "after.tif"))

    def look(views: np.ndarray) -> np.ndarray:
        difference = np.abs(views[..., :3].astype(np.float32) - views[..., 3:]).mean(axis=-1)
        return (difference[:, None] - 40) / 8

    looker = Looker(64, 1, "difference", look, lanes=2)
    strips = survey(frame_of(pair), None, looker, Scratch(tmp_path / "out.gpkg", {}), lambda logits: (logits > 0).astype(np.uint8) + 1)
    found = np.concatenate([strip.values[0] for strip in strips if isinstance(strip, Strip)])
    assert (found[105:135, 105:135] == 2).mean() > 0.9
    assert (found[:95] == 1).all()


def test_pairs_of_other_places_have_other_names_in_a_survey(write_raster: Write, before: str) -> None:
    pair = opened(before, write_raster(GROUND, "after.tif"))
    other = opened(before, write_raster(GROUND, "part.tif", transform=HERE @ Affine.translation(30, 0)))
    assert pair.identity == pair.another().identity
    assert pair.identity != other.identity


def test_a_pair_is_checked_without_a_run(write_raster: Write) -> None:
    reply = paired(Pair(Open(write_raster(GROUND, "town_2012.tif")), Open(write_raster(moved(GROUND, 2, 0), "town_2016-08.tif"))))
    assert (reply.before_date, reply.after_date, reply.overlap) == ("2012", "2016-08", 1)
    assert reply.before_gsd == pytest.approx(0.5, rel=0.01)
    assert reply.shift is not None and reply.shift.corrected
