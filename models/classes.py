"""The classes that the shipped networks tell apart. Standard library only."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

# The order is that of the text head's channels and of the change head's.
CLASSES = ("building", "tree", "vegetation", "forest", "road", "water", "marsh", "field", "sand", "solar panel", "car")
BACKGROUND = "background"  # where none of them is

# A class list may ask for what is left over by one of these names.
OTHER = ("other", "background", "unclassified")
# Class lists to begin with. "aerial" are the classes of LandCover.ai (https://arxiv.org/abs/2005.02264).
PRESETS = {
    "aerial": ("building", "woodland", "water", "road", "other"),
    "urban": ("building", "road", "tree", "vegetation", "water", "car", "other"),
    "farmland": ("field", "forest", "vegetation", "water", "road", "building", "other"),
    "water": ("water", "marsh", "sand", "vegetation", "other"),
}

# What a comparison of two dates looks for unless it is told otherwise: cars come and go, and leaves and reeds do with the seasons.
MAPPED = ("building", "road", "solar panel", "water", "forest", "field", "sand")
# What stands on the ground, so that it comes and goes; of the others one becomes another.
THINGS = ("building", "tree", "road", "solar panel", "car")

# As maps have them. The order is that of CLASSES.
COLOURS = {
    "building": "#e4572e",
    "tree": "#4c9f38",
    "vegetation": "#8fbc5a",
    "forest": "#1b7837",
    "road": "#7a6a8f",
    "water": "#2f8fdd",
    "marsh": "#3fb8af",
    "field": "#e0b13a",
    "sand": "#d9c58b",
    "solar panel": "#3d4fb5",
    "car": "#c2378d",
}
OTHER_COLOUR = "#9e9e9e"  # of what has no class
# Of what changed, by its kind: told apart by colour-blind eyes, too.
KIND_COLOURS = {"appeared": "#1a9c94", "disappeared": "#d63a45", "changed": "#e8a02c"}
SPARE = ("#8c6bb1", "#c27d38", "#2f9c95", "#b5495b", "#7f8c2f", "#46627f", "#d98cb3", "#94735a")  # for names of one class
PALETTE = ("#e4572e", "#2f8fdd", "#4c9f38", "#e0b13a", "#c2378d", "#3fb8af", "#7a6a8f", "#a65628")


def colour_of(name: str) -> str:
    """A class's colour as "#rrggbb"; for any other word one that is always the same, and for none OTHER_COLOUR."""
    if not name:
        return OTHER_COLOUR
    return COLOURS.get(name) or PALETTE[zlib.crc32(name.encode()) % len(PALETTE)]


def kind_of(was: str, now: str) -> str:
    """What happened where one class became another: "appeared", "disappeared" or "changed". Each may be a name in OTHER."""
    if was in OTHER or now in OTHER:
        return "appeared" if was in OTHER else "disappeared"
    if (was in THINGS) == (now in THINGS):
        return "changed"
    return "appeared" if now in THINGS else "disappeared"


def colours_of(words: Sequence[str]) -> tuple[str, ...]:
    """A colour as "#rrggbb" for each name of a class list, all different: `words` are the classes that they stand for, "" what is left
    over. Each has that of its class, or a spare one where another name has that."""
    spare = iter(SPARE * len(words))
    taken: list[str] = []
    for word in words:
        colour = COLOURS.get(word, OTHER_COLOUR)
        taken.append(colour if colour not in taken else next(spare))
    return tuple(taken)
