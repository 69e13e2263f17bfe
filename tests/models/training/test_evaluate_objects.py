"""Objects are counted as right, wrong and missed by their outlines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from shapely.geometry import box

from rasterscribe.models.errors import RequestInvalid
from rasterscribe.models.raster import open_raster
from rasterscribe.models.training.evaluate import objects
from rasterscribe.models.training.evaluate.mosaics import mosaics

HOUSES = np.array([box(0, 0, 10, 10), box(20, 0, 30, 10), box(40, 0, 50, 10)])


def test_an_outline_is_right_where_it_shares_more_than_half() -> None:
    found = np.array([box(1, 0, 11, 10), box(26, 0, 36, 10)])
    assert objects.matches(found, HOUSES).tolist() == [[0, 0]]


def test_a_footprint_is_found_once_by_the_best_outline() -> None:
    found = np.array([box(0, 0, 10, 8), box(0, 0, 10, 9.5), box(0, 0, 50, 10)])
    assert objects.matches(found, HOUSES).tolist() == [[1, 0]]


def test_nothing_found_is_nothing_right() -> None:
    assert len(objects.matches(np.array([], object), HOUSES)) == 0


def test_figures_come_from_right_wrong_and_missed() -> None:
    found = objects.figures(np.array([[3, 1, 0], [1, 0, 2]]))
    assert {name: found[name] for name in ("n", "found", "count", "precision", "recall")} == {
        "n": 6, "found": 5, "count": 0.8333, "precision": 0.8, "recall": 0.6667,
    }  # fmt: skip
    low, high = found["interval"]["f1"]
    assert low <= found["f1"] <= high


@pytest.fixture
def tiles(tmp_path: Path) -> Path:
    """Two tiles side by side at zoom 20, with a house across their edge, and one apart from them."""
    for folder in ("images", "instances"):
        (tmp_path / folder).mkdir()
    for x, y, place in ((100, 50, np.s_[40:60, 200:256]), (101, 50, np.s_[40:60, :30]), (103, 51, np.s_[10:30, 10:30])):
        ids = np.zeros((1, 256, 256), np.uint16)
        ids[0][place] = 7
        write(tmp_path / "images" / f"town_{x}_{y}_20.png", np.full((3, 256, 256), x, np.uint8))
        write(tmp_path / "instances" / f"town_{x}_{y}_20.png", ids)
    return tmp_path


def write(path: Path, bands: np.ndarray) -> None:
    count, height, width = bands.shape
    with rasterio.open(path, "w", driver="PNG", width=width, height=height, count=count, dtype=bands.dtype) as file:
        file.write(bands)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
class TestTiles:
    def test_tiles_become_a_raster_in_its_place_without_data_between_them(self, tiles: Path, tmp_path: Path) -> None:
        [(path, _)] = mosaics(tiles, tmp_path)
        raster = open_raster(path)
        assert (raster.width, raster.height) == (4 * 256, 2 * 256)
        assert raster.pixel_size == pytest.approx(40075016.68557849 / 256 / 2**20)
        pixels = raster.read(0, 0, 1024, 512, 4, 2)
        assert pixels.valid.tolist() == [[True, True, False, False], [False, False, False, True]]

    def test_a_house_across_an_edge_is_one_footprint(self, tiles: Path, tmp_path: Path) -> None:
        [(path, footprints)] = mosaics(tiles, tmp_path)
        raster = open_raster(path)
        assert len(footprints) == 2
        native = shapely.transform(footprints, lambda x, y: ~raster.transform @ (x, y), interleaved=False)
        assert sorted(shapely.area(native)) == pytest.approx([400, 86 * 20])

    def test_only_some_sites_or_zooms_can_be_asked_for(self, tiles: Path, tmp_path: Path) -> None:
        assert list(mosaics(tiles, tmp_path, ("_21",))) == []

    def test_a_folder_without_tiles_is_said_to_be_none(self, tmp_path: Path) -> None:
        (tmp_path / "images").mkdir()
        with pytest.raises(RequestInvalid, match="tiles"):
            list(mosaics(tmp_path, tmp_path))
