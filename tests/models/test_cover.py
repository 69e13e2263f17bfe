"""From a class list over an area to a class raster and its polygons."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.enums import ColorInterp
from shapely.geometry import box

from rasterscribe.models import cover
from rasterscribe.models.errors import (
    AreaOutside,
    Cancelled,
    ClassesMissing,
    ClassesRepeated,
    ClassesUnknown,
    DiskFull,
    OutputBusy,
    OutputUnwritable,
    RequestInvalid,
)
from rasterscribe.models.landcover import class_raster
from rasterscribe.models.language.words import Vocabulary
from rasterscribe.models.objects.shares import without_pauses
from rasterscribe.models.protocol import Cover
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.scratch import Scratch
from rasterscribe.tests.models.colour_text import ColourText

ROOT = Path(__file__).resolve().parents[2]
READ = Vocabulary.read
DEGREES = Affine(1e-5, 0, 8.0, 0, -1e-5, 50.0)


@pytest.fixture(autouse=True)
def _one_vocabulary(monkeypatch):
    monkeypatch.setattr(cover.Vocabulary, "read", vocabulary)


@functools.cache
def vocabulary():
    return READ()


@pytest.fixture
def path(write_raster):
    """200 x 150 pixels of half a metre: 100 columns of water, a house in it, then plants; the last ten rows are grey."""
    return write_raster(scene())


def scene():
    values = np.zeros((3, 150, 200), "uint8")
    values[2, :, :100] = values[1, :, 100:] = 250
    values[:, 40:70, 30:60] = np.array([250, 0, 0])[:, None, None]
    values[:, 140:] = 120
    return values


@pytest.fixture
def run(path, tmp_path):
    """run(*classes, ...) -> the reply."""

    def run(*classes, raster=path, out="cover ü.tif", polygons="cover ü.gpkg", model=None, **more):
        opened = open_raster(raster, stretch=((0.0, 255.0),) * 3)
        request = Cover("", classes, str(tmp_path / out), str(tmp_path / polygons) if polygons else "", **more)
        return without_pauses(cover.steps(opened, request, model or ColourText()))

    return run


def table(path):
    info, _, geometry, fields = pyogrio.raw.read(path, layer="objects")
    return info, shapely.from_wkb(geometry), dict(zip(info["fields"], fields, strict=True))


def test_every_pixel_gets_its_class_and_its_confidence(run):
    reply = run("house", "water", "grass", "other")
    with rasterio.open(reply.path) as raster:
        classes, confidence = raster.read()
        assert raster.nodata == 0 and raster.crs.to_epsg() == 32645
        assert raster.transform == Affine(0.5, 0, 350000, 0, -0.5, 3060000)
    assert [classes[50, 45], classes[10, 10], classes[10, 150], classes[145, 100]] == [1, 2, 3, 4]
    assert (confidence > 240).all()
    assert [(one.name, one.pixels) for one in reply.areas] == [("house", 900), ("water", 13100), ("grass", 14000), ("other", 2000)]
    assert reply.areas[0].area == pytest.approx(900 / 4, rel=2e-3)  # UTM's own scale
    assert sum(one.share for one in reply.areas) == pytest.approx(1)
    assert (reply.model, reply.digest) == ("colour", "c0" * 32)


def test_the_raster_is_cloud_optimized_and_brings_its_colours(run):
    with rasterio.open(run("house", "water", "other").path) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.colorinterp == (ColorInterp.palette, ColorInterp.undefined)
        assert raster.colormap(1)[1] == (228, 87, 46, 255) and raster.colormap(1)[0][3] == 0
        assert raster.descriptions == ("class", "confidence")


def test_class_names_are_beside_the_raster_for_gdal_and_for_qgis(run):
    out = Path(run("house", "water", "other").path)
    names = ElementTree.parse(f"{out}.aux.xml").findall(".//Category")
    assert [name.text or "" for name in names] == ["", "house", "water", "other"]
    entries = ElementTree.parse(out.with_suffix(".qml")).findall(".//paletteEntry")
    assert [(entry.get("value"), entry.get("label")) for entry in entries] == [("1", "house"), ("2", "water"), ("3", "other")]


def test_polygons_cover_the_raster_and_share_their_borders(run):
    info, polygons, fields = table(run("house", "water", "grass", "other").polygons)
    assert fields["class"].tolist() == ["water", "grass", "house", "other"]
    assert shapely.coverage_is_valid(polygons)
    assert shapely.union_all(polygons).normalize().equals(box(350000, 3060000 - 75, 350100, 3060000))
    assert fields["area_m2"].sum() == pytest.approx(7500, rel=2e-3)
    assert (fields["score"] > 0.95).all()
    assert set(fields["prompt"]) == {"house, water, grass, other"} and set(fields["model"]) == {"colour"}
    assert info["geometry_type"] == "MultiPolygon"


def test_without_the_rest_every_pixel_gets_a_class(run):
    assert sum(one.pixels for one in run("house", "water", "grass", polygons="").areas) == 200 * 150


def test_nothing_but_the_raster_is_written_where_no_polygons_are_asked_for(run, tmp_path):
    assert run("house", "other", polygons="").polygons == ""
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.tif", "cover ü.qml", "cover ü.tif", "cover ü.tif.aux.xml"]


def test_what_lies_outside_of_the_area_has_no_class(run, tmp_path):
    reply = run("house", "water", "other", area=box(350010, 3060000 - 40, 350030, 3060000 - 10).wkb_hex)
    with rasterio.open(reply.path) as raster:
        assert (raster.width, raster.height) == (40, 60)
    triangle = run("house", "water", "other", area=shapely.Polygon([(350000, 3060000), (350040, 3060000), (350000, 3060000 - 40)]).wkb_hex)
    assert sum(one.pixels for one in triangle.areas) == pytest.approx(80 * 80 / 2, rel=0.02)


def test_areas_on_a_raster_in_degrees_are_those_on_the_ground(run, write_raster):
    reply = run("house", "water", "grass", "other", raster=write_raster(scene(), "b.tif", crs="EPSG:4326", transform=DEGREES))
    ground = sum(one.area for one in reply.areas)
    assert ground == pytest.approx(200 * 150 * 0.7169 * 1.1123, rel=1e-3)  # a hundred-thousandth of a degree at 50 N, in m
    assert table(reply.polygons)[2]["area_m2"].sum() == pytest.approx(ground)


def test_without_a_crs_areas_are_in_pixels(run, write_raster):
    reply = run("house", "water", "grass", "other", raster=write_raster(scene(), "c.tif", crs=None, transform=None))
    assert reply.areas[0].area == 900
    assert np.isnan(table(reply.polygons)[2]["area_m2"]).all()


def test_classes_are_looked_at_no_finer_than_they_need(run):
    reply = run("water", "other")
    with rasterio.open(reply.path) as raster:
        assert (raster.width, raster.height) == (100, 75) and raster.transform.a == 1
    assert reply.areas[0].area == pytest.approx(13100 / 4, rel=0.02)


def test_where_the_raster_has_no_data_there_is_no_class(run, write_raster):
    values = scene()
    values[:, :, :50] = 7
    reply = run("house", "water", "other", raster=write_raster(values, "d.tif", nodata=7))
    with rasterio.open(reply.path) as raster:
        assert (raster.read()[:, :, :50] == 0).all()
    assert shapely.total_bounds(table(reply.polygons)[1])[0] == 350025


def test_how_it_was_made_is_in_both_files(run):
    reply = run("house", "other")
    with rasterio.open(reply.path) as raster:
        tags = raster.tags()
    metadata = pyogrio.read_info(reply.polygons, layer="objects")["layer_metadata"]
    for made in (tags, metadata):
        assert json.loads(made["classes"]) == ["house", "other"]
        assert made["weights_sha256"] == "c0" * 32 and made["source"].endswith("a.tif")


def test_the_same_run_gives_the_same_bytes_wherever_it_was_killed(path, tmp_path):
    program = "import conftest; from rasterscribe.tests.models import cover_slowly; cover_slowly.main()"
    out, polygons = tmp_path / "k.tif", tmp_path / "k.gpkg"
    command = [sys.executable, "-c", program, path, str(out), str(polygons)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "rows\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists() and (tmp_path / ".k.tif.unfinished").is_dir()
    shelter = tmp_path / "shelter"
    subprocess.run(["cp", "-r", str(tmp_path / ".k.tif.unfinished"), str(shelter)], check=True)
    subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    first = out.read_bytes(), polygons.read_bytes()
    os.rename(shelter, tmp_path / ".k.tif.unfinished")  # the same start, killed once more
    subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    assert (out.read_bytes(), polygons.read_bytes()) == first
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("steps", [1, 3, 8, 13])
def test_a_run_that_is_cancelled_leaves_nothing(path, tmp_path, steps):
    job = cover.steps(open_raster(path), Cover("", ("house", "other"), str(tmp_path / "o.tif"), str(tmp_path / "o.gpkg")), ColourText())
    for _ in range(steps):
        next(job)
    with pytest.raises(Cancelled):
        job.throw(Cancelled("No more."))
    patience = time.monotonic() + 10
    while len(list(tmp_path.iterdir())) > 1 and time.monotonic() < patience:
        time.sleep(0.05)
    assert [each.name for each in tmp_path.iterdir()] == ["a.tif"]


def test_a_run_that_is_let_go_can_go_on(path, tmp_path):
    job = cover.steps(open_raster(path), Cover("", ("house", "other"), str(tmp_path / "o.tif")), ColourText())
    next(job), next(job), next(job)
    job.close()
    assert (tmp_path / ".o.tif.unfinished").is_dir() and not (tmp_path / "o.tif").exists()


@pytest.mark.parametrize(
    ("classes", "problem"),
    [((), ClassesMissing), (("house", "building"), ClassesRepeated), (("qwertz", "house"), ClassesUnknown)],
)
def test_a_class_list_that_cannot_be_is_a_problem(run, classes, problem):
    with pytest.raises(problem):
        run(*classes)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"area": box(0, 0, 1, 1).wkb_hex}, AreaOutside),
        ({"area": "00"}, RequestInvalid),
        ({"simplify": -1.0}, RequestInvalid),
        ({"simplify": float("nan")}, RequestInvalid),
        ({"out": "nowhere/o.tif"}, OutputUnwritable),
        ({"polygons": "nowhere/o.gpkg"}, OutputUnwritable),
        ({"out": "a.tif"}, OutputUnwritable),
        ({"out": "o.gpkg", "polygons": "o.gpkg"}, RequestInvalid),
    ],
)
def test_what_cannot_be_is_said_before_any_network_looks(run, tmp_path, more, problem):
    class Blind(ColourText):
        def encode(self, images):
            raise AssertionError("a network was asked")

    with pytest.raises(problem):
        run("house", "other", model=Blind(), **more)
    assert [each.name for each in tmp_path.iterdir()] == ["a.tif"]


def test_an_output_that_another_run_is_writing_is_a_problem(run, tmp_path):
    held = Scratch(tmp_path / "cover ü.tif", {})
    with pytest.raises(OutputBusy):
        run("house", "other")
    held.clear()


def test_a_full_disk_leaves_the_former_files_and_what_was_done(run, tmp_path, monkeypatch):
    reply = run("house", "other")
    former = Path(reply.path).read_bytes(), Path(reply.polygons).read_bytes()

    def full(*_, **__):
        raise rasterio.errors.RasterioIOError("Write error: No space left on device")

    monkeypatch.setattr(class_raster.rasterio.shutil, "copy", full)
    with pytest.raises(DiskFull):
        run("house", "other")
    assert (Path(reply.path).read_bytes(), Path(reply.polygons).read_bytes()) == former
    assert (tmp_path / ".cover ü.tif.unfinished").is_dir()
    monkeypatch.undo()
    run("house", "other")
    assert list(tmp_path.glob(".*")) == []


def test_a_file_that_lacks_pixels_is_not_put_in_place(run, tmp_path, monkeypatch):
    def cut_short(source, target):
        yield
        with rasterio.open(source) as draft:
            profile, values = draft.profile, draft.read()
        values[:, 100:] = 0
        with rasterio.open(target, "w", **profile) as copy:
            copy.write(values)

    monkeypatch.setattr(cover, "optimised", cut_short)
    with pytest.raises(OutputUnwritable):
        run("house", "other")
    assert not (tmp_path / "cover ü.tif").exists()


def test_a_draft_that_a_dead_run_left_half_written_is_made_anew(path, run, tmp_path):
    former = run("house", "other")
    held = Scratch(tmp_path / "cover ü.tif", {})
    (held.folder / cover.DRAFT).write_bytes(b"II*\0\x08\0\0\0 half a file")
    held.close()
    assert run("house", "other").areas == former.areas
