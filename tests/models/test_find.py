"""From a phrase over an area to a GeoPackage: what is asked for, told as it is found, the same after any interruption."""

from __future__ import annotations

import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import MultiPolygon, box

from rasterscribe.models import find
from rasterscribe.models.errors import AreaOutside, Cancelled, LayerUnknown, OutputUnwritable, PhraseUnits, RequestInvalid
from rasterscribe.models.find import Asked
from rasterscribe.models.language.phrase import parse
from rasterscribe.models.objects import shares
from rasterscribe.models.protocol import Find, OutlineOptions, Outlines
from rasterscribe.models.raster import open_raster
from rasterscribe.tests.models.colour_looker import colour_asked
from rasterscribe.tests.models.killed import check_same_bytes

PLAIN = OutlineOptions(smooth=False)


@pytest.fixture
def path(write_raster):
    """400 x 300 pixels of half a metre: three roofs (red) of 100, 25 and 400 m2, a road (blue) from top to bottom, dark elsewhere."""
    values = np.full((3, 300, 400), 10, "uint8")
    for left, top, wide, high in ((40, 40, 20, 20), (80, 40, 10, 10), (40, 200, 40, 40)):
        values[0, top : top + high, left : left + wide] = 250
    values[2, :, 100:110] = 250
    return write_raster(values)


@pytest.fixture
def search(path, tmp_path, vocabulary):
    """search(text, ...) -> the reply, the objects told on the way, and the features written as (class, score, area, shape)."""

    def search(text, layers=None, raster=path, **more):
        opened = open_raster(raster, stretch=((0.0, 255.0),) * 3)
        request = Find("", text, str(tmp_path / "found ü.gpkg"), options=PLAIN, **more)
        job = find.steps(opened, request, parse(text, vocabulary, list(layers or ())), layers or {}, colour_asked())
        told = []
        try:
            while True:
                news = next(job)
                told += news.objects if isinstance(news, Outlines) else ()
        except StopIteration as stop:
            return stop.value, told, features(request.out)

    return search


def features(path):
    _, _, geometry, (names, scores, areas, *_) = pyogrio.raw.read(path, layer="objects")
    return sorted(zip(names, scores, areas, shapely.from_wkb(geometry), strict=True), key=lambda each: each[2])


def test_what_is_asked_for_is_written_with_its_class_its_score_and_its_area(search):
    reply, told, found = search("buildings")
    assert [round(area) for _, _, area, _ in found] == [25, 100, 400]
    assert {name for name, *_ in found} == {"building"} and all(score > 0.9 for _, score, *_ in found)
    assert (reply.count, reply.classes[0].name, round(reply.classes[0].area), reply.sentence) == (3, "building", 525, "building")
    assert len(told) == 3 and {one.class_name for one in told} == {"building"}


def test_sizes_relations_and_ranks_are_measured_on_the_map(search):
    assert [round(area) for _, _, area, _ in search("buildings larger than 50 m²")[2]] == [100, 400]
    assert [round(area) for _, _, area, _ in search("buildings within 8 m of a road")[2]] == [25]
    assert [round(area) for _, _, area, _ in search("the largest building")[2]] == [400]
    assert {name for name, *_ in search("buildings under 50 m², roads")[2]} == {"building", "road"}


def test_what_only_a_relation_names_is_looked_for_and_not_written(search):
    reply, told, found = search("buildings near a road")
    assert {name for name, *_ in found} == {one.class_name for one in told} == {"building"}
    assert [each.name for each in reply.classes] == ["building"]


def test_a_layer_that_is_named_counts_as_what_it_is_named(search):
    yard = {"yard": np.array([box(350015, 3059880, 350060, 3059905)])}
    _, _, found = search("buildings inside yard", layers=yard)
    assert [round(area) for _, _, area, _ in found] == [400]


def test_a_reference_that_is_not_there_is_said(search):
    reply, _, found = search("buildings near a field")
    assert not found and reply.count == 0 and reply.notes == ("No field was found in the area.",)


