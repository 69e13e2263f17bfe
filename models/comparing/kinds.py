"""What a change is called: what appeared, disappeared, or turned from one class into another.

Exchanging the dates exchanges appeared and disappeared, and from and to, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from ..classes import BACKGROUND, kind_of
from ..objects.splitting import COUNTABLE
from ..surveying.scale import least_of

APPEARED, DISAPPEARED, CHANGED = "appeared", "disappeared", "changed"  # `protocol.change.KINDS`; see `classes.kind_of`
UNKNOWN = ""  # the class on both sides where a method says that something changed, and not what
STANDING = 128  # of the numbers in `Groups.table`: from here on those of what is the same at both dates


@dataclass(frozen=True)
class Group:
    """Pixels that may be of one object. Of what appeared or disappeared the other side is any: a new house may stand on two fields."""

    kind: str
    was: str  # "" where it is any, or UNKNOWN
    now: str

    @property
    def class_name(self) -> str:
        """What appeared or disappeared, or what it became."""
        return self.was if self.kind == DISAPPEARED else self.now

    @property
    def is_parted(self) -> bool:
        """Whether objects that touch are told apart."""
        return self.was in COUNTABLE or self.now in COUNTABLE

    @property
    def least(self) -> float:
        """m2: what is smaller is noise, whichever of its classes it is taken for."""
        return min((least_of(name) for name in (self.was, self.now) if name), default=0.0)


@dataclass(frozen=True)
class Groups:
    """The groups that the classes of interest make; without classes there is one."""

    classes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """By the codes of the planes, see `planes.keep_for`."""
        return (BACKGROUND, *self.classes)

    @cached_property
    def all(self) -> tuple[Group, ...]:
        """By their numbers in `table`, less 1."""
        found = dict.fromkeys(group_of(was, now) for was, now in permutations(self.names, 2))
        return tuple(found) or (Group(CHANGED, UNKNOWN, UNKNOWN),)

    @cached_property
    def table(self) -> np.ndarray:
        """uint8 (1 + m, 1 + m): by the codes that a pixel was and is the number of its group, from 1; STANDING + code where both are one.

        Without classes, where both codes are always 0, the number of the one group.
        """
        if not self.classes:
            return np.ones((1, 1), np.uint8)
        numbers = {group: number for number, group in enumerate(self.all, start=1)}
        rows = [
            [STANDING + code if was == now else numbers[group_of(was, now)] for code, now in enumerate(self.names)] for was in self.names
        ]
        return np.array(rows, np.uint8)

    def numbers(self, was: np.ndarray, now: np.ndarray) -> np.ndarray:
        """The table's numbers for uint8 codes of any shape; a fifth of the time that indexing it takes, and there are many pixels."""
        size = len(self.table)
        both = was * np.uint8(size) + now
        found = np.frombuffer(both.tobytes().translate(self.table.tobytes().ljust(256)), np.uint8)
        return found.reshape(both.shape)


def groups_of(classes: Sequence[str]) -> Groups:
    return Groups(tuple(classes))


def group_of(was: str, now: str) -> Group:
    """Of two classes, see `kind_of`."""
    kind = kind_of(was, now)
    return Group(kind, UNKNOWN if kind == APPEARED else was, UNKNOWN if kind == DISAPPEARED else now)
