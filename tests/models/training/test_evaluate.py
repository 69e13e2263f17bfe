"""The figures, on tiny truth and with segmenters whose answer is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio

from models.errors import RequestInvalid
from models.nets import Decoded
from models.training.evaluate import main
from models.training.evaluate.calibration import Reliability
from models.training.evaluate.click import Conversation, Sample, clicked, clicks_to_iou, evaluate, figures, view_of_mask
from models.training.evaluate.truth import Selection


def square(side=256, low=100, high=150):
    target = np.zeros((side, side), bool)
    target[low:high, low:high] = True
    return target


def test_noc_counts_clicks_to_the_threshold_and_twenty_where_it_is_never_met():
    curves = [[0.5, 0.86, 0.91, 0.91, 0.91], [0.1] * 20]
    assert figures(curves) == {"n": 2, "iou1": 0.3, "iou3": 0.505, "iou5": 0.505, "noc85": 11.0, "noc90": 11.5}


def test_no_object_has_no_figures():
    assert figures([]) == {"n": 0}


def test_a_perfect_segmenter_needs_one_click():
    target = square()
    assert clicks_to_iou(target, lambda points, labels: target) == [1.0] * 5


def test_a_segmenter_that_never_learns_is_clicked_twenty_times():
    target = square()
    assert clicks_to_iou(target, lambda points, labels: square(256, 0, 200)) == [pytest.approx(2500 / 40000)] * 20


def test_a_view_enlarges_a_mask_about_its_own_pixels():
    mask = np.zeros((64, 64), bool)
    mask[10:20, 30:50] = True
    seen = view_of_mask(mask, 0, 0, 4)
    assert np.abs(seen[40:80, 120:200].mean() - 1) < 0.01 and abs(int(seen.sum()) - 3200) < 40


@pytest.fixture
def tiny_set(tmp_path):
    """One image: a square of 60 pixels in a corner of 256, and a fleck that is too small to count at native size."""
    ids = np.zeros((256, 256), np.uint16)
    ids[20:80, 30:90] = 7
    ids[200:205, 200:205] = 9
    rgb = np.where(ids > 0, 200, 60).astype(np.uint8)
    for folder, name, bands in (("images", "a.jpg", np.stack([rgb] * 3)), ("instances", "a.png", ids[None])):
        (tmp_path / folder).mkdir()
        profile = {"width": 256, "height": 256, "count": len(bands), "dtype": bands.dtype}
        with rasterio.open(tmp_path / folder / name, "w", **profile) as file:
            file.write(bands)
    return tmp_path


def test_framed_enlarges_small_objects_and_native_leaves_them_out(tiny_set):
    result = evaluate(tiny_set, lambda rgb: lambda points, labels: rgb[..., 0] > 128)
    assert result["n"] == 2 and result["native"]["n"] == 1
    assert result["iou1"] > 0.9 and result["native"]["iou1"] > 0.95


def test_json_is_one_object_with_the_agreed_names(tiny_set, capsys):
    assert main(["click", "--data", str(tiny_set), "--json", "--method", "magic-wand"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result) == {"task", "data", "n", "iou1", "iou3", "iou5", "noc85", "noc90", "interval", "native"}
    assert set(result["native"]) == {"n", "iou1", "iou3", "iou5", "noc85", "noc90", "interval"}
    low, high = result["interval"]["iou1"]
    assert low <= result["iou1"] <= high


class Guesser:
    """Two candidates, the first scored better: half the object, and the object."""

    side = 256

    def __init__(self, target):
        half = target.copy()
        half[:, 125:] = False
        self.candidates = np.where([half, target], 9, -9).astype(np.float32)

    def encode(self, images):
        return list(images)

    def decode(self, embedding, prompt):
        return Decoded(self.candidates, np.array([0.5, 0.3], np.float32))


def test_the_score_counts_for_the_figures_and_the_oracle_knows_better():
    target, reliability = square(), Reliability()
    rgb = np.zeros((256, 256, 3), np.uint8)
    outcome = clicked(Sample("a", rgb, target), Conversation(Guesser(target), rgb), reliability)
    assert outcome.ious == [0.5] * 20 and outcome.oracle == 1.0
    assert reliability.count.sum() == 3 and reliability.error() == 0  # scored 0.5, worth 0.5, three times


@pytest.mark.parametrize("degradation", ["noise", "blur", "jpeg", "band", "rotate", "half", "double"])
def test_a_degraded_object_is_still_found_where_it_then_is(tiny_set, degradation):
    result = evaluate(tiny_set, lambda rgb: lambda points, labels: rgb[..., 0] > 128, Selection(degrade=degradation), 10)
    assert result["n"] == 1 and result["iou1"] > (0.9 if degradation != "band" else 0.1)


def test_only_images_of_that_name(tiny_set):
    start = lambda rgb: lambda points, labels: rgb[..., 0] > 128  # noqa: E731
    assert evaluate(tiny_set, start, Selection(only=("a",)))["n"] == 2
    assert evaluate(tiny_set, start, Selection(only=("b",)))["n"] == 0


def test_a_folder_that_is_no_set_is_said_to_be_none(tmp_path):
    with pytest.raises(RequestInvalid):
        main(["click", "--data", str(tmp_path), "--method", "magic-wand"])
