"""How coarse to look for a class: at the scale at which its examples were, where the raster shows more than they did.

A network that sees a pond at 5 cm a pixel sees nothing but its middle. Coarser looks also cost less: a quarter at each level.
"""

from __future__ import annotations

import math

COARSEST = 8

# Metres a pixel at which each class is found best, from what follows and from trials at several levels of scenes and validation sets (IoU).
BEST = {
    "building": 0.15,  # trained at 0.075 to 0.6; Bicol at 0.075: 0.65, halved 0.72, at a quarter 0.64
    "car": 0.15,  # trained at 0.12 to 0.18; halved, half of them are lost
    "road": 0.2,  # trained at about 0.2; Japan 0.34, halved 0.33, at a quarter 0.09
    "solar panel": 0.2,  # trained at about 0.2; Japan 0.75, halved 0.71, at a quarter 0.65
    "sand": 0.3,  # Monterey, perhaps 0.3: 0.90, halved 0.93, at a quarter 0.67
    "vegetation": 0.3,  # trained at 0.3 to 0.6; Monterey 0.60, halved 0.56
    "marsh": 0.3,  # Monterey alone
    "forest": 0.3,  # trained at 10 m; what is found of groves at 0.1 to 0.3 becomes less when coarser
    "field": 0.35,  # trained at 1 to 3 m; still, rice at 0.35 is found, and hardly when halved
    "tree": 0.6,  # trained at 0.6
    "water": 0.8,  # trained at 0.3 to 10; Monterey 0.45, halved 0.73, at a quarter 0.84: up close, still water looks like a field
}


def level_for(class_name: str | None, gsd: float | None) -> int:
    """The level of a survey (pixels of 2**level native ones) for a class on a raster of `gsd` metres a pixel.

    0 where the raster is about as coarse as the examples or coarser, and where its scale is unknown. None: as for the finest class.
    """
    return level_at(BEST.get(class_name or "", min(BEST.values())), gsd)


def level_at(best: float, gsd: float | None) -> int:
    """The level of which the pixels are nearest to `best` metres; 0 where the raster is coarser, or its scale unknown."""
    if gsd is None or not gsd > 0:
        return 0
    return min(max(0, round(math.log2(best / gsd))), COARSEST)


# Metres a pixel beyond which nothing can be told of what is as small: what a network then takes for it is something else.
WIDEST = {"building": 3.0, "tree": 3.0, "road": 3.0, "solar panel": 2.0, "car": 0.6}


def is_seen(class_name: str, gsd: float | None) -> bool:
    """Whether a raster of `gsd` metres a pixel can show things of a class; True where nobody knows its scale."""
    return gsd is None or gsd <= WIDEST.get(class_name, math.inf)


# m2: outlines below are shadows and speckles far more often than small things of the class
LEAST = {
    "building": 4.0,
    "tree": 1.0,
    "vegetation": 4.0,
    "forest": 100.0,
    "road": 20.0,
    "water": 20.0,
    "marsh": 50.0,
    "field": 200.0,
    "sand": 20.0,
    "solar panel": 1.0,
    "car": 2.0,
}


def least_of(class_name: str) -> float:
    """m2: what is smaller is taken for noise, unless a phrase asks for things of such a size."""
    return LEAST.get(class_name, 0.0)
