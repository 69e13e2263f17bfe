"""Rasters through a network in views: no seams, the same answer for any area and after any interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from shapely.geometry import MultiPolygon, Point, Polygon, box

from rasterscribe.models.errors import DiskFull, RasterUnreadable
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.survey import Scratch, Step, Strip, frame_of, probability, survey
from rasterscribe.tests.models.red_looker import red_looker

ROOT = Path(__file__).resolve().parents[3]
OVERLAP = 8
PLAIN = ((0.0, 255.0),)
ROTATED = Affine.translation(350000, 3060000) @ Affine.rotation(30) @ Affine.scale(0.5, -0.5)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 255, (1, height, width), np.uint8)


def run(raster, output, area=None, looker=None, level=0, keep=probability):
    """uint8 (kept, height, width) of a frame, and the frame."""
    frame = frame_of(raster, level, area)
    scratch = Scratch(output, {})
    strips = [event for event in survey(frame, area, looker or red_looker(), scratch, keep, OVERLAP) if isinstance(event, Strip)]
    scratch.clear()
    assert [strip.row for strip in strips] == [0, *np.cumsum([strip.values.shape[1] for strip in strips])[:-1]]
    values = np.concatenate([strip.values for strip in strips], axis=1)
    assert values.dtype == np.uint8 and values.shape[1:] == (frame.height, frame.width)
    return values, frame


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.gpkg"


@pytest.fixture
def opened(write_raster):
    return lambda values, **options: open_raster(write_raster(values, **options), stretch=PLAIN * len(values))


def expected(values: np.ndarray) -> np.ndarray:
    return probability((values.astype(np.float32) - 127) / 32)


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (90, 1), (31, 33), (32, 32), (56, 57), (100, 131), (40, 700)])
def test_what_a_pixel_says_of_itself_comes_out_as_it_is(opened, output, shape):
    values = noise(*shape)
    found, _ = run(opened(values), output)
    # carried logits are of half precision: a level up or down, where a probability lies between two
    assert np.abs(found.astype(int) - expected(values)).max() <= 1


def test_a_network_that_says_the_same_everywhere_leaves_no_seam(opened, output):
    found, _ = run(opened(np.full((1, 150, 170), 200, np.uint8)), output, looker=red_looker(by_view=0.7))
    assert len(np.unique(found)) == 1


def test_views_that_disagree_meet_in_a_slope(opened, output):
    values = np.repeat(np.linspace(50, 200, 200).astype(np.uint8)[None, None], 60, axis=1)
    found, _ = run(opened(values), output, looker=red_looker(by_view=1.5))
    steps = np.diff(found[0].astype(int), axis=1)
    assert steps.min() >= 0 and steps.max() <= 8, "as the raster rises, so does the answer, without a jump"
    assert np.abs(np.diff(found[0].astype(int), axis=0)).max() <= 1


AREAS = {
    "a pixel": (70, 50, 71, 51),
    "a strip": (0, 24, 131, 25),
    "the last view": (100, 80, 131, 100),
    "over the border": (-20, 40, 60, 300),
    "most": (3, 5, 130, 99),
}


@pytest.mark.parametrize("window", AREAS.values(), ids=AREAS)
@pytest.mark.parametrize("transform", [Affine(0.5, 0, 350000, 0, -0.5, 3060000), ROTATED], ids=["north up", "rotated"])
def test_an_area_has_the_very_bytes_of_the_whole(opened, output, window, transform):
    raster = opened(noise(100, 131), transform=transform)
    looker = red_looker(by_view=3)
    whole, _ = run(raster, output, looker=looker)
    left, top, right, bottom = window
    native = [(left, top), (right, top), (right, bottom), (left, bottom)]
    part, frame = run(raster, output, Polygon([raster.to_map(*corner) for corner in native]), looker)
    same = whole[:, frame.row : frame.row + frame.height, frame.col : frame.col + frame.width]
    inside = np.zeros((100, 131), bool)
    inside[max(top, 0) : bottom, max(left, 0) : right] = True
    inside = inside[frame.row : frame.row + frame.height, frame.col : frame.col + frame.width]
    assert (part[:, inside] == same[:, inside]).all() and inside.any()
    assert (part[:, ~inside] == 0).all()


def test_only_pixels_with_their_centre_in_the_area_are_answered_and_far_views_are_not_looked_at(opened, output):
    values, views = noise(120, 300), []
    raster = opened(values)
    disc = Point(raster.to_map(40, 40)).buffer(3)
    far = box(*raster.to_map(297, 119), *raster.to_map(299, 112))
    found, frame = run(raster, output, MultiPolygon([disc, far]), red_looker(views=views))
    rows, cols = np.mgrid[frame.row : frame.row + frame.height, frame.col : frame.col + frame.width] + 0.5
    near = np.hypot(rows - 40, cols - 40)
    assert (found[0][near < 5.8] > 0).all() and (found[0][(near > 6.2) & (cols < 280)] == 0).all()
    assert len(views) == 2, "one that the disc lies in, one in the corner"


def test_pixels_without_data_are_0_and_views_without_any_are_not_looked_at(opened, output):
    values, views = noise(100, 131), []
    values[:, :, 50:] = 0
    values[:, 10:20, 10:20] = 0
    found, _ = run(opened(values, nodata=0), output, looker=red_looker(views=views))
    assert ((found == 0) == (values == 0)).all()
    assert len(views) == 4 * 3, "columns of views from 0, 24 and 48"


def test_a_raster_without_any_data_has_strips_all_the_same(opened, output):
    found, _ = run(opened(np.zeros((1, 70, 40), np.uint8), nodata=0), output, looker=red_looker(2))
    assert found.shape == (1, 70, 40) and not found.any()


def test_not_a_number_is_no_data(opened, output):
    values = noise(50, 50).astype(np.float32)
    values[:, 20:30, 5:45] = np.nan
    found, _ = run(opened(values), output)
    assert ((found == 0) == np.isnan(values)).all()


def test_a_coarser_level_looks_at_means_of_native_pixels(opened, output):
    values = noise(101, 133)
    found, frame = run(opened(values), output, level=1)
    means = values[0, :100, :132].reshape(50, 2, 66, 2).mean(axis=(1, 3))
    assert (frame.width, frame.height) == (67, 51)
    assert np.abs(found[0, :50, :66].astype(int) - expected(means)).max() <= 3, "colours are whole numbers"


def test_an_area_at_a_coarser_level_has_the_very_bytes_of_the_whole(opened, output):
    raster = opened(noise(203, 307))
    whole, _ = run(raster, output, level=1, looker=red_looker(by_view=2))
    part, frame = run(raster, output, box(*raster.to_map(41, 150), *raster.to_map(200, 60)), red_looker(by_view=2), level=1)
    same = whole[:, frame.row : frame.row + frame.height, frame.col : frame.col + frame.width]
    assert (part[part > 0] == same[part > 0]).all() and (part > 0).mean() > 0.95


@pytest.mark.parametrize("lanes, batch", [(1, 1), (3, 1), (2, 4)])
def test_neither_threads_nor_batches_matter(opened, output, lanes, batch):
    raster = opened(noise(100, 131), nodata=3)
    assert (run(raster, output, looker=red_looker(lanes, batch, 3))[0] == run(raster, output, looker=red_looker(by_view=3))[0]).all()


def test_it_does_not_matter_how_a_file_is_laid_out(opened, output):
    values = np.concatenate([noise(100, 400, seed) for seed in range(3)])
    rows = opened(values, name="rows.tif", blockysize=1)
    tiles = opened(values, name="tiles.tif", tiled=True, blockxsize=16, blockysize=16)
    assert rows.in_whole_rows and not tiles.in_whole_rows
    assert (run(rows, output, looker=red_looker(2, by_view=3))[0] == run(tiles, output, looker=red_looker(2, by_view=3))[0]).all()


def test_what_is_kept_of_several_channels_is_the_callers_choice(opened, output):
    found, _ = run(opened(noise(40, 50)), output, keep=lambda logits: np.concatenate([logits > 0, logits <= 0]).astype(np.uint8))
    assert (found.sum(axis=0) == 1).all()


def test_steps_lead_to_the_end(opened, output):
    raster = opened(noise(100, 131))
    for area in (None, box(*raster.to_map(20, 80), *raster.to_map(90, 30))):
        scratch = Scratch(output, {})
        events = survey(frame_of(raster, 0, area), area, red_looker(), scratch, probability, OVERLAP)
        steps = [event for event in events if isinstance(event, Step)]
        scratch.clear()
        done = [step.done for step in steps]
        assert done == sorted(done) and done[0] == 0 and done[-1] == steps[-1].total and len(steps) > 9


def test_while_nothing_comes_it_says_so(opened, output):
    events = survey(frame_of(opened(noise(32, 32))), None, red_looker(seconds=0.9), Scratch(output, {}), probability, OVERLAP)
    assert sum(isinstance(event, Step) and event.done == 0 for event in events) >= 3


def interrupted(raster, output, looker, strips: int):
    """The strips of a survey that is closed after so many."""
    scratch = Scratch(output, {})
    events = survey(frame_of(raster), None, looker, scratch, probability, OVERLAP)
    found = []
    for event in events:
        found += [event] if isinstance(event, Strip) else []
        if len(found) == strips:
            break
    events.close()
    scratch.close()
    return found


@pytest.mark.parametrize("strips", [0, 1, 2, 3, 4])
def test_after_an_interruption_the_rest_is_the_same_to_the_byte(opened, output, strips):
    raster, views = opened(noise(100, 70), nodata=5), []
    whole, _ = run(raster, output, looker=red_looker(by_view=3))
    interrupted(raster, output, red_looker(2, by_view=3), strips or -1)
    found = interrupted(raster, output, red_looker(2, by_view=3, views=views), -1)
    assert (np.concatenate([strip.values for strip in found], axis=1) == whole).all()
    assert len(views) == (0 if strips in (0, 4) else (4 - strips) * 3), "only what is missing is looked at"


def test_another_question_does_not_go_on_with_the_strips_of_the_former(opened, output):
    raster, views = opened(noise(100, 70)), []
    interrupted(raster, output, red_looker(by_view=3), -1)
    interrupted(raster, output, red_looker(by_view=2, views=views), -1)
    assert len(views) == 12


def test_a_strip_that_was_cut_short_is_computed_again(opened, output):
    raster = opened(noise(100, 70))
    whole = interrupted(raster, output, red_looker(by_view=3), -1)
    kept = sorted(Path(output.parent / ".out.gpkg.unfinished").glob("strip*"))
    kept[1].write_bytes(kept[1].read_bytes()[:-200])
    kept[2].write_bytes(b"")
    again = interrupted(raster, output, red_looker(by_view=3), -1)
    assert all((one.values == other.values).all() for one, other in zip(whole, again, strict=True))


def test_when_the_disk_is_full_it_ends_and_goes_on_later(opened, output, monkeypatch):
    raster, views = opened(noise(100, 70)), []
    whole, _ = run(raster, output, looker=red_looker(by_view=3))
    put, before = Scratch.put, threading.active_count()

    def full(self, name, content):
        if name.endswith("2"):
            raise DiskFull("The disk is full.")
        put(self, name, content)

    monkeypatch.setattr(Scratch, "put", full)
    scratch = Scratch(output, {})
    with pytest.raises(DiskFull):
        list(survey(frame_of(raster), None, red_looker(2, by_view=3), scratch, probability, OVERLAP))
    scratch.close()
    assert threading.active_count() == before
    monkeypatch.undo()
    found = interrupted(raster, output, red_looker(by_view=3, views=views), -1)
    assert (np.concatenate([strip.values for strip in found], axis=1) == whole).all() and len(views) == 6


def test_closing_it_ends_its_threads(opened, output):
    before = threading.active_count()
    events = survey(frame_of(opened(noise(400, 400))), None, red_looker(3, seconds=0.05), Scratch(output, {}), probability, OVERLAP)
    while not next(events).done:
        pass
    assert threading.active_count() > before
    events.close()
    assert threading.active_count() == before


def test_a_raster_that_changes_meanwhile_is_said(opened, output, tmp_path):
    raster = opened(noise(300, 300))
    events = survey(frame_of(raster), None, red_looker(), Scratch(output, {}), probability, OVERLAP)
    next(events)
    os.utime(raster.path, ns=(1, 1))
    with pytest.raises(RasterUnreadable, match="changed"):
        list(events)


def test_after_a_kill_the_rest_is_the_same_to_the_byte(opened, output):
    raster = opened(noise(200, 200))
    whole, _ = run(raster, output, looker=red_looker(by_view=3))
    code = "import conftest; from rasterscribe.tests.models.survey_slowly import main; main()"
    command = [sys.executable, "-c", code, raster.path, str(output)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    lines = [process.stdout.readline() for _ in range(3)]
    time.sleep(0.03)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(20)
    assert lines[0] == "0\n" and "done\n" not in lines
    views = []
    found = interrupted(raster, output, red_looker(2, by_view=3, views=views), -1)
    assert (np.concatenate([strip.values for strip in found], axis=1) == whole).all()
    assert len(views) <= 6 * 8, "three of nine rows of views, at least, were kept"
