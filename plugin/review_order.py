"""In which order changes are gone through: the surest first, from the first that is not decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional


class ReviewOrder:
    """Numbers of features in the order of the review, and what was decided about each ("" is nothing yet)."""

    def __init__(self, decisions: Mapping[int, str]) -> None:
        """`decisions` are in the order of the review."""
        self._numbers = list(decisions)
        self._places = {number: place for place, number in enumerate(self._numbers)}
        self._decisions = dict(decisions)

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, number: int) -> bool:
        return number in self._places

    def place_of(self, number: int) -> int:
        """0 is the first; -1 is none of them."""
        return self._places.get(number, -1)

    def decision_of(self, number: int) -> str:
        return self._decisions.get(number, "")

    def note(self, number: int, decision: str) -> None:
        if number in self._places:
            self._decisions[number] = decision

    def count(self, *decisions: str) -> int:
        return sum(decision in decisions for decision in self._decisions.values())

    def beside(self, number: int, step: int) -> Optional[int]:
        """The one so many places further, decided or not; the last one there is beyond either end, None where there is none at all."""
        if not self._numbers:
            return None
        return self._numbers[min(max(self.place_of(number) + step, 0), len(self._numbers) - 1)]

    def undecided(self, after: int = -1) -> Optional[int]:
        """The next that is not decided, from the start once the end is reached; None where all are. `after` may be none of them."""
        here = self.place_of(after) + 1
        return next((number for number in self._numbers[here:] + self._numbers[:here] if not self._decisions[number]), None)
