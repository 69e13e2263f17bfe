"""One network behind three models, and files that do not fit it."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from models.classes import CLASSES
from models.errors import ModelDamaged, ModelMissing
from models.nets.change_model import OurChangeModel
from models.nets.click_model import OurClickModel
from models.nets.embedding import Encoder
from models.nets.net import PROTOTYPES, Net
from models.nets.prompt import Prompt
from models.nets.text_head import DIMENSIONS
from models.nets.text_model import OurTextModel, resemblance

K = len(CLASSES)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("weights") / "net.safetensors"
    net = Net().eval()
    net.text_temperature.fill_(2.0)
    net.text_prototypes = torch.randn(K, PROTOTYPES, DIMENSIONS + 1)
    net.save(file)
    return file


@pytest.fixture(scope="module")
def views():
    return np.random.default_rng(0).integers(0, 255, (2, 256, 256, 3), np.uint8)


def without(path, target, *starts, **changed):
    """A copy of a weights file without the tensors that begin so, and with others changed."""
    kept = {name: value for name, value in load_file(path).items() if not name.startswith(starts or ("-",))}
    save_file({**kept, **changed}, target)
    return target


def test_all_models_of_a_file_share_one_network(path):
    click, text, change = OurClickModel(path, "a"), OurTextModel(path, "b"), OurChangeModel(path, "c")
    assert click.net is text.net is change.net and click.digest == text.digest != ""


def test_other_weights_have_another_network(path, tmp_path):
    other = without(path, tmp_path / "other.safetensors", "text_prototypes")
    assert OurTextModel(path, "a").net is not OurTextModel(other, "a").net


def test_a_network_that_nobody_uses_is_let_go(path):
    from models.nets import embedding

    model = Encoder(path, "a", "digest of its own")
    assert ("digest of its own", "cpu") in embedding._networks
    del model
    gc.collect()
    assert ("digest of its own", "cpu") not in embedding._networks


def test_a_view_encoded_for_a_click_serves_text_and_change(path, views):
    click, text, change = OurClickModel(path, "a"), OurTextModel(path, "b"), OurChangeModel(path, "c")
    mine, theirs = click.encode(views[:1])[0], text.encode(views[:1])[0]
    assert np.allclose(text.classify(mine), text.classify(theirs), atol=1e-4)
    assert change.compare(mine, theirs).shape == (K, 256, 256)
    assert click.decode(theirs, Prompt(np.array([[9.0, 9.0]]), np.array([1]))).candidates.shape[1:] == (256, 256)


def test_class_logits_are_those_of_the_head_over_its_temperature(path, views):
    model = OurTextModel(path, "a")
    (seen,) = model.encode(views[:1])
    with torch.inference_mode():
        raw = model.net.text(seen.features)[0].numpy()
    found = model.classify(seen)
    assert found.dtype == np.float32 and found.shape == (K, 256, 256)
    assert np.allclose(found.reshape(K, 128, 2, 128, 2).mean((2, 4))[:, 1:-1, 1:-1].mean(), (raw / 2)[:, 1:-1, 1:-1].mean(), atol=1e-3)


def test_a_phrase_that_is_all_of_one_class_asks_what_the_class_asks(path, views):
    model = OurTextModel(path, "a")
    (seen,) = model.encode(views[:1])
    weights = np.zeros((2, K), np.float32)
    weights[0, 3] = 1
    weights[1, [3, 5]] = 0.5
    one, half = model.ask(seen, weights)
    classes = model.classify(seen)
    assert np.allclose(one, classes[3], atol=1e-5) and np.allclose(half, (classes[3] + classes[5]) / 2, atol=1e-5)


def test_resemblance_is_that_of_the_nearest_prototype_whatever_the_length_of_a_feature():
    prototypes = torch.tensor([[[10.0, 0.0, -4.0], [0.0, 10.0, -4.0]], [[-10.0, 0.0, -4.0], [0.0, 0.0, -30.0]]])
    pixels = torch.tensor([[3.0, 0.0], [0.0, 7.0]])[None, :, None]  # along x, along y
    assert torch.allclose(resemblance(pixels, prototypes)[0, :, 0], torch.tensor([[6.0, 6.0], [-14.0, -4.0]]))


def test_without_prototypes_there_is_no_second_opinion(path, views, tmp_path):
    bare = OurTextModel(without(path, tmp_path / "bare.safetensors", "text_prototypes"), "a")
    assert bare.likeness(bare.encode(views[:1])[0]) is None
    model = OurTextModel(path, "a")
    assert model.likeness(model.encode(views[:1])[0]).shape == (K, 256, 256)


def test_an_old_map_is_heard(path, views):
    model = OurChangeModel(path, "a")
    one, two = model.encode(views)
    old = np.zeros((K, 256, 256), np.float32)
    old[0] = 1
    assert np.allclose(model.compare(one, two, 0 * old), model.compare(one, two))
    assert not np.allclose(model.compare(one, two, old), model.compare(one, two))


def test_an_older_file_is_named_and_no_traceback_of_tensors(path, tmp_path):
    with pytest.raises(ModelDamaged, match="older.safetensors holds the weights of another network"):
        Encoder(without(path, tmp_path / "older.safetensors", "text.", "change."), "older")


@pytest.mark.parametrize("change", [{"surplus": torch.zeros(2)}, {"text.bias": torch.zeros(3)}, {"text_prototypes": torch.zeros(2, 2, 2)}])
def test_a_tensor_too_many_or_of_another_shape_is_named(path, tmp_path, change):
    with pytest.raises(ModelDamaged, match=next(iter(change))):
        Encoder(without(path, tmp_path / "odd.safetensors", **change), "odd")


def test_a_file_cut_short_is_damaged_and_an_absent_one_missing(path, tmp_path):
    (tmp_path / "short.safetensors").write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelDamaged):
        Encoder(tmp_path / "short.safetensors", "short")
    with pytest.raises(ModelMissing):
        Encoder(tmp_path / "absent.safetensors", "absent")
