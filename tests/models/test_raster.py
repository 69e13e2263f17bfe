"""Any raster file, read by window, as a network sees it."""

from __future__ import annotations

import os
import resource
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.windows import Window
from shapely.geometry import box

from rasterscribe.models.errors import BandsUnknown, RasterMissing, RasterUnreadable, RequestInvalid
from rasterscribe.models.raster import Raster, open_raster

Write = Callable[..., str]
PLAIN = ((0, 255),)


def ramp(width: int = 16, height: int = 8, dtype: str = "uint8") -> np.ndarray:
    return np.broadcast_to(np.arange(width, dtype=dtype), (1, height, width))


def whole(raster: Raster) -> tuple[np.ndarray, np.ndarray]:
    pixels = raster.read(0, 0, raster.width, raster.height, raster.width, raster.height)
    return pixels.rgb, pixels.valid


class TestValues:
    @pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", "float64", "int8", "uint32"])
    def test_every_number_type_becomes_bytes(self, write_raster: Write, dtype: str) -> None:
        rgb, valid = whole(open_raster(write_raster(ramp(101, dtype=dtype))))
        assert rgb.dtype == np.uint8
        assert rgb[0, 0].tolist() == [0, 0, 0]
        assert rgb[0, 100].tolist() == [255, 255, 255]
        assert valid.all()

    def test_negative_heights_become_bytes(self, write_raster: Write) -> None:
        rgb, _ = whole(open_raster(write_raster(ramp(101, dtype="int16") - 500)))
        assert (rgb[0, 0, 0], rgb[0, 50, 0], rgb[0, 100, 0]) == (0, 128, 255)

    def test_one_band_is_repeated_to_three(self, write_raster: Write) -> None:
        rgb, _ = whole(open_raster(write_raster(ramp()), stretch=PLAIN))
        assert rgb[0, 9].tolist() == [9, 9, 9]

    def test_red_green_and_blue_are_found_wherever_they_lie(self, write_raster: Write) -> None:
        path = write_raster(np.arange(4, dtype="uint8").reshape(4, 1, 1) * np.ones((1, 8, 8), "uint8"), photometric="MINISBLACK")
        with rasterio.open(path, "r+") as dataset:
            dataset.colorinterp = (ColorInterp.undefined, ColorInterp.blue, ColorInterp.green, ColorInterp.red)
        raster = open_raster(path, stretch=PLAIN * 3)
        assert raster.bands == (4, 3, 2)
        assert whole(raster)[0][0, 0].tolist() == [3, 2, 1]

    def test_many_unnamed_bands_show_the_first_three(self, write_raster: Write) -> None:
        assert open_raster(write_raster(np.zeros((5, 4, 4), "uint16"))).bands == (1, 2, 3)

    def test_two_bands_show_the_first(self, write_raster: Write) -> None:
        assert open_raster(write_raster(np.zeros((2, 4, 4), "uint8"))).bands == (1,)

    def test_chosen_bands_come_in_the_order_chosen(self, write_raster: Write) -> None:
        path = write_raster(np.arange(4, dtype="uint8").reshape(4, 1, 1) * np.ones((1, 8, 8), "uint8"))
        assert whole(open_raster(path, (4, 1, 2), PLAIN * 3))[0][0, 0].tolist() == [3, 0, 1]

    @pytest.mark.parametrize("bands", [(0,), (2,), (1, 1), (1, 1, 1, 1)])
    def test_bands_that_are_not_there_are_a_problem(self, write_raster: Write, bands: tuple[int, ...]) -> None:
        with pytest.raises(BandsUnknown):
            open_raster(write_raster(ramp()), bands)

    def test_a_constant_raster_is_grey(self, write_raster: Write) -> None:
        rgb, valid = whole(open_raster(write_raster(np.full((3, 4, 4), 9, "uint8"))))
        assert np.unique(rgb).tolist() == [127]
        assert valid.all()

    def test_a_palette_shows_its_colours(self, write_raster: Write) -> None:
        path = write_raster(ramp(3) % 3, colormap={0: (255, 0, 0, 255), 1: (0, 255, 0, 255), 2: (9, 9, 9, 255)}, nodata=2)
        rgb, valid = whole(open_raster(path))
        assert rgb[0, :2].tolist() == [[255, 0, 0], [0, 255, 0]]
        assert valid[0].tolist() == [True, True, False]

    def test_a_palette_from_afar_mixes_colours_and_not_indices(self, write_raster: Write) -> None:
        checks = np.indices((8, 8)).sum(axis=0, dtype="uint8")[None] % 2 * 2
        path = write_raster(checks, colormap={0: (255, 0, 0, 255), 1: (0, 255, 0, 255), 2: (0, 0, 255, 255)})
        rgb = open_raster(path).read(0, 0, 8, 8, 2, 2).rgb
        assert np.unique(rgb.reshape(-1, 3), axis=0).tolist() == [[128, 0, 128]]


