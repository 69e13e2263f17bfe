"""The forms of the trunk give the same numbers, the quickest takes its place, and what was found out is remembered."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import torch

from models.nets import forms
from models.nets.net import Net, fold_norms
from models.nets.trunk import Features, Trunk
from models.objects.shares import without_pauses


@pytest.fixture(scope="module")
def ready_net():
    torch.manual_seed(0)
    net = Net().train()
    with torch.no_grad():
        for _ in range(5):
            net.trunk(torch.rand(2, 3, 64, 64))  # normalisations that do something: fresh ones are the identity
    fold_norms(net.eval())
    return net.to(memory_format=torch.channels_last)


@pytest.fixture
def model(ready_net):
    """A model with a trunk of its own to exchange."""
    net, trunk = ready_net, ready_net.trunk
    yield SimpleNamespace(net=net, side=64, device="cpu", digest="abc")
    net.trunk = trunk


@pytest.fixture
def quick(monkeypatch):
    """quick(form): that form is the quickest, whatever the machine."""

    def is_quick(form):
        def quickest(made, example):
            yield
            return form if form in made else forms.PLAIN

        monkeypatch.setattr(forms, "_quickest", quickest)

    return is_quick


@pytest.mark.parametrize("form", forms.GRAPHS)
@pytest.mark.parametrize("shape", [(1, 3, 64, 64), (3, 3, 64, 64), (2, 3, 128, 96)])
def test_every_form_gives_the_trunks_numbers_for_views_of_any_number_and_size(ready_net, form, shape):
    graph = forms.Frozen(ready_net.trunk, forms.example_view(64), forms.GRAPHS[form])
    images = torch.rand(shape, generator=torch.Generator().manual_seed(1)).contiguous(memory_format=torch.channels_last)
    right, found = forms.run(ready_net.trunk, images), forms.run(graph, images)
    assert forms.off_by(found, right) < (forms.TOLERANCE if form == forms.HALF else 1e-5)
    assert torch.equal(found.colour, right.colour)
    assert {part.dtype for part in (found.coarse, found.fine, found.colour)} == {torch.float32}
    assert found.coarse.shape == right.coarse.shape and found.fine.shape == right.fine.shape


def test_how_far_numbers_are_off_is_a_part_of_them():
    right = Features(torch.full((1, 1, 2, 2), 4.0), torch.full((1, 1, 2, 2), 2.0), torch.zeros(1, 3, 2, 2))
    assert forms.off_by(Features(right.coarse * 1.01, right.fine * 0.9, right.colour), right) == pytest.approx(0.1)


@pytest.mark.parametrize("form", forms.GRAPHS)
def test_the_quickest_form_takes_the_trunks_place_and_is_remembered(model, tmp_path, quick, form):
    quick(form)
    notes = tmp_path / "notes.json"
    plain, example = model.net.trunk, forms.example_view(64)
    list(forms.quicken(model, notes))
    assert model.net.trunk.dtype == forms.GRAPHS[form]
    assert forms.off_by(forms.run(model.net.trunk, example), forms.run(plain, example)) < forms.TOLERANCE
    assert list(json.loads(notes.read_text()).values()) == [form]


def test_what_is_remembered_is_not_tried_again(model, tmp_path, quick, monkeypatch):
    quick(forms.FROZEN)
    list(forms.quicken(model, tmp_path / "notes.json"))
    model.net.trunk = trunk_of(model)
    monkeypatch.setattr(forms, "_quickest", None)
    list(forms.quicken(model, tmp_path / "notes.json"))
    assert isinstance(model.net.trunk, forms.Frozen)


def test_other_weights_are_tried_anew(model, tmp_path, quick):
    quick(forms.FROZEN)
    list(forms.quicken(model, tmp_path / "notes.json"))
    model.digest, model.net.trunk = "def", trunk_of(model)
    quick(forms.PLAIN)
    list(forms.quicken(model, tmp_path / "notes.json"))
    assert sorted(json.loads((tmp_path / "notes.json").read_text()).values()) == [forms.FROZEN, forms.PLAIN]


def trunk_of(model):
    """The trunk as it was before a graph took its place."""
    torch.manual_seed(0)
    trunk = Trunk().eval()
    fold_norms(trunk)
    return trunk.to(memory_format=torch.channels_last)


def test_a_form_whose_numbers_are_off_is_not_taken(model, tmp_path, quick, monkeypatch):
    quick(forms.HALF)
    monkeypatch.setattr(forms, "TOLERANCE", 0.0)
    list(forms.quicken(model, tmp_path / "notes.json"))
    assert isinstance(model.net.trunk, Trunk)


def test_a_form_that_the_machine_does_not_have_is_not_taken(model, tmp_path, quick, monkeypatch):
    def refuse(*_):
        raise RuntimeError("no such instruction")

    quick(forms.HALF)
    monkeypatch.setattr(forms, "Frozen", refuse)
    list(forms.quicken(model, tmp_path / "notes.json"))
    assert isinstance(model.net.trunk, Trunk)


def test_a_form_must_be_worth_the_change(monkeypatch):
    clock = iter([0.0, 1.00, 0.0, 0.95] * forms.ROUNDS)
    monkeypatch.setattr(forms.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(forms, "run", lambda *_: None)
    assert without_pauses(forms._quickest({forms.PLAIN: None, forms.FROZEN: None}, None)) == forms.PLAIN
    clock = iter([0.0, 1.00, 0.0, 0.85] * forms.ROUNDS)
    assert without_pauses(forms._quickest({forms.PLAIN: None, forms.FROZEN: None}, None)) == forms.FROZEN


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"a": 3', "\u0000"])
def test_damaged_notes_do_no_harm(model, tmp_path, quick, damage):
    quick(forms.FROZEN)
    notes = tmp_path / "notes.json"
    notes.write_text(damage)
    list(forms.quicken(model, notes))
    assert list(json.loads(notes.read_text()).values()) == [forms.FROZEN]


def test_a_place_that_cannot_be_written_does_no_harm(model, tmp_path, quick):
    quick(forms.FROZEN)
    (tmp_path / "file").touch()
    list(forms.quicken(model, tmp_path / "file" / "notes.json"))
    assert isinstance(model.net.trunk, forms.Frozen)


@pytest.mark.parametrize("other", [SimpleNamespace(), SimpleNamespace(net=None, device="cpu")])
def test_models_of_others_are_left_alone(other, tmp_path):
    assert list(forms.quicken(other, tmp_path / "notes.json")) == []


def test_on_a_gpu_nothing_is_changed(model, tmp_path):
    model.device = "cuda"
    assert list(forms.quicken(model, tmp_path / "notes.json")) == []
