"""Pieces that are not understood, as they are told."""

from __future__ import annotations

from collections.abc import Sequence

from .drafts import Said
from .pieces import Piece
from .spelling import singular


def told(strange: Sequence[Piece], pieces: Sequence[Piece], said: Said, apart: bool) -> list[str]:
    """The strange ones of all pieces in words: one by one where they are `apart`, being adjectives of a thing ("old", "abandoned"), else
    as they were said together ("facing the road")."""
    runs: list[list[Piece]] = []
    for piece in strange:
        if runs and not apart and not _are_parted(runs[-1][-1], piece, pieces):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [said(run) for run in runs]


def _are_parted(one: Piece, other: Piece, pieces: Sequence[Piece]) -> bool:
    """Whether something that was understood stands between two pieces."""
    return any(each.kind not in ("filler", "count") for each in pieces if one.end <= each.start < other.start)


def end_in_noun(strange: Sequence[Piece], said: Said) -> bool:
    """Whether the last of them seems to be a noun: "bildings, large ponds", but not "old and abandoned houses"."""
    last = said(strange[-1:]) if strange else ""
    return bool(strange) and (strange[-1].kind in ("thing", "layer") or singular(last) != last)
