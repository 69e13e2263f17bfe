"""Every message between the plugin and the engine: JSON-RPC 2.0, one JSON object a line.

Both sides import this file, so it needs nothing but the standard library and runs on Python 3.9, the oldest that
a supported QGIS brings. A request is a frozen dataclass with a ``METHOD`` and a ``REPLY``. The ``encode_`` functions make a whole
line, its newline included, in plain ASCII; `decode` takes a line apart, and `decode_reply` gives a result its type, which only
the one who asked can know. Coordinates are in the raster's CRS unless a field says otherwise; a raster without a CRS has pixel
coordinates with y downwards turned to map coordinates by its (identity-like) transform.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import typing
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn, Optional, Union

VERSION = 1
SIZES = ("part", "object", "group")  # of the nested outlines that a click can mean: a roof's plane, the house, the row


class MalformedMessage(ValueError):
    """A line that is not a message of this protocol; the text says why. ``id`` is the request's, where one could be read."""

    def __init__(self, why: str, id: Optional[int] = None) -> None:
        super().__init__(why)
        self.id = id


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


@dataclass(frozen=True)
class ModelInfo:
    id: str
    title: str
    job: str  # "click"
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


Request = Union[Hello, Open, Look, Click, Models]
Notification = Union[Cancel, Progress]
REQUESTS: dict[str, type] = {kind.METHOD: kind for kind in (Hello, Open, Look, Click, Models)}
NOTIFICATIONS: dict[str, type] = {kind.METHOD: kind for kind in (Cancel, Progress)}


@dataclass(frozen=True)
class IncomingRequest:
    id: int
    request: Request


@dataclass(frozen=True)
class IncomingReply:
    id: int
    result: dict[str, Any]  # for `decode_reply`


@dataclass(frozen=True)
class IncomingFailure:
    id: Optional[int]  # None where the engine could not tell which request a line was
    failure: Failure


Incoming = Union[IncomingRequest, IncomingReply, IncomingFailure, Cancel, Progress]


def encode_request(id: int, request: Request) -> str:
    return _line({"id": id, "method": request.METHOD, "params": _plain(request)})


def encode_notification(notification: Notification) -> str:
    return _line({"method": notification.METHOD, "params": _plain(notification)})


def encode_reply(id: int, reply: Any) -> str:
    return _line({"id": id, "result": _plain(reply)})


def encode_failure(id: Optional[int], failure: Failure) -> str:
    data = {**failure.data, "remedy": failure.remedy}
    return _line({"id": id, "error": {"code": failure.code, "message": failure.what, "data": _plain(data)}})


def decode(line: Union[str, bytes]) -> Incoming:
    """What a line says. Fields that this version does not know are ignored, so that a newer peer can add some.

    Raises `MalformedMessage` for anything else than a message of this protocol.
    """
    try:
        message = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"not JSON: {error}") from None
    if not isinstance(message, dict):
        raise MalformedMessage("not a JSON object")
    id = message.get("id")
    if id is not None and (not isinstance(id, int) or isinstance(id, bool)):
        raise MalformedMessage("the id is not an integer")
    try:
        return _incoming(id, message)
    except MalformedMessage as error:
        raise MalformedMessage(str(error), id) from None


def decode_reply(kind: type, result: dict[str, Any]) -> Any:
    """The result of a request as its reply; `kind` is the request's ``REPLY``. Raises `MalformedMessage`."""
    return _typed(kind, result, kind.__name__)


def _incoming(id: Optional[int], message: dict[str, Any]) -> Incoming:
    if "error" in message:
        return IncomingFailure(id, _failure(message["error"]))
    if "result" in message and id is not None:
        return IncomingReply(id, _typed(dict, message["result"], "result"))
    method = message.get("method")
    known = NOTIFICATIONS if id is None else REQUESTS
    if not isinstance(method, str) or method not in known:
        raise MalformedMessage(f"no such {'notification' if id is None else 'method'}: {method!r}")
    content = _typed(known[method], message.get("params", {}), method)
    return content if id is None else IncomingRequest(id, content)


def _failure(error: Any) -> Failure:
    data = dict(_typed(dict, error, "error").get("data") or {})
    fields = {"code": error.get("code"), "what": error.get("message"), "remedy": data.pop("remedy", ""), "data": data}
    return typing.cast(Failure, _typed(Failure, fields, "error"))


def _line(message: dict[str, Any]) -> str:
    return json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":"), allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """`value` in JSON's own types. JSON has no NaN (a nodata value may be one), so such numbers travel as text."""
    if dataclasses.is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _typed(kind: Any, value: Any, where: str) -> Any:
    """`value`, as JSON gave it, as a `kind`: a dataclass, a tuple, an Optional or a plain type."""
    if dataclasses.is_dataclass(kind):
        return _record(kind, value, where)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is Union:
        return None if value is None else _typed(inner[0], value, where)
    if origin is tuple and isinstance(value, list):
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        if len(kinds) == len(value):
            return tuple(_typed(each, item, where) for each, item in zip(kinds, value))
    if kind is float and (isinstance(value, (int, float)) or value in ("nan", "inf", "-inf")) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, origin or kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise MalformedMessage(f"{where}: {value!r:.80} is not what belongs there")


def _record(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise MalformedMessage(f"{where}: not an object")
    hints = _hints(kind)
    found = {}
    for item in dataclasses.fields(kind):
        if item.name in value:
            found[item.name] = _typed(hints[item.name], value[item.name], f"{where}.{item.name}")
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise MalformedMessage(f"{where}.{item.name} is missing")
    return kind(**found)


@functools.lru_cache(maxsize=None)
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