class TestStretch:
    def test_a_view_of_the_dark_corner_stays_dark(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp(200)))
        assert raster.read(0, 0, 8, 8, 8, 8).rgb.max() < 10

    def test_nodata_does_not_move_the_stretch(self, write_raster: Write) -> None:
        values = ramp(101, dtype="int16").copy()
        values[:, 2:] = -9999
        assert open_raster(write_raster(values, nodata=-9999)).stretch[0] == pytest.approx((2, 98))

    def test_nan_does_not_move_the_stretch(self, write_raster: Write) -> None:
        values = ramp(101, dtype="float32").copy()
        values[:, 2:] = np.nan
        assert open_raster(write_raster(values)).stretch[0] == pytest.approx((2, 98))

    def test_the_callers_stretch_is_kept(self, write_raster: Write) -> None:
        assert open_raster(write_raster(ramp()), stretch=[(3, 9)]).stretch == ((3.0, 9.0),)

    @pytest.mark.parametrize("stretch", [[(0, 1), (0, 1)], [(0, float("nan"))]])
    def test_a_stretch_for_other_bands_is_a_problem(self, write_raster: Write, stretch: list[tuple[float, float]]) -> None:
        with pytest.raises(RequestInvalid):
            open_raster(write_raster(ramp()), stretch=stretch)


class TestValidity:
    def test_nodata_is_invalid_and_black(self, write_raster: Write) -> None:
        rgb, valid = whole(open_raster(write_raster(ramp(4), nodata=3), stretch=PLAIN))
        assert valid[0].tolist() == [True, True, True, False]
        assert rgb[0, :, 0].tolist() == [0, 1, 2, 0]

    def test_a_colour_that_has_nodata_in_one_band_only_is_valid(self, write_raster: Write) -> None:
        values = np.array([0, 5, 5], "uint8").reshape(3, 1, 1) * np.ones((1, 4, 4), "uint8")
        assert whole(open_raster(write_raster(values, nodata=0)))[1].all()

    def test_nan_is_invalid(self, write_raster: Write) -> None:
        _, valid = whole(open_raster(write_raster(np.array([[[0, 1, np.nan, 2]] * 4], "float32"))))
        assert valid[0].tolist() == [True, True, False, True]

    def test_an_internal_mask_is_obeyed(self, write_raster: Write) -> None:
        mask = np.ones((8, 16), bool)
        mask[:, :4] = False
        _, valid = whole(open_raster(write_raster(np.ones((3, 8, 16), "uint8"), mask=mask)))
        assert (valid == mask).all()

    def test_what_alpha_hides_is_invalid(self, write_raster: Write) -> None:
        values = np.full((4, 4, 4), 200, "uint8")
        values[3, :, 1] = 0
        raster = open_raster(write_raster(values, photometric="RGB", alpha="YES"))
        assert raster.bands == (1, 2, 3)
        assert whole(raster)[1][0].tolist() == [True, False, True, True]

    def test_a_raster_of_nothing_but_nodata_opens_and_is_all_invalid(self, write_raster: Write) -> None:
        rgb, valid = whole(open_raster(write_raster(np.zeros((3, 8, 8), "uint8"), nodata=0)))
        assert not valid.any()
        assert not rgb.any()

    def test_nodata_does_not_darken_its_neighbours_when_seen_from_afar(self, write_raster: Write) -> None:
        values = np.full((1, 8, 8), 200, "uint8")
        values[:, :, 1] = 0
        pixels = open_raster(write_raster(values, nodata=0), stretch=PLAIN).read(0, 0, 8, 8, 2, 2)
        assert np.unique(pixels.rgb).tolist() == [200]
        assert pixels.valid.all()


