"""A process that speaks the protocol and makes its results up; what it is asked is what it does.

It appends every line that it gets to the file SCRIPTED_ENGINE_LOG. Phrases and models say how it behaves: "silent" (no answer before it is
cancelled), "deaf" (none even then), "fatal" (ends as a crash would) and "unknown" (fails). It needs GDAL, and no network of any kind.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from osgeo import gdal, ogr, osr

spec = importlib.util.spec_from_file_location("protocol", Path(__file__).resolve().parents[3] / "models" / "protocol" / "__init__.py")
protocol: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
sys.modules["protocol"] = protocol
spec.loader.exec_module(protocol)  # type: ignore[union-attr]

HALF = 2.0  # map units: half a side of the square that every click finds
CHANGES = (("appeared", "other", "building", 0.9, 10.0), ("disappeared", "building", "other", 0.6, 20.0))  # kind, from, to, score, side
OBJECTS = (("building", 0.9, 10.0), ("building", 0.6, 20.0), ("water", 0.3, 30.0))  # class, score and side of what every search finds
RASTERS: dict[str, Any] = {}


def say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def fail(id: int, code: str) -> None:
    say(protocol.encode_failure(id, protocol.Failure(code, "It failed.", "Do something.")))


def answer(id: int, request: Any) -> None:
    how = getattr(request, "text", "") or getattr(request, "model", "")
    if how == "fatal":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "unknown":
        fail(id, "phrase.unknown")
    elif how == "deaf":
        while True:
            time.sleep(1.0)
    elif how != "silent":
        reply = globals()[request.METHOD](id, request)
        if reply is not None:
            say(protocol.encode_reply(id, reply))


def hello(_id: int, _request: Any) -> Any:
    return protocol.HelloReply(protocol.VERSION, "scripted", "cpu", "It is made up.", "2.0", ())


def open(id: int, request: Any) -> Any:
    raster = gdal.Open(request.path)
    if raster is None:
        return fail(id, "raster.unreadable")
    name = str(len(RASTERS) + 1)
    RASTERS[name] = raster
    c, a, b, f, d, e = raster.GetGeoTransform()
    size = (raster.RasterXSize, raster.RasterYSize)
    return protocol.OpenReply(name, *size, raster.GetProjection(), (a, b, c, d, e, f), "uint8", None, (1,), None)


def click(id: int, request: Any) -> Any:
    x, y = request.points[0]
    raster = RASTERS[request.raster]
    left, side, _, top, _, _ = raster.GetGeoTransform()
    if not (left <= x <= left + side * raster.RasterXSize and top - side * raster.RasterYSize <= y <= top):
        return fail(id, "click.outside")
    wkb = "" if request.model == "blind" else square(x, y, HALF).ExportToWkb().hex()
    return protocol.ClickReply(wkb, 0.8, None, (0.0, 0.0, 1.0, 1.0), "scripted-click", "ab", 0.0, True)


def find(id: int, request: Any) -> Any:
    for step in (1.0, 2.0):
        say(protocol.encode_notification(protocol.Progress(id, step, 2.0, "looking")))
    write_objects(request.raster, request.out, request.text)
    found = (protocol.ClassFound("building", 2, 500.0), protocol.ClassFound("water", 1, 900.0))
    return protocol.FindReply(request.out, 3, found, ("purple",), ("No road was found.",), "building, water", "scripted-text", "cd", 0.1)


def cover(_id: int, request: Any) -> Any:
    write_pixels(request.raster, request.out)
    if request.polygons:
        write_objects(request.raster, request.polygons, ", ".join(request.classes))
    areas = tuple(protocol.ClassArea(name, 10, 40.0, 1.0 / len(request.classes)) for name in request.classes)
    return protocol.CoverReply(request.out, request.polygons, areas, "scripted-text", "cd", 0.1)


def tiles(_id: int, request: Any) -> Any:
    write_pixels(request.raster, request.out)
    left, side, _, top, _, _ = RASTERS[request.raster].GetGeoTransform()
    ranked = tuple(protocol.RankedTile((left, top - 8 * side, left + 8 * side, top), score) for score in (0.9, 0.4))
    return protocol.TilesReply(request.out, ranked, "scripted-text", "cd", 0.1)


def change(id: int, request: Any) -> Any:
    say(protocol.encode_notification(protocol.Progress(id, 1.0, 2.0, "looking")))
    write_changes((request.before or request.after).path, request.out, ", ".join(request.classes))
    if request.probability:
        gdal.GetDriverByName("GTiff").CreateCopy(request.probability, gdal.Open(request.after.path))
    kinds = tuple(protocol.KindFound(kind, 1, 100.0) for kind in protocol.KINDS)
    matrix = tuple(protocol.FromTo(was, now, 1, side**2) for _, was, now, _, side in CHANGES)
    dates = request.before_date or "2012", request.after_date or "2020-07-01"
    shift = protocol.Shift(0.8, -0.25, 0.8, 0.5, True)
    return protocol.ChangeReply(
        request.out, 2, kinds, matrix, shift, 4000.0, 96.0, request.method or "combined", *dates, request.probability,
        ("Clouds hide a part.",), "scripted-change", "ef", 0.1,
    )  # fmt: skip


def square(x: float, y: float, half: float) -> ogr.Geometry:
    corners = f"{x - half} {y - half}, {x + half} {y - half}, {x + half} {y + half}, {x - half} {y + half}, {x - half} {y - half}"
    return ogr.CreateGeometryFromWkt(f"MULTIPOLYGON ((({corners})))")


def write_objects(raster: str, path: str, prompt: str) -> None:
    left, _, _, top, _, _ = RASTERS[raster].GetGeoTransform()
    reference = osr.SpatialReference(RASTERS[raster].GetProjection()) if RASTERS[raster].GetProjection() else None
    file = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    table = file.CreateLayer("objects", reference, ogr.wkbMultiPolygon)
    for name, kind in (("class", ogr.OFTString), ("score", ogr.OFTReal), ("area_m2", ogr.OFTReal), ("model", ogr.OFTString)):
        table.CreateField(ogr.FieldDefn(name, kind))
    table.CreateField(ogr.FieldDefn("prompt", ogr.OFTString))
    table.CreateField(ogr.FieldDefn("made_at", ogr.OFTDateTime))
    for label, score, side in OBJECTS:
        feature = ogr.Feature(table.GetLayerDefn())
        feature.SetGeometry(square(left + 32, top - 32, side / 2))
        for name, value in {"class": label, "score": score, "model": "scripted-text", "prompt": prompt}.items():
            feature.SetField(name, value)
        feature.SetField("made_at", "2026-01-02T03:04:05Z")
        table.CreateFeature(feature)


def write_changes(raster: str, path: str, prompt: str) -> None:
    source = gdal.Open(raster)
    left, _, _, top, _, _ = source.GetGeoTransform()
    reference = osr.SpatialReference(source.GetProjection()) if source.GetProjection() else None
    file = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    table = file.CreateLayer("changes", reference, ogr.wkbMultiPolygon)
    for name in ("kind", "class", "from_class", "to_class", "model", "prompt", "review"):
        table.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    for name, kind in (("score", ogr.OFTReal), ("area_m2", ogr.OFTReal), ("date_before", ogr.OFTDate), ("date_after", ogr.OFTDate)):
        table.CreateField(ogr.FieldDefn(name, kind))
    table.CreateField(ogr.FieldDefn("made_at", ogr.OFTDateTime))
    for label, was, now, score, side in CHANGES:
        feature = ogr.Feature(table.GetLayerDefn())
        feature.SetGeometry(square(left + 32, top - 32, side / 2))
        values = {"kind": label, "class": "building", "from_class": was, "to_class": now, "score": score, "prompt": prompt, "review": ""}
        values |= {"model": "scripted-change", "date_before": "2012-01-01", "date_after": "2020-07-01", "made_at": "2026-01-02T03:04:05Z"}
        for name, value in values.items():
            feature.SetField(name, value)
        table.CreateFeature(feature)
    gaps = file.CreateLayer("not_compared", reference, ogr.wkbMultiPolygon)
    gaps.CreateField(ogr.FieldDefn("reason", ogr.OFTString))
    gap = ogr.Feature(gaps.GetLayerDefn())
    gap.SetGeometry(square(left + 4, top - 4, 2.0))
    gap.SetField("reason", "clouds")
    gaps.CreateFeature(gap)


def write_pixels(raster: str, path: str) -> None:
    source = RASTERS[raster]
    file = gdal.GetDriverByName("GTiff").Create(path, 8, 8, 1)
    file.SetGeoTransform(source.GetGeoTransform())
    file.SetProjection(source.GetProjection())


def main() -> None:
    for line in sys.stdin:
        with Path(os.environ["SCRIPTED_ENGINE_LOG"]).open("a", encoding="utf-8") as log:
            log.write(line)
        message = protocol.decode(line)
        if isinstance(message, protocol.IncomingRequest):
            answer(message.id, message.request)
        elif isinstance(message, protocol.Cancel):
            fail(message.request, "cancelled")


main()
