"""How likely each pixel has changed, as a raster."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from rasterscribe.models.comparing.probability import write_probability
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.frame import frame_of

HIGH, WIDE = 700, 60


@pytest.fixture
def frame(write_raster):
    return frame_of(open_raster(write_raster(np.zeros((1, HIGH, WIDE), "uint8"))))


@pytest.fixture
def values():
    return np.random.default_rng(1).integers(0, 256, (HIGH, WIDE), "uint8")


def test_bytes_become_a_cloud_optimized_raster_of_shares(frame, values, tmp_path):
    out, folder = tmp_path / "p ü.tif", tmp_path / "scratch"
    folder.mkdir()
    shares = list(write_probability(out, lambda row, count: values[row : row + count], frame, {"classes": ["water"]}, folder))
    assert shares == sorted(shares) and shares[-1] == 1
    with rasterio.open(out) as dataset:
        assert (dataset.read(1) == values).all() and dataset.nodata == 0 and dataset.transform == frame.to_map
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG" and dataset.tags()["classes"] == '["water"]'
        assert 1 * dataset.scales[0] + dataset.offsets[0] == pytest.approx(0) and 255 * dataset.scales[0] + dataset.offsets[0] == 1
    assert "singlebandpseudocolor" in (tmp_path / "p ü.qml").read_text()
    assert not list(folder.iterdir())


def test_what_was_not_written_whole_is_noticed(frame, values, tmp_path):
    read = []

    def rows(row, count):
        read.append(row)
        return values[row : row + count] if len(read) < 3 else np.zeros((count, WIDE), "uint8")

    with pytest.raises(OSError, match="not everything"):
        list(write_probability(tmp_path / "p.tif", rows, frame, {}, tmp_path))
