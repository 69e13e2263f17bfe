"""The catalogue believes a weights file only where sums and bytes agree."""

from __future__ import annotations

import hashlib
import json

import pytest

from rasterscribe.models import catalog

BYTES = b"weights"
DIGEST = hashlib.sha256(BYTES).hexdigest()
CARD = {
    "id": "tiny",
    "title": "Tiny",
    "job": "click",
    "licence": "CC0-1.0",
    "attribution": "somebody",
    "file": "tiny.safetensors",
    "size": len(BYTES),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tiny.json").write_text(json.dumps({**CARD, "notes": "ignored"}), encoding="utf-8")
    (tmp_path / "tiny.safetensors").write_bytes(BYTES)
    (tmp_path / "SHA256SUMS").write_text(f"{DIGEST}  tiny.safetensors\n", encoding="utf-8")
    return tmp_path


def test_weights_with_the_promised_digest_are_ready(folder):
    (card,) = catalog.cards(folder)
    assert card.at_hand() and card.state() == catalog.READY
    assert card.info() == catalog.ModelInfo("tiny", "Tiny", "click", "CC0-1.0", "somebody", len(BYTES), DIGEST, "ready")


def test_absent_weights_are_missing(folder):
    (folder / "tiny.safetensors").unlink()
    card = catalog.find("tiny", folder)
    assert not card.at_hand() and card.state() == catalog.MISSING


def test_changed_weights_are_damaged_also_when_they_changed_after_the_first_look(folder):
    card = catalog.find("tiny", folder)
    assert card.state() == catalog.READY
    (folder / "tiny.safetensors").write_bytes(b"weighty")
    assert card.at_hand() and card.state() == catalog.DAMAGED


def test_weights_cut_short_are_damaged(folder):
    (folder / "tiny.safetensors").write_bytes(BYTES[:3])
    card = catalog.find("tiny", folder)
    assert not card.at_hand() and card.state() == catalog.DAMAGED


@pytest.mark.parametrize("sums", ["", f"{'0' * 64}  tiny.safetensors\n", "nonsense\n"])
def test_weights_that_the_sums_do_not_confirm_are_damaged(folder, sums):
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    assert catalog.find("tiny", folder).state() == catalog.DAMAGED


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 5', json.dumps({**CARD, "file": "../tiny.safetensors"})])
def test_an_unreadable_card_is_listed_as_damaged_and_hides_no_other(folder, text):
    (folder / "other.json").write_text(text, encoding="utf-8")
    other, tiny = catalog.cards(folder)
    assert (other.id, other.state()) == ("other", catalog.DAMAGED)
    assert tiny.state() == catalog.READY


def test_the_usual_model_for_a_job_is_one_that_is_at_hand(folder):
    (folder / "absent.json").write_text(json.dumps({**CARD, "id": "absent", "file": "absent.safetensors"}), encoding="utf-8")
    assert catalog.usual("click", folder).id == "tiny"
    (folder / "tiny.safetensors").unlink()
    assert catalog.usual("click", folder).id == "absent"
    assert catalog.usual("change", folder) is None


def test_without_a_folder_there_are_no_models(tmp_path):
    assert catalog.cards(tmp_path / "nowhere") == ()
