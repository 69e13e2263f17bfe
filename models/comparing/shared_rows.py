"""The last rows of a comparison, held once for all groups of pixels that objects are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..objects.components import Rows
from ..objects.instances import Part, Refiner
from ..objects.shares import Sharing


@dataclass
class SharedRows:
    """Strips of how likely pixels changed, and of the numbers of their groups, see `kinds.Groups.table`.

    least: the value from which on a pixel is its group's; fainter ones are what surrounds objects of any.
    """

    least: int

    def __post_init__(self) -> None:
        self.values, self.numbers = Rows(), Rows()

    def add(self, row: int, values: np.ndarray, numbers: np.ndarray) -> None:
        self.values.add(row, values)
        self.numbers.add(row, numbers)

    def forget(self, before: int) -> None:
        self.values.forget(before)
        self.numbers.forget(before)

    def of(self, number: int, values: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """The values of one group, and the faint ones."""
        return np.where((numbers == number) | (values < self.least), values, np.uint8(0))


class GroupRows(Rows):
    """What one group sees of them. To add and to forget rows is for whoever holds them all; this says what may be forgotten."""

    def __init__(self, shared: SharedRows, number: int) -> None:
        super().__init__()
        self._shared, self._number = shared, number
        self.first_needed = 0

    def add(self, row: int, plane: np.ndarray) -> None:
        pass

    def forget(self, before: int) -> None:
        self.first_needed = before

    def crop(self, top: int, left: int, bottom: int, right: int) -> np.ndarray:
        window = top, left, bottom, right
        return self._shared.of(self._number, self._shared.values.crop(*window), self._shared.numbers.crop(*window))


@dataclass(frozen=True)
class Beside:
    """A `Refiner` that draws what is new beside what stands: a click into an annexe must not outline the house that was there before.

    Nothing is clicked for parts that are smaller than an object may be: a speck must not grow into a house, and views cost time.
    """

    refiner: Refiner
    shared: SharedRows
    standing: int  # the number of pixels that are of the thing at both dates
    least: float = 0.0  # pixels of an object

    def apart(self, parts: Sequence[Part]) -> Sharing[list[list[Part]]]:
        clicked = [np.count_nonzero(part.inside) >= self.least for part in parts]
        drawn = yield from self.refiner.apart([self._beside(part) for part, one in zip(parts, clicked, strict=True) if one])
        found = iter(drawn)
        return [next(found) if one else [part] for part, one in zip(parts, clicked, strict=True)]

    def _beside(self, part: Part) -> Part:
        """The part with all that stands as another object."""
        height, width = part.values.shape
        numbers = self.shared.numbers.crop(part.top, part.left, part.top + height, part.left + width)
        return replace(part, values=np.where((numbers == self.standing) & ~part.inside, np.uint8(255), part.values))
