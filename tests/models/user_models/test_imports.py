"""Files that analysts have become models of theirs once, whole, and only where they are CLIP weights."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import threading
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from rasterscribe.models import catalog
from rasterscribe.models.errors import DiskFull, ModelDamaged, ModelForeign, OutputUnwritable
from rasterscribe.models.user_models import store
from rasterscribe.models.user_models.imports import import_steps
from rasterscribe.tests.models import clip_files

WEIGHTS = clip_files.tensors()


@pytest.fixture
def mine(tmp_path):
    """The analyst's models; nothing is there yet."""
    return tmp_path / "models"


@pytest.fixture
def file(tmp_path):
    return clip_files.safetensors(tmp_path / "Field Words.safetensors", WEIGHTS)


@pytest.fixture
def listed(tmp_path, monkeypatch, file):
    """A list of two models: of one the file's digest is published, of the other none is."""
    folder = tmp_path / "optional"
    folder.mkdir()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    for name, address in (("clip-known", "https://huggingface.co/a/b/resolve/" + "0" * 40 + "/c.pt"), ("clip-unknown", "https://d/e.zip")):
        card = {"id": name, "title": name.title(), "job": "open", "licence": "MIT", "attribution": "Somebody", "size": 1}
        card.update(file=f"{name}.safetensors", architecture=clip_files.TINY.name + "-quickgelu", source={"address": address})
        (folder / f"{name}.json").write_text(json.dumps(card), encoding="utf-8")
    (folder / "SHA256SUMS").write_text(f"{digest}  huggingface.co/a/b/resolve/{'0' * 40}/c.pt\n", encoding="utf-8")
    monkeypatch.setattr(catalog, "OPTIONAL", folder)


def done(steps):
    """What a job came to, and what it said on the way."""
    said = []
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return end.value, said


def taken_in(path, mine, **options):
    return done(import_steps(str(path), folder=mine, **options))[0]


def same(path, weights=WEIGHTS):
    found = load_file(path)
    return found.keys() == weights.keys() and all(torch.equal(found[name], value) for name, value in weights.items())


def wrapped(weights):
    """What a training program saves, as SkyCLIP's did: more than weights, on several GPUs, with a number of NumPy's."""
    return {"epoch": 20, "loss": np.float64(0.5), "state_dict": {f"module.{name}": value for name, value in weights.items()}}


SAVED = {
    "weights alone": lambda path: clip_files.pickled(path, WEIGHTS),
    "with the older format": lambda path: clip_files.pickled(path, WEIGHTS, _use_new_zipfile_serialization=False),
    "by a training program": lambda path: clip_files.pickled(path, wrapped(WEIGHTS)),
    "safetensors by another name": lambda path: clip_files.safetensors(path, WEIGHTS),
    "with a text tower of its own": lambda path: clip_files.pickled(
        path, {name if name.startswith(("visual.", "logit")) else f"text.{name}": value for name, value in WEIGHTS.items()}
    ),
    "with what older files hold too": lambda path: clip_files.pickled(
        path, {**WEIGHTS, "logit_scale": WEIGHTS["logit_scale"].reshape(1), "context_length": torch.tensor(77)}
    ),
}


@pytest.mark.parametrize("how", SAVED)
def test_every_form_of_file_becomes_the_same_weights(how, tmp_path, mine):
    card = taken_in(SAVED[how](tmp_path / "weights.pt"), mine)
    assert same(card.weights) and card.state() == catalog.READY
    assert card.weights.name == "clip-weights.safetensors" and card.folder == mine


def test_the_card_says_what_is_known_of_a_file_that_nobody_published(file, mine):
    card = taken_in(file, mine)
    assert (card.id, card.title, card.job, card.architecture) == ("clip-field-words", "Field Words", "open", "ViT-64x2-8-32")
    assert card.sha256 == hashlib.sha256(card.weights.read_bytes()).hexdigest()
    assert card.source.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert "no digest was published" in card.trust and "published the file" in card.licence


def test_a_file_with_a_published_digest_becomes_the_model_of_the_list(listed, file, mine):
    card = taken_in(file, mine, title="whatever I call it")
    assert (card.id, card.licence) == ("clip-known", "MIT") and card.architecture.endswith("-quickgelu")
    assert "digest that was published" in card.trust
    assert [other.state() for other in catalog.every(mine) if other.id in ("clip-known", "clip-unknown")] == ["ready", "missing"]


def test_a_listed_model_without_a_published_digest_is_trusted_on_import(listed, tmp_path, mine):
    other = clip_files.safetensors(tmp_path / "other.safetensors", clip_files.tensors(seed=1))
    card = taken_in(other, mine, id="clip-unknown")
    assert card.id == "clip-unknown" and "Trusted on import" in card.trust


def test_another_file_is_not_taken_for_a_listed_model(listed, tmp_path, mine):
    other = clip_files.safetensors(tmp_path / "other.safetensors", clip_files.tensors(seed=1))
    with pytest.raises(ModelDamaged, match="not the file that was published"):
        taken_in(other, mine, id="clip-known")
    larger = clip_files.tensors(dataclasses.replace(clip_files.TINY, layers=3))
    with pytest.raises(ModelForeign, match="64x3"):
        taken_in(clip_files.safetensors(tmp_path / "larger.safetensors", larger), mine, id="clip-unknown")
    assert not mine.exists()


