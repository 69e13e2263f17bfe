"""The cards that ship with the weights."""

from __future__ import annotations

import json
import re

import pytest

from models import catalog
from models.training.card import JOBS, SOURCES, publish


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "new.safetensors").write_bytes(b"weights")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "words.safetensors").write_bytes(b"words")
    publish(tmp_path / "new.safetensors", "python -m models.training.all --seed 1", {"text": {"building": 0.7}}, tmp_path / "there")
    return tmp_path / "there"


def test_one_file_has_three_models_that_are_ready(folder):
    assert {(card.job, card.file, card.state()) for card in catalog.cards(folder)} == {
        (job, "rasterscribe.safetensors", catalog.READY) for job in JOBS
    }
    assert catalog.usual("click", folder).id == "rasterscribe-click"


def test_every_weights_file_is_in_the_sums(folder):
    lines = (folder / catalog.SUMS).read_text("utf-8").splitlines()
    assert [line.split()[1] for line in lines] == ["rasterscribe.safetensors", "words.safetensors"]


def test_a_card_says_what_was_measured_and_who_is_to_be_named(folder):
    card = json.loads((folder / "rasterscribe-text.json").read_text("utf-8"))
    assert card["figures"] == {"building": 0.7} and "--seed 1" in card["recipe"] and "MiniLM" in card["attribution"]
    for name in ("OpenStreetMap", "KIT AIS", "Geospatial Information Authority of Japan", "Ventura", "Radix", "USGS", "Apache-2.0"):
        assert name in card["attribution"]
    assert "ODbL" in card["notice"]


def test_a_card_holds_no_digest_which_scanners_take_for_a_secret(folder):
    assert not any(re.search(r"[0-9a-f]{32}", path.read_text("utf-8")) for path in folder.glob("*.json"))


def test_publishing_again_in_place_keeps_the_weights(folder):
    publish(folder / "rasterscribe.safetensors", "again", {}, folder)
    assert (folder / "rasterscribe.safetensors").read_bytes() == b"weights"
    assert {card.state() for card in catalog.cards(folder)} == {catalog.READY}


def test_every_training_set_is_attributed():
    labels = pytest.importorskip("models.training.labels", reason="training needs OpenCV")
    named = {name for names in SOURCES for name in names}
    assert set(labels.RULES) - {"buildings", "villages"} <= named
