"""Every problem that the plugin shows: a stable code, what happened, and what to do about it, in the user's language.

The engine reports problems by code with an English sentence; here each code has a sentence that can be translated. A code
that this version does not know keeps the engine's own words, so a newer engine is still understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qgis.PyQt.QtCore import QCoreApplication

from ..models.protocol import Failure
from .sentences import CONTEXT, SENTENCES


@dataclass(frozen=True)
class Problem:
    """One problem as a person reads it. `what` and `remedy` are translated sentences; `details` are for the diagnostics, `facts` what the
    sentences were filled with."""

    code: str
    what: str
    remedy: str = ""
    details: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class PluginProblem(Exception):
    """Raised where the plugin cannot go on; `problem` says why. `PluginProblem("target.removed", layer=name)`."""

    def __init__(self, code: str, details: str = "", **facts: Any) -> None:
        self.problem = problem_of(code, details, **facts)
        super().__init__(str(self.problem))

    @classmethod
    def of(cls, problem: Problem) -> PluginProblem:
        """To raise a problem that somebody else has found."""
        raised = cls(problem.code)
        raised.problem, raised.args = problem, (str(problem),)
        return raised


def problem_of(code: str, details: str = "", **facts: Any) -> Problem:
    """The problem of this code; `facts` fill the placeholders of its sentences. An unknown code is an engine fault."""
    what, remedy = SENTENCES.get(code, SENTENCES["engine.fault"])
    return Problem(code, _say(what, facts), _say(remedy, facts), details, facts)


def problem_from(failure: Failure) -> Problem:
    """The engine's failure as a problem to show."""
    english = f"{failure.what} {failure.remedy}".strip()
    details = "\n".join([english, *(f"{name}: {value}" for name, value in failure.data.items())])
    if failure.code not in SENTENCES:
        return Problem(failure.code, failure.what, failure.remedy, details)
    return problem_of(failure.code, details, **failure.data)


def _say(sentence: str, facts: dict[str, Any]) -> str:
    return QCoreApplication.translate(CONTEXT, sentence).format_map(_Facts(facts))


class _Facts(dict):
    """A fact that nobody gave reads as an ellipsis: a problem must never hide behind an error in its own sentence."""

    def __missing__(self, name: str) -> str:
        return "…"
