"""Looking at a view, and clicks in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Optional

SIZES = ("part", "object", "group")  # of the nested outlines that a click can mean: a roof's plane, the house, the row


@dataclass(frozen=True)
class LookReply:
    views: int  # how many views are encoded now
    seconds: float


@dataclass(frozen=True)
class Look:
    METHOD: ClassVar[str] = "look"
    REPLY: ClassVar[type] = LookReply
    raster: str
    extent: tuple[float, ...]  # xmin, ymin, xmax, ymax
    pixel: float = 0.0  # ground size of a screen pixel, CRS units; 0: the raster's own
    model: str = ""  # "" is the shipped network


@dataclass(frozen=True)
class OutlineOptions:
    """How a mask becomes an outline."""

    smooth: bool = True
    right_angles: bool = False
    min_hole: float = 4.0  # holes smaller than this are filled; m2, or square pixels without a CRS


@dataclass(frozen=True)
class ClickReply:
    outline: str  # WKB of a Polygon or MultiPolygon as hexadecimal text; "" where the model sees no object there
    score: float  # 0..1: the IoU with the true outline that the model expects
    area: Optional[float]  # geodesic, m2; square pixels without a CRS
    view: tuple[float, ...]  # extent of the view that decided, as xmin, ymin, xmax, ymax
    model: str
    digest: str  # sha256 of the weights
    seconds: float
    warm: bool  # True where every view used was encoded before
    size: str = ""  # one of SIZES: this outline's; "" from a model that sees but one
    others: tuple[str, ...] = ()  # sizes whose outlines would look different


@dataclass(frozen=True)
class Click:
    METHOD: ClassVar[str] = "click"
    REPLY: ClassVar[type] = ClickReply
    raster: str
    points: tuple[tuple[float, float], ...] = ()
    labels: tuple[int, ...] = ()  # 1 adds, 0 removes; one a point
    box: Optional[tuple[float, ...]] = None  # xmin, ymin, xmax, ymax
    pixel: float = 0.0  # ground size of a screen pixel, CRS units; 0: the raster's own
    options: OutlineOptions = field(default_factory=OutlineOptions)
    model: str = ""  # "" is the shipped network
    hover: bool = False  # True: answer from encoded views only, with an empty outline where there is none
    size: str = ""  # one of SIZES; "" is the one likely meant
