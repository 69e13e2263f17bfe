"""The classes that the shipped networks tell apart. Standard library only."""

from __future__ import annotations

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
# What each class looks like on a map; "other" is what is left over.
COLOURS = {
    "building": "#e4572e",
    "tree": "#4c9f38",
    "vegetation": "#a7d676",
    "forest": "#1f6b3a",
    "road": "#6b6b76",
    "water": "#3a86d8",
    "marsh": "#6fb7a8",
    "field": "#f0cf65",
    "sand": "#e8c39e",
    "solar panel": "#5b3fa8",
    "car": "#d63fa0",
    "other": "#d9d6d0",
}
