"""The graphs that a survey asks say what the model says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from models.classes import CLASSES
from models.nets.asking import asking
from models.nets.forms import GRAPHS, HALF, Frozen, example_view
from models.nets.net import Net
from models.nets.text_model import OurTextModel

SIDE = 64


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("weights") / "net.safetensors"
    net = Net().eval()
    net.text_temperature.uniform_(0.5, 2)
    net.save(file)
    return OurTextModel(file, "a")


@pytest.fixture(scope="module")
def views():
    return np.random.default_rng(0).integers(0, 255, (2, SIDE, SIDE, 3), np.uint8)


WEIGHTS = np.random.default_rng(1).random((3, len(CLASSES))).astype(np.float32)


def test_it_says_what_the_model_says(model, views):
    found = asking(model.net, WEIGHTS, SIDE)(views)
    expected = np.stack([model.ask(embedding, WEIGHTS) for embedding in model.encode(views)])
    assert found.dtype == np.float32 and found.shape == (2, 3, SIDE, SIDE)
    assert np.allclose(found, expected, atol=1e-4)


def test_a_trunk_in_half_precision_brings_the_head_along(model, views):
    trunk = model.net.trunk
    expected = asking(model.net, WEIGHTS, SIDE)(views)
    try:
        model.net.trunk = Frozen(trunk, example_view(SIDE), GRAPHS[HALF])
        found = asking(model.net, WEIGHTS, SIDE)(views)
    finally:
        model.net.trunk = trunk
    assert found.dtype == np.float32 and not np.array_equal(found, expected)
    assert np.abs(found - expected).mean() < 0.2 * expected.std()


def test_every_thread_gets_the_same_numbers_at_once_and_later(model, views):
    look = asking(model.net, WEIGHTS, SIDE)
    with ThreadPoolExecutor(2, initializer=torch.set_num_threads, initargs=(1,)) as threads:
        found = list(threads.map(look, [views] * 6))
    torch.set_num_threads(torch.get_num_threads())
    assert all(np.array_equal(one, found[0]) for one in found)
