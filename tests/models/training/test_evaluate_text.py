"""Phrases and land cover over tiny sets, from files to figures."""

from __future__ import annotations

import numpy as np
import pytest

from models.errors import RequestInvalid
from models.training.evaluate import main
from models.training.evaluate.cars import matched, parts
from models.training.evaluate.truth import Selection, legend_of
from rasterscribe.tests.models.training.conftest import BLUE, GREEN, GREY, RED, YELLOW, painted

BLOCK, SHORE = np.s_[:20, :24], np.s_[20:, :]  # 480 and 960 of 1920 pixels


@pytest.fixture
def roofs(write):
    """Two images: a roof that is labelled, and one with a roof whose lower half the labels miss."""
    half = np.zeros((40, 48))
    half[:10, :24] = 255
    whole = np.zeros((40, 48))
    whole[BLOCK] = 255
    for name, mask in (("a", whole), ("b", half)):
        write(f"images/{name}.png", painted(GREY, (BLOCK, RED), (np.s_[30:, 30:], GREEN)))
        write(f"masks/{name}.png", mask)


@pytest.fixture
def shores(write):
    """Two images with class ids: water and beach; the second has a field that is called water."""
    ids = np.zeros((40, 48))
    ids[BLOCK], ids[SHORE] = 1, 2
    write("classes.json", {"0": "ignore", "1": "water", "2": "beach", "3": "shrub", "4": "vegetation"})
    write("images/a.png", painted(GREY, (BLOCK, BLUE), (SHORE, YELLOW)))
    write("masks/a.png", ids)
    field = ids.copy()
    field[:20, 24:36] = 4
    write("images/b.png", painted(GREY, (np.s_[:20, :36], BLUE), (np.s_[:2, 40:], RED), (SHORE, YELLOW)))
    write("masks/b.png", field)


def test_a_word_is_measured_against_yes_or_no_masks(roofs, measure):
    found = measure("text", "--word", "building")
    assert found["task"] == "text" and found["n"] == 2
    assert found["classes"] == {"building": 0.75} and found["miou"] == 0.75 and found["ciou"] == 0.75
    assert found["giou"] == pytest.approx((1 + 0.5) / 2)
    assert found["interval"]["miou"] == [0.5, 1.0]


def test_every_phrase_is_a_question_of_its_own(roofs, measure):
    found = measure("text", "--word", "building", "house", "--word", "tree")
    assert found["classes"] == {"building": 0.75, "house": 0.75, "tree": 0.0}


def test_a_phrase_that_nobody_understands_is_said_to_be_one(roofs, measure):
    with pytest.raises(RequestInvalid, match='"zeppelin" is not understood'):
        measure("text", "--word", "zeppelin")


def test_labelled_pixels_go_to_the_best_of_the_classes_asked(shores, measure):
    found = measure("text")
    assert found["left_out"] == ["shrub"]
    assert found["classes"]["water"] == pytest.approx(960 / 1200, abs=1e-4)
    assert found["classes"]["vegetation"] == 0.0 and found["classes"]["beach"] == 1.0
    assert set(found["classes"]) == {"water", "beach", "vegetation"} and found["miou"] == pytest.approx(0.6)


def test_merged_ids_are_one_class_and_the_others_are_ignored(shores, measure):
    found = measure("text", "--merge", "lake=1", "bare sand=2,3")
    assert list(found["classes"]) == ["lake", "bare sand"] and found["miou"] == 1.0


def test_names_of_one_meaning_become_one_class(networks, write, tmp_path):
    write("classes.json", {"1": "beach", "2": "bare_sand", "3": "road_paved"})
    legend = legend_of(tmp_path, [], {})
    assert legend.names == ("sand", "road_paved") and legend.words() == ("sand", "road paved")
    assert legend.table[:5].tolist() == [255, 0, 0, 1, 255]


def test_a_class_that_no_mask_has_is_not_in_the_mean(shores, measure):
    found = measure("text", "--merge", "water=1", "marsh=9")
    assert found["classes"] == {"water": 1.0, "marsh": None} and found["miou"] == 1.0


def test_a_map_calls_background_what_no_class_claims(shores, measure):
    found = measure("cover", "--merge", "water=1", "marsh=2")
    assert found["task"] == "cover" and found["classes"] == {"water": 1.0, "marsh": 0.0} and found["miou"] == 0.5
    assert found["accuracy"] == pytest.approx(960 / 2880, abs=1e-4)


def test_background_counts_where_it_is_labelled(roofs, measure):
    found = measure("cover", "--word", "building")
    assert set(found["classes"]) == {"building", "background"} and found["classes"]["building"] == 0.75
    assert found["classes"]["background"] == pytest.approx(2880 / 3120, abs=1e-4)


