"""Single clicks say what `decode` says, in whichever form and thread they are made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from rasterscribe.models.nets.click_model import OurClickModel
from rasterscribe.models.nets.clicking import Clicking, clicking
from rasterscribe.models.nets.forms import GRAPHS, HALF, Frozen, example_view
from rasterscribe.models.nets.net import Net
from rasterscribe.models.nets.prompt import Prompt

PLACES = [(100.0, 120.5), (3.0, 250.0), (128.0, 128.0)]


@pytest.fixture
def model(tmp_path) -> OurClickModel:
    torch.manual_seed(0)
    net = Net()
    torch.nn.init.normal_(net.click.border[2].weight, std=0.5)
    net.save(tmp_path / "random.safetensors")
    return OurClickModel(tmp_path / "random.safetensors", "random")


@pytest.fixture
def view() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (1, 256, 256, 3), np.uint8)


def agree(model: OurClickModel, single: Clicking, view: np.ndarray, within: float) -> None:
    [embedding] = model.encode(view)
    for x, y in PLACES:
        right = model.decode(embedding, Prompt(np.array([[x, y]], np.float32), np.array([1])))
        whole, small = (single.click(embedding, x, y, zoom) for zoom in (1, 2))
        spread = right.logits.std()
        assert np.abs(whole.logits - right.logits).max() < within * spread
        assert np.abs(small.logits - right.logits.reshape(128, 2, 128, 2).mean(axis=(1, 3))).max() < within * spread
        assert whole.score == pytest.approx(right.score, abs=within)


def test_the_graph_for_a_click_gives_the_heads_numbers(model: OurClickModel, view: np.ndarray) -> None:
    agree(model, clicking(model), view, 1e-4)


def test_in_half_precision_hardly_anything_changes(model: OurClickModel, view: np.ndarray) -> None:
    try:
        model.net.trunk = Frozen(model.net.trunk, example_view(256), GRAPHS[HALF])
    except RuntimeError:
        pytest.skip("this processor has no half precision")
    agree(model, clicking(model), view, 0.15)


def test_a_thread_of_its_own_changes_no_bit(model: OurClickModel, view: np.ndarray) -> None:
    single, [embedding] = clicking(model), model.encode(view)

    def clicked(place: tuple[float, float]) -> bytes:
        torch.set_num_threads(1)
        return single.click(embedding, *place, 2).logits.tobytes()

    with ThreadPoolExecutor(1) as one:
        alone = list(one.map(clicked, PLACES * 3))
    with ThreadPoolExecutor(3) as three:
        assert list(three.map(clicked, PLACES * 3)) == alone


def test_a_model_of_any_other_kind_decodes(model: OurClickModel, view: np.ndarray) -> None:
    class Other:
        id, digest, side, encode, decode = "other", "", 256, model.encode, model.decode

    other = clicking(Other())
    assert other.lanes == 1
    agree(model, other, view, 1e-4)
