"""Rejected changes as a data set: both dates around each, labels that say what is known, and the engine's own reader takes it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProject, QgsVectorLayer

from rasterscribe.plugin.map.hard_examples import Pair, Picture, Reviewed, free_folder, view_around, write_examples
from rasterscribe.plugin.problems import PluginProblem
from rasterscribe.tests.plugin.change_layers import Seen, changes_layer, square

UTM = QgsCoordinateReferenceSystem("EPSG:32645")
ROOT = Path(__file__).resolve().parents[3]
READS = """
from pathlib import Path
import sys, json
from rasterscribe.models.training.evaluate.change import classes_of, read
from rasterscribe.models.training.evaluate.truth import Selection
folder = Path(sys.argv[1])
classes = classes_of(folder, {})
pairs = list(read(folder, Selection(), classes))
seen = [[list(one.before.shape), list(one.after.shape), sorted(set(one.changed.ravel().tolist()))] for one in pairs]
print(json.dumps([[list(classes)], seen]))
"""


def picture(path: Path, size: int = 600, pixel: float = 1.0, left: float = 0.0, top: float = 600.0, epsg: int = 32645) -> Picture:
    """Each pixel's red is its place's x in tens of metres, its green y."""
    file = gdal.GetDriverByName("GTiff").Create(str(path), size, size, 3)
    file.SetGeoTransform((left, pixel, 0, top, 0, -pixel))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(epsg)
    file.SetProjection(reference.ExportToWkt())
    xs = left + (np.arange(size) + 0.5) * pixel
    ys = top - (np.arange(size) + 0.5) * pixel
    file.GetRasterBand(1).WriteArray(np.tile(xs / 4, (size, 1)))
    file.GetRasterBand(2).WriteArray(np.tile(ys[:, None] / 4, (1, size)))
    file.GetRasterBand(3).Fill(90)
    return Picture(str(path), (), QgsCoordinateReferenceSystem(f"EPSG:{epsg}"))


def reviewed(path: Path, *changes: Seen) -> Reviewed:
    features = list(changes_layer(path, changes).getFeatures())
    rejected, accepted = ([one for one in features if one["review"] == word] for word in ("rejected", "accepted"))
    return Reviewed(rejected, accepted, UTM, "d1gest")


WRONG = Seen(square(300, 300, 20), "other", "building", "appeared", 0.8, "rejected")
RIGHT = Seen(square(330, 300, 20), "other", "road", "appeared", 0.7, "accepted")


def written(tmp_path: Path, *changes: Seen, after: Picture | None = None, shift: tuple[float, float] = (0.0, 0.0)) -> Path:
    pair = Pair(picture(tmp_path / "before.tif"), after or picture(tmp_path / "after.tif"), shift)
    folder = tmp_path / "set"
    write_examples(folder, pair, reviewed(tmp_path / "changes.gpkg", *changes), QgsProject.instance().transformContext())
    return folder


def problem_in(work: Callable[[], object]) -> str:
    """The code of the problem that it raises. Nothing keeps the exception: GDAL's datasets in its frames must not outlive QGIS."""
    try:
        work()
    except PluginProblem as trouble:
        return trouble.problem.code
    return ""


def read(path: Path) -> np.ndarray:
    return gdal.Open(str(path)).ReadAsArray()


def test_each_rejected_change_gives_both_dates_and_a_label(qgis_app, tmp_path):
    folder = written(tmp_path, WRONG, RIGHT)
    names = {part: [one.name for one in sorted((folder / part).iterdir())] for part in ("A", "B", "label")}
    assert names["A"] == names["B"] == names["label"] == ["after_000001.tif"]
    a, b = read(folder / "A" / names["A"][0]), read(folder / "B" / names["B"][0])
    assert a.shape == b.shape == (3, 256, 256) and np.array_equal(a, b)
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_nothing_changed_where_a_change_was_rejected_and_of_the_rest_nothing_is_known(qgis_app, tmp_path):
    folder = written(tmp_path, WRONG, RIGHT)
    label = read(folder / "label" / "after_000001.tif")
    classes = json.loads((folder / "classes.json").read_text())
    assert classes == {"1": "building", "2": "road"}
    assert np.count_nonzero(label == 0) == np.count_nonzero(label == 2) == 400
    assert np.count_nonzero(label == 255) == 256 * 256 - 800
    rows, cols = np.nonzero(label == 0)
    file = gdal.Open(str(folder / "label" / "after_000001.tif"))
    assert gdal.ApplyGeoTransform(file.GetGeoTransform(), float(cols.min()), float(rows.min())) == [300.0, 320.0]