def test_scores_are_set_against_labels(roofs, measure):
    bins = measure("text", "--word", "building", "--calibration")["calibration"]["bins"]
    assert sum(row["count"] for row in bins) == 2 * 1920
    assert bins[9]["right"] == 0.75 and bins[0]["right"] == 0


@pytest.mark.parametrize("kind", ["noise", "blur", "jpeg", "rotate", "half", "double"])
def test_what_degrades_the_image_takes_the_truth_along(roofs, measure, kind):
    assert measure("text", "--word", "building", "--degrade", kind, "--limit", 1)["miou"] > 0.85


def test_limits_are_spread_over_the_names(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in "abcde"]
    assert [path.stem for path in Selection(limit=3).of(paths)] == ["a", "c", "e"]
    assert [path.stem for path in Selection(only=("b", "d")).of(paths)] == ["b", "d"]


def test_folders_and_masks_that_do_not_fit_are_said_in_a_sentence(networks, tmp_path, write, roofs):
    with pytest.raises(RequestInvalid, match="needs images/, masks/"):
        main(["text", "--data", str(tmp_path / "images"), "--word", "building"])
    with pytest.raises(RequestInvalid, match="Nothing says what the masks"):
        main(["text", "--data", str(tmp_path)])
    write("masks/b.png", np.zeros((5, 5)))
    with pytest.raises(RequestInvalid, match="does not fit its image"):
        main(["text", "--data", str(tmp_path), "--word", "building"])
    with pytest.raises(RequestInvalid, match="no method grabcut"):
        main(["text", "--data", str(tmp_path), "--method", "grabcut"])


def test_people_get_a_table(networks, shores, tmp_path, capsys):
    assert main(["text", "--data", str(tmp_path), "--calibration"]) == 0
    printed = capsys.readouterr().out
    assert "miou" in printed and "water" in printed and "expected calibration error" in printed


def test_trees_are_found_by_points_and_vegetation_by_its_mask(write, measure):
    kinds = np.zeros((40, 48))
    kinds[BLOCK], kinds[:10, :24] = 1, 2
    for name in ("eureka_1", "santa_1"):
        write(f"images/{name}.png", painted(GREY, (BLOCK, GREEN), (np.s_[30:, 30:], RED)))
        write(f"pseudo_masks/{name}.png", kinds)
        write(f"points/{name}.json", {"points": [[3, 3], [10.5, 8.5], [40, 5], [100, 5]]})
    found = measure("text", "--points", "--only", "eureka")
    assert found["n"] == 1 and found["points"] == 3 and found["recall"] == pytest.approx(2 / 3, abs=1e-4) and found["covered"] == 0.25
    assert found["iou"] == {"tree": 0.5, "tree_in_vegetation": 1.0, "vegetation": 1.0}


def test_cars_are_found_by_their_boxes(write, measure):
    cars = [np.s_[4:10, 4:16], np.s_[20:26, 4:16], np.s_[20:26, 30:42]]
    write("images/a.png", painted(GREY, *((car, RED) for car in cars), (np.s_[30:, 40:], GREEN)))
    boxes = [(10, 7, 12, 6), (10, 23, 12, 6), (36, 8, 12, 6)]  # the last has no car, and the last car no box
    write("labels/a.txt", "".join(f"0 {x / 48} {y / 40} {w / 48} {h / 40}\n" for x, y, w, h in boxes))
    found = measure("text", "--boxes")
    assert found["boxes"] == 3 and found["precision"] == found["recall"] == found["f1"] == pytest.approx(2 / 3, abs=1e-4)


def test_cars_that_touch_are_single_ones():
    mask = np.zeros((40, 60), bool)
    mask[5:15, 5:27] = mask[16:26, 5:27] = True
    mask[15, 12:18] = True  # their mirrors touch
    mask[35, 50] = True  # a fleck
    centres, areas = parts(mask)
    assert len(centres) == 2 and sorted(np.round(centres[:, 1])) == [10, 21] and (areas > 200).all()


def test_one_outline_finds_one_box_and_only_of_its_size():
    box = np.array([[0, 0, 10, 10]])
    assert matched(box, np.array([[5, 5], [6, 6]]), np.array([100, 100])) == 1
    assert matched(np.vstack([box, box]), np.array([[5, 5]]), np.array([100])) == 1
    assert matched(box, np.array([[5, 5]]), np.array([301])) == 0 and matched(box, np.array([[11, 5]]), np.array([100])) == 0


def test_a_forest_learns_a_colour(roofs, measure, tmp_path):
    pytest.importorskip("sklearn")
    found = measure("text", "--word", "building", "house", "--method", "forest", "--train", tmp_path)
    assert found["classes"]["building"] == found["classes"]["house"] > 0.6
    with pytest.raises(RequestInvalid, match="trained first"):
        measure("text", "--word", "building", "--method", "forest")
