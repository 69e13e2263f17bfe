"""The generated scene that ships with the sources: a raster that opens, and outlines that lie on what they name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

rasterio = pytest.importorskip("rasterio", reason="runs in the engine's environment")
from rasterio import features  # noqa: E402
from shapely.geometry import shape  # noqa: E402

SAMPLE = Path(__file__).resolve().parents[1] / "resources" / "sample"


@pytest.fixture(scope="module")
def truth() -> list[tuple[str, Any]]:
    found = json.loads((SAMPLE / "truth.geojson").read_text("utf-8"))["features"]
    return [(each["properties"]["class"], shape(each["geometry"])) for each in found]


def test_the_scene_is_a_small_projected_picture_with_overviews() -> None:
    with rasterio.open(SAMPLE / "scene.tif") as scene:
        assert (scene.width, scene.height, scene.count, scene.dtypes[0]) == (1024, 1024, 3, "uint8")
        assert scene.crs.is_projected and scene.crs.linear_units == "metre"
        assert scene.res == pytest.approx((0.3, 0.3)) and scene.overviews(1) == [2, 4]
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 1_000_000


def test_every_true_outline_is_valid_and_inside_the_scene(truth: list[tuple[str, Any]]) -> None:
    with rasterio.open(SAMPLE / "scene.tif") as scene:
        west, south, east, north = scene.bounds
    for kind, outline in truth:
        assert outline.is_valid and outline.area > 10, kind
        left, bottom, right, top = outline.bounds
        assert west <= left and right <= east and south <= bottom and top <= north, kind


def test_each_class_looks_unlike_what_surrounds_it(truth: list[tuple[str, Any]]) -> None:
    """An outline that was shifted or flipped would be as grey inside as around."""
    with rasterio.open(SAMPLE / "scene.tif") as scene:
        picture, transform = scene.read().astype(float), scene.transform
    unlike = []
    for kind, outline in truth:
        inside = features.rasterize([outline.buffer(-0.6)], picture.shape[1:], transform=transform).astype(bool)
        rim = outline.buffer(2.5).difference(outline.buffer(0.6))
        around = features.rasterize([rim], picture.shape[1:], transform=transform).astype(bool)
        unlike.append((kind, np.abs(picture[:, inside].mean(axis=1) - picture[:, around].mean(axis=1)).max()))
    assert {kind for kind, _ in unlike} == {"building", "field", "pond", "silo"}
    assert np.mean([difference > 15 for _, difference in unlike]) > 0.9