def test_the_after_image_is_brought_onto_the_pixels_of_the_before_image(qgis_app, tmp_path):
    coarse = picture(tmp_path / "coarse.tif", size=400, pixel=2.0, left=-100.0, top=700.0)
    folder = written(tmp_path, WRONG, after=coarse)
    a, b = read(folder / "A" / "coarse_000001.tif"), read(folder / "B" / "coarse_000001.tif")
    assert a.shape == b.shape and np.abs(a.astype(int) - b).max() <= 1


def test_the_shift_between_the_dates_is_taken_away_as_the_comparison_took_it(qgis_app, tmp_path):
    moved = picture(tmp_path / "after.tif")
    file = gdal.Open(moved.path, gdal.GA_Update)
    file.SetGeoTransform((4, 1, 0, 600 - 3, 0, -1))  # its picture lies 4 pixels too far right and 3 too low
    del file
    folder = written(tmp_path, WRONG, after=moved, shift=(4.0, 3.0))
    a, b = read(folder / "A" / "after_000001.tif"), read(folder / "B" / "after_000001.tif")
    assert np.abs(a.astype(int) - b).max() <= 1


def test_a_view_holds_its_outline_and_stays_within_the_raster(qgis_app, tmp_path):
    raster = gdal.Open(picture(tmp_path / "before.tif").path)
    large = view_around(QgsGeometry.fromWkt(square(100, 100, 400)), raster)
    assert (large.width, large.height) == (544, 544) and large.col <= 100 and large.col + large.width >= 500
    corner = view_around(QgsGeometry.fromWkt(square(-10, -10, 20)), raster)
    assert (corner.col, corner.row, corner.width, corner.height) == (0, 600 - 256, 256, 256)
    assert view_around(QgsGeometry.fromWkt(square(700, 700, 20)), raster) is None


def test_the_index_has_the_outlines_and_what_the_model_said(qgis_app, tmp_path):
    folder = written(tmp_path, WRONG, RIGHT)
    (row,) = QgsVectorLayer(f"{folder / 'examples.gpkg'}|layername=examples", "index", "ogr").getFeatures()
    said = {name: row[name] for name in ("name", "kind", "class", "score", "model", "digest")}
    assert said == {"name": "after_000001", "kind": "appeared", "class": "building", "score": 0.8, "model": "change", "digest": "d1gest"}
    assert row.geometry().area() == 400


def test_without_a_rejected_change_or_a_file_nothing_is_left_behind(qgis_app, tmp_path):
    beyond = Seen(square(9000, 9000), "other", "building", "appeared", 0.8, "rejected")
    assert problem_in(lambda: written(tmp_path, beyond)) == "review.none" and not (tmp_path / "set").exists()
    pair = Pair(picture(tmp_path / "before.tif"), Picture(str(tmp_path / "gone.tif"), (), UTM))
    wrong, context = reviewed(tmp_path / "more.gpkg", WRONG), QgsProject.instance().transformContext()
    assert problem_in(lambda: write_examples(tmp_path / "set", pair, wrong, context)) == "review.no_files"
    assert not (tmp_path / "set").exists() and not [one for one in tmp_path.iterdir() if one.is_dir()]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    assert free_folder(tmp_path / "new") == tmp_path / "new"
    (tmp_path / "mine.txt").write_text("x")
    assert free_folder(tmp_path) == tmp_path / "hard_examples_1"


@pytest.mark.skipif("RASTERSCRIBE_ENGINE_PYTHON" not in os.environ, reason="needs the engine's Python")
def test_the_evaluation_reads_the_folder(qgis_app, tmp_path):
    folder = written(tmp_path, WRONG, RIGHT)
    python = os.environ["RASTERSCRIBE_ENGINE_PYTHON"]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "GDAL_DATA", "PROJ_LIB")}
    environment["PYTHONPATH"] = str(ROOT / "build" / "as-plugin")
    done = subprocess.run([python, "-c", READS, str(folder)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    (classes,), pairs = json.loads(done.stdout)
    assert classes == ["building", "road"]
    assert pairs == [[[256, 256, 3], [256, 256, 3], [0, 1, 255]]]
