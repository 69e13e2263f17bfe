"""Where the analyst's models are, and which of them are believed."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from rasterscribe.models import catalog
from rasterscribe.models.errors import ModelDamaged, ModelMissing
from rasterscribe.models.user_models import store
from rasterscribe.plugin.engine.environment import home_folder


@pytest.fixture
def mine(tmp_path):
    said = {
        "id": "clip-mine",
        "title": "Mine",
        "job": "open",
        "licence": "?",
        "attribution": "",
        "architecture": "ViT-B-32",
        "trust": "So.",
    }
    store.keep(said, store.stage("clip-mine", lambda path: path.write_bytes(b"weights"), 7, tmp_path), tmp_path)
    return tmp_path


def test_the_home_that_is_named_counts_first(tmp_path):
    assert store.folder({"RASTERSCRIBE_HOME": str(tmp_path)}) == tmp_path / "models"


def test_the_home_of_the_running_engine_counts_next(tmp_path):
    (tmp_path / "version.json").touch()
    assert store.folder({}, str(tmp_path / "env")) == tmp_path / "models"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_without_either_it_is_where_the_plugin_puts_its_engine(platform, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    for environ in ({}, {"XDG_DATA_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}):
        assert store.folder(environ, str(tmp_path / "env")) == home_folder(environ, platform) / "models"


def test_what_is_kept_is_listed_with_what_ships_and_what_can_be_fetched(mine):
    cards = {card.id: card for card in catalog.every(mine)}
    assert cards["clip-mine"].state() == catalog.READY and cards["clip-mine"].trust == "So."
    assert cards["rasterscribe-text"].state() == catalog.READY
    assert cards["clip-remoteclip-vit-b-32"].state() == catalog.MISSING
    assert cards["clip-remoteclip-vit-b-32"].info().size == 605_208_421


def test_a_model_is_trusted_while_its_bytes_are_those_that_were_kept(mine):
    assert store.trusted("clip-mine", mine).id == store.trusted("", mine).id == "clip-mine"
    (mine / "clip-mine.safetensors").write_bytes(b"Weights")
    with pytest.raises(ModelDamaged, match="not the bytes"):
        store.trusted("clip-mine", mine)


def test_weights_without_their_digest_are_not_believed(mine):
    (mine / catalog.SUMS).unlink()
    with pytest.raises(ModelDamaged):
        store.trusted("clip-mine", mine)


def test_a_missing_model_comes_with_what_brings_it(tmp_path):
    with pytest.raises(ModelMissing) as missing:
        store.trusted("clip-remoteclip-vit-b-32", tmp_path)
    assert "fetch clip-remoteclip-vit-b-32" in missing.value.remedy and "https://huggingface.co/" in missing.value.remedy
    with pytest.raises(ModelMissing) as missing:
        store.trusted("clip-skyclip-vit-b-32", tmp_path)
    assert "Fetch" not in missing.value.remedy and "epoch_20.pt" in missing.value.remedy
    with pytest.raises(ModelMissing, match="no model called 'clip-nobody'"):
        store.trusted("clip-nobody", tmp_path)


@pytest.mark.parametrize("path", sorted(catalog.OPTIONAL.glob("*.json")), ids=lambda path: path.stem)
def test_every_optional_model_says_where_it_is_published_and_under_which_terms(path: Path):
    card = catalog.find(path.stem, catalog.OPTIONAL)
    assert card.id == path.stem and card.licence and "https://" in card.attribution and card.job == "open"
    assert re.fullmatch(r"ViT-[BL]-(16|32|14)(-quickgelu)?", card.architecture)
    assert card.source.address.startswith("https://") and card.source.file
    if card.source.on_hub:
        repository, commit, file = card.source.on_hub
        assert len(commit) == 40 and len(card.source.sha256) == 64 and file.endswith((".pt", ".safetensors"))
    assert not json.loads(path.read_text("utf-8"))["source"].get("sha256")  # digests are in SHA256SUMS
