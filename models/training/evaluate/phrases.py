"""What the words of a set or of a command line ask of the networks."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from ...classes import BACKGROUND
from ...errors import RequestInvalid
from ...language.words import Vocabulary


@functools.cache
def vocabulary() -> Vocabulary:
    """The one that ships, read once."""
    return Vocabulary.read()


def word_of(name: str) -> str | None:
    """The class that a name means most, BACKGROUND as it is; None where no class of ours covers it."""
    if name == BACKGROUND:
        return BACKGROUND
    understood = vocabulary().understand(name)
    return None if understood is None else understood.word


def weights_of(phrases: Sequence[str]) -> np.ndarray:
    """float32 (phrases, K): each as weights over CLASSES. Raises RequestInvalid where one is not understood."""
    found = []
    for phrase in phrases:
        understood = vocabulary().understand(phrase)
        if understood is None:
            near = ", ".join(vocabulary().suggest(phrase, 3))
            raise RequestInvalid(f'"{phrase}" is not understood.', f"Say it in other words{', perhaps: ' + near if near else ''}.")
        found.append(understood.weights)
    return np.array(found, np.float32)


def indices_of(phrases: Sequence[str]) -> list[int]:
    """Indices in CLASSES of what phrases mean most, each once, in their order. Raises RequestInvalid as `weights_of` does."""
    return list(dict.fromkeys(int(weights.argmax()) for weights in weights_of(phrases)))
