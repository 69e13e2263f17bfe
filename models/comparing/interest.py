"""The classes that a comparison looks for, as somebody typed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..classes import CLASSES, MAPPED, OTHER
from ..errors import ClassesMissing, ClassesUnknown
from ..language.words import Vocabulary
from ..surveying.scale import is_seen


@dataclass(frozen=True)
class Interest:
    classes: tuple[str, ...]  # of CLASSES, each once, in the order in which they were asked for
    not_understood: tuple[str, ...] = ()  # what else was asked for
    is_usual: bool = False  # nobody asked for these: they are what people map
    not_seen: tuple[str, ...] = ()  # of these, what no pixel shows; where they were asked for they are in `classes` none the less

    @property
    def indices(self) -> tuple[int, ...]:
        """In CLASSES."""
        return tuple(CLASSES.index(name) for name in self.classes)

    def at(self, gsd: float | None) -> Interest:
        """On rasters of `gsd` metres a pixel, the coarser of the two."""
        not_seen = tuple(name for name in self.classes if not is_seen(name, gsd))
        classes = tuple(name for name in self.classes if name not in not_seen) if self.is_usual else self.classes
        return replace(self, classes=classes, not_seen=not_seen)


def interest_of(names: Sequence[str], vocabulary: Vocabulary) -> Interest:
    """What the names mean, in any words of the vocabulary; MAPPED where there are none.

    What none of the classes is needs no name: what appears was that before. Raises ClassesMissing where the names ask for nothing else, and
    ClassesUnknown where not one of them is known; its data offers known words for each.
    """
    asked = [" ".join(name.split()) for name in names if name.strip()]
    if not asked:
        return Interest(MAPPED, is_usual=True)
    asked = [name for name in asked if name.lower() not in OTHER]
    if not asked:
        raise ClassesMissing("No class was named that could come or go.")
    meanings = {name: vocabulary.understand(name) for name in asked}
    unknown = tuple(name for name, meaning in meanings.items() if meaning is None)
    known = tuple(dict.fromkeys(meaning.word for meaning in meanings.values() if meaning is not None))
    if not known:
        offers = {name: list(vocabulary.suggest(name, 3)) for name in unknown}
        what = f"Of the classes, none is known: {', '.join(map(repr, unknown))}."
        raise ClassesUnknown(what, names=list(unknown), offers=offers)
    return Interest(known, unknown)
