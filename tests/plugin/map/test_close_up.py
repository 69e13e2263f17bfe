"""How near the map goes to an object: small ones with much around them, large ones whole, and all at few scales."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QSize

from rasterscribe.plugin.map.close_up import close_up, moved, pixel_at

CANVAS = QSize(800, 600)
UTM, DEGREES = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326")


def view(side: float, pixel: float = 1.0) -> QgsRectangle:
    """Of a square object at 0, 0."""
    return close_up(QgsRectangle(-side / 2, -side / 2, side / 2, side / 2), pixel, CANVAS)


@pytest.mark.parametrize("side", [0.0, 1.0, 10.0, 100.0, 1_000.0, 30_000.0])
def test_an_object_is_seen_whole_with_its_surroundings_in_the_middle(side: float) -> None:
    seen = view(side)
    assert seen.center().distance(0, 0) < 1e-6 and seen.width() / seen.height() == pytest.approx(800 / 600)
    assert seen.height() >= side + 2 * 32


def test_a_small_object_is_not_blown_up_beyond_eight_screen_pixels_a_pixel() -> None:
    assert view(1).width() == pytest.approx(100) and view(0.01).width() == pytest.approx(100)


def test_a_large_object_fills_most_of_the_view() -> None:
    assert 10_000 / view(10_000).height() > 0.45


def test_objects_of_about_one_size_are_seen_at_one_scale() -> None:
    assert len({round(view(side).width(), 6) for side in (20, 22, 25, 27)}) == 1


def test_the_scale_follows_the_rasters_pixels() -> None:
    assert view(10, pixel=1.0).width() == pytest.approx(view(1, pixel=0.1).width() * 10)


def test_a_rasters_pixel_is_known_in_another_crs(qgis_app, write_raster) -> None:
    layer = QgsRasterLayer(str(write_raster()), "town")  # 1 m at 45 degrees north
    here = QgsRectangle(15.0, 45.15, 15.0001, 45.1501)
    assert 0.9e-5 < pixel_at(layer, here, DEGREES) < 1.3e-5
    assert pixel_at(layer, layer.extent(), UTM) == pytest.approx(1.0)
    assert pixel_at(None, QgsRectangle(0, 0, 64, 64), UTM) == 1.0


def test_without_a_crs_geometries_stay_where_they_are(qgis_app) -> None:
    point = QgsGeometry.fromWkt("POINT(3 4)")
    assert moved(point, QgsCoordinateReferenceSystem(), UTM).asWkt() == point.asWkt()
    assert moved(QgsGeometry.fromWkt("POINT(15 45)"), DEGREES, UTM).asPoint().x() == pytest.approx(500_000)
