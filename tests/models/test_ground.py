"""Areas are measured on the Earth, not on the map."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS
from shapely.geometry import box

from rasterscribe.models.ground import areas, ground_sample_distance, square_metres


def test_a_hectare_in_utm_is_a_hectare_up_to_the_scale_of_the_projection() -> None:
    assert square_metres(box(500000, 5e6, 500100, 5e6 + 100), CRS("EPSG:32645")) == pytest.approx(10000 / 0.9996**2, rel=1e-5)


def test_web_mercator_does_not_double_what_lies_at_45_degrees() -> None:
    square = box(0, 5621521, 100, 5621621)
    assert square_metres(square, CRS("EPSG:3857")) == pytest.approx(5000, rel=0.01)


def test_degrees_become_metres() -> None:
    assert square_metres(box(0, 0, 0.001, 0.001), CRS("EPSG:4326")) == pytest.approx(111.32 * 110.57, rel=1e-3)


def test_feet_become_metres() -> None:
    feet = square_metres(box(600000, 200000, 600100, 200100), CRS("EPSG:2263"))
    assert feet == pytest.approx(10000 * 0.3048**2, rel=1e-3)


def test_a_hole_is_not_counted() -> None:
    ring = box(500000, 5e6, 500100, 5e6 + 100).difference(box(500025, 5e6 + 25, 500075, 5e6 + 75))
    assert square_metres(ring, CRS("EPSG:32645")) == pytest.approx(7500 / 0.9996**2, rel=1e-4)


def test_a_local_crs_is_measured_in_its_plane() -> None:
    assert square_metres(box(0, 0, 10, 10), CRS.from_wkt('LOCAL_CS["site",UNIT["metre",1]]')) == pytest.approx(100)


def test_the_ground_sample_distance_of_half_a_metre_is_half_a_metre() -> None:
    assert ground_sample_distance(Affine(0.5, 0, 500000, 0, -0.5, 5e6), 100, 100, CRS("EPSG:32645")) == pytest.approx(0.5, rel=1e-3)


def test_without_a_crs_there_is_no_ground_sample_distance() -> None:
    assert ground_sample_distance(Affine.identity(), 100, 100, None) is None


def test_areas_of_many_are_those_of_each() -> None:
    utm, degrees = CRS.from_epsg(32651), CRS.from_epsg(4326)
    house, county = box(500_000, 1_500_000, 500_020, 1_500_010), box(500_000, 1_500_000, 560_000, 1_580_000)
    assert areas(np.array([house, county]), utm) == pytest.approx([square_metres(one, utm) for one in (house, county)], rel=1e-7)
    small = box(124, 13, 124.001, 13.002)
    assert areas(np.array([small]), degrees) == pytest.approx([square_metres(small, degrees)])
    assert areas(np.array([], object), utm).shape == (0,)


def test_what_reaches_a_little_beyond_the_pole_ends_at_it() -> None:
    degrees = CRS("EPSG:4326")
    beyond, up_to = box(10, 89, 11, 90.01), box(10, 89, 11, 90)
    assert square_metres(beyond, degrees) == pytest.approx(square_metres(up_to, degrees))
    assert areas(np.array([beyond]), degrees) == pytest.approx([square_metres(up_to, degrees)])
