from __future__ import annotations

import pytest
import torch

from models.training.losses import dice, iou, normalized_focal

TARGET = torch.zeros(1, 1, 8, 8)
TARGET[:, :, 2:6, 2:6] = 1
RIGHT = (TARGET * 2 - 1) * 20


@pytest.mark.parametrize("loss", [dice, normalized_focal])
def test_a_right_mask_costs_next_to_nothing_and_a_wrong_one_much(loss):
    assert loss(RIGHT, TARGET) < 0.01 < 0.5 < loss(-RIGHT, TARGET)


def test_iou_of_a_half_covered_square():
    half = TARGET.clone()
    half[:, :, 4:] = 0
    assert iou(half > 0, TARGET > 0).tolist() == [0.5]
