"""What is asked of a whole area: objects that a phrase names, land cover, tiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from .click import OutlineOptions


@dataclass(frozen=True)
class NamedLayer:
    """A vector layer that a phrase may name."""

    name: str
    path: str  # a file that GDAL reads
    table: str = ""  # which of its tables, "" where it has but one


@dataclass(frozen=True)
class Offer:
    """A word that was not understood, and known ones that are spelt alike."""

    word: str
    instead: tuple[str, ...]


@dataclass(frozen=True)
class ExplainReply:
    """What a phrase would ask for. One that cannot be run is no failure here: the analyst is still typing."""

    parse: dict[str, Any]  # as `python -m models find --explain` prints it
    sentence: str  # the same in words
    runnable: bool
    not_understood: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    suggestions: tuple[str, ...] = ()  # words of the vocabulary that the last word typed may become


@dataclass(frozen=True)
class Explain:
    METHOD: ClassVar[str] = "explain"
    REPLY: ClassVar[type] = ExplainReply
    phrase: str
    layers: tuple[str, ...] = ()  # names of the vector layers that it may name
    model: str = ""


@dataclass(frozen=True)
class ClassFound:
    name: str
    count: int
    area: float  # m2; square pixels without a CRS


@dataclass(frozen=True)
class FindReply:
    path: str  # of the GeoPackage
    count: int  # objects with at least the score asked for; the weaker ones are in the file, too
    classes: tuple[ClassFound, ...]
    not_understood: tuple[str, ...]
    notes: tuple[str, ...]  # sentences about what the analyst should know: "No road was found in the area."
    sentence: str  # what was asked, in words
    model: str
    digest: str  # sha256 of the weights
    seconds: float


@dataclass(frozen=True)
class Find:
    METHOD: ClassVar[str] = "find"
    REPLY: ClassVar[type] = FindReply
    raster: str
    text: str
    out: str  # the GeoPackage to write
    area: str = ""  # WKB of a Polygon or MultiPolygon; "" is the whole raster
    layers: tuple[NamedLayer, ...] = ()
    threshold: float = 0.5  # score from which an object counts
    floor: float = 0.25  # score from which it is kept in the file, for the analyst to lower the threshold
    options: OutlineOptions = field(default_factory=OutlineOptions)
    model: str = ""  # "" is the shipped network
    refine: bool = True  # let the click network draw the outlines
    examples: str = ""  # WKB of a MultiPolygon: more like these, in place of the text's classes


@dataclass(frozen=True)
class ClassArea:
    name: str
    pixels: int
    area: float  # m2; square pixels without a CRS
    share: float  # 0..1 of what was classified


@dataclass(frozen=True)
class CoverReply:
    path: str  # of the GeoTIFF: band 1 classes, band 2 confidence
    polygons: str  # of the GeoPackage, "" where none was asked for
    areas: tuple[ClassArea, ...]  # in the order of the classes asked for
    model: str
    digest: str
    seconds: float


@dataclass(frozen=True)
class Cover:
    METHOD: ClassVar[str] = "cover"
    REPLY: ClassVar[type] = CoverReply
    raster: str
    classes: tuple[str, ...]
    out: str  # the GeoTIFF to write
    polygons: str = ""  # the GeoPackage to write, "" for none
    area: str = ""  # WKB of a Polygon or MultiPolygon; "" is the whole raster
    model: str = ""
    simplify: float = 1.0  # pixels that a border may move


@dataclass(frozen=True)
class RankedTile:
    extent: tuple[float, ...]  # xmin, ymin, xmax, ymax
    score: float  # 0..1


@dataclass(frozen=True)
class TilesReply:
    path: str  # of the heat map, a GeoTIFF with a pixel a tile
    tiles: tuple[RankedTile, ...]  # the best ones, the best first
    model: str
    digest: str
    seconds: float
    notes: tuple[str, ...] = ()  # sentences about what of the phrase counted, and what did not


@dataclass(frozen=True)
class Tiles:
    METHOD: ClassVar[str] = "tiles"
    REPLY: ClassVar[type] = TilesReply
    raster: str
    text: str
    out: str
    area: str = ""
    model: str = ""


@dataclass(frozen=True)
class PartialObject:
    outline: str  # WKB
    class_name: str
    score: float


@dataclass(frozen=True)
class Outlines:
    """A notification from the engine: objects that a search has come upon, before relations and ranks are looked at."""

    METHOD: ClassVar[str] = "outlines"
    request: int
    objects: tuple[PartialObject, ...]
