"""The classes that the shipped networks tell apart. Standard library only."""

from __future__ import annotations

# The order is that of the text head's channels and of the change head's.
CLASSES = ("building", "tree", "vegetation", "forest", "road", "water", "marsh", "field", "sand", "solar panel", "car")
BACKGROUND = "background"  # where none of them is
