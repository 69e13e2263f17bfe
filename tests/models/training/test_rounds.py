"""Simulated clicks land on what they are to correct."""

from __future__ import annotations

import numpy as np
import pytest
import torch

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.training.rounds import PLACES, Rounds  # noqa: E402


def square(low: int, high: int) -> np.ndarray:
    mask = np.zeros((256, 256), bool)
    mask[low:high, low:high] = True
    return mask


def clicks(rounds: Rounds) -> list[tuple[float, float, int]]:
    prompts = rounds.prompts(torch.zeros(1, 1, 128, 128))
    return [(*point, label) for point, label in zip(prompts.points[0].tolist(), prompts.labels[0].tolist(), strict=True) if label >= 0]


def test_the_first_click_is_inside_the_object_or_there_is_a_box_about_it():
    for seed in range(50):
        rounds = Rounds(square(100, 140)[None], np.random.default_rng(seed))
        for x, y, label in clicks(rounds):
            assert label == 1 and 100 <= x < 140 and 100 <= y < 140
        assert clicks(rounds) or np.abs(rounds.box[0] - [100, 100, 140, 140]).max() < 12


def test_a_mask_that_lacks_something_gets_a_click_there():
    target, mask = square(100, 160), square(100, 160)
    mask[:, 130:] = False
    rounds = Rounds(target[None], np.random.default_rng(1))
    before = len(clicks(rounds))
    rounds.correct(mask[None])
    x, y, label = clicks(rounds)[before]
    assert label == 1 and x >= 130 and 100 <= y < 160


def test_a_mask_that_takes_too_much_gets_a_removing_click():
    rounds = Rounds(square(100, 140)[None], np.random.default_rng(1))
    before = len(clicks(rounds))
    rounds.correct(square(60, 140)[None])
    x, y, label = clicks(rounds)[before]
    assert label == 0 and (x < 100 or y < 100)


def test_a_right_mask_gets_no_more_clicks_and_there_is_room_for_all():
    rounds = Rounds(square(100, 140)[None], np.random.default_rng(1))
    before = len(clicks(rounds))
    rounds.correct(square(100, 140)[None])
    assert len(clicks(rounds)) == before
    for _ in range(PLACES - before):
        rounds.correct(np.zeros((1, 256, 256), bool))
    assert len(clicks(rounds)) == PLACES
