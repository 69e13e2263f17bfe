"""How messages become lines and lines messages: JSON-RPC 2.0, one JSON object a line, in plain ASCII.

The ``encode_`` functions make a whole line, its newline included; `decode` takes a line apart, and `decode_reply` gives a result its
type, which only the one who asked can know.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import typing
from dataclasses import dataclass
from typing import Any, NoReturn, Optional, Union

from .area import Cover, Explain, Find, Outlines, Tiles
from .change import Change, Pair
from .click import Click, Look
from .engine import Cancel, Failure, Fetch, Hello, Import, Models, Open, Progress

Request = Union[Hello, Open, Look, Click, Explain, Find, Cover, Tiles, Pair, Change, Models, Fetch, Import]
Notification = Union[Cancel, Progress, Outlines]
REQUESTS: dict[str, type] = {
    kind.METHOD: kind for kind in (Hello, Open, Look, Click, Explain, Find, Cover, Tiles, Pair, Change, Models, Fetch, Import)
}
NOTIFICATIONS: dict[str, type] = {kind.METHOD: kind for kind in (Cancel, Progress, Outlines)}


class MalformedMessage(ValueError):
    """A line that is not a message of this protocol; the text says why. ``id`` is the request's, where one could be read."""

    def __init__(self, why: str, id: Optional[int] = None) -> None:
        super().__init__(why)
        self.id = id


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


Incoming = Union[IncomingRequest, IncomingReply, IncomingFailure, Cancel, Progress, Outlines]


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
