"""A click model with an exact answer: every pixel of the clicked colour, wherever it is in the view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rasterscribe.models.nets.prompt import Decoded, Prompt

LIKE = 0.26  # colour distance (RGB in 0..1) that counts as the same colour
LIKES = (0.06, LIKE, 0.45)  # the same of a part, an object, a group


@dataclass(frozen=True)
class Seen:
    colours: np.ndarray  # float32 (side, side, 3), 0..1

    @property
    def nbytes(self) -> int:
        return self.colours.nbytes


class ColourModel:
    id = "colour"
    digest = "c0" * 32

    def __init__(self, side: int = 256) -> None:
        self.side = side
        self.encoded = 0  # views so far
        self.prompts: list[Prompt] = []  # decoded so far

    def encode(self, images: np.ndarray) -> list[Seen]:
        assert images.dtype == np.uint8 and images.shape[1:] == (self.side, self.side, 3)
        self.encoded += len(images)
        return [Seen(image.astype(np.float32) / 255) for image in images]

    def decode(self, embedding: Seen, prompt: Prompt) -> Decoded:
        """In: nearer than LIKE to a clicked colour, and nearer to it than to any that a click removes."""
        self.prompts.append(prompt)
        points, labels = prompt.points, prompt.labels
        if prompt.box is not None:
            points, labels = np.vstack([points, prompt.box.reshape(2, 2).mean(axis=0)]), np.append(labels, 1)
        wanted, unwanted = self._distance(embedding, points[labels == 1]), self._distance(embedding, points[labels == 0])
        logits = 8 * (1 - wanted / LIKE)
        return Decoded(np.where(wanted <= unwanted, logits, -8).astype(np.float32)[None], np.array([0.9], np.float32))

    def _distance(self, seen: Seen, points: np.ndarray) -> np.ndarray:
        """(side, side) distance of every pixel's colour to the nearest of the colours under the points."""
        distances = [np.full((self.side, self.side), 9.0)]
        for x, y in points:
            colour = seen.colours[min(int(y), self.side - 1), min(int(x), self.side - 1)]
            distances.append(np.linalg.norm(seen.colours - colour, axis=-1))
        return np.min(distances, axis=0)


class NestedModel(ColourModel):
    """Three nested answers: only the clicked colour, what resembles it, what resembles it remotely."""

    digest = "c3" * 32

    def decode(self, embedding: Seen, prompt: Prompt) -> Decoded:
        self.prompts.append(prompt)
        wanted, unwanted = (self._distance(embedding, prompt.points[prompt.labels == label]) for label in (1, 0))
        logits = [np.where(wanted <= unwanted, np.maximum(8 * (1 - wanted / like), -8), -8) for like in LIKES]
        return Decoded(np.array(logits, np.float32), np.array([0.6, 0.9, 0.7], np.float32))
