"""What a word of a map asks of the networks: a phrase becomes weights over CLASSES, without a sentence encoder.

Two files lie beside the weights: a text with one phrase a line, and the phrases' sentence embeddings (MiniLM; Reimers and Gurevych, 2019,
https://arxiv.org/abs/1908.10084; Wang et al., 2020, https://arxiv.org/abs/2002.10957), made by `python -m models.training.words`. Some
phrases are anchors: they stand for a class that was labelled. Any other phrase attends to the anchors by its likeness to them and takes
their classes in proportion. So only phrases of the table are understood; the rest is said to be unknown, with the nearest spellings.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from ..catalog import WEIGHTS
from ..classes import CLASSES
from ..errors import ModelDamaged, ModelMissing
from .spelling import key, readings

TABLE = "rasterscribe-words.safetensors"
PHRASES = "rasterscribe-words.txt"
UNTAUGHT = "-"  # the mark of a phrase that no class covers
CLOSE = 0.75  # difflib's ratio from which a spelling counts as near
SETTLED = 2 / 3  # of the weight: twice that of all other classes together


@dataclass(frozen=True, eq=False)
class Understood:
    """What a phrase means to the networks."""

    weights: np.ndarray  # float32 (len(CLASSES),), sum 1, in the order of CLASSES
    nearest: str  # the anchor most like it
    likeness: float  # cosine to that anchor, -1..1
    phrase: str  # the phrase of the table that was found: what is not in it was left out

    @property
    def word(self) -> str:
        """The class that weighs most."""
        return CLASSES[int(self.weights.argmax())]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Phrases, their vectors, and which of them are anchors.

    `marks` holds for each phrase the class it is an anchor of, UNTAUGHT where no class covers it, and "" otherwise. The untaught come
    last and have no vectors: whatever they are like, it is known that the networks cannot tell.
    """

    phrases: tuple[str, ...]
    marks: tuple[str, ...]
    vectors: np.ndarray  # float32 (m, d) of length 1, for the first m phrases
    sharpness: float  # of the softmax over the anchors' cosines
    least: float  # cosine: a phrase less like every anchor is not understood

    @classmethod
    def read(cls, folder: Path = WEIGHTS) -> Vocabulary:
        """The vocabulary that ships. Raises `ModelMissing` where a file of it is absent, `ModelDamaged` where they do not fit."""
        try:
            text = (folder / PHRASES).read_bytes()
            with safe_open(folder / TABLE, framework="numpy") as table:
                vectors, said = table.get_tensor("vectors").astype(np.float32), table.metadata() or {}
        except FileNotFoundError:
            raise ModelMissing("The table of words is not on this machine.") from None
        except (OSError, SafetensorError):
            raise ModelDamaged("The table of words cannot be read.") from None
        if said.get("phrases") != hashlib.sha256(text).hexdigest():
            raise ModelDamaged("The list of words is not the one that its table was made for.")
        phrases, _, marks = zip(*(line.partition("\t") for line in text.decode("utf-8").splitlines()), strict=True)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)  # half precision has left the unit sphere a little
        return cls(phrases, marks, vectors, float(said["sharpness"]), float(said["least"]))

    def understand(self, phrase: str) -> Understood | None:
        """What a phrase means; None where it is unknown, or known but of no class (`knows` tells these apart).

        Case, plurals, hyphens, underscores and articles do not matter; an OSM tag (`building=house`) reads as its words. Where the
        table lacks the whole, or the whole is like no anchor, the longest ending counts that it has, for the noun comes last ("large
        old barn"), or before a preposition ("barns with a red roof"); failing that, any part of the phrase.
        """
        for row in self._found(phrase):
            if row >= len(self.vectors):
                return None
            nearest = int(self._cosines[row].argmax())
            likeness = float(self._cosines[row, nearest])
            if likeness >= self.least:
                return Understood(self._weights[row], self.phrases[self._anchors[nearest]], likeness, self.phrases[row])
        return None

    def knows(self, phrase: str) -> bool:
        """Whether the phrase is in the table, be it of a class or not: "known, but not taught" where `understand` gives None."""
        return next(self._found(phrase), None) is not None

    def spells(self, phrase: str) -> bool:
        """Whether the table holds the phrase itself, whatever its spelling, be it of a class or not."""
        return key(phrase) in self._rows

    def suggest(self, text: str, count: int = 8) -> tuple[str, ...]:
        """Phrases that would be understood and begin with `text`, the shortest first; else those spelt nearly so, the nearest first."""
        start = key(text)
        if not start:
            return ()
        found = sorted((name for name in self._asked if name.startswith(start)), key=lambda name: (len(name), name))
        found = found or difflib.get_close_matches(start, self._asked, count, CLOSE)
        return tuple(self.phrases[self._rows[name]] for name in found[:count])

    def _found(self, phrase: str) -> Iterator[int]:
        """Rows of the phrase's readings, the likeliest first."""
        return (self._rows[reading] for reading in readings(phrase) if reading in self._rows)

    @functools.cached_property
    def _rows(self) -> dict[str, int]:
        return {key(phrase): row for row, phrase in enumerate(self.phrases)}

    @functools.cached_property
    def _anchors(self) -> np.ndarray:
        """Rows of the anchors."""
        return np.flatnonzero([mark in CLASSES for mark in self.marks[: len(self.vectors)]])

    @functools.cached_property
    def _cosines(self) -> np.ndarray:
        """(m, anchors)."""
        return self.vectors @ self.vectors[self._anchors].T

    @functools.cached_property
    def _weights(self) -> np.ndarray:
        owners = np.array([CLASSES.index(self.marks[row]) for row in self._anchors])
        return settled(attend(self._cosines, owners, self.sharpness))

    @functools.cached_property
    def _asked(self) -> tuple[str, ...]:
        """Keys of the phrases that are understood."""
        return tuple(key(self.phrases[row]) for row in np.flatnonzero(self._cosines.max(1) >= self.least))


def attend(cosines: np.ndarray, owners: np.ndarray, sharpness: float) -> np.ndarray:
    """Weights over CLASSES, float32 (n, len(CLASSES)) of sum 1: the softmax of `sharpness` times the cosines (n, anchors), added up by the
    class (index in CLASSES) that owns each anchor."""
    raised = np.exp(sharpness * (cosines - cosines.max(1, keepdims=True)))
    weights = raised @ (owners[:, None] == np.arange(len(CLASSES)))
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def settled(weights: np.ndarray) -> np.ndarray:
    """(n, k): a row of which one class has at least SETTLED is all of that class.

    Logits of different classes are not of one size, so a tenth of another class moves borders that a synonym should leave where they are.
    """
    ours = weights.max(1, keepdims=True) >= SETTLED
    found: np.ndarray = np.where(ours, weights == weights.max(1, keepdims=True), weights).astype(np.float32)
    return found
