"""The many ways to write one phrase, and in what order to read it. Standard library only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

ARTICLES = frozenset(("a", "an", "the", "all", "any", "every", "each", "some"))
# They add nothing where they follow a noun: "water body mask", "forest class"
GENERAL = frozenset(
    "area region zone place cover class category type map layer feature object instance pixel polygon footprint outline mask segment "
    "detection segmentation parcel surface network".split()
)
# What precedes one of these is the noun: "house by the lake"
PREPOSITIONS = frozenset(
    "of with without in inside on along near by beside at next around between behind above under over from to for within that which".split()
)
MEASURES = frozenset("of".split())  # and what follows one of these is the noun where the former is unknown: "dozens of houses"
NEGATIONS = frozenset(("no", "not", "non", "without", "except"))  # to leave one out would turn the meaning round
SPELLINGS = {
    "gray": "grey", "harbor": "harbour", "center": "centre", "plow": "plough", "plowed": "ploughed", "theater": "theatre",
    "color": "colour", "colored": "coloured", "aluminum": "aluminium", "fiber": "fibre", "neighborhood": "neighbourhood",
    "curb": "kerb", "tire": "tyre",
    "fertilized": "fertilised", "mechanized": "mechanised", "channelized": "channelised", "pedestrianised": "pedestrian",
    "leaves": "leaf", "wharves": "wharf", "roofs": "roof", "rooves": "roof", "buses": "bus", "gases": "gas", "men": "man", "women": "woman",
    "children": "child", "geese": "goose", "oases": "oasis", "potatoes": "potato", "tomatoes": "tomato", "mangoes": "mango",
    "patios": "patio", "embryoes": "embryo", "cacti": "cactus",
}  # fmt: skip
AS_THEY_ARE = frozenset("gas bus grass moss glass canvas cactus eucalyptus isthmus oasis campus arboretums its this is as us".split())
# What an OSM key's values describe: `crop=wheat` is a wheat field. A key that is not here is left out.
NOUNS = {
    "building": "building", "highway": "road", "surface": "road", "landuse": "area", "waterway": "waterway", "water": "water",
    "crop": "field", "generator:source": "panel", "plant:source": "panel", "roof:shape": "roof", "roof:material": "roof",
    "roof:colour": "roof",
    "wetland": "wetland", "genus": "tree", "leaf_type": "forest", "leaf_cycle": "forest", "vehicle": "vehicle",
}  # fmt: skip
TAG = re.compile(r"\s*([a-z_:]+)\s*=\s*(.+)", re.IGNORECASE)
ANY = ("yes", "*", "true")


def words(phrase: str) -> list[str]:
    """The words of a phrase in lower case, without accents, hyphens and underscores, in the singular and in British spelling."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", phrase.lower()) if not unicodedata.combining(letter))
    return [singular(word) for word in re.findall(r"[a-z0-9]+", plain.replace("'s", "").replace("'", ""))]


def singular(word: str) -> str:
    """A rule of thumb: it need only bring both numbers of a noun to one form, not to the dictionary's."""
    if word in SPELLINGS:
        return SPELLINGS[word]
    if len(word) < 4 or word in AS_THEY_ARE or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word[:-1]


def key(phrase: str) -> str:
    """One string for all spellings of a phrase: farmland, Farm-lands, farm land."""
    return "".join(words(phrase))


def readings(phrase: str) -> Iterator[str]:
    """Keys of what a phrase may mean, the likeliest first: the whole, its noun with ever fewer words before it, any part of it."""
    tag = TAG.fullmatch(phrase)
    if tag:
        yield from _tag_readings(tag[1].lower(), tag[2].strip().lower())
        return
    said = words(phrase)
    yield "".join(said)
    if not said or NEGATIONS.intersection(said):
        return
    cut = next((place for place, word in enumerate(said) if place and word in PREPOSITIONS), len(said))
    yield from _endings(said[:cut])
    if cut == len(said):
        yield from _parts(said)
    elif said[cut] in MEASURES:
        yield from _endings(said[cut + 1 :])


def _tag_readings(name: str, value: str) -> Iterator[str]:
    noun = NOUNS.get(name, "")
    if value in ANY:
        yield key(noun or name)
        return
    yield key(f"{value} {noun}")
    yield key(value)
    if name == "building":  # whatever it is used for
        yield key(noun)


def _endings(said: list[str]) -> Iterator[str]:
    """The whole, then without its first word, ...; each as it is before general words at the end are left out."""
    end = len(said)
    while end > 1 and said[end - 1] in GENERAL:
        end -= 1
    for start in range(len(said)):
        for stop in sorted({len(said), *range(end, len(said))}, reverse=True):
            if start < stop:
                yield "".join(said[start:stop])


def _parts(said: list[str]) -> Iterator[str]:
    for length in range(len(said) - 1, 0, -1):
        for start in range(len(said) - length, -1, -1):
            yield "".join(said[start : start + length])
