"""What people give `find` by mistake: each gets one sentence and the exit status 1, and nothing of theirs is lost."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine
from shapely.geometry import box

from rasterscribe.models import __main__ as command_line
from rasterscribe.models import find, searchers
from rasterscribe.models.engine import Engine
from rasterscribe.tests.models.colour_looker import colour_asked

SIDE = 96
ROOF = slice(20, 60)


@pytest.fixture
def run(monkeypatch, capsys):
    """run(*arguments) -> exit status, lines on stdout, lines on stderr, with networks that know colours."""
    monkeypatch.setattr(Engine, "click_model", lambda self, id: None)
    monkeypatch.setattr(searchers, "asked", lambda *_: colour_asked())

    def run(*arguments):
        status = command_line.main(["find", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out.splitlines(), printed.err.splitlines()

    return run


@pytest.fixture
def path(write_raster):
    return write_raster(scene())


@pytest.fixture
def out(tmp_path):
    return tmp_path / "found.gpkg"


def scene(kind="uint8"):
    """A red roof of 20 x 20 m on dark ground."""
    values = np.full((3, SIDE, SIDE), 10, kind)
    values[0, ROOF, ROOF] = 250
    return values


def count(out):
    return pyogrio.read_info(out, layer="objects")["features"]


def refused(result):
    """The one sentence that a run which did nothing ends with."""
    status, _, said = result
    assert status == 1 and len(said) == 1
    return said[0]


def leftovers(folder):
    return [one.name for one in Path(folder).iterdir() if one.name.startswith(".")]


@pytest.mark.parametrize("keep", [0, 60, 0.5])
def test_a_raster_that_was_cut_short_is_no_raster(run, path, out, keep):
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: int(keep * len(content)) if keep < 1 else keep])
    assert "cannot be read. Copy the file again" in refused(run(path, "buildings", "--out", out))
    assert not out.exists() and not leftovers(out.parent)


def test_a_text_a_folder_and_nothing_are_no_rasters(run, tmp_path, out):
    (tmp_path / "text.tif").write_text("hello")
    assert "cannot be read" in refused(run(tmp_path / "text.tif", "buildings", "--out", out))
    assert "cannot be read" in refused(run(tmp_path, "buildings", "--out", out))
    assert "There is no raster at" in refused(run(tmp_path / "gone.tif", "buildings", "--out", out))


@pytest.mark.parametrize("name", ["ein Bild mit ü.tif", 'it\'s "q".tif', "new\nline.tif", "50%.tif", "a|layername=b.tif"])
def test_a_name_may_be_any_that_the_system_takes(run, write_raster, tmp_path, name):
    target = tmp_path / f"{name}.gpkg".replace("\n", " ")
    status, _, _ = run(write_raster(scene(), name), "buildings", "--out", target)
    assert status == 0 and not leftovers(tmp_path)
    assert count(target) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems take no such names")
def test_a_raster_with_a_name_in_another_encoding_is_told_to_be_renamed(run, path, out):
    renamed = os.fsdecode(os.fsencode(out.parent) + b"/lat\xfcn.tif")
    os.rename(path, renamed)
    assert "is not in UTF-8. Give the file another name." in refused(run(renamed, "buildings", "--out", out))


def broken_floats():
    values = scene("float32")
    values[:, :8, :8], values[2, 80:84, 80:84], values[:, 90, 90] = np.nan, 3e38, -np.inf
    return values


def masked():
    mask = np.full((SIDE, SIDE), 255, "uint8")
    mask[:, 64:] = 0
    return mask


@pytest.mark.parametrize(
    "values, options",
    [
        (broken_floats(), {}),
        (scene("uint16") * 16, {}),
        (scene(), {"mask": masked()}),
        (scene(), {"crs": None, "transform": None}),
        (scene(), {"crs": "EPSG:4326", "transform": Affine(5e-6, 0, 179.9998, 0, -5e-6, -17)}),
        (scene(), {"transform": Affine(0.5, 0, 350000, 0, -0.5, 3060000) @ Affine.rotation(30)}),
        (scene(), {"transform": Affine(0.5, 0, 350000, 0, 0.5, 3060000)}),
        (scene(), {"transform": Affine(300, 0, 350000, 0, -300, 3060000)}),
    ],
    ids=["NaN and huge floats", "16 bit", "mask", "no CRS", "antimeridian", "rotated", "south-up", "300 m pixels"],
)
def test_an_odd_raster_is_searched_as_any_other(run, write_raster, out, values, options):
    status, _, said = run(write_raster(values, **options), "buildings", "--out", out)
    assert (status, said, count(out)) == (0, [], 1)


@pytest.mark.parametrize("shape", [(3, 1, 1), (1, 2, 900), (2, 900, 3)])
def test_the_smallest_and_thinnest_rasters_are_searched(run, write_raster, out, shape):
    status, _, said = run(write_raster(np.full(shape, 9, "uint8")), "buildings", "--out", out)
    assert (status, said) == (0, []) and out.exists()


def test_a_raster_with_a_crs_that_cannot_be_its_own_has_no_areas_to_ask_for(run, write_raster, out):
    path = write_raster(scene(), crs="EPSG:4326")
    assert "or a wrong one" in refused(run(path, "buildings over 20 m²", "--out", out))
    status, lines, _ = run(path, "buildings", "--out", out)
    assert status == 0 and "1 building, 0 m2" in lines and count(out) == 1


@pytest.mark.parametrize(
    "phrase, said",
    [
        ("", "The phrase says nothing to look for."),
        ("  \t\n", "The phrase says nothing to look for."),
        ("🏠", "The phrase says nothing to look for."),
        ("not", "The phrase says nothing to look for."),
        ("not buildings", "The phrase says only what is not asked for."),
        ("blorp", "'blorp'"),
        ("x" * 10_000, "xx…'"),
        ("buildings inside parcels", "There is no vector layer named parcels."),
    ],
)
def test_a_phrase_that_asks_for_nothing_leaves_the_former_file(run, path, out, tmp_path, phrase, said):
    out.write_bytes(b"former")
    layer = tmp_path / "parcels.gpkg"
    more = ["--layer", f"parcels={layer}"] if "parcels" in phrase else []
    if more:
        said = "The file of the layer parcels is not there"
    sentence = refused(run(path, phrase, "--out", out, *more))
    assert said in sentence and len(sentence) < 400
    assert out.read_bytes() == b"former" and not leftovers(tmp_path)


def test_a_phrase_may_hold_anything_else(run, path, out):
    status, lines, _ = run(path, "buildings'; DROP TABLE objects;-- 🏠", "--out", out)
    assert status == 0 and count(out) == 1
    assert "not understood: 'drop table objects'" in " ".join(lines)


@pytest.mark.parametrize("threshold", ["0", "1", "-1", "2", "nan", "inf"])
def test_a_threshold_beyond_the_scores_is_refused(run, path, out, threshold):
    assert "is not between 0 and 1. Ask for more" in refused(run(path, "buildings", "--out", out, f"--threshold={threshold}"))


@pytest.mark.parametrize("area", ["nan,1,2,3", "-inf,-inf,inf,inf", "-1e300,-1e300,1e300,1e300", "1,2,3", "350000,3060000,350000,3059990"])
def test_numbers_that_are_no_rectangle_are_refused(run, path, out, area):
    assert "Give a vector file with polygons, or x0,y0,x1,y1" in refused(run(path, "buildings", "--out", out, f"--area={area}"))


def test_an_area_smaller_than_a_pixel_is_one_and_finds_nothing(run, path, out):
    assert run(path, "buildings", "--out", out, "--area=350010,3059980,350010.001,3059980.001")[0] == 0
    assert count(out) == 0


def write_layer(path, shape, crs="EPSG:32645"):
    pyogrio.raw.write(path, shapely.to_wkb(np.array([shape])), [np.array([1])], ["n"], geometry_type=shape.geom_type, crs=crs)
    return path


def test_a_layer_in_a_crs_of_its_own_place_cannot_be_brought_to_the_raster(run, path, out, tmp_path):
    layer = write_layer(tmp_path / "site.gpkg", box(0, 0, 9, 9), 'LOCAL_CS["site",UNIT["metre",1]]')
    said = refused(run(path, "buildings inside site", "--out", out, "--layer", f"site={layer}"))
    assert said.startswith("No way is known from the CRS of the layer site")


def test_what_is_read_is_never_written_over(run, write_raster, tmp_path):
    raster, layer = write_raster(scene(), "raster.gpkg"), write_layer(tmp_path / "yard.gpkg", box(350000, 3059950, 350050, 3060000))
    area = shutil.copy(layer, tmp_path / "area.gpkg")
    mosaic = tmp_path / "mosaic.vrt"
    bands = "".join(
        f'<VRTRasterBand dataType="Byte" band="{band}"><SimpleSource><SourceFilename relativeToVRT="1">raster.gpkg</SourceFilename>'
        f"<SourceBand>{band}</SourceBand></SimpleSource></VRTRasterBand>"
        for band in (1, 2, 3)
    )
    mosaic.write_text(f'<VRTDataset rasterXSize="{SIDE}" rasterYSize="{SIDE}">{bands}</VRTDataset>')
    os.symlink(raster, tmp_path / "link.gpkg")
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    options = ("--layer", f"yard={layer}", "--area", area)
    for source, target in ((raster, raster), (raster, tmp_path / "link.gpkg"), (mosaic, raster), (raster, layer), (raster, area)):
        more = () if source == mosaic else options
        assert "would be lost. Write to another file." in refused(run(source, "buildings", "--out", target, *more))
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["found", "found.shp", "found.txt", "found.tif"])
def test_an_output_that_is_no_geopackage_by_its_name_is_refused(run, path, tmp_path, name):
    assert "Let it end with .gpkg." in refused(run(path, "buildings", "--out", tmp_path / name))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_what_is_no_plain_file_is_not_replaced(run, path, tmp_path):
    os.mkfifo(tmp_path / "pipe.gpkg")
    assert "is not a file in a folder that exists" in refused(run(path, "buildings", "--out", tmp_path / "pipe.gpkg"))
    assert (tmp_path / "pipe.gpkg").is_fifo()


@pytest.mark.parametrize(
    "place", ["nowhere/found.gpkg", f"{'x' * 300}.gpkg", f"{'x' * 245}.gpkg", "zero\0.gpkg", "new\nline.gpkg", "lat\udcfcn.gpkg"]
)
def test_a_place_where_no_file_can_be_is_refused_before_the_work(run, path, tmp_path, place):
    assert "Choose a" in refused(run(path, "buildings", "--out", tmp_path / place))
    assert not leftovers(tmp_path)


def test_a_run_that_is_interrupted_says_so_and_goes_on_when_it_is_asked_again(run, path, out, monkeypatch):
    write = find.results.write_objects

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(find.results, "write_objects", interrupted)
    status, _, said = run(path, "buildings", "--out", out)
    assert status == 130 and said == ["Interrupted. Give the command again: what takes long goes on where it stopped."]
    key = json.loads((out.parent / ".found.gpkg.unfinished" / "key.json").read_bytes())
    monkeypatch.setattr(find.results, "write_objects", write)
    assert run(path, "buildings", "--out", out)[0] == 0
    made_at = pyogrio.raw.read(out, layer="objects")[3][5][0]
    assert str(made_at)[:19] == key["started"][:19] and not leftovers(out.parent)
