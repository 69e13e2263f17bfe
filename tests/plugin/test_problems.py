"""Every problem reads as a sentence that names its remedy."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from rasterscribe.models.protocol import Failure
from rasterscribe.plugin.problems import SENTENCES, PluginProblem, problem_from, problem_of

ERRORS = Path(__file__).resolve().parents[2] / "models" / "errors.py"


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_each_code_says_what_happened_and_what_to_do(code: str) -> None:
    problem = problem_of(code)
    assert problem.what.endswith(".") and problem.what[0].isupper() or problem.what.startswith("…")
    assert problem.remedy.endswith(".") or code == "cancelled"
    assert "{" not in str(problem)


def test_every_error_of_the_engine_has_its_sentence() -> None:
    codes = {
        node.value.value
        for node in ast.walk(ast.parse(ERRORS.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == "code"
    }
    assert len(codes) > 10 and codes <= set(SENTENCES)


def test_a_failure_of_a_newer_engine_keeps_its_own_words() -> None:
    problem = problem_from(Failure("moon.missing", "There is no moon.", "Wait for the night.", {"phase": "new"}))
    assert str(problem) == "There is no moon. Wait for the night."
    assert "phase: new" in problem.details


def test_facts_fill_the_sentences_and_braces_in_them_do_no_harm() -> None:
    problem = problem_of("install.space", needed="2 GB", free="1 GB", folder="/tmp/{odd}")
    assert "2 GB" in problem.what and "/tmp/{odd}" in problem.what
    assert problem_from(Failure("raster.missing", "Gone.", data={"path": "{}"})).code == "raster.missing"


def test_an_exception_carries_its_problem() -> None:
    with pytest.raises(PluginProblem) as caught:
        raise PluginProblem("target.removed", details="layer x")
    assert caught.value.problem.code == "target.removed" and caught.value.problem.details == "layer x"