def test_an_area_gives_what_the_whole_raster_gives_there(search):
    _, _, whole = search("buildings")
    _, _, part = search("buildings", area=MultiPolygon([box(350010, 3059960, 350050, 3059990)]).wkb_hex)
    assert [shape.wkb for *_, shape in part] == [shape.wkb for *_, shape in whole][:2]


def test_weak_objects_are_in_the_file_and_not_in_the_count(search, write_raster):
    values = np.full((3, 64, 64), 10, "uint8")
    values[0, 10:30, 10:30], values[0, 10:30, 40:60] = 250, 115
    reply, told, found = search("buildings", raster=write_raster(values, "faint.tif"))
    assert (reply.count, len(told), len(found)) == (1, 1, 2)
    assert min(score for _, score, *_ in found) < 0.5


def test_the_same_search_gives_the_same_bytes_wherever_it_was_killed(path, tmp_path):
    check_same_bytes("find_slowly", [path], tmp_path)


def test_progress_never_goes_back_and_counts_what_is_drawn(path, tmp_path, vocabulary, monkeypatch):
    monkeypatch.setattr(shares, "PAUSE", 0.0)
    out = tmp_path / "o.gpkg"
    news = list(find.steps(open_raster(path), Find("", "buildings", str(out)), parse("buildings", vocabulary), {}, colour_asked()))
    done = [one[0] / one[1] for one in news if isinstance(one, tuple) and one[2] == "looking"]
    assert done == sorted(done)
    assert any(1 - find.DRAWING_BY_CLICKS < share < 1 for share in done)


def test_a_search_that_is_cancelled_leaves_nothing_and_one_that_is_let_go_can_go_on(path, tmp_path, vocabulary):
    out = tmp_path / "o.gpkg"
    for end, left in ((lambda job: job.throw(Cancelled("No more.")), 0), (lambda job: job.close(), 1)):
        job = find.steps(open_raster(path), Find("", "buildings", str(out)), parse("buildings", vocabulary), {}, colour_asked())
        next(job)
        try:
            end(job)
        except Cancelled:
            pass
        assert len(list(tmp_path.glob(".o.gpkg.unfinished"))) == left and not out.exists()


def test_what_cannot_be_is_said_before_any_network_looks(path, search, tmp_path, write_raster, vocabulary):
    def looked(names):
        raise AssertionError("a network was asked")

    def ask(text="buildings", raster=path, layers=(), **more):
        asked = Asked("colour", "c0", looked)
        request = Find("", text, more.pop("out", str(tmp_path / "o.gpkg")), **more)
        next(find.steps(open_raster(raster), request, parse(text, vocabulary, layers), {}, asked))

    with pytest.raises(AreaOutside):
        ask(area=box(0, 0, 1, 1).wkb_hex)
    with pytest.raises(RequestInvalid):
        ask(area="0102")
    with pytest.raises(RequestInvalid):
        ask(floor=0.9)
    with pytest.raises(OutputUnwritable):
        ask(out=str(tmp_path / "nowhere" / "o.gpkg"))
    with pytest.raises(LayerUnknown):
        ask("buildings inside parcels", layers=["parcels"])
    with pytest.raises(PhraseUnits):
        ask("buildings over 5 m²", raster=write_raster(np.zeros((1, 8, 8), "uint8"), "plain.tif", crs=None, transform=None))


def test_specks_are_left_out_unless_things_of_their_size_are_asked_for(search, write_raster):
    values = np.full((3, 64, 64), 10, "uint8")
    values[0, 10:30, 10:30], values[0, 40:43, 40:45] = 250, 250  # 100 and 3.75 m2
    speckled = write_raster(values, "speckled.tif")
    assert [round(area) for _, _, area, _ in search("buildings", raster=speckled)[2]] == [100]
    assert [round(area) for _, _, area, _ in search("buildings under 10 m²", raster=speckled)[2]] == [4]
