"""How much ground pixels cover, row by row."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS
from shapely.geometry import box

from rasterscribe.models.ground import square_metres
from rasterscribe.models.landcover.row_areas import row_areas

DEGREES, METRES = CRS.from_epsg(4326), CRS.from_epsg(32645)


def test_without_a_crs_a_pixel_is_a_square() -> None:
    assert row_areas(Affine.scale(1, -1), 5, 3, None, 4.0).tolist() == [4, 4, 4]


@pytest.mark.parametrize("height", [200, 3000])
def test_on_a_raster_in_degrees_rows_add_up_to_its_ground(height: int) -> None:
    step = 10 / height
    areas = row_areas(Affine(step, 0, 20, 0, -step, 60), 40, height, DEGREES)
    # meridians and the equator are geodesics, parallels are not: so the narrow column is what can be compared
    column = square_metres(box(20, 50, 20 + step, 60), DEGREES)
    assert areas.sum() == pytest.approx(column, rel=1e-5)
    assert areas[0] < areas[-1]


def test_in_metres_a_pixel_is_about_as_large_as_it_says() -> None:
    areas = row_areas(Affine(0.5, 0, 350000, 0, -0.5, 3060000), 400, 300, METRES)
    assert np.allclose(areas, 0.25, rtol=2e-3)


def test_a_turned_raster_has_pixels_of_the_same_size() -> None:
    turned = Affine.translation(350000, 3060000) @ Affine.rotation(30) @ Affine.scale(0.5, -0.5)
    assert np.allclose(row_areas(turned, 400, 300, METRES), 0.25, rtol=2e-3)
