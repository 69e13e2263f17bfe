"""What the names of a class list mean, as far as the engine has said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..models.classes import OTHER
from ..models.protocol import ExplainReply


def plain(name: str) -> str:
    """Without spaces around and between, and without commas, which separate classes elsewhere."""
    return " ".join(name.replace(",", " ").split())


def meaning_of(reply: ExplainReply) -> str:
    """The one class that a name stands for; "" where it is none, several, or more than a name."""
    queries: Sequence[dict[str, Any]] = reply.parse.get("queries") or ()
    if len(queries) != 1 or reply.not_understood or queries[0].get("negated") or queries[0].get("relations"):
        return ""
    return str(queries[0].get("class") or "")


def same_class(name: str, classes: Sequence[str], meanings: Mapping[str, str]) -> str:
    """The class of the list that a name would repeat, in other words perhaps; "" where it is a new one."""
    meaning = _key(meanings.get(name, ""))
    for one in classes:
        if one.lower() == name.lower() or (meaning and _key(meanings.get(one, "")) == meaning):
            return one
    return ""


def _key(meaning: str) -> str:
    return "other" if meaning in OTHER else meaning
