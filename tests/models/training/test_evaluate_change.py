"""Change over tiny sets, and the baselines."""

from __future__ import annotations

import numpy as np
import pytest

from models.classes import CLASSES
from models.comparing.irmad import alteration, irmad
from models.errors import RequestInvalid
from rasterscribe.tests.models.training.conftest import BLUE, GREEN, GREY, RED, painted

BLOCK = np.s_[:20, :24]  # 480 of 1920 pixels


@pytest.fixture
def pairs(write):
    """A new roof, labelled; and a roof that is gone, of which the labels know the upper half, beside a tree that is gone."""
    label = np.zeros((40, 48))
    label[BLOCK] = 255
    ground = (np.s_[30:, 30:], GREEN)
    write("A/a.png", painted(GREY, ground))
    write("B/a.png", painted(GREY, (BLOCK, RED), ground))
    write("label/a.png", label)
    write("A/b.png", painted(GREY, (BLOCK, RED), ground))
    write("B/b.png", painted(GREY, (np.s_[:2, 40:], RED), (np.s_[38:, :], BLUE), (np.s_[30:38, :20], GREEN)))
    half = np.zeros((40, 48))
    half[:10, :24] = 255
    write("label/b.png", half)


def test_change_of_a_class_is_measured_over_both_dates(pairs, measure):
    found = measure("change", "--word", "building")
    assert set(found) == {"task", "data", "n", "precision", "recall", "f1", "iou", "interval"}
    right, wrong = 480 + 240, 240 + 16
    assert found["recall"] == 1.0 and found["precision"] == pytest.approx(right / (right + wrong), abs=1e-4)
    assert found["iou"] == pytest.approx(right / (right + wrong), abs=1e-4)
    low, high = found["interval"]["f1"]
    assert low < found["f1"] < high


def test_without_a_word_what_people_build_counts_and_seasons_do_not(pairs, measure):
    assert measure("change") == measure("change", "--word", "building", "solar panel")
    assert measure("change", "--word", *CLASSES)["precision"] < measure("change")["precision"]


def test_a_difference_of_two_maps_is_the_same_for_exact_maps(pairs, measure):
    assert measure("change", "--word", "building", "--method", "classes")["f1"] == measure("change", "--word", "building")["f1"]


def test_degraded_pairs_keep_their_labels(pairs, measure):
    for kind in ("noise", "rotate", "half"):
        assert measure("change", "--word", "building", "--degrade", kind, "--only", "a")["f1"] > 0.8


def test_scores_of_change_are_set_against_labels(pairs, measure):
    found = measure("change", "--word", "building", "--calibration")
    assert sum(row["count"] for row in found["calibration"]["bins"]) == 2 * 1920


@pytest.fixture
def from_to(write):
    """A roof on what was a tree; in the second pair the labels say that it was water."""
    write("classes.json", {"1": "building", "2": "tree", "3": "water"})
    was, became = np.zeros((40, 48)), np.zeros((40, 48))
    became[BLOCK] = 1
    others = (np.s_[30:, 40:], BLUE), (np.s_[30:, :10], RED), (np.s_[30:, 20:30], GREEN)
    for name, before in (("a", 2), ("b", 3)):
        was[BLOCK] = before
        write(f"A/{name}.png", painted(GREY, (BLOCK, GREEN), *others))
        write(f"B/{name}.png", painted(GREY, (BLOCK, RED), *others))
        write(f"labelA/{name}.png", was)
        write(f"labelB/{name}.png", became)


def test_from_to_is_measured_over_both_maps(from_to, measure):
    found = measure("change")
    assert found["f1"] == found["iou"] == 1.0
    # Of four maps three have the right class: trees were called trees once and once they were water.
    assert found["f_scd"] == pytest.approx(0.75)
    assert 0 < found["sek"] < 1 and set(found["interval"]) == {"f1", "iou", "sek", "f_scd"}


def test_ids_in_one_label_say_what_it_became(from_to, write, tmp_path, measure):
    for folder in ("labelA", "labelB"):
        (tmp_path / folder).rename(tmp_path / {"labelA": "unused", "labelB": "label"}[folder])
    assert measure("change")["f_scd"] == 1.0


def test_irmad_has_no_classes(from_to, measure):
    assert "sek" not in measure("change", "--method", "irmad")


def test_dates_that_do_not_fit_are_said_in_a_sentence(pairs, write, tmp_path, measure):
    write("B/b.png", painted(GREY, size=(20, 20)))
    with pytest.raises(RequestInvalid, match="differ in size"):
        measure("change")
    (tmp_path / "B" / "b.png").unlink()
    with pytest.raises(RequestInvalid, match="no second date"):
        measure("change")
    with pytest.raises(RequestInvalid, match="needs images/, masks/"):
        measure("text", "--word", "building")


def test_irmad_sees_a_new_patch_through_another_light():
    rng = np.random.default_rng(0)
    before = rng.normal(100, 20, (50, 50, 3))
    after = before @ np.array([[0.6, 0.1, 0], [0.2, 0.7, 0.1], [0, 0.1, 0.9]]) + 30 + rng.normal(0, 2, before.shape)
    after[10:20, 10:20] = (250, 40, 90)
    mask = irmad(before, after)
    assert mask[10:20, 10:20].mean() > 0.95 and mask.mean() < 0.25  # reweighting makes it see more than the level promises


def test_irmad_of_grey_images_has_an_answer():
    grey = np.repeat(np.random.default_rng(1).integers(0, 255, (30, 30, 1)), 3, -1)
    assert np.isfinite(alteration(grey, grey + 1)).all()
