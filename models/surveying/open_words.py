"""Words that no network of ours was taught, by an open-vocabulary model: a heat map of a phrase, as one logit a pixel.

CLIP only ranks texts against each other. So a phrase is set against words for what else one sees from above, and its logit is that of the
softmax over itself and those: a yes where it fits better than all of them together. Phrases asked together do not compete, so what a
phrase finds does not depend on what else was asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from ..errors import RequestInvalid
from ..language.spelling import words
from ..nets.clip import TEMPLATES, DenseClip
from ..nets.dense_attention import GLOBAL_SHARE
from .survey import Looker

# What else there is, after the classes of OpenEarthMap (https://arxiv.org/abs/2210.10732), with what lies between them
CONTRAST = (
    "bare ground", "grass", "trees", "bushes", "water", "farmland", "road", "pavement", "building", "roof", "shadow", "sand", "rock",
)  # fmt: skip
SCALE = 50.0  # of cosines before the softmax: SegEarth-OV's (https://arxiv.org/abs/2410.01768)
GRAIN = 16  # pixels of a patch that are fine enough: views go through networks with larger patches enlarged
MARGIN = (10, 7)  # how much larger a view is than a crop of the network: four crops, which overlap by a half and more


def clip_looker(model: DenseClip, phrases: Sequence[str], contrast: Sequence[str] = CONTRAST) -> Looker:
    """A network for `survey`: one channel a phrase. `contrast`: what phrases are set against, less what shares a word with them.

    Raises RequestInvalid where there is no phrase, or nothing is left to set one against.
    """
    if not phrases or not all(words(phrase) for phrase in phrases):
        raise RequestInvalid("There is no phrase to look for.", "Give at least one word.")
    against = [rivals(phrase, contrast) for phrase in phrases]
    if not all(against):
        raise RequestInvalid("Nothing is left to set the phrase against.", "Give words for what else is in the picture.")
    texts = model.embed_texts([*phrases, *contrast])
    places = [[len(phrases) + contrast.index(word) for word in others] for others in against]
    enlarge = max(1, round(model.patch / GRAIN))
    side = 32 * -(-model.crop * MARGIN[0] // (32 * MARGIN[1] * enlarge))

    def look(views: np.ndarray) -> np.ndarray:
        found = [yes_or_no(model.likeness(view, texts, enlarge), places) for view in views]
        return np.stack(found) if found else np.zeros((0, len(phrases), side, side), np.float32)

    return Looker(side, len(phrases), _key(model, phrases, contrast, enlarge), look)


def rivals(phrase: str, contrast: Sequence[str]) -> list[str]:
    """The words that a phrase is set against: "dirt road" is not told from "road"."""
    return [word for word in contrast if not set(words(word)) & set(words(phrase))]


def yes_or_no(cosines: np.ndarray, places: Sequence[Sequence[int]]) -> np.ndarray:
    """float32 (k, h, w) -> (m, h, w): the logit of channel i, for each i < m, in the softmax over it and the channels of places[i].

    The logit of a softmax's share p, log(p / (1 - p)), is its own score less the logarithm of the others' summed exponentials.
    """
    scores = SCALE * cosines
    found = [score - np.logaddexp.reduce(scores[list(others)], 0) for score, others in zip(scores, places)]
    return np.stack(found).astype(np.float32)


def _key(model: DenseClip, phrases: Sequence[str], contrast: Sequence[str], enlarge: int) -> str:
    """The model's id and its weights' digest, in words, and all that the answer depends on."""
    asked = [list(phrases), list(contrast), TEMPLATES, SCALE, GLOBAL_SHARE, model.crop, enlarge]
    return f"{model.id}@{model.digest}/{hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]}"
