"""A text model with exact answers: red is a building, green vegetation, blue water; anything else is nothing."""

from __future__ import annotations

import numpy as np

from rasterscribe.models.classes import CLASSES

COLOURS = {"building": (250, 0, 0), "vegetation": (0, 250, 0), "water": (0, 0, 250)}


class ColourText:
    id = "colour"
    digest = "c0" * 32
    side = 64

    def encode(self, images):
        return list(images)

    def classify(self, embedding):
        found = np.full((len(CLASSES), self.side, self.side), -4, np.float32)
        for name, colour in COLOURS.items():
            found[CLASSES.index(name)][np.abs(embedding.astype(int) - colour).max(-1) < 100] = 4
        return found

    def ask(self, embedding, weights):
        return np.tensordot(weights, self.classify(embedding), 1)
