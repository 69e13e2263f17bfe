"""From planes of what every pixel was and is to the objects that changed."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.geometry import MultiPolygon, Polygon


@dataclass(frozen=True, eq=False)
class Changed:
    """One object that changed, in map coordinates of the pair's grid."""

    outline: Polygon | MultiPolygon  # valid
    kind: str  # one of `protocol.change.KINDS`
    from_class: str  # one of the classes, `classes.BACKGROUND` for none of them, "" where the method does not say
    to_class: str
    class_name: str  # what appeared or disappeared, or what it became
    score: float  # 0..1, the mean probability of its pixels; below 0.5 it is a weak one
    area: float  # m2, geodesic; square pixels without a CRS
