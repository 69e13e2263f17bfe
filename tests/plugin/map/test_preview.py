"""What the canvas shows, looked at in pixels where that is what counts."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor

from rasterscribe.plugin.map.preview import Preview

SQUARE = "POLYGON((-50 -50, 50 -50, 50 50, -50 50, -50 -50), (-10 -10, -10 10, 10 10, 10 -10, -10 -10))"
ORANGE = QColor("#e4572e")


@pytest.fixture
def preview(window):
    preview = Preview(window.canvas)
    yield preview
    preview.remove()


def colour_at(window, x: int, y: int) -> QColor:
    """Of a map coordinate on the canvas as it is on the screen."""
    return window.canvas.viewport().grab().toImage().pixelColor(200 + x, 150 - y)


@pytest.mark.parametrize("ground", ["#101010", "#f0f0f0"])
def test_the_pending_outline_is_filled_half_and_has_a_halo_on_dark_and_bright_ground(window, preview, ground):
    window.canvas.setCanvasColor(QColor(ground))
    preview.show_pending(QgsGeometry.fromWkt(SQUARE), ORANGE)
    inside, halo, edge = colour_at(window, 30, 0), colour_at(window, 51, 25), colour_at(window, 50, 25)
    assert abs(inside.red() - (QColor(ground).red() + ORANGE.red()) // 2) <= 2
    assert min(halo.red(), halo.green(), halo.blue()) > 150
    assert edge == ORANGE
    assert colour_at(window, 0, 0) == QColor(ground)  # the hole


def test_hover_is_dashed_and_unfilled(window, preview):
    window.canvas.setCanvasColor(QColor("#808080"))
    preview.show_hover(QgsGeometry.fromWkt(SQUARE))
    border = {colour_at(window, x, 50).name() for x in range(-40, 40)}
    assert colour_at(window, 30, 0) == QColor("#808080")
    assert len(border) > 1


def test_a_multipolygon_is_shown_whole(window, preview):
    window.canvas.setCanvasColor(QColor("#000000"))
    preview.show_pending(
        QgsGeometry.fromWkt("MULTIPOLYGON(((-60 0, -20 0, -20 40, -60 40, -60 0)), ((20 0, 60 0, 60 40, 20 40, 20 0)))"), ORANGE
    )
    assert colour_at(window, -40, 20).red() > 50 and colour_at(window, 40, 20).red() > 50
    assert colour_at(window, 0, 20).red() == 0


def test_clicks_have_a_plus_or_a_minus(window, preview):
    preview.show_prompts([(QgsPointXY(0, 0), True), (QgsPointXY(60, 0), False)], QgsRectangle(-80, -80, 80, 80))
    assert colour_at(window, 0, 3) == QColor("#ffffff")
    assert colour_at(window, 60, 3) == QColor("#d73027")
    assert colour_at(window, 63, 0) == QColor("#ffffff")


def test_marks_move_with_the_map(window, preview):
    preview.show_prompts([(QgsPointXY(0, 0), True)])
    window.canvas.setCenter(QgsPointXY(-100, 0))
    assert colour_at(window, 104, 3) == QColor("#1a9850")


def test_clear_takes_everything_off(window, preview):
    bare = window.canvas.viewport().grab().toImage()
    preview.show_pending(QgsGeometry.fromWkt(SQUARE), ORANGE)
    preview.show_hover(QgsGeometry.fromWkt(SQUARE))
    preview.show_prompts([(QgsPointXY(0, 0), True)], QgsRectangle(0, 0, 10, 10))
    preview.clear()
    assert window.canvas.viewport().grab().toImage() == bare


def test_a_new_project_crs_takes_the_preview_along(window, preview):
    preview.show_pending(QgsGeometry.fromWkt("POLYGON((0 0, 111319.49 0, 111319.49 111325.14, 0 111325.14, 0 0))"), ORANGE)
    preview.show_prompts([(QgsPointXY(111319.49, 0), True)])
    window.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    window.canvas.setExtent(QgsRectangle(-2, -1.5, 2, 1.5))  # 0.01 degrees a pixel
    window.canvas.setCanvasColor(QColor("#000000"))
    assert colour_at(window, 50, 50).red() > 50
    assert colour_at(window, 130, 50).red() == 0
    assert colour_at(window, 100 + 4, 3) == QColor("#1a9850")


def test_what_has_no_place_in_the_new_crs_is_not_shown(window, preview):
    preview.show_prompts([(QgsPointXY(float("inf"), 0), True), (QgsPointXY(0, 0), True)])
    window.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    window.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))


def test_without_a_crs_nothing_is_moved(window, preview):
    preview.show_pending(QgsGeometry.fromWkt(SQUARE), ORANGE)
    window.canvas.setDestinationCrs(QgsCoordinateReferenceSystem())
    window.canvas.setExtent(QgsRectangle(-200, -150, 200, 150))
    window.canvas.setCanvasColor(QColor("#000000"))
    assert colour_at(window, 30, 0).red() > 50


def test_calls_after_the_canvas_is_gone_do_nothing(qgis_app):
    canvas = QgsMapCanvas()
    preview = Preview(canvas)
    preview.show_prompts([(QgsPointXY(0, 0), True)])
    preview.show_pending(QgsGeometry.fromWkt(SQUARE), ORANGE)
    sip.delete(canvas)
    preview.show_hover(QgsGeometry.fromWkt(SQUARE))
    preview.show_pending(None, ORANGE)
    preview.show_prompts([(QgsPointXY(0, 0), True)])
    preview.clear()
    preview.remove()


def test_remove_leaves_the_canvas_as_it_was(window):
    before = len(window.canvas.scene().items())
    preview = Preview(window.canvas)
    preview.show_prompts([(QgsPointXY(0, 0), True)])
    preview.remove()
    preview.show_pending(QgsGeometry.fromWkt(SQUARE), ORANGE)
    assert len(window.canvas.scene().items()) == before
