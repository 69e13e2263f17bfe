from __future__ import annotations

import pytest
import torch

from models.training.losses import dice, iou, lovasz_hinge, nearest, normalized_focal, partial

TARGET = torch.zeros(1, 1, 8, 8)
TARGET[:, :, 2:6, 2:6] = 1
RIGHT = (TARGET * 2 - 1) * 20
ALL_KNOWN, ONE = torch.ones(1, 1, 8, 8, dtype=torch.bool), torch.ones(1, 1)


@pytest.mark.parametrize("loss", [dice, normalized_focal])
def test_a_right_mask_costs_next_to_nothing_and_a_wrong_one_much(loss):
    assert loss(RIGHT, TARGET).item() < 0.01 < 0.5 < loss(-RIGHT, TARGET).item()


def test_every_candidate_has_a_loss_and_an_iou_of_its_own():
    both = torch.cat((RIGHT, -RIGHT), 1)
    assert dice(both, TARGET).shape == (1, 2) and iou(both > 0, TARGET > 0).tolist() == [[1.0, 0.0]]


def test_iou_of_a_half_covered_square():
    half = TARGET.clone()
    half[:, :, 4:] = 0
    assert iou(half > 0, TARGET > 0).tolist() == [[0.5]]


def test_the_best_candidate_and_the_usual_one_learn():
    losses = torch.tensor([[0.1, 0.9, 0.5]], requires_grad=True)
    nearest(losses, usual=1).sum().backward()
    assert losses.grad.tolist() == [[0.5, 0.5, 0.0]]


def test_partial_labels_teach_nothing_where_they_are_silent():
    logits = torch.zeros(1, 1, 8, 8, requires_grad=True)
    known = ALL_KNOWN.clone()
    known[..., :4] = False
    partial(logits, TARGET, known, ONE).backward()
    assert (logits.grad[..., :4] == 0).all() and (logits.grad[..., 4:] != 0).any()


def test_a_batch_that_knows_nothing_costs_nothing():
    assert partial(RIGHT, TARGET, ~ALL_KNOWN, ONE).item() == 0


def test_partial_is_small_for_right_and_large_for_wrong():
    assert partial(RIGHT, TARGET, ALL_KNOWN, ONE) < 0.01 < 5 < partial(-RIGHT, TARGET, ALL_KNOWN, ONE)


def test_lovasz_of_hard_errors_is_one_minus_iou():
    """At margins of exactly one the hinge's surrogate equals the Jaccard loss, times the margin's two."""
    target = torch.tensor([[True, True, False, False]])
    logits = torch.tensor([[1.0, -1.0, -1.0, -1.0]])  # one of two found: IoU 1/2
    assert lovasz_hinge(logits, target, torch.ones(1, 4, dtype=torch.bool)).item() == pytest.approx(2 * 0.5)


def test_lovasz_leaves_unknown_pixels_out():
    target, known = torch.tensor([[True, True, False, False]]), torch.tensor([[True, False, True, True]])
    logits = torch.tensor([[1.0, -5.0, -1.0, -1.0]])
    assert lovasz_hinge(logits, target, known).item() == 0
