"""What else an analyst should know of a comparison, in sentences; for how two rasters lie to each other see `notes`."""

from __future__ import annotations

import shapely

from ..surveying.area import Area
from .interest import Interest
from .notes import percent
from .old_map import MapPolygons, map_notes

WHOLE = 0.9  # of the ground: where a map lies on so much of it, it lies on all
LEAST_SHARE = 0.0005  # of a raster under clouds, to be told


def about_dates(dates: tuple[str, str], first: str = "before raster was taken") -> tuple[str, ...]:
    """first: what happened at the first date."""
    named = zip((first, "after raster was taken"), dates, strict=True)
    return tuple(f"When the {what} is not known." for what, date in named if not date)


def about_clouds(shares: tuple[float, float]) -> tuple[str, ...]:
    """shares: 0..1, of the ground under clouds or their shadows in the before and in the after raster."""
    named = zip(("before", "after"), shares, strict=True)
    said = [f"{percent(share)} of the {name} raster" for name, share in named if share > LEAST_SHARE]
    return (f"Clouds and their shadows were left out: {' and '.join(said)}.",) if said else ()


def about_ground(compared: float) -> tuple[str, ...]:
    """compared: how much of it, in any unit."""
    return () if compared > 0 else ("Nothing was compared: there are no data on which to do so.",)


def about_classes(interest: Interest, told_apart: bool = True) -> tuple[str, ...]:
    """told_apart: whether the method knows classes."""
    if not told_apart:
        return () if interest.is_usual else ("The classes were not used: this method says only that something changed.",)
    odd, small = ", ".join(interest.not_understood), ", ".join(interest.not_seen)
    told = "were not looked for" if interest.is_usual else "may be found where there are none"
    said = (f"Not understood, and left out: {odd}.",) if odd else ()
    return (*said, f"Too small for these pixels: {small}; they {told}.") if small else said


def about_map(polygons: MapPolygons, ground: Area) -> tuple[str, ...]:
    """How the map was understood, and on how much of the ground (in its CRS) it lies."""
    hull = shapely.convex_hull(shapely.GeometryCollection(list(polygons.outlines)))
    share = shapely.intersection(hull, ground).area / ground.area
    part = (f"The old map lies on {percent(share)} of the ground; elsewhere the images alone were compared.",) if share < WHOLE else ()
    return (*map_notes(polygons), *part)
