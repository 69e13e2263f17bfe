"""The click model behind `encode` and `decode`, the weights that ship, and how models are found."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models import catalog
from models.errors import ModelDamaged, ModelMissing
from models.nets import Prompt, load_change_model, load_click_model, load_text_model
from models.nets.click_model import OurClickModel
from models.nets.net import Net


def roof_on_grass() -> tuple[np.ndarray, np.ndarray]:
    """A light textured square on darker green, and where it is."""
    rng = np.random.default_rng(0)
    image = np.array([70, 95, 60]) + rng.normal(0, 8, (256, 256, 1))
    truth = np.zeros((256, 256), bool)
    truth[85:170, 90:180] = True
    image[truth] = np.array([170, 160, 150]) + rng.normal(0, 6, (truth.sum(), 1))
    return np.clip(image, 0, 255).astype(np.uint8), truth


def iou(mask: np.ndarray, truth: np.ndarray) -> float:
    return (mask & truth).sum() / (mask | truth).sum()


@pytest.fixture(scope="module")
def model():
    card = catalog.usual("click")
    if card is None or not card.at_hand():
        pytest.skip("no click model's weights are at hand")
    return load_click_model()


def test_one_click_outlines_a_roof(model):
    image, truth = roof_on_grass()
    decoded = model.decode(model.encode(image[None])[0], Prompt(np.array([[135.0, 127.0]]), np.array([1])))
    assert decoded.logits.shape == (256, 256) and iou(decoded.logits > 0, truth) > 0.85


def test_a_box_alone_outlines_a_roof(model):
    image, truth = roof_on_grass()
    prompt = Prompt(np.zeros((0, 2)), np.zeros(0), np.array([88.0, 83.0, 182.0, 172.0]))
    assert iou(model.decode(model.encode(image[None])[0], prompt).logits > 0, truth) > 0.85


def test_the_candidates_are_nested(model):
    image, _ = roof_on_grass()
    decoded = model.decode(model.encode(image[None])[0], Prompt(np.array([[135.0, 127.0]]), np.array([1])))
    assert decoded.candidates.shape == (3, 256, 256) and decoded.scores.shape == (3,)
    assert np.all(np.diff(decoded.candidates, axis=0) >= 0)


def test_the_score_is_high_where_the_object_is_plain(model):
    image, _ = roof_on_grass()
    assert model.decode(model.encode(image[None])[0], Prompt(np.array([[135.0, 127.0]]), np.array([1]))).score > 0.7


def test_views_encoded_together_are_as_if_encoded_alone(model):
    image, _ = roof_on_grass()
    other = image[::-1].copy()
    prompt = Prompt(np.array([[135.0, 127.0]]), np.array([1]))
    together = model.decode(model.encode(np.stack([other, image]))[1], prompt).logits
    alone = model.decode(model.encode(image[None])[0], prompt).logits
    assert np.abs(together - alone).max() < 1e-2


def test_an_embedding_knows_its_bytes(model):
    embedding = model.encode(np.zeros((1, 256, 256, 3), np.uint8))[0]
    assert embedding.nbytes == 4 * (64 * 64 * 64 + 16 * 128 * 128 + 3 * 64 * 64)


def test_the_model_computes_what_was_trained_and_saved(tmp_path):
    torch.manual_seed(0)
    net = Net().train()
    image, _ = roof_on_grass()
    batch = torch.from_numpy(image[None]).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        for _ in range(30):
            net.trunk(batch)  # normalisations that do something: fresh ones are the identity
    net.eval().save(tmp_path / "w.safetensors")
    model = OurClickModel(tmp_path / "w.safetensors", "w", "")
    with torch.inference_mode():
        trained = net.trunk(batch)
    loaded = model.encode(image[None])[0].features
    for mine, theirs in ((trained.coarse, loaded.coarse), (trained.fine, loaded.fine), (trained.colour, loaded.colour)):
        assert torch.allclose(mine, theirs, atol=0.02 * float(mine.std()) + 1e-4, rtol=0.01)


LOADERS = {"click": load_click_model, "text": load_text_model, "change": load_change_model}


@pytest.fixture(params=LOADERS)
def load(request, monkeypatch):
    card = catalog.Card("tiny", "Tiny", request.param, file="tiny.safetensors")
    monkeypatch.setattr(catalog, "cards", lambda folder=None: (card,))
    return LOADERS[request.param]


def test_an_unknown_model_is_missing(load):
    with pytest.raises(ModelMissing, match="no such model"):
        load("no such model")


@pytest.mark.parametrize("id", ["", "tiny"])
def test_weights_with_another_digest_are_refused(load, id, monkeypatch):
    monkeypatch.setattr(catalog.Card, "state", lambda card: catalog.DAMAGED)
    with pytest.raises(ModelDamaged, match="tiny"):
        load(id)


@pytest.mark.parametrize("id", ["", "tiny"])
def test_missing_weights_are_said_to_be_missing(load, id, monkeypatch):
    monkeypatch.setattr(catalog.Card, "state", lambda card: catalog.MISSING)
    with pytest.raises(ModelMissing, match="tiny"):
        load(id)


def test_a_model_for_another_job_is_refused_by_name(load):
    for other in set(LOADERS.values()) - {load}:
        with pytest.raises(ModelMissing, match="tiny is for the job"):
            other("tiny")
