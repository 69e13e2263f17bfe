"""From two rasters to a GeoPackage of what changed: told as it is found, the same after any interruption, nothing when cancelled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from shapely.geometry import box

from rasterscribe.models import change
from rasterscribe.models.comparing import opening
from rasterscribe.models.engine import Engine
from rasterscribe.models.errors import (
    AreaOutside,
    Cancelled,
    ClassesUnknown,
    OutputUnwritable,
    PairApart,
    PairBands,
    PairOrder,
    PairSame,
    RequestInvalid,
)
from rasterscribe.models.protocol import Change, FromTo, Open, OutlineOptions, Outlines, Pair
from rasterscribe.tests.models.colour_comparer import colour_comparer
from rasterscribe.tests.models.killed import check_same_bytes

STRETCH = ((0.0, 255.0),) * 3
PLAIN = OutlineOptions(smooth=False)
LEFT, TOP, PIXEL = 350000, 3060000, 0.5


@pytest.fixture
def dates(write_raster):
    """Two rasters of 200 x 240 pixels of half a metre, fields with a house that stays.

    Later a house of 100 m2 is new, one of 64 m2 is gone, and a field of 400 m2 has become water.
    """
    one = np.full((3, 240, 200), 10, "uint8")
    one[1] = 250
    paint(one, 0, 20, 150, 16, 16)
    other = one.copy()
    paint(one, 0, 100, 20, 16, 16)
    paint(other, 0, 40, 40, 20, 20)
    paint(other, 2, 120, 120, 40, 40)
    return write_raster(one, "y2012.tif"), write_raster(other, "y2020.tif")


def paint(values, band, left, top, wide, high):
    values[:, top : top + high, left : left + wide] = 10
    values[band, top : top + high, left : left + wide] = 250


@pytest.fixture
def run(dates, tmp_path, vocabulary):
    """run(...) -> the reply, the objects told on the way, and the changes written as (kind, from, to, area, shape)."""

    def run(before=dates[0], after=dates[1], classes=("building", "water", "field"), **more):
        request = asked(tmp_path / "changes ü.gpkg", before, after, classes, **more)
        job, heard = steps(request, vocabulary), []
        try:
            while True:
                news = next(job)
                heard += news.objects if isinstance(news, Outlines) else ()
        except StopIteration as stop:
            return stop.value, heard, changes(request.out)

    return run


def asked(out, before, after, classes=("building", "water", "field"), **more):
    opens = (Open(path, stretch=STRETCH) for path in (after, before))
    return Change(next(opens), str(out), next(opens), classes=classes, **{"options": PLAIN, "refine": False, **more})


def steps(request, vocabulary):
    return change.steps(request, vocabulary, colour_comparer, lambda *_: (None, None))


def changes(path):
    info, _, geometry, fields = pyogrio.raw.read(path, layer="changes")
    table = dict(zip(info["fields"], fields, strict=True))
    columns = [table[name] for name in ("kind", "from_class", "to_class", "area_m2")]
    return sorted(zip(*columns, shapely.from_wkb(geometry), strict=True), key=lambda each: each[3])


def ground(left, top, wide, high):
    """A box of pixels on the map."""
    return box(LEFT + PIXEL * left, TOP - PIXEL * (top + high), LEFT + PIXEL * (left + wide), TOP - PIXEL * top)


def test_what_appeared_what_disappeared_and_what_became_something_else(run):
    reply, heard, found = run()
    assert [(kind, was, now, round(area)) for kind, was, now, area, _ in found] == [
        ("disappeared", "building", "field", 64), ("appeared", "field", "building", 100), ("changed", "field", "water", 400),
    ]  # fmt: skip
    for shape, place in zip((each[4] for each in found), ((100, 20, 16, 16), (40, 40, 20, 20), (120, 120, 40, 40)), strict=True):
        assert shape.symmetric_difference(ground(*place)).area < 0.05 * shape.area
    assert {one.class_name for one in heard} == {"building", "water"} and len(heard) == 3
    assert [(one.kind, one.count, round(one.area)) for one in reply.kinds] == [
        ("appeared", 1, 100), ("disappeared", 1, 64), ("changed", 1, 400),
    ]  # fmt: skip
    assert reply.count == 3 and reply.matrix[0] == FromTo("field", "water", 1, pytest.approx(400, rel=0.01))
    assert (reply.method, reply.model, reply.digest) == ("combined", "colour", "c0" * 32)
    assert (reply.before_date, reply.after_date) == ("2012", "2020")
    assert reply.compared == pytest.approx(200 * 240 / 4, rel=2e-3) and reply.not_compared == 0


def test_dates_that_are_exchanged_exchange_what_happened(run, dates):
    _, _, there = run()
    _, _, back = run(*dates[::-1], any_order=True)
    other = {"appeared": "disappeared", "disappeared": "appeared", "changed": "changed"}
    assert [(other[kind], now, was, shape.wkb) for kind, was, now, _, shape in there] == [
        (kind, was, now, shape.wkb) for kind, was, now, _, shape in back
    ]


def test_what_is_no_class_of_interest_is_other(run):
    _, _, found = run(classes=("houses", "ponds"))
    assert [each[:3] for each in found] == [
        ("disappeared", "building", "other"), ("appeared", "other", "building"), ("appeared", "other", "water"),
    ]  # fmt: skip


def test_an_area_is_taken_in_the_crs_of_the_after_raster(run):
    reply, _, found = run(area=ground(30, 30, 60, 60).wkb_hex)
    assert [each[0] for each in found] == ["appeared"] and reply.compared == pytest.approx(900, rel=0.01)


def test_ground_without_data_at_one_date_is_said_and_not_compared(run, dates, write_raster):
    with rasterio.open(dates[1]) as dataset:
        values = dataset.read()
    values[:, :100, :100] = 0
    reply, _, found = run(after=write_raster(values, "holed.tif", nodata=0))
    assert [each[0] for each in found] == ["disappeared", "changed"]
    assert reply.not_compared == pytest.approx(2500, rel=0.02) and reply.compared + reply.not_compared == pytest.approx(12000, rel=0.01)
    info, _, geometry, (reasons, _) = pyogrio.raw.read(reply.path, layer="not_compared")
    assert reasons.tolist() == ["no data"] and shapely.from_wkb(geometry)[0].area == pytest.approx(2500, rel=0.02)


def test_smaller_changes_are_left_out_where_that_is_asked(run):
    assert [each[0] for each in run(min_area=80.0)[2]] == ["appeared", "changed"]


def test_how_likely_each_pixel_has_changed_is_a_raster_where_it_is_wanted(run, tmp_path):
    reply, *_ = run(probability=str(tmp_path / "p.tif"))
    with rasterio.open(reply.probability) as dataset:
        values = dataset.read(1) * dataset.scales[0] + dataset.offsets[0]
        assert dataset.transform == Affine(PIXEL, 0, LEFT, 0, -PIXEL, TOP)
    assert values[50, 50] > 0.9 and values[10, 10] < 0.1


def test_the_file_says_when_and_how_it_was_made(run, dates):
    reply, *_ = run(after_date="2020-08")
    info, _, _, fields = pyogrio.raw.read(reply.path, layer="changes")
    table = dict(zip(info["fields"], fields, strict=True))
    assert {str(day) for day in table["date_before"]} == {"2012-01-01"} and {str(day) for day in table["date_after"]} == {"2020-08-01"}
    said = pyogrio.read_info(reply.path, layer="changes")["layer_metadata"]
    assert dates[0] in said["before"] and dates[1] in said["after"] and said["method"] == "combined" and said["model"] == "colour"


def test_what_an_analyst_should_know_is_said(run, dates, write_raster):
    with rasterio.open(dates[1]) as dataset:
        values = dataset.read()
    half = write_raster(values[:, :120], "half.tif")
    notes = " ".join(run(after=half, classes=("building", "qwxzy"))[0].notes)
    assert "covers 50% of the before raster" in notes
    assert "When the after raster was taken is not known." in notes and "When the before" not in notes
    assert "Not understood, and left out: qwxzy." in notes


def test_dates_that_have_no_ground_in_common_are_said_not_to_have_been_compared(run, dates, write_raster):
    with rasterio.open(dates[1]) as dataset:
        empty = write_raster(np.zeros_like(dataset.read()), "empty.tif", nodata=0)
    reply, heard, found = run(after=empty)
    assert not heard and not found and reply.compared == 0 and reply.not_compared == pytest.approx(12000, rel=0.01)
    assert "Nothing was compared: there are no data on which to do so." in reply.notes
    assert not any("Nothing was compared" in note for note in run()[0].notes)


def test_progress_never_goes_back_and_reaches_the_end(dates, tmp_path, vocabulary):
    job = steps(asked(tmp_path / "c.gpkg", *dates, probability=str(tmp_path / "p.tif")), vocabulary)
    done = [news[0] / news[1] for news in job if isinstance(news, tuple)]
    assert done == sorted(done) and done[0] == 0 and done[-1] == 1


def test_the_same_comparison_gives_the_same_bytes_wherever_it_was_killed(dates, tmp_path):
    check_same_bytes("change_slowly", dates, tmp_path, ".tif")


def test_a_comparison_that_is_cancelled_leaves_nothing_wherever_it_was(dates, tmp_path, vocabulary):
    request = asked(tmp_path / "c.gpkg", *dates, probability=str(tmp_path / "p.tif"))
    steps_in_all = sum(1 for _ in steps(request, vocabulary))
    for made in tmp_path.glob("[cp].*"):
        made.unlink()
    for stop in range(1, steps_in_all, 1 + steps_in_all // 12):
        job = steps(request, vocabulary)
        for _ in range(stop):
            next(job, None)
        with pytest.raises((Cancelled, StopIteration)):
            job.throw(Cancelled("No more."))
        left = {path.name for path in tmp_path.iterdir()} - {Path(path).name for path in dates}
        assert left <= {"p.tif", "p.qml"}, stop  # finished before the rest


def test_one_that_is_let_go_can_go_on(dates, tmp_path, vocabulary):
    job = steps(asked(tmp_path / "c.gpkg", *dates), vocabulary)
    while not list(tmp_path.glob(".c.gpkg.unfinished/strip*")):
        next(job)
    job.close()
    assert list(tmp_path.glob(".c.gpkg.unfinished/strip*")) and not (tmp_path / "c.gpkg").exists()


def test_what_cannot_be_is_said_before_any_network_looks(dates, tmp_path, vocabulary, write_raster, monkeypatch):
    def never(*_):
        raise AssertionError("a network was asked")

    far = write_raster(np.zeros((3, 9, 9), "uint8"), "y2021.tif", transform=Affine(0.5, 0, 0, 0, -0.5, 0))
    grey = write_raster(np.zeros((1, 240, 200), "uint8"), "grey.tif")

    def ask(before=dates[0], after=dates[1], classes=("building",), out=tmp_path / "c.gpkg", **more):
        list(change.steps(asked(out, before, after, classes, **more), vocabulary, never, never))

    for problem, more in (
        (PairSame, {"after": dates[0]}),
        (PairApart, {"after": far}),
        (PairOrder, {"before": dates[1], "after": dates[0]}),
        (AreaOutside, {"area": box(0, 0, 1, 1).wkb_hex}),
        (ClassesUnknown, {"classes": ("qwxzy",)}),
        (OutputUnwritable, {"out": tmp_path / "nowhere" / "c.gpkg"}),
        (OutputUnwritable, {"out": dates[1]}),
        (RequestInvalid, {"probability": str(tmp_path / "c.gpkg")}),
        (RequestInvalid, {"area": "0102"}),
        (RequestInvalid, {"floor": 0.9}),
        (RequestInvalid, {"threshold": 0.0}),
        (RequestInvalid, {"min_area": -1.0}),
        (RequestInvalid, {"method": "guess"}),
        (RequestInvalid, {"method": "map"}),
        (RequestInvalid, {"before_date": "yesterday"}),
    ):
        with pytest.raises(problem):
            ask(**more)
    with pytest.raises(PairBands):
        request = Change(Open(grey), str(tmp_path / "c.gpkg"), Open(dates[0]))
        list(change.steps(request, vocabulary, never, never))
    assert not list(tmp_path.glob(".*"))


def test_clouds_are_not_compared_and_are_shown_as_such(run, monkeypatch):
    class Cloud:
        share = 0.25

        def at(self, col, row, width, height, out_width, out_height):
            cols = col + (np.arange(out_width) + 0.5) * width / out_width
            rows = row + (np.arange(out_height) + 0.5) * height / out_height
            return (cols < 100)[None] & (rows < 120)[:, None]

    monkeypatch.setattr(opening, "cloud_masks", lambda pair: (None, Cloud()))
    reply, _, found = run()
    assert [each[0] for each in found] == ["disappeared", "changed"]
    assert "Clouds and their shadows were left out: 25% of the after raster." in reply.notes
    reasons = pyogrio.raw.read(reply.path, layer="not_compared")[3][0]
    assert reasons.tolist() == ["clouds or their shadows"] and reply.not_compared == pytest.approx(3000, rel=0.02)


def test_the_engine_says_how_two_rasters_lie_to_each_other(dates):
    job = Engine().steps(Pair(*(Open(path, stretch=STRETCH) for path in dates)))
    with pytest.raises(StopIteration) as end:
        while True:
            next(job)
    reply = end.value.value
    assert (reply.before_date, reply.after_date, reply.overlap) == ("2012", "2020", 1)
    assert reply.before_gsd == pytest.approx(PIXEL, rel=1e-3)
    with pytest.raises(PairSame):
        list(Engine().steps(Pair(Open(dates[0]), Open(dates[0]))))
