"""Whether "and" goes on with what a relation refers to, or begins another thing to look for."""

from __future__ import annotations

from collections.abc import Sequence

from .drafts import Bond
from .pieces import Piece

MARKS = ("attribute", "size", "rank", "count", "by")


def goes_on(joint: Piece, ahead: Sequence[Piece], last: Bond, has_thing: bool) -> bool:
    """Whether the thing in `ahead`, the pieces between this joint and the next, is one more reference of the relation `last`.

    "Near a road and a river" goes on, for both have an article; "near a road and trees" does not, nor does what has an attribute, a
    relation or a verb of its own. A comma goes on only between articles. `has_thing`: whether it is known what is related.
    """
    if joint.value == "nor":
        return True
    place = next((n for n, each in enumerate(ahead) if each.kind in ("thing", "layer")), 0)
    before, after = ahead[:place], ahead[place:]
    if any(each.kind == "not" or (each.kind == "filler" and each.value == "ask") for each in before):
        return False
    if not has_thing:
        return joint.value in ("and", "or")
    if last.kind == "between" and joint.value == "and":
        return True
    has_article = any(each.kind == "filler" and each.value == "the" for each in before)
    is_plural = after[0].kind == "thing" and after[0].value.plural
    is_related = any(each.kind == "link" for each in after)
    if any(each.kind in MARKS for each in ahead) and not last.marks:
        return False
    if joint.value == ",":
        return has_article and last.article and not is_plural and not is_related
    return not (is_related and is_plural) and (has_article == last.article or (last.article and not is_plural))


def leads_to_thing(ahead: Sequence[Piece]) -> bool:
    """Whether a thing or something unknown comes before the next relation."""
    for piece in ahead:
        if piece.kind in ("link", "thing", "layer", "unknown"):
            return piece.kind != "link"
    return False