class TestWindows:
    def test_a_window_inside_is_its_pixels(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp()), stretch=PLAIN)
        assert raster.read(4, 2, 3, 2, 3, 2).rgb[..., 0].tolist() == [[4, 5, 6], [4, 5, 6]]

    def test_a_window_over_the_border_repeats_the_edge_and_is_invalid_there(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp() + np.uint8(1)), stretch=PLAIN)
        pixels = raster.read(-2, -1, 4, 2, 4, 2)
        assert pixels.rgb[..., 0].tolist() == [[1, 1, 1, 2], [1, 1, 1, 2]]
        assert pixels.valid.tolist() == [[False] * 4, [False, False, True, True]]

    def test_a_window_outside_is_empty(self, write_raster: Write) -> None:
        pixels = open_raster(write_raster(ramp())).read(100, 100, 8, 8, 8, 8)
        assert not pixels.valid.any()

    def test_down_sampling_averages(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp(16, dtype="float32")), stretch=PLAIN)
        assert raster.read(0, 0, 16, 8, 4, 2).rgb[0, :, 0].tolist() == [2, 6, 10, 14]  # 1.5, 5.5, ... rounded up

    def test_down_sampling_at_the_border_does_not_shift(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp(13, dtype="float32") * 4), stretch=PLAIN)
        pixels = raster.read(0, 0, 32, 8, 4, 1)
        assert pixels.rgb[0, :2, 0].tolist() == [14, 40]  # the means of 0..7 and of 8..12, times four
        assert pixels.valid[0].tolist() == [True, True, False, False]

    def test_up_sampling_keeps_its_place(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp(64, dtype="float32") * 4), stretch=PLAIN)
        columns = raster.read(16, 0, 8, 8, 32, 32).rgb[16, :, 0].astype(float)
        expected = (16 + (np.arange(32) + 0.5) / 4 - 0.5) * 4
        assert np.abs(columns - expected).max() <= 1

    def test_neighbouring_views_agree_when_enlarged(self, write_raster: Write) -> None:
        values = np.random.default_rng(0).integers(0, 255, (1, 32, 64), "uint8")
        raster = open_raster(write_raster(values), stretch=PLAIN)
        wide = raster.read(0, 0, 64, 32, 256, 128).rgb
        left, right = raster.read(0, 0, 32, 32, 128, 128).rgb, raster.read(32, 0, 32, 32, 128, 128).rgb
        assert np.abs(np.concatenate([left, right], axis=1).astype(int) - wide).max() <= 1

    def test_neighbouring_views_agree_when_reduced(self, write_raster: Write) -> None:
        values = np.random.default_rng(0).integers(0, 255, (3, 64, 128), "uint8")
        raster = open_raster(write_raster(values), stretch=PLAIN * 3)
        wide = raster.read(0, 0, 128, 64, 32, 16).rgb
        left, right = raster.read(0, 0, 64, 64, 16, 16).rgb, raster.read(64, 0, 64, 64, 16, 16).rgb
        assert (np.concatenate([left, right], axis=1) == wide).all()


class TestPlace:
    @pytest.mark.parametrize(
        "transform",
        [
            Affine(0.5, 0, 350000, 0, -0.5, 3060000),
            Affine(0.5, 0, 350000, 0, 0.5, 3060000),
            Affine.translation(350000, 3060000) @ Affine.rotation(30) @ Affine.scale(0.5, -0.5),
            Affine.translation(350000, 3060000) @ Affine.shear(20, 0) @ Affine.scale(0.5, -0.5),
        ],
        ids=["north-up", "south-up", "rotated", "sheared"],
    )
    def test_pixels_and_map_are_inverse_whatever_the_transform(self, write_raster: Write, transform: Affine) -> None:
        raster = open_raster(write_raster(ramp(), transform=transform))
        assert raster.to_map(2, 3) == pytest.approx(transform @ (2, 3))
        assert raster.to_pixel(*raster.to_map(2.25, 3.5)) == pytest.approx((2.25, 3.5), abs=1e-6)
        assert raster.gsd == pytest.approx(0.5, rel=0.01)
        assert raster.pixel_size == pytest.approx(0.5)

    def test_degrees_have_a_ground_sample_distance_in_metres(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp(), crs="EPSG:4326", transform=Affine(1e-5, 0, 85, 0, -1e-5, 0)))
        assert raster.gsd == pytest.approx(1.11, abs=0.01)
        assert raster.pixel_area == pytest.approx(1.23, abs=0.01)

    def test_without_georeference_x_is_the_column_and_y_the_row_downwards(self, write_raster: Write) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path = write_raster(ramp(), crs=None, transform=None)
        raster = open_raster(path)
        assert raster.crs is None
        assert raster.gsd is None
        assert raster.to_map(2, 3) == (2, -3)
        assert raster.square_metres(box(0, -4, 4, 0)) == 16

    def test_without_a_crs_areas_are_in_square_pixels(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp(), crs=None))
        assert raster.square_metres(box(0, 0, 2, 2)) == 16
        assert raster.pixel_area == 1

    def test_a_point_knows_whether_it_lies_in_the_raster(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp(16, 8)))
        assert raster.contains(0, 0)
        assert raster.contains(15.9, 7.9)
        assert not raster.contains(16, 4)
        assert not raster.contains(4, -0.1)


