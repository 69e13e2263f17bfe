"""Definitions, on confusion matrices that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.evaluate.bootstrap import interval
from models.training.evaluate.calibration import Reliability, probability
from models.training.evaluate.metrics import changed_iou, ciou, class_iou, confusion, detection, f_scd, giou, kappa, mask_iou, sek

FROM_TO = np.array([[80, 2, 1], [3, 6, 1], [1, 1, 5]])


def test_rows_are_the_truth_and_unknown_truth_is_left_out():
    truth, said = np.array([[0, 0, 1], [1, 255, 1]]), np.array([[0, 1, 1], [1, 0, 0]])
    assert confusion(truth, said, 2).tolist() == [[1, 1], [1, 2]]


def test_a_class_has_the_iou_of_its_row_and_column():
    assert class_iou(np.array([[3, 1], [2, 4]])) == pytest.approx([3 / 6, 4 / 7])


def test_a_class_that_the_truth_does_not_have_has_no_iou():
    assert np.isnan(class_iou(np.array([[3, 1], [0, 0]]))[1])


def test_two_empty_masks_agree_and_are_counted():
    both, either = np.array([[2], [0], [0]]), np.array([[4], [0], [6]])
    assert mask_iou(both, either).ravel().tolist() == [0.5, 1.0, 0.0]
    assert giou(both, either) == pytest.approx(0.5) and ciou(both, either) == pytest.approx(0.2)


def test_detection_of_changed_pixels():
    assert detection(6, 2, 4) == pytest.approx({"precision": 0.75, "recall": 0.6, "f1": 2 / 3, "iou": 0.5})
    assert set(detection(0, 0, 0).values()) == {0.0}


def test_kappa_is_one_for_agreement_and_zero_for_chance():
    assert kappa(np.diag([5, 5])) == 1 and kappa(np.full((2, 2), 5)) == 0 and kappa(np.array([[9, 0], [0, 0]])) == 0


def test_second_figures_are_those_of_its_definition():
    assert changed_iou(FROM_TO) == pytest.approx(0.65)
    assert sek(FROM_TO) == pytest.approx(0.1953, abs=5e-5)
    assert f_scd(FROM_TO) == pytest.approx(0.6667, abs=5e-5)


def test_nothing_changed_and_nothing_said_has_no_second_figures():
    assert sek(np.diag([9, 0, 0])) == 0 and f_scd(np.diag([9, 0, 0])) == 0


def test_the_interval_of_equal_images_has_no_width():
    values = np.full(20, 0.7)
    assert interval(lambda drawn: values[drawn].mean(), 20) == [0.7, 0.7]


def test_the_interval_is_about_two_standard_errors_each_way_and_the_same_every_time():
    values = np.random.default_rng(5).normal(0.5, 0.1, 100)
    low, high = interval(lambda drawn: values[drawn].mean(), 100)
    reach = 1.96 * values.std() / np.sqrt(100)
    assert low == pytest.approx(values.mean() - reach, abs=0.002) and high == pytest.approx(values.mean() + reach, abs=0.002)
    assert [low, high] == interval(lambda drawn: values[drawn].mean(), 100)


def test_draws_without_a_value_are_left_out():
    values = np.array([0.5, np.nan])
    assert interval(lambda drawn: values[drawn][0], 2) == [0.5, 0.5]
    assert interval(lambda drawn: np.nan, 2) == []


def test_scores_that_keep_their_word_have_no_error():
    table = Reliability()
    table.add(np.full(10, 0.8), np.arange(10) < 8)
    assert table.error() == pytest.approx(0)
    assert table.report()["bins"][8] == {"from": 0.8, "to": 0.9, "score": 0.8, "right": 0.8, "count": 10}
    assert table.report()["bins"][0]["right"] is None


def test_the_calibration_error_weighs_gaps_by_how_many_scored_so():
    table = Reliability()
    table.add(np.full(30, 0.65), np.ones(30))
    table.add(np.full(10, 0.95), np.zeros(10))
    assert table.error() == pytest.approx((30 * 0.35 + 10 * 0.95) / 40)
    assert table.count.sum() == 40


def test_a_logit_of_zero_is_a_score_of_one_half():
    assert probability(np.array([-1000.0, 0.0, 1000.0])) == pytest.approx([0, 0.5, 1])
