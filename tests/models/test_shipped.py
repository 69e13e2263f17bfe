"""The weights that ship, on the generated scene: the classes that it shows are found, and what changed between two dates of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rasterio import features
from scipy import ndimage
from shapely.geometry import shape

from models.classes import CLASSES
from models.comparing.logits import change_logits
from models.language.words import Vocabulary
from models.nets import load_change_model, load_text_model
from models.raster import open_raster
from models.text import class_logits

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
VILLAGE = np.s_[370:620, :]  # rows of houses along the main road
HOUSES = np.s_[400:656, 330:586]  # a piece of the scene with houses, a road and a pond


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    raster = open_raster(SAMPLE / "scene.tif")
    return raster.read(0, 0, raster.width, raster.height, raster.width, raster.height).rgb


@pytest.fixture(scope="module")
def logits(scene):
    return class_logits(scene, load_text_model())


def truth(kind: str) -> np.ndarray:
    """bool (1024, 1024) of the scene's outlines of a class."""
    found = json.loads((SAMPLE / "truth.geojson").read_text("utf-8"))["features"]
    shapes = [shape(each["geometry"]) for each in found if each["properties"]["class"] == kind]
    raster = open_raster(SAMPLE / "scene.tif")
    mask: np.ndarray = features.rasterize(shapes, (raster.height, raster.width), transform=raster.transform).astype(bool)
    return mask


def iou(mask: np.ndarray, true: np.ndarray) -> float:
    return float((mask & true).sum() / (mask | true).sum())


def test_buildings_are_found_by_their_name(logits):
    found, true = logits[CLASSES.index("building")][VILLAGE] > 0, truth("building")[VILLAGE]
    assert iou(found, true) > 0.5 and found[true].mean() > 0.8


def test_fields_are_found_and_ponds_are_water_and_no_field(logits):
    field, pond = truth("field"), truth("pond")
    ploughed, wet = (logits[CLASSES.index(name)] > 0 for name in ("field", "water"))
    assert ploughed[field & ~pond].mean() > 0.6 and ploughed[pond].mean() < 0.1
    assert wet[pond].mean() > 0.9 and wet[~pond].mean() < 0.06


def test_houses_are_the_same_as_buildings(logits):
    understood = Vocabulary.read().understand("houses")
    asked = np.tensordot(understood.weights, logits, 1)
    assert iou(asked > 0, logits[CLASSES.index("building")] > 0) > 0.97


def test_a_date_compared_with_itself_shows_no_change(scene):
    piece = np.ascontiguousarray(scene[HOUSES])
    assert (change_logits(piece, piece, load_change_model()) > 0).mean() < 0.002


def test_a_house_that_is_gone_is_a_change_of_buildings_there(scene):
    """The ground beside a house, mirrored at its walls, lies where it was."""
    before = np.ascontiguousarray(scene[HOUSES])
    buildings = truth("building")[HOUSES]
    after, gone = before.copy(), buildings
    rows, columns = np.indices(gone.shape)
    wall = ndimage.distance_transform_edt(gone, return_distances=False, return_indices=True)
    beside = np.clip(2 * wall[0] - rows, 0, gone.shape[0] - 1), np.clip(2 * wall[1] - columns, 0, gone.shape[1] - 1)
    clear = gone & ~gone[beside]
    after[gone] = before[wall[0][gone], wall[1][gone]]
    after[clear] = before[beside[0][clear], beside[1][clear]]
    change = change_logits(before, after, load_change_model())[CLASSES.index("building")] > 0
    assert change[gone].mean() > 0.5 and change[~gone].mean() < 0.05
