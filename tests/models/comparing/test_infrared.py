"""Which bands are green and near infrared."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import rasterio

from rasterscribe.models.comparing.infrared import infrared_note, water_bands
from rasterscribe.models.comparing.pair import open_pair
from rasterscribe.models.errors import BandsUnknown, RequestInvalid
from rasterscribe.models.protocol import Open
from rasterscribe.tests.models.comparing.grounds import ground

Write = Callable[..., str]
COLOURS = ground(120, 120)
INFRARED = ground(120, 120, seed=5)[:1]
SEEN = np.concatenate([COLOURS, INFRARED])  # three bands that go together, and one that does not


def found(before: str, after: str, asked: tuple[int, ...] = (), shown: tuple[int, ...] = ()) -> object:
    pair = open_pair(Open(before, shown), Open(after, shown))
    try:
        return water_bands(pair, asked)
    finally:
        pair.close()


def written(write: Write, values: np.ndarray, names: tuple[str, ...] = (), alpha: bool = False) -> tuple[str, ...]:
    paths = tuple(write(values, name, photometric="MINISBLACK") for name in ("before.tif", "after.tif"))
    for path in paths:
        with rasterio.open(path, "r+") as dataset:
            if names:
                dataset.descriptions = names
            if alpha:
                dataset.colorinterp = [*dataset.colorinterp[:3], rasterio.enums.ColorInterp.alpha]
    return paths


def test_a_fourth_band_that_stands_apart_from_three_colours_is_infrared(write_raster: Write) -> None:
    assert found(*written(write_raster, SEEN)) == ((2, 4), (2, 4))


@pytest.mark.parametrize(
    "values",
    [COLOURS, SEEN[[3, 0, 1, 2]], SEEN[[0, 3, 1, 2]], np.concatenate([SEEN, INFRARED])],
    ids=["three", "first", "second", "five"],
)
def test_bands_in_another_order_or_number_are_not_guessed_at(write_raster: Write, values: np.ndarray) -> None:
    assert found(*written(write_raster, values)) is None


def test_how_opaque_pixels_are_is_no_light(write_raster: Write) -> None:
    opaque = np.full((1, 120, 120), 255, np.uint8)
    opaque[:, :40] = 0
    assert found(*written(write_raster, np.concatenate([COLOURS, opaque]))) is None
    assert found(*written(write_raster, SEEN, alpha=True)) is None


@pytest.mark.parametrize(
    ("names", "bands"),
    [
        (("Red", "Green", "Blue", "NIR"), (2, 4)),
        (("Blue", "Green", "Red", "Near-Infrared"), (2, 4)),
        (("near_infrared", "red", "green", "blue"), (3, 1)),
        (("B2", "B3", "B4", "B8"), (2, 4)),
        (("B08", "B04", "B03", "B02"), (3, 1)),
    ],
)
def test_bands_that_say_what_they_are_are_believed(write_raster: Write, names: tuple[str, ...], bands: tuple[int, int]) -> None:
    assert found(*written(write_raster, SEEN, names)) == (bands, bands)


def test_bands_that_are_named_are_taken_and_none_is_none(write_raster: Write) -> None:
    paths = written(write_raster, SEEN)
    assert found(*paths, asked=(0,)) is None and found(*paths, asked=(4, 0)) is None
    assert found(*paths, asked=(4, 1)) == ((2, 4), (3, 1))
    with pytest.raises(BandsUnknown, match="Band 5"):
        found(*paths, asked=(5,))
    with pytest.raises(RequestInvalid):
        found(*paths, asked=(4, 4, 4))


def test_where_infrared_is_shown_as_a_colour_green_is_the_last_of_the_others(write_raster: Write) -> None:
    paths = written(write_raster, SEEN)
    assert found(*paths, asked=(4,), shown=(4, 1, 2)) == ((2, 4), (2, 4))
    assert found(*paths, asked=(4,), shown=(4, 3, 2)) == ((2, 4), (2, 4))
    assert found(*paths, asked=(4,), shown=(3, 2, 1)) == ((2, 4), (2, 4))


def test_the_analyst_hears_what_was_taken() -> None:
    assert infrared_note(((2, 4), (2, 4)), True) == "Band 4 of both rasters was taken for near infrared: water was told by it."
    assert "Bands 4 (before) and 8 (after)" in infrared_note(((2, 4), (3, 8)), True)
    assert "told by the colours" in infrared_note(((2, 4), (2, 4)), False)
