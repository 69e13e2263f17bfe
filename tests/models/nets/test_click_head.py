"""The cues that turn clicks into channels."""

from __future__ import annotations

import numpy as np
import torch

from models.nets.click_head import CANDIDATES, CUES, GROUPS, ClickHead, Prompts, cues
from models.nets.prompt import Decoded
from models.nets.trunk import FINE, WIDTH, Features


def prompts(points, labels, box=(0, 0, 0, 0)):
    places = torch.tensor([points], dtype=torch.float32)
    return Prompts(places, torch.tensor([labels]), torch.tensor([box], dtype=torch.float32), torch.zeros(1, 1, 32, 32))


def two_halves():
    """A view of 64 pixels whose left half is one thing and whose right half another."""
    coarse = torch.zeros(1, WIDTH, 16, 16)
    coarse[:, 0::2, :, :8] = 1
    coarse[:, 1::2, :, 8:] = 1
    colour = torch.zeros(1, 3, 16, 16)
    colour[:, :, :, 8:] = 1
    return Features(coarse, torch.zeros(1, FINE, 32, 32), colour)


def test_the_channels_are_as_many_as_the_head_expects():
    assert cues(two_halves(), prompts([[8.0, 32.0]], [1])).shape == (1, CUES, 16, 16)


def test_a_click_finds_its_own_half_alike_and_the_other_not():
    found = cues(two_halves(), prompts([[8.0, 32.0]], [1]))[0]
    likeness, colour = found[3 : 3 + GROUPS], found[3 + GROUPS]
    assert torch.all(likeness[:, :, :8] > 0.99) and torch.all(likeness[:, :, 8:] < 0.01)
    assert torch.all(colour[:, :8] > 0.99) and torch.all(colour[:, 8:] < 0.01)


def test_a_disc_lies_where_the_click_is():
    disc = cues(two_halves(), prompts([[42.0, 10.0]], [1]))[0, 0]
    assert disc[2, 10] == 1 and disc.sum() < 10


def test_a_removing_click_fills_its_own_channels_only():
    found = cues(two_halves(), prompts([[8.0, 32.0]], [0]))[0]
    half = (CUES - 3) // 2
    assert found[0].max() == 0 and found[half].max() == 1


def test_fillers_change_nothing():
    plain = cues(two_halves(), prompts([[8.0, 32.0]], [1]))
    padded = cues(two_halves(), prompts([[8.0, 32.0], [50.0, 50.0]], [1, -1]))
    assert torch.equal(plain, padded)


def test_a_box_is_one_inside_and_says_that_it_is_there():
    found = cues(two_halves(), prompts([[0.0, 0.0]], [-1], (16, 16, 32, 48)))[0]
    assert found[-3].sum() == 4 * 8 and torch.all(found[-2] == 1)


def test_the_head_gives_half_size_logits_and_a_score_a_candidate():
    logits, quality = ClickHead()(two_halves(), prompts([[8.0, 32.0]], [1]))
    assert logits.shape == (1, CANDIDATES, 32, 32) and quality.shape == (1, CANDIDATES)


def test_each_candidate_lies_within_the_next():
    logits, _ = ClickHead()(two_halves(), prompts([[8.0, 32.0]], [1]))
    assert torch.all(logits.diff(dim=1) > 0)


def test_the_object_is_shown_unless_another_promises_clearly_more():
    masks = np.zeros((3, 8, 8), np.float32)
    assert Decoded(masks, np.array([0.5, 0.60, 0.63])).best == 1
    assert Decoded(masks, np.array([0.5, 0.60, 0.70])).best == 2
    assert Decoded(masks[:1], np.array([0.2])).best == 0


def test_candidates_are_nested():
    logits, _ = ClickHead()(two_halves(), prompts([[8.0, 32.0]], [1]))
    less, middle, more = logits.unbind(1)
    assert (less <= middle).all() and (middle <= more).all()
