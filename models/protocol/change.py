"""What is asked of two dates, or of one date and the map of another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Optional

from .click import OutlineOptions
from .engine import Open

# How changes are told: see `comparing`. "" lets the engine choose.
METHODS = ("combined", "direct", "classes", "map", "irmad", "cva")
KINDS = ("appeared", "disappeared", "changed")


@dataclass(frozen=True)
class Shift:
    """How the after raster lies beside the before raster: what is at (col, row) there is at (col + x, row + y) here."""

    x: float  # pixels of the before raster, to the right
    y: float  # down
    metres: Optional[float]  # its length, None without a CRS
    uncertainty: float  # pixels that parts of it may still lie apart once it is corrected
    corrected: bool  # whether the comparison took it away; beyond 5 pixels it does not


@dataclass(frozen=True)
class PairReply:
    before_date: str  # ISO: a year, a month or a day; "" where neither the file nor its name says it
    after_date: str
    before_gsd: Optional[float]  # m
    after_gsd: Optional[float]
    overlap: float  # 0..1, share of the before raster that the after raster covers
    shift: Optional[Shift]  # None where it could not be measured: too little to see
    notes: tuple[str, ...] = ()  # sentences about what the analyst should know


@dataclass(frozen=True)
class Pair:
    """Whether two rasters can be compared, and how they lie to each other; fails as `Change` would."""

    METHOD: ClassVar[str] = "pair"
    REPLY: ClassVar[type] = PairReply
    before: Open
    after: Open
    before_date: str = ""  # ISO; "" is what the file says
    after_date: str = ""


@dataclass(frozen=True)
class OldMap:
    """A vector layer with what was there at the first date."""

    path: str  # a file that GDAL reads
    table: str = ""  # which of its tables, "" where it has but one
    field: str = ""  # that names the class of each polygon
    class_name: str = ""  # of every polygon, where there is no field


@dataclass(frozen=True)
class KindFound:
    kind: str  # one of KINDS
    count: int
    area: float  # m2; square pixels without a CRS


@dataclass(frozen=True)
class FromTo:
    from_class: str
    to_class: str
    count: int
    area: float  # m2; square pixels without a CRS


@dataclass(frozen=True)
class ChangeReply:
    path: str  # of the GeoPackage: tables changes and not_compared
    count: int  # changes with at least the score asked for; the weaker ones are in the file, too
    kinds: tuple[KindFound, ...]  # in the order of KINDS
    matrix: tuple[FromTo, ...]  # the largest area first
    shift: Optional[Shift]  # None where there is no before raster, or too little to see
    compared: float  # m2 that were compared; square pixels without a CRS
    not_compared: float  # m2 of the area without data at one of the dates, or under clouds
    method: str  # one of METHODS
    before_date: str  # ISO, "" where it is not known
    after_date: str
    probability: str  # of the GeoTIFF, "" where none was asked for
    notes: tuple[str, ...]  # sentences about what the analyst should know
    model: str
    digest: str  # sha256 of the weights, "" of a method without any
    seconds: float


@dataclass(frozen=True)
class Change:
    """What changed. Without a before raster the old map alone says what was there."""

    METHOD: ClassVar[str] = "change"
    REPLY: ClassVar[type] = ChangeReply
    after: Open
    out: str  # the GeoPackage to write
    before: Optional[Open] = None
    old_map: Optional[OldMap] = None
    classes: tuple[str, ...] = ()  # of interest, in any words of the vocabulary; () are `classes.MAPPED`
    area: str = ""  # WKB of a Polygon or MultiPolygon in the CRS of the after raster; "" is all that both cover
    method: str = ""  # one of METHODS
    threshold: float = 0.5  # score from which a change counts
    floor: float = 0.25  # score from which it is kept in the file, for the analyst to lower the threshold
    min_area: float = 0.0  # m2; square pixels without a CRS
    probability: str = ""  # a GeoTIFF to write, too: how likely each pixel has changed
    before_date: str = ""  # ISO; "" is what the file says
    after_date: str = ""
    any_order: bool = False  # carry it out although the before raster is the newer one
    options: OutlineOptions = field(default_factory=OutlineOptions)
    model: str = ""  # "" is the shipped network
    refine: bool = True  # let the click network draw the outlines of what people count
    # The band that is near infrared, of both rasters or of before and after; 0: none, (): what the files say or show. Water is told by it.
    infrared: tuple[int, ...] = ()