class TestBadFiles:
    def test_a_missing_file_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(RasterMissing):
            open_raster(tmp_path / "none.tif")

    def test_a_text_file_is_unreadable(self, tmp_path: Path) -> None:
        (tmp_path / "a.tif").write_text("no raster")
        with pytest.raises(RasterUnreadable):
            open_raster(tmp_path / "a.tif")

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
    def test_a_truncated_file_is_unreadable_and_never_made_up(self, write_raster: Write, share: float) -> None:
        path = write_raster(np.random.default_rng(0).integers(0, 255, (3, 256, 256), "uint8"), compress="deflate", tiled=True)
        os.truncate(path, int(os.path.getsize(path) * share))
        with pytest.raises(RasterUnreadable):
            whole(open_raster(path))

    def test_a_file_deleted_after_opening_is_missing(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(ramp()))
        os.remove(raster.path)
        with pytest.raises(RasterMissing):
            whole(raster)

    def test_a_file_truncated_after_opening_is_unreadable(self, write_raster: Write) -> None:
        raster = open_raster(write_raster(np.random.default_rng(0).integers(0, 255, (3, 512, 512), "uint8")))
        os.truncate(raster.path, 1000)
        with pytest.raises(RasterUnreadable):
            whole(raster)

    def test_complex_numbers_cannot_be_shown(self, write_raster: Write) -> None:
        with pytest.raises(RasterUnreadable):
            open_raster(write_raster(np.zeros((1, 4, 4), "complex64")))

    def test_a_path_may_have_spaces_and_umlauts(self, write_raster: Write) -> None:
        assert whole(open_raster(write_raster(ramp(), name="grüne Felder/ein Bild.tif")))[1].all()


class TestBigRasters:
    SIDE = 20_000

    @pytest.fixture
    def big(self, tmp_path: Path) -> str:
        """A sparse file: 1.2 GB of pixels, of which one tile is written."""
        path = str(tmp_path / "big.tif")
        profile = {"driver": "GTiff", "count": 3, "height": self.SIDE, "width": self.SIDE, "dtype": "uint8", "crs": "EPSG:32645"}
        place = Affine(0.5, 0, 350000, 0, -0.5, 3060000)
        with rasterio.open(path, "w", transform=place, tiled=True, sparse_ok=True, **profile) as dataset:
            dataset.write(np.full((3, 256, 256), 200, "uint8"), window=Window(10240, 10240, 256, 256))
        return path

    def test_any_window_is_read_without_reading_the_rest(self, big: str) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        raster = open_raster(big)
        near = raster.read(10240, 10240, 256, 256, 256, 256)
        far = raster.read(0, 0, self.SIDE, self.SIDE, 256, 256)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        assert near.rgb.any()
        assert far.valid.all()
        assert grown < 400, f"{grown:.0f} MB"


SCENES = Path(__file__).parents[3] / "shared" / "scenes"


@pytest.mark.skipif(not SCENES.is_dir(), reason="the real scenes are not at ../shared/scenes")
@pytest.mark.parametrize("path", sorted(SCENES.rglob("*.tif")), ids=lambda path: path.stem)
def test_a_real_scene_opens_and_shows_something(path: Path) -> None:
    raster = open_raster(path)
    pixels = raster.read(0, 0, raster.width, raster.height, 256, 256)
    assert pixels.valid.any()
    assert np.ptp(pixels.rgb) > 100
