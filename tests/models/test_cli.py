"""The engine without QGIS: everything it does has a command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import box

from rasterscribe.models import __main__ as command_line
from rasterscribe.models import catalog
from rasterscribe.models.commands import segment
from rasterscribe.models.engine import Engine
from rasterscribe.tests.models.colour_model import ColourModel, NestedModel

ROOT = Path(__file__).resolve().parents[2]
ROOFS = {"red": (200, 250, 280, 310), "other": (50, 40, 110, 100)}


@pytest.fixture
def path(write_raster):
    """400 x 400 grey pixels of half a metre with two red roofs, one of them with an annex of a darker red."""
    values = np.full((3, 400, 400), 70, "uint8")
    for left, top, right, bottom in ROOFS.values():
        values[0, top:bottom, left:right] = 220
    values[0, 250:310, 280:320] = 200
    return write_raster(values)


@pytest.fixture
def run(monkeypatch, capsys):
    """run(*arguments) -> exit status, stdout, stderr, with the colour model for networks."""
    monkeypatch.setattr(Engine, "click_model", lambda self, id: ColourModel())

    def run(*arguments):
        status = command_line.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def on_map(col, row):
    return 350000 + col / 2, 3060000 - row / 2


def objects_in(path):
    """Per object: outline in pixels with y downwards, and fields."""
    _, _, geometries, columns = pyogrio.raw.read(path, layer="objects")
    fields = pyogrio.read_info(path, layer="objects")["fields"]
    outlines = [shapely.transform(shape, lambda xy: (xy - (350000, 3060000)) * (2, -2)) for shape in shapely.from_wkb(geometries)]
    return [(outline, {name: column[n] for name, column in zip(fields, columns, strict=True)}) for n, outline in enumerate(outlines)]


def iou(one, other):
    return one.intersection(other).area / one.union(other).area


def test_a_point_gives_a_geopackage_with_the_object(run, path, tmp_path):
    out = tmp_path / "objects.gpkg"
    status, printed, _ = run("segment", path, "--point", *on_map(240, 280), "--out", out, "--class", "roof")
    assert status == 0 and "1 outlines" in printed
    ((outline, fields),) = objects_in(out)
    assert iou(outline, box(*ROOFS["red"][:2], 320, 310)) > 0.95
    assert (fields["class"], fields["model"], fields["prompt"]) == ("roof", "colour", "+(350120, 3059860)")


def test_further_points_refine_the_one_object(run, path, tmp_path):
    out = tmp_path / "objects.gpkg"
    run("segment", path, "--pixel", "--point", 240, 280, "--not-point", 300, 280, "--out", out)
    ((outline, _),) = objects_in(out)
    assert iou(outline, box(*ROOFS["red"])) > 0.95


@pytest.mark.parametrize(("size", "truth"), [("part", (200, 250, 280, 310)), ("group", (200, 250, 320, 310))])
def test_the_size_of_the_object_can_be_asked_for(run, path, tmp_path, monkeypatch, size, truth):
    monkeypatch.setattr(Engine, "click_model", lambda self, id: NestedModel())
    out = tmp_path / "objects.gpkg"
    run("segment", path, "--pixel", "--point", 240, 280, "--size", size, "--out", out)
    ((outline, fields),) = objects_in(out)
    assert iou(outline, box(*truth)) > 0.95 and fields["prompt"] == f"+(350120, 3059860) {size}"


def test_a_box_in_pixels_gives_the_object_in_it(run, path, tmp_path):
    out = tmp_path / "objects.gpkg"
    run("segment", path, "--pixel", "--box", 40, 30, 120, 110, "--out", out, "--right-angles")
    ((outline, _),) = objects_in(out)
    assert iou(outline, box(*ROOFS["other"])) > 0.95


def test_each_point_feature_is_an_object(run, path, tmp_path):
    points = [on_map(240, 280), on_map(80, 70)]
    features = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": point}, "properties": {}} for point in points]
    geojson = tmp_path / "points.geojson"
    geojson.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    status, *_ = run("segment", path, "--objects", geojson, "--out", tmp_path / "objects.gpkg")
    assert status == 0 and len(objects_in(tmp_path / "objects.gpkg")) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to outline"),
        (["--not-point", 5, 5], "needs a point that adds"),
        (["--point", 5, 5], "outside the raster"),
        (["--pixel", "--point", 5, 5, "--bands", 9], "Bands 9"),
        (["--objects", "nowhere.geojson"], "not a GeoJSON file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence_and_leaves_no_file(run, path, tmp_path, arguments, said):
    status, _, complaint = run("segment", path, *arguments, "--out", tmp_path / "objects.gpkg")
    assert status == 1 and said in complaint and complaint.count("\n") == 1
    assert not (tmp_path / "objects.gpkg").exists()


def test_a_missing_raster_is_said_in_a_sentence(run, tmp_path):
    status, _, complaint = run("segment", tmp_path / "nowhere.tif", "--point", 1, 1, "--out", tmp_path / "objects.gpkg")
    assert status == 1 and "There is no raster at" in complaint


def test_a_folder_that_is_not_there_is_said_in_a_sentence(run, path, tmp_path):
    status, _, complaint = run("segment", path, "--pixel", "--point", 240, 280, "--out", tmp_path / "no" / "objects.gpkg")
    assert status == 1 and "not a file in a folder" in complaint


def test_a_disk_that_fills_up_is_said_in_a_sentence_and_leaves_no_file(run, path, tmp_path, monkeypatch):
    def no_room(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr(pyogrio.raw, "write", no_room)
    status, _, complaint = run("segment", path, "--pixel", "--point", 240, 280, "--out", tmp_path / "objects.gpkg")
    assert status == 1 and "There is no room for" in complaint
    assert {file.name for file in tmp_path.iterdir()} <= {Path(path).name, Path(path).name + ".aux.xml"}


def test_damaged_weights_are_said_in_a_sentence(capsys, path, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog.Card, "state", lambda card: catalog.DAMAGED)
    monkeypatch.setattr(catalog, "usual", lambda job: catalog.Card("net"))
    status = command_line.main(["segment", path, "--pixel", "--point", "240", "280", "--out", str(tmp_path / "objects.gpkg")])
    assert status == 1 and "weights of the model net are not the ones" in capsys.readouterr().err


def test_evaluation_without_the_training_code_says_where_it_is(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "rasterscribe.models.training", None)
    monkeypatch.delitem(sys.modules, "rasterscribe.models.training.evaluate", raising=False)
    status, _, complaint = run("evaluate", "click")
    assert status == 1 and "source repository" in complaint


def test_the_list_is_that_of_the_catalogue(run):
    status, printed, _ = run("list", "--json")
    assert status == 0
    assert {model["job"] for model in json.loads(printed)} <= {"click", "text", "change", "open"}
    assert run("list")[0] == 0


def test_the_command_line_works_from_any_folder(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "models", "list", "--json"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and isinstance(json.loads(done.stdout), list)


def test_help_names_the_commands():
    done = subprocess.run([sys.executable, "-m", "models", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert all(command in done.stdout for command in ("serve", "segment", "list", "evaluate"))


def test_the_provenance_is_enough_to_run_it_again(run, path, tmp_path):
    out = tmp_path / "objects.gpkg"
    run("segment", path, "--pixel", "--point", 240, 280, "--out", out)
    said = pyogrio.read_info(out, layer="objects")["layer_metadata"]
    assert said["source"] == path and json.loads(said["prompts"]) == ["+(350120, 3059860)"]
    assert said["weights_sha256"] == "c0" * 32 and segment.engine_version() == said["rasterscribe"]
