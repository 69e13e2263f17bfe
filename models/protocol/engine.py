"""What the engine says of itself, its rasters and its models, and what goes beside every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Optional

VERSION = 1


@dataclass(frozen=True)
class HelloReply:
    protocol: int
    engine: str  # the engine's version
    device: str  # "cpu", "cuda" or "mps"
    device_reason: str  # one sentence
    torch: str  # the version installed, "" where it is missing
    models: tuple[str, ...]  # ids of the models whose weights are at hand


@dataclass(frozen=True)
class Hello:
    METHOD: ClassVar[str] = "hello"
    REPLY: ClassVar[type] = HelloReply
    protocol: int = VERSION


@dataclass(frozen=True)
class OpenReply:
    raster: str  # id for later requests
    width: int  # pixels
    height: int
    crs: str  # WKT, "" where the raster has none
    transform: tuple[float, ...]  # a, b, c, d, e, f: x = a*col + b*row + c, y = d*col + e*row + f
    dtype: str
    nodata: Optional[float]
    bands: tuple[int, ...]  # the bands used, 1-based: one or three
    gsd: Optional[float]  # ground sample distance at the centre, metres; None without a CRS


@dataclass(frozen=True)
class Open:
    METHOD: ClassVar[str] = "open"
    REPLY: ClassVar[type] = OpenReply
    path: str
    bands: tuple[int, ...] = ()  # 1-based, one or three; empty: the engine chooses
    stretch: tuple[tuple[float, float], ...] = ()  # (low, high) a band, in the raster's values; empty: 2-98 %


@dataclass(frozen=True)
class ModelInfo:
    id: str
    title: str
    job: str  # "click", "text" or "change"; "open" is text beyond the vocabulary
    licence: str
    attribution: str
    size: int  # bytes of the weights
    digest: str  # sha256
    state: str  # "ready", "missing" or "damaged"


@dataclass(frozen=True)
class ModelsReply:
    models: tuple[ModelInfo, ...]
    device: str
    device_reason: str


@dataclass(frozen=True)
class Models:
    METHOD: ClassVar[str] = "models"
    REPLY: ClassVar[type] = ModelsReply


@dataclass(frozen=True)
class Fetch:
    """Download a model's weights; the reply is the catalogue as it is then."""

    METHOD: ClassVar[str] = "fetch"
    REPLY: ClassVar[type] = ModelsReply
    model: str


@dataclass(frozen=True)
class Import:
    """Take in a weights file that the analyst has; the reply is the catalogue as it is then."""

    METHOD: ClassVar[str] = "import"
    REPLY: ClassVar[type] = ModelsReply
    path: str
    title: str = ""  # what the analyst calls it


@dataclass(frozen=True)
class Cancel:
    """A notification: the request ends with the error ``cancelled``."""

    METHOD: ClassVar[str] = "cancel"
    request: int


@dataclass(frozen=True)
class Progress:
    """A notification from the engine."""

    METHOD: ClassVar[str] = "progress"
    request: int
    done: float
    total: float
    what: str = ""


@dataclass(frozen=True)
class Failure:
    """How a request ended that has no reply."""

    code: str  # stable, such as "raster.unreadable"
    what: str  # one sentence, English, for logs and the command line
    remedy: str = ""  # one sentence: what to do
    data: dict[str, Any] = field(default_factory=dict)
