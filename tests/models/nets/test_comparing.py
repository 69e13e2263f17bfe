"""Pairs of views through the network that ships: channels, the map, and exactness."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models import catalog
from models.classes import CLASSES
from models.errors import RequestInvalid
from models.nets.change_model import OurChangeModel
from models.nets.comparing import ABSENT, METHODS, comparing, either
from models.nets.forms import Frozen, example_view
from models.nets.net import Net, ready

BUILDING, WATER = CLASSES.index("building"), CLASSES.index("water")
SIDE = 128


@pytest.fixture(scope="module")
def net() -> Net:
    return ready(catalog.usual("change").weights)


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    """Smooth ground at both dates, with a light roof that comes in the middle."""
    rng = np.random.default_rng(0)
    ground = rng.integers(70, 110, (8, 8, 3)).repeat(SIDE // 8, 0).repeat(SIDE // 8, 1)
    both = np.concatenate([ground, ground + 8], axis=2).astype(np.uint8)
    both[40:80, 40:90, 3:] = 235
    return both[None]


def mapped(views: np.ndarray, number: int) -> np.ndarray:
    return np.concatenate([views, np.full_like(views[..., :1], number)], axis=3)


def swapped(views: np.ndarray) -> np.ndarray:
    return views[..., [3, 4, 5, 0, 1, 2, *range(6, views.shape[-1])]]


@pytest.mark.parametrize("method", METHODS)
def test_there_is_a_channel_for_change_and_one_a_class_and_date(net, views, method):
    found = comparing(net, [BUILDING, WATER], method, SIDE)(views.repeat(2, 0))
    assert found.shape == (2, 5, SIDE, SIDE) and found.dtype == np.float32 and np.isfinite(found).all()


@pytest.mark.parametrize("method", METHODS)
def test_exchanging_the_dates_exchanges_their_classes_to_the_bit(net, views, method):
    look = comparing(net, [BUILDING, WATER], method, SIDE)
    there, back = look(views)[0], look(swapped(views))[0]
    assert np.array_equal(there[0], back[0])
    assert np.array_equal(there[1:3], back[3:]) and np.array_equal(there[3:], back[1:3])


def test_in_half_precision_it_does_as_well(net, views):
    quick = ready(catalog.usual("change").weights)
    try:
        quick.trunk = Frozen(quick.trunk, example_view(SIDE), torch.bfloat16)
    except RuntimeError:
        pytest.skip("this processor has no bfloat16")
    look = comparing(quick, [BUILDING, WATER], "combined", SIDE)
    there, back = look(views)[0], look(swapped(views))[0]
    assert np.array_equal(there[0], back[0])
    assert np.array_equal(there[1:3], back[3:]) and np.array_equal(there[3:], back[1:3])
    plain = comparing(net, [BUILDING, WATER], "combined", SIDE)(views)[0]
    assert np.abs(1 / (1 + np.exp(-there)) - 1 / (1 + np.exp(-plain))).mean() < 0.02


def test_direct_change_is_what_the_change_model_says(net, views):
    model = OurChangeModel(catalog.usual("change").weights, "change")
    whole = np.zeros((1, 256, 256, 6), np.uint8)
    whole[:, :SIDE, :SIDE] = views
    before, after = model.encode(np.concatenate([whole[..., :3], whole[..., 3:]]))
    said = model.compare(before, after)[[BUILDING, WATER]].max(0)
    assert np.abs(comparing(net, [BUILDING, WATER], "direct", 256)(whole)[0, 0] - said).max() < 0.02


def test_a_map_that_says_nothing_is_no_map(net, views):
    for method in ("map", "combined"):
        look = comparing(net, [BUILDING], method, SIDE)
        assert np.array_equal(look(views), look(mapped(views, 0)))


def test_the_map_moves_what_was_there_and_direct_does_not_hear_it(net, views):
    look = comparing(net, [BUILDING], "map", SIDE)
    house, none = look(mapped(views, 1 + BUILDING))[0], look(mapped(views, ABSENT))[0]
    assert house[1].mean() > none[1].mean() + 1
    alone = comparing(net, [BUILDING], "direct", SIDE)
    assert np.array_equal(alone(views), alone(mapped(views, 1 + BUILDING)))


def test_either_is_the_logit_that_just_one_of_two_is_so():
    p, q = torch.tensor([0.1, 0.5, 0.9]), torch.tensor([0.7, 0.2, 0.95])
    found = either(torch.logit(p), torch.logit(q))
    assert torch.allclose(torch.sigmoid(found), p * (1 - q) + q * (1 - p), atol=1e-6)
    assert torch.equal(found, either(torch.logit(q), torch.logit(p)))


def test_a_method_that_there_is_not_is_said():
    with pytest.raises(RequestInvalid, match="guess"):
        comparing(Net(), [0], "guess", SIDE)
