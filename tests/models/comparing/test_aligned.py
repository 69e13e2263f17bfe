"""A raster as the pixels of another grid show it, measured on waves of which every point is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS, Transformer
from scipy import ndimage

from rasterscribe.models.comparing.aligned import Aligned
from rasterscribe.models.pixel_grid import PixelGrid
from rasterscribe.models.raster import open_raster

Write = Callable[..., str]
HERE = Affine(0.5, 0, 350000, 0, -0.5, 3060000)
METRES, DEGREES = "EPSG:32645", "EPSG:4326"
SIDE = 160
GRID = PixelGrid(SIDE, SIDE, HERE, CRS(METRES))


def waves(transform: Affine, side: int = SIDE, crs: str = METRES) -> np.ndarray:
    """uint8 (3, side, side): what a raster of a transform shows of waves on the map, 12 to 20 pixels of the grid long."""
    cols, rows = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    x, y = transform @ (cols, rows)
    if crs != METRES:
        x, y = Transformer.from_crs(crs, METRES, always_xy=True).transform(x, y)
    one, other = 2 * np.pi * (x - 350000) / 6, 2 * np.pi * (y - 3060000) / 10
    return np.stack([127 + 100 * np.sin(one + band) * np.cos(other) for band in range(3)]).round().astype("uint8")


def aligned(write: Write, transform: Affine, side: int = SIDE, crs: str = METRES, shift: tuple[float, float] = (0, 0)) -> Aligned:
    path = write(waves(transform, side, crs), transform=transform, crs=crs)
    return Aligned(open_raster(path, stretch=[(0, 255)] * 3), GRID, shift)


def worst(seen: Aligned, truth: np.ndarray, pixel: int = 1) -> float:
    """The largest difference, in levels, away from the raster's border and the window's."""
    side = SIDE // pixel
    pixels = seen.read(0, 0, SIDE, SIDE, side, side)
    inner = ndimage.binary_erosion(pixels.valid, iterations=6 // pixel + 2)
    assert inner.sum() > side * side / 4
    return float(np.abs(pixels.rgb - np.moveaxis(truth, 0, -1).astype(float)).max(axis=-1)[inner].max())


def to_degrees() -> Affine:
    west, north = Transformer.from_crs(METRES, DEGREES, always_xy=True).transform(350000 - 10, 3060000 + 10)
    return Affine(0.5 / 98500, 0, west, 0, -0.5 / 110800, north)


@pytest.mark.parametrize(
    ("transform", "side", "crs", "off"),
    [
        (HERE, SIDE, METRES, 0),
        (HERE @ Affine.translation(-7, -3), SIDE + 20, METRES, 0),
        (HERE @ Affine.translation(-7.4, -3.7), SIDE + 20, METRES, 3),
        (HERE @ Affine.scale(0.98), SIDE + 20, METRES, 3),
        (HERE @ Affine.scale(0.5), 2 * SIDE, METRES, 4),
        (HERE @ Affine.translation(-3.3, -2.2) @ Affine.scale(0.3), 4 * SIDE, METRES, 6),
        (HERE @ Affine.translation(-4.5, -4.5) @ Affine.scale(2), SIDE, METRES, 8),
        (HERE @ Affine.translation(0, SIDE) @ Affine.scale(1, -1), SIDE, METRES, 2),
        (HERE @ Affine.translation(50, -60) @ Affine.rotation(30), 2 * SIDE, METRES, 4),
        (HERE @ Affine.translation(50, -60) @ Affine.rotation(30) @ Affine.scale(0.4), 5 * SIDE, METRES, 6),
        (to_degrees(), 2 * SIDE, DEGREES, 4),
    ],
    ids=["same", "cut", "between pixels", "nearly as large", "half", "a third", "double", "mirrored", "turned", "turned, finer", "degrees"],
)
def test_every_grid_shows_the_same_ground(write_raster: Write, transform: Affine, side: int, crs: str, off: int) -> None:
    assert worst(aligned(write_raster, transform, side, crs), waves(HERE)) <= off


@pytest.mark.parametrize("shift", [(3, -2), (0.6, 1.3)])
def test_a_shift_looks_to_the_right_and_down(write_raster: Write, shift: tuple[float, float]) -> None:
    assert worst(aligned(write_raster, HERE, shift=shift), waves(HERE @ Affine.translation(*shift))) <= 3


@pytest.mark.parametrize("crs", [METRES, DEGREES])
def test_windows_fit_together(write_raster: Write, crs: str) -> None:
    transform = HERE @ Affine.translation(40, -50) @ Affine.rotation(20) if crs == METRES else to_degrees()
    seen = aligned(write_raster, transform, 2 * SIDE, crs)
    whole = seen.read(0, 0, SIDE, SIDE, SIDE, SIDE).rgb.astype(int)
    parts = np.concatenate([seen.read(0, row, SIDE, 40, SIDE, 40).rgb for row in range(0, SIDE, 40)])
    assert np.abs(whole - parts).max() <= 2


def test_from_afar_it_is_averaged(write_raster: Write) -> None:
    seen = aligned(write_raster, HERE @ Affine.translation(40, -50) @ Affine.rotation(20), 2 * SIDE)
    assert worst(seen, waves(HERE).reshape(3, 80, 2, 80, 2).mean(axis=(2, 4)), 2) < 12


@pytest.mark.parametrize("crs", [METRES, DEGREES])
def test_what_lies_beyond_the_raster_is_not_valid(write_raster: Write, crs: str) -> None:
    seen = aligned(write_raster, HERE @ Affine.rotation(5) if crs == METRES else to_degrees(), 40, crs)
    far = seen.read(5000, 5000, 32, 32, 32, 32)
    assert not far.valid.any()
    assert far.rgb.shape == (32, 32, 3)
    assert not seen.read(0, 0, SIDE, SIDE, SIDE, SIDE).valid[-20:, -20:].any()


def test_nodata_does_not_bleed(write_raster: Write) -> None:
    values = np.full((3, SIDE, SIDE), 200, "uint8")
    values[:, 60:80, 60:80] = 0
    path = write_raster(values, transform=HERE @ Affine.translation(80, -30) @ Affine.rotation(30), nodata=0)
    pixels = Aligned(open_raster(path, stretch=[(0, 255)] * 3), GRID).read(0, 0, SIDE, SIDE, SIDE, SIDE)
    assert pixels.valid.any() and not pixels.valid.all()
    assert set(np.unique(pixels.rgb[pixels.valid])) <= {199, 200, 201}
    assert not pixels.rgb[~pixels.valid].any()
