"""Phrases that show what can be said. They are in English, the language of the vocabulary, whatever that of the user."""

from __future__ import annotations

SHORTEST = "large ponds near a road"  # for the empty line
THINGS = ("buildings", "ponds, roads, fields", "solar panels")
SIZES = ("buildings larger than 300 m²", "large fields", "ponds under 0.5 ha")
LOOKS = ("round ponds", "elongated buildings", "bright roofs", "dark green fields")
COUNTS = ("the 5 largest buildings", "the smallest pond")
PLACES = ("buildings within 50 m of a road", "trees along a road", "houses inside a forest", "fields north of a river")
NEGATIONS = ("buildings not near a road", "trees not in a forest")
ALL = (SHORTEST, *THINGS, *SIZES, *LOOKS, *COUNTS, *PLACES, *NEGATIONS)