@pytest.mark.parametrize(
    ("name", "said", "quick"), [("ViT-B-32-openai.pt", None, True), ("ours.pt", None, False), ("ours.pt", True, True)]
)
def test_the_activation_goes_by_name_or_word(name, said, quick, tmp_path, mine):
    card = taken_in(clip_files.pickled(tmp_path / name, WEIGHTS), mine, quick_gelu=said)
    assert card.architecture.endswith("-quickgelu") is quick


def test_the_job_tells_what_it_does_and_how_far_it_is(file, mine):
    _, said = done(import_steps(str(file), folder=mine))
    assert list(dict.fromkeys(what for _, _, what in said)) == ["Reading the file", "Looking at the weights", "Keeping the weights"]
    assert said[0] == (file.stat().st_size, file.stat().st_size, "Reading the file")


class Bomb:
    def __reduce__(self):
        return (os.mkdir, ("exploded",))


def archive(path, name):
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(name, b"x")
    return path


def changed(**others):
    return {**WEIGHTS, **others}


FOREIGN = {
    "nothing": (lambda path: path, "cannot be read"),
    "an empty file": (lambda path: path.touch(), "with anything in it"),
    "a folder": (lambda path: path.mkdir(), "with anything in it"),
    "a text": (lambda path: path.write_text("weights"), "cut short, or it is no file of weights"),
    "an archive": (lambda path: archive(path, "epoch_20.pt"), "archive without weights"),
    "a TorchScript program": (lambda path: archive(path, "clip/constants.pkl"), "TorchScript"),
    "a list": (lambda path: clip_files.pickled(path, [1, 2]), "no tensors"),
    "another network": (lambda path: clip_files.pickled(path, {"fc.weight": torch.ones(2)}), "not those of a CLIP"),
    "CLIP of transformers": (lambda path: clip_files.pickled(path, {"vision_model.x": torch.ones(1)}), "transformers"),
    "CLIP with a ResNet": (lambda path: clip_files.pickled(path, {"visual.layer1.0.conv1.weight": torch.ones(1)}), "ResNet"),
    "a tensor too many": (lambda path: clip_files.pickled(path, changed(extra=torch.ones(1))), "extra"),
    "a tensor of another shape": (lambda path: clip_files.pickled(path, changed(**{"visual.proj": torch.ones(64, 9)})), "visual.proj"),
    "no numbers": (lambda path: clip_files.pickled(path, changed(**{"visual.proj": torch.full((64, 64), torch.nan)})), "no numbers"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_clip_is_refused_with_its_reason(what, tmp_path, mine):
    make, reason = FOREIGN[what]
    make(tmp_path / "file.pt")
    with pytest.raises(ModelForeign, match=reason) as refused:
        taken_in(tmp_path / "file.pt", mine)
    assert refused.value.remedy and not mine.exists()


@pytest.mark.parametrize("kept", [0.5, 0.999])
@pytest.mark.parametrize("write", [clip_files.pickled, clip_files.safetensors])
def test_a_file_that_was_cut_short_is_refused(kept, write, tmp_path, mine):
    path = write(tmp_path / "file.pt", WEIGHTS)
    with path.open("r+b") as opened:
        opened.truncate(int(path.stat().st_size * kept))
    with pytest.raises(ModelForeign, match="cut short"):
        taken_in(path, mine)


def test_a_file_that_would_run_something_is_refused_and_runs_nothing(tmp_path, mine, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelForeign, match="Bomb|mkdir"):
        taken_in(clip_files.pickled(tmp_path / "file.pt", {**WEIGHTS, "bomb": Bomb()}), mine)
    assert not (tmp_path / "exploded").exists()


def test_pickles_are_not_read_by_a_pytorch_that_cannot_do_so_safely(tmp_path, mine, monkeypatch):
    path = clip_files.pickled(tmp_path / "file.pt", WEIGHTS)
    monkeypatch.setattr(torch, "__version__", "2.9.1+cpu")
    with pytest.raises(ModelForeign, match="cannot read safely"):
        taken_in(path, mine)


def test_without_room_nothing_is_kept(file, mine, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=1000))
    with pytest.raises(DiskFull) as refused:
        taken_in(file, mine)
    assert "RASTERSCRIBE_HOME" in refused.value.remedy and not list(mine.iterdir())


def test_a_disk_that_fills_while_writing_leaves_the_former_model(file, mine, monkeypatch):
    former = taken_in(file, mine)

    def fail(path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(DiskFull):
        store.stage(former.id, fail, 0, mine)
    assert catalog.find(former.id, mine).state() == catalog.READY
    assert not [path for path in mine.iterdir() if "unfinished" in path.name]


def test_a_folder_that_cannot_be_made_is_said(file, tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(OutputUnwritable):
        taken_in(file, tmp_path / "taken" / "models")


def test_importing_again_replaces(file, tmp_path, mine):
    first = taken_in(file, mine)
    again = clip_files.tensors(seed=2)
    second = taken_in(clip_files.safetensors(file, again), mine)
    assert second.id == first.id and second.sha256 != first.sha256 and same(second.weights, again)


@pytest.mark.parametrize("during", ["Reading the file", "Looking at the weights", "Keeping the weights"])
def test_a_job_that_is_cancelled_keeps_nothing(file, mine, during):
    steps = import_steps(str(file), folder=mine)
    while next(steps)[2] != during:
        pass
    steps.close()
    for thread in threading.enumerate():
        if thread.name == "rasterscribe-aside":
            thread.join(10)
    assert not mine.exists() or not list(mine.iterdir())
