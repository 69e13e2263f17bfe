"""Every message survives the trip over the wall, and what is no message is named as such."""

from __future__ import annotations

import json
import math

import pytest

from rasterscribe.models import protocol
from rasterscribe.models.protocol import (
    Cancel,
    Change,
    ChangeReply,
    ClassArea,
    ClassFound,
    Click,
    ClickReply,
    Cover,
    CoverReply,
    Explain,
    ExplainReply,
    Failure,
    Fetch,
    Find,
    FindReply,
    FromTo,
    Hello,
    HelloReply,
    Import,
    IncomingFailure,
    IncomingReply,
    IncomingRequest,
    KindFound,
    Look,
    LookReply,
    MalformedMessage,
    ModelInfo,
    Models,
    ModelsReply,
    NamedLayer,
    Offer,
    OldMap,
    Open,
    OpenReply,
    OutlineOptions,
    Outlines,
    Pair,
    PairReply,
    PartialObject,
    Progress,
    RankedTile,
    Shift,
    Tiles,
    TilesReply,
)

INFO = ModelInfo("lite0-click", "Click", "click", "GPL-2.0-or-later", "© Ü", 1, "ab", "ready")
REQUESTS = [
    Hello(),
    Open("C:\\Bäume\\ünder water.tif", (1, 2, 3), ((0.0, 1.5), (2.0, 3.0), (4.0, 5.0))),
    Look("r1", (0.0, 1.0, 2.0, 3.0), 0.5, "lite0-click"),
    Click("r1", ((1.0, 2.0), (3.0, 4.0)), (1, 0), (0.0, 0.0, 9.0, 9.0), 0.5, OutlineOptions(False, True, 2.0), "m", True, "part"),
    Click("r1"),
    Explain("ponds near Straße", ("Straße",), "m"),
    Find("r1", "ponds", "o.gpkg", "0103", (NamedLayer("roads", "r.shp", "t"),), 0.6, 0.2, OutlineOptions(False), "m", False, "0106"),
    Cover("r1", ("water", "field"), "o.tif", "o.gpkg", "0103", "m", 0.5),
    Tiles("r1", "harbour", "o.tif", "0103", "m"),
    Pair(Open("a.tif"), Open("b.tif", (1,))),
    Change(Open("b.tif"), "o.gpkg"),
    Change(
        Open("b.tif", (3, 2, 1)),
        "o.gpkg",
        Open("a.tif"),
        OldMap("m.gpkg", "t", "kind", "house"),
        ("building",),
        "0103",
        "combined",
        0.6,
        0.2,
        9.0,
        "p.tif",
        "2019",
        "2024-05-06",
        True,
        OutlineOptions(False),
        "m",
        False,
        (4, 5),
    ),
    Models(),
    Fetch("m"),
    Import("/ü/w.pt", "Mine"),
]
REPLIES = [
    HelloReply(1, "0.1", "cpu", "No GPU was found.", "2.13.0", ("a", "b")),
    OpenReply("r1", 10, 20, "EPSG:4326", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), "uint8", None, (1,), None),
    LookReply(2, 0.04),
    ClickReply("0103", 0.9, 12.5, (0.0, 0.0, 1.0, 1.0), "m", "ab", 0.03, True, "object", ("part", "group")),
    ExplainReply({"queries": [{"class": "water"}]}, "water", True, ("odd",), (Offer("odd", ("oak",)),), ("water", "waterfall")),
    FindReply("o.gpkg", 3, (ClassFound("water", 3, 40.5),), ("odd",), ("No road was found.",), "water", "m", "ab", 1.5),
    CoverReply("o.tif", "", (ClassArea("water", 9, 2.5, 1.0),), "m", "ab", 1.5),
    TilesReply("o.tif", (RankedTile((0.0, 0.0, 1.0, 1.0), 0.5),), "m", "ab", 1.5, ("Not understood: 'old'.",)),
    PairReply("2019", "", 0.5, None, 0.75, Shift(1.5, -2.0, 1.25, 0.5, True), ("The shift is large.",)),
    PairReply("", "", None, None, 1.0, None),
    ChangeReply(
        "o.gpkg",
        3,
        (KindFound("appeared", 3, 40.5),),
        (FromTo("field", "building", 3, 40.5),),
        None,
        900.0,
        100.0,
        "combined",
        "2019",
        "2024-05-06",
        "p.tif",
        ("Clouds were left out.",),
        "m",
        "ab",
        1.5,
    ),
    ModelsReply((INFO,), "cuda", "because"),
]
NOTIFICATIONS = [Cancel(3), Progress(3, 0.5, 1.0, "reading"), Outlines(3, (PartialObject("0103", "water", 0.5),))]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.METHOD)
def test_a_request_comes_out_as_it_went_in(request_):
    line = protocol.encode_request(7, request_)
    assert line.endswith("\n") and line.count("\n") == 1 and line.isascii()
    assert protocol.decode(line) == IncomingRequest(7, request_)


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_a_reply_comes_out_as_it_went_in(reply):
    incoming = protocol.decode(protocol.encode_reply(7, reply).encode())
    assert isinstance(incoming, IncomingReply) and incoming.id == 7
    assert protocol.decode_reply(type(reply), incoming.result) == reply


