"""On the ground's plane metres are metres and north is north, wherever the scene lies and however large it is."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer
from shapely.geometry import LineString, Point, box

from rasterscribe.models.selection.metric import Ground

DEGREES = CRS("EPSG:4326")
ELLIPSOID = Geod(ellps="WGS84")
DIRECTIONS = np.arange(0, 360, 30)


def around(lon: float, lat: float, metres: float) -> tuple[np.ndarray, np.ndarray]:
    """Points (12,) in degrees that far from a point, one in every direction of DIRECTIONS."""
    ends = [ELLIPSOID.fwd(lon, lat, azimuth, metres)[:2] for azimuth in DIRECTIONS]
    return np.array([Point(lon, lat)] * len(ends)), np.array([Point(end) for end in ends])


def measured(ground: Ground, here: np.ndarray, there: np.ndarray) -> np.ndarray:
    one, other = shapely.get_coordinates(ground.of(here)), shapely.get_coordinates(ground.of(there))
    return np.hypot(*(one - other).T) / ground.scale((one + other) / 2)


@pytest.mark.parametrize("place", [(85.5, 27.6), (85.5, 62.0), (100.0, 27.6), (130.0, 40.0), (179.99, -16.0), (20.0, 89.0), (0.0, 0.0)])
@pytest.mark.parametrize("metres", [10, 1000, 20_000])
def test_a_distance_is_right_in_every_direction_far_from_the_middle_too(place: tuple[float, float], metres: float) -> None:
    ground = Ground(DEGREES, (85.5, 27.6), 10.0)
    assert measured(ground, *around(*place, metres)) == pytest.approx(metres, rel=0.004)


def test_a_crs_in_feet_is_measured_in_metres() -> None:
    feet = CRS("EPSG:2263")  # New York, US survey feet
    ground = Ground(feet, (1_000_000, 200_000), 0.3)
    here, there = np.array([Point(1_000_000, 200_000)]), np.array([Point(1_000_328, 200_000)])
    assert measured(ground, here, there) == pytest.approx(100, rel=0.001)


@pytest.mark.parametrize("epsg", [4326, 32645, 3857, 32601, 5070])
def test_north_is_true_north_whatever_the_crs(epsg: int) -> None:
    crs = CRS(epsg)
    here, there = around(84.0, 28.0, 500)
    onto = Transformer.from_crs(DEGREES, crs, always_xy=True)
    here, there = (shapely.transform(points, onto.transform, interleaved=False) for points in (here, there))
    ground = Ground(crs, (here[0].x + 1, here[0].y), 1.0)
    bearings = ground.bearings(shapely.get_coordinates(ground.of(here)), shapely.get_coordinates(ground.of(there)))
    assert (bearings - DIRECTIONS + 180) % 360 - 180 == pytest.approx(0, abs=0.2)


def test_a_place_has_no_direction_from_itself() -> None:
    ground = Ground(DEGREES, (85.5, 27.6), 10.0)
    assert np.isnan(ground.bearings(np.zeros((1, 2)), np.zeros((1, 2)))).all()


def test_without_a_crs_a_pixel_is_the_metre_and_the_top_is_north() -> None:
    ground = Ground(None, (0, 0), 0.25)
    assert ground.pixel == 1
    assert measured(ground, np.array([Point(0, 0)]), np.array([Point(0, 1)])) == pytest.approx(4)
    assert ground.bearings(np.array([[0.0, 0.0]] * 2), np.array([[0.0, 1.0], [1.0, 0.0]])) == pytest.approx([0, 90])


def test_a_long_edge_stays_where_it_is_straight_on_the_map() -> None:
    parallel = np.array([LineString([(80, 60), (81, 60)])])
    ground = Ground(DEGREES, (80.5, 60), 10.0)
    between = ground.of(np.array([Point(80.5, 60)]))
    assert shapely.distance(ground.of(parallel), between) == pytest.approx(0, abs=0.1)  # its ends alone would be 115 m off


def test_what_has_no_place_on_the_ground_is_none() -> None:
    ground = Ground(DEGREES, (85.5, 27.6), 1.0)
    placed = ground.of(np.array([box(0, 95, 1, 96), box(85, 27, 86, 28), None], object))
    assert [one is None for one in placed] == [True, False, True]
