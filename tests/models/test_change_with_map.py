"""Comparisons that ask an old map, beside the before raster or in its place."""

from __future__ import annotations

import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import box

from rasterscribe.models import change, comparers, lost_and_new
from rasterscribe.models.errors import MapEmpty, MapField, OutputUnwritable, PairOrder, RequestInvalid
from rasterscribe.models.lost_and_new import Seer
from rasterscribe.models.objects.shares import without_pauses
from rasterscribe.models.protocol import Change, OldMap, Open, OutlineOptions
from rasterscribe.models.surveying.lanes import Looker
from rasterscribe.tests.models import colour_comparer

STRETCH = ((0.0, 255.0),) * 3
PLAIN = OutlineOptions(smooth=False)
LEFT, TOP, PIXEL = 350000, 3060000, 0.5
BANDS = colour_comparer.CLASSES


@pytest.fixture
def raster(write_raster):
    """200 x 200 pixels of half a metre, dark ground with two houses (red) of 100 m2."""

    def write(name, *houses):
        values = np.full((3, 200, 200), 10, "uint8")
        values[1, ::7, ::7] = 60
        for left, top in houses:
            values[0, top : top + 20, left : left + 20] = 250
        return write_raster(values, name)

    return write


@pytest.fixture
def old_map(tmp_path):
    """old_map(kind=((left, top), ...)) -> a GeoPackage with squares of 20 pixels, and their field `kind`."""

    def write(name="map.gpkg", **kinds):
        shapes = [ground(left, top) for places in kinds.values() for left, top in places]
        values = np.array([kind for kind, places in kinds.items() for _ in places], object)
        pyogrio.raw.write(
            tmp_path / name, shapely.to_wkb(np.array(shapes, object)), [values], ["kind"], layer="map", driver="GPKG",
            geometry_type="Polygon", crs="EPSG:32645",
        )  # fmt: skip
        return OldMap(str(tmp_path / name), field="kind")

    return write


def ground(left, top, side=20):
    return box(LEFT + PIXEL * left, TOP - PIXEL * (top + side), LEFT + PIXEL * (left + side), TOP - PIXEL * top)


def changes(path):
    info, _, geometry, fields = pyogrio.raw.read(path, layer="changes")
    table = dict(zip(info["fields"], fields, strict=True))
    return sorted(zip(table["kind"], table["from_class"], table["to_class"], shapely.area(shapely.from_wkb(geometry)).round(), strict=True))


def test_the_map_is_a_witness_of_the_first_date(raster, old_map, tmp_path, vocabulary):
    before, after = raster("y2012.tif", (20, 20)), raster("y2020.tif", (20, 20))
    request = Change(
        Open(after, stretch=STRETCH), str(tmp_path / "c.gpkg"), Open(before, stretch=STRETCH), old_map(house=((20, 20), (120, 120))),
        classes=("building",), options=PLAIN, refine=False,
    )  # fmt: skip
    reply = without_pauses(change.steps(request, vocabulary, colour_comparer.map_comparer, lambda *_: (None, None)))
    assert changes(reply.path) == [("disappeared", "building", "other", 100.0)]
    assert any("The old map lies on" in note for note in reply.notes)


def test_what_is_wrong_with_the_map_is_said_before_a_network_looks(raster, old_map, tmp_path, vocabulary):
    before, after, good = raster("y2012.tif"), raster("y2020.tif"), old_map(house=((20, 20),))

    def ask(map_=good, first=before, out=str(tmp_path / "c.gpkg"), **more):
        request = Change(Open(after), out, Open(first) if first else None, map_, **more)
        job = lost_and_new.steps(request, vocabulary, never) if not first else change.steps(request, vocabulary, never, never)
        without_pauses(job)

    for first in (before, ""):
        with pytest.raises(MapField):
            ask(OldMap(good.path, field="nothing"), first)
        with pytest.raises(MapEmpty):
            ask(old_map("far.gpkg", house=((9000, 20),)), first)
        with pytest.raises(OutputUnwritable):
            ask(first=first, out=good.path)
    with pytest.raises(PairOrder, match="old map .2021. is newer than the raster .2020."):
        ask(first="", before_date="2021")
    with pytest.raises(RequestInvalid, match="Without a before raster"):
        ask(first="", method="direct")
    with pytest.raises(RequestInvalid, match="how likely"):
        ask(first="", probability=str(tmp_path / "p.tif"))


def never(*_):
    raise AssertionError("a network was asked")


def test_a_method_that_looks_at_images_alone_says_that_it_used_no_map(raster, old_map, tmp_path, vocabulary):
    request = Change(
        Open(raster("y2020.tif", (20, 20))), str(tmp_path / "c.gpkg"), Open(raster("y2012.tif")), old_map(house=((20, 20),)), method="cva"
    )
    reply = without_pauses(change.steps(request, vocabulary, comparers.compared_by, never))
    assert reply.method == "cva" and (reply.model, reply.digest) == ("", "")
    assert "The old map was not used: the method 'cva' looks at the images alone." in reply.notes
    assert [each[:3] for each in changes(reply.path)] == [("changed", "", "")]


def test_a_method_that_knows_no_classes_says_that_it_used_none(raster, tmp_path, vocabulary):
    def notes(*classes):
        rasters = Open(raster("y2020.tif", (20, 20))), str(tmp_path / "c.gpkg"), Open(raster("y2012.tif"))
        return without_pauses(change.steps(Change(*rasters, classes=classes, method="cva"), vocabulary, comparers.compared_by, never)).notes

    assert "The classes were not used: this method says only that something changed." in notes("house", "qwxzy")
    assert not [note for note in (*notes(), *notes("house", "qwxzy")) if "Too small" in note or "qwxzy" in note]


def colour_seer():
    def looker(names):
        def look(views):
            return np.stack([(views[..., BANDS.index(name)].astype(np.float32) - 127) / 16 for name in names], 1)

        return Looker(64, len(names), f"colours {names}", look)

    return Seer("colour", "c0" * 32, looker, lambda _: None)


def test_the_map_alone_tells_what_is_lost_and_what_is_new(raster, old_map, tmp_path, vocabulary):
    after = raster("y2020.tif", (20, 20), (60, 150))
    request = Change(
        Open(after, stretch=STRETCH), str(tmp_path / "c.gpkg"), None, old_map(house=((20, 20), (120, 120), (150, 150), (20, 170))),
        area=ground(0, 0, 200).wkb_hex, options=PLAIN, refine=False, before_date="2012",
    )  # fmt: skip
    reply = without_pauses(lost_and_new.steps(request, vocabulary, colour_seer))
    found = changes(reply.path)
    assert [each[:3] for each in found] == [("appeared", "other", "building")] + [("disappeared", "building", "other")] * 3
    assert (reply.method, reply.model, reply.before_date, reply.after_date) == ("map", "colour", "2012", "2020")
    assert not list(tmp_path.glob(".*"))