@pytest.mark.parametrize("notification", NOTIFICATIONS, ids=lambda n: n.METHOD)
def test_a_notification_comes_out_as_it_went_in(notification):
    assert protocol.decode(protocol.encode_notification(notification)) == notification


@pytest.mark.parametrize("id", [7, None])
def test_a_failure_comes_out_as_it_went_in(id):
    failure = Failure("raster.missing", "It is gone.", "Put it back.", {"path": "/ü"})
    assert protocol.decode(protocol.encode_failure(id, failure)) == IncomingFailure(id, failure)


def test_every_message_is_in_the_round_trips_above():
    assert {type(request) for request in REQUESTS} == set(protocol.REQUESTS.values())
    assert {type(reply) for reply in REPLIES} == {kind.REPLY for kind in protocol.REQUESTS.values()}
    assert set(protocol.NOTIFICATIONS.values()) == {type(notification) for notification in NOTIFICATIONS}


def test_a_nodata_value_of_nan_crosses_the_wall_in_strict_json():
    reply = OpenReply("r1", 1, 1, "", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), "float32", math.nan, (1,), None)
    line = protocol.encode_reply(1, reply)
    assert "NaN" not in line
    incoming = protocol.decode(line)
    assert math.isnan(protocol.decode_reply(OpenReply, incoming.result).nodata)


def test_fields_of_a_newer_peer_are_ignored():
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "open", "params": {"path": "a.tif", "colour": "red"}, "more": 1})
    assert protocol.decode(line) == IncomingRequest(1, Open("a.tif"))


def test_fields_left_out_take_their_defaults():
    line = '{"id": 1, "method": "click", "params": {"raster": "r1", "options": {"smooth": false}}}'
    assert protocol.decode(line) == IncomingRequest(1, Click("r1", options=OutlineOptions(smooth=False)))


def test_a_click_that_knows_of_no_sizes_means_the_likely_one_and_its_reply_offers_none():
    assert protocol.decode('{"id": 1, "method": "click", "params": {"raster": "r1"}}').request.size == ""
    reply = {"outline": "", "score": 0, "area": None, "view": [], "model": "m", "digest": "ab", "seconds": 0.1, "warm": True}
    assert (protocol.decode_reply(ClickReply, reply).size, protocol.decode_reply(ClickReply, reply).others) == ("", ())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "not JSON"),
        ("click please", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": "x", "method": "hello"}', "the id is not an integer"),
        ('{"id": true, "method": "hello"}', "the id is not an integer"),
        ('{"id": 1, "method": "dance"}', "no such method"),
        ('{"id": 1, "method": ["hello"]}', "no such method"),
        ('{"id": 1}', "no such method"),
        ('{"method": "hello"}', "no such notification"),
        ('{"id": 1, "method": "open", "params": {}}', "open.path is missing"),
        ('{"id": 1, "method": "open", "params": []}', "open: not an object"),
        ('{"id": 1, "method": "open", "params": {"path": 5}}', "open.path"),
        ('{"id": 1, "method": "open", "params": {"path": "a", "bands": [1.5]}}', "open.bands"),
        ('{"id": 1, "method": "open", "params": {"path": "a", "bands": [true]}}', "open.bands"),
        ('{"id": 1, "method": "click", "params": {"raster": "r", "points": [[1, 2, 3]]}}', "click.points"),
        ('{"id": 1, "method": "click", "params": {"raster": "r", "points": [[1, NaN]]}}', "NaN is not JSON"),
        ('{"id": 1, "error": "bad"}', "error"),
        ('{"id": 1, "result": 5}', "result"),
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(line, why):
    with pytest.raises(MalformedMessage, match=why):
        protocol.decode(line)


def test_a_refused_request_keeps_its_id_so_that_it_can_be_answered():
    with pytest.raises(MalformedMessage) as caught:
        protocol.decode('{"id": 9, "method": "open", "params": {}}')
    assert caught.value.id == 9


def test_a_reply_without_a_required_field_is_refused():
    with pytest.raises(MalformedMessage, match="LookReply.views is missing"):
        protocol.decode_reply(LookReply, {"seconds": 1.0})
