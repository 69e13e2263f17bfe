"""A problem tells a person what happened and what to do."""

from __future__ import annotations

import json

import pytest

from rasterscribe.models import errors
from rasterscribe.models.errors import Problem, RasterMissing

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Problem)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_problem_has_a_remedy_that_is_a_sentence(kind: type[Problem]) -> None:
    assert kind("It broke.").remedy.endswith(".")


def test_codes_are_unique_and_stable_words() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(code.replace(".", "").isalpha() and code.islower() for code in codes)


def test_a_problem_reads_as_what_happened_and_what_to_do() -> None:
    problem = RasterMissing("There is no file at a.tif.", "Look elsewhere.", path="a.tif")
    assert str(problem) == "There is no file at a.tif. Look elsewhere."


def test_the_data_of_a_problem_can_be_sent_as_json() -> None:
    assert json.loads(json.dumps(RasterMissing("Gone.", path="a.tif").data)) == {"path": "a.tif"}
