"""A class list as somebody typed it: what each name asks of the networks, and how pixels are told apart by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..classes import CLASSES, OTHER, colours_of
from ..errors import ClassesMissing, ClassesRepeated, ClassesUnknown, RequestInvalid
from ..language.words import Vocabulary
from ..surveying.survey import probability

MOST = 250  # classes: a byte has room for no more
ALIKE = 0.05  # of the weight: names that differ by no more mean the same


@dataclass(frozen=True, eq=False)
class ClassList:
    """Names in the order in which they were typed; a class's number in a class raster is its place among them, from 1 on."""

    names: tuple[str, ...]
    weights: np.ndarray  # float32 (asked, len(CLASSES)): what is asked, without what is left over
    numbers: np.ndarray  # uint8 (asked,)
    other: int  # the number of what is left over; 0 where every pixel gets the class that is likeliest

    @property
    def words(self) -> tuple[str, ...]:
        """The class of the networks that weighs most for each name, "" for what is left over."""
        found = [""] * len(self.names)
        for number, weights in zip(self.numbers, self.weights, strict=True):
            found[number - 1] = CLASSES[int(weights.argmax())]
        return tuple(found)

    @property
    def colours(self) -> tuple[str, ...]:
        """One a name, "#rrggbb", all different: that of its class, or a spare one where another name has that."""
        return colours_of(self.words)

    def keep(self, logits: np.ndarray) -> np.ndarray:
        """float32 (asked, h, w) -> uint8 (2, h, w): the number of the class of each pixel, and how sure that is, 1..255.

        What is left over is where no class is likelier than not; it is as sure as the likeliest class is unlikely.
        """
        best = logits.argmax(axis=0)
        highest = np.take_along_axis(logits, best[None], axis=0)[0]
        numbers, sure = self.numbers[best], highest
        if self.other:
            none = highest < 0
            numbers, sure = np.where(none, np.uint8(self.other), numbers), np.where(none, -highest, highest)
        return np.stack([numbers, probability(sure)])


def class_list(names: Sequence[str], vocabulary: Vocabulary) -> ClassList:
    """What the names of a class list mean. One of OTHER stands for what is left over.

    Raises ClassesMissing, ClassesUnknown (its data offers known words for each unknown one), ClassesRepeated, and RequestInvalid where
    there are more than a class raster has room for.
    """
    names = tuple(" ".join(name.split()) for name in names if name.strip())
    others = [number for number, name in enumerate(names, 1) if name.lower() in OTHER]
    asked = [number for number in range(1, len(names) + 1) if number not in others]
    if not asked:
        raise ClassesMissing("The class list names no class.")
    if len(names) > MOST:
        raise RequestInvalid(f"The class list has {len(names)} classes; {MOST} are the most.", "Leave some out.")
    understood = {number: vocabulary.understand(names[number - 1]) for number in asked}
    unknown = [names[number - 1] for number, meaning in understood.items() if meaning is None]
    if unknown:
        raise _unknown(unknown, vocabulary)
    weights = np.array([meaning.weights for meaning in understood.values() if meaning is not None], np.float32)
    _check_different([names[number - 1] for number in asked], weights)
    if len(others) > 1:
        raise _repeated(names[others[0] - 1], names[others[1] - 1])
    return ClassList(names, weights, np.array(asked, np.uint8), others[0] if others else 0)


def _unknown(names: list[str], vocabulary: Vocabulary) -> ClassesUnknown:
    offers = {name: list(vocabulary.suggest(name, 3)) for name in names}
    said = [f"{name!r} (known: {', '.join(known)})" if known else f"{name!r}" for name, known in offers.items()]
    return ClassesUnknown(f"Of the class list, this is not known: {', '.join(said)}.", names=names, offers=offers)


def _check_different(names: list[str], weights: np.ndarray) -> None:
    for one in range(len(names)):
        for other in range(one):
            if np.abs(weights[one] - weights[other]).max() <= ALIKE:
                raise _repeated(names[other], names[one])


def _repeated(one: str, other: str) -> ClassesRepeated:
    what = f"{one!r} is in the class list twice." if one.lower() == other.lower() else f"{one!r} and {other!r} mean the same class."
    return ClassesRepeated(what, names=[one, other])
