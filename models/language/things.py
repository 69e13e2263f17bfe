"""Which thing of the map a few words name: the longest words count, and an adjective that the class does not carry is not part of them."""

from __future__ import annotations

from dataclasses import dataclass

from ..classes import CLASSES
from .lexicon import ATTRIBUTES, QUALITIES
from .relation_words import BREAKERS
from .spelling import GENERAL, key, singular
from .tokens import Token, listed, whole
from .words import SETTLED, Vocabulary

LONGEST = 6  # words in a name
# What the sentence embeddings take for something else
SENSES = {
    "building": "greenhouse, roof, home, flats, block of flats, carport, cowshed, bunker, multi storey car park",
    "forest": "grove",
    "field": "olive grove, citrus grove, orange grove, lemon grove, soybeans, grain, barley, flooded field",
    "vegetation": "savanna, savannah, prairie",
    "water": "moat, cove, slough, tidal channel, volcanic lake",
    "car": "cars in traffic, traffic jam of cars",
}
SENSE_BY_KEY = {key(name): class_name for class_name, names in SENSES.items() for name in listed(names)}
# Names that begin like an attribute
COMPOUNDS = frozenset(map(key, listed("white water, black pine, black locust, white oak, red oak, green roof, round house, long house")))


@dataclass(frozen=True)
class Thing:
    """`class_name` is None for what the vocabulary knows but no class covers."""

    class_name: str | None
    weights: tuple[float, ...]
    end: int
    plural: bool


def thing_at(line: tuple[Token, ...], place: int, vocabulary: Vocabulary) -> Thing | None:
    """The longest name of the vocabulary that begins there, general words after it ("forest area") taken in."""
    for end in range(min(place + LONGEST, len(line)), place, -1):
        words = [token.word for token in line[place:end]]
        if not whole(line, place, end) or any(token.kind != "word" for token in line[place:end]) or BREAKERS.intersection(words):
            continue
        if words[0] in QUALITIES and len(words) == 1 or (words[-1] == "crossing" and singular(words[-2:][0]) != words[-2:][0]):
            continue  # "flat roofs", "roads crossing a river"
        phrase = " ".join(words)
        if vocabulary.spells(phrase) and not _is_described(line, place, end, vocabulary):
            class_name, weights = meaning(phrase, vocabulary)
            while end < len(line) and singular(line[end].word) in GENERAL and line[end].kind == "word" and whole(line, place, end + 1):
                end += 1
            last = line[end - 1].word
            return Thing(class_name, weights, end, singular(last) != last or last in ("people", "cattle"))
    return None


def meaning(phrase: str, vocabulary: Vocabulary) -> tuple[str | None, tuple[float, ...]]:
    """Class and weights of a phrase of the vocabulary.

    Where the embedding of the whole is undecided and its last word is not, the last word decides: a residential street is a street.
    """
    if key(phrase) in SENSE_BY_KEY:
        return _only(SENSE_BY_KEY[key(phrase)])
    found = vocabulary.understand(phrase)
    if found is None or key(found.phrase) != key(phrase):
        return None, ()
    head = phrase.split()[-1]
    if found.weights.max() < SETTLED and head != phrase and key(head) != key(phrase):
        if key(head) in SENSE_BY_KEY:
            return _only(SENSE_BY_KEY[key(head)])
        alone = vocabulary.understand(head)
        if alone is not None and alone.weights.max() >= SETTLED:
            return alone.word, tuple(alone.weights.tolist())
    return found.word, tuple(found.weights.tolist())


def _only(class_name: str) -> tuple[str, tuple[float, ...]]:
    return class_name, tuple(float(name == class_name) for name in CLASSES)


def _is_described(line: tuple[Token, ...], place: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether the first of several words only describes what the others name: "white car", "abandoned house", but not "greenhouse"."""
    phrase = " ".join(token.word for token in line[place:end])
    if end - place < 2 or key(phrase) in COMPOUNDS:
        return False
    if line[place].word not in QUALITIES and ATTRIBUTES.at(line, place) is None:
        return False
    found = vocabulary.understand(phrase)
    if found is None or (" " not in found.phrase and key(found.phrase) == key(phrase)):
        return False  # known to be of no class ("light rail"), or one word in the table: "green house" is a greenhouse
    return thing_at(line[:end], place + 1, vocabulary) is not None
