"""The analyst's own models from the command line."""

from __future__ import annotations

import json

import pytest

from rasterscribe.models import __main__ as command_line
from rasterscribe.tests.models import clip_files


@pytest.fixture
def run(tmp_path, capsys):
    """run(*arguments) -> exit status, stdout, stderr; models are in a folder of the test's own."""

    def run(*arguments):
        status = command_line.main([*map(str, arguments), "--models-dir", str(tmp_path / "models")])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def file(tmp_path):
    return clip_files.pickled(tmp_path / "fields.pt", clip_files.tensors())


def test_an_imported_model_is_listed_and_its_terms_and_trust_are_told(run, file):
    status, printed, _ = run("import", file, "--name", "field words")
    assert status == 0
    assert "Looking at the weights ..." in printed and "is ready as clip-field-words: ViT-64x2-8-32," in printed
    assert "Trusted on import" in printed and "Licence:" in printed
    listed = {model["id"]: model["state"] for model in json.loads(run("list", "--json")[1])}
    assert listed["clip-field-words"] == "ready" and listed["clip-remoteclip-vit-b-32"] == "missing"
    assert "clip-field-words         open     ready" in run("list")[1]


def test_the_activation_can_be_said(run, file):
    assert "ViT-64x2-8-32-quickgelu" in run("import", file, "--quick-gelu")[1]
    assert "quickgelu" not in run("import", file, "--name", "openai", "--gelu")[1]


def test_what_goes_wrong_is_a_sentence_with_a_remedy(run, tmp_path):
    (tmp_path / "notes.pt").write_text("no weights", encoding="utf-8")
    status, printed, complaint = run("import", tmp_path / "notes.pt")
    assert status == 1 and "is ready" not in printed and "no file of weights" in complaint and "again" in complaint
    status, _, complaint = run("fetch", "clip-skyclip-vit-b-32")
    assert status == 1 and "import epoch_20.pt from https://" in complaint
