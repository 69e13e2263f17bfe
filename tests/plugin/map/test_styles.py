"""Colours by class that respect what the user styled himself."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFillSymbol, QgsSingleSymbolRenderer, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from rasterscribe.plugin.map.results import make_table, open_table
from rasterscribe.plugin.map.styles import save_style, style_by_class

RED, BLUE, GREEN = QColor("#d7191c"), QColor("#2b83ba"), QColor("#1a9641")


@pytest.fixture
def layer(qgis_app, tmp_path) -> QgsVectorLayer:
    path, crs = tmp_path / "objects.gpkg", QgsCoordinateReferenceSystem("EPSG:32633")
    return open_table(path, make_table(path, crs), crs)


def colours(layer: QgsVectorLayer) -> dict[str, str]:
    return {category.value(): category.symbol().color().name() for category in layer.renderer().categories()}


def recolour(layer: QgsVectorLayer, name: str, colour: QColor) -> None:
    renderer = layer.renderer()
    symbol = QgsFillSymbol.createSimple({"color": colour.name()})
    renderer.updateCategorySymbol(renderer.categoryIndexForValue(name), symbol)


def test_each_class_gets_its_colour(layer):
    assert style_by_class(layer, {"house": RED, "field": BLUE}, fresh=True)
    assert colours(layer) == {"house": RED.name(), "field": BLUE.name()}


def test_what_is_digitised_before_there_are_classes_stays_visible(layer):
    assert style_by_class(layer, {}, fresh=True)
    style_by_class(layer, {"house": RED})
    assert colours(layer) == {"": "#9e9e9e", "house": RED.name()}
    assert [category.label() for category in layer.renderer().categories()] == ["all others", "house"]


def test_classes_join_and_change_colour_later(layer):
    style_by_class(layer, {"house": RED}, fresh=True)
    assert style_by_class(layer, {"field": BLUE})
    assert style_by_class(layer, {"house": GREEN})
    assert not style_by_class(layer, {"house": GREEN})
    assert colours(layer) == {"house": GREEN.name(), "field": BLUE.name()}


def test_a_colour_that_the_user_chose_stays(layer):
    style_by_class(layer, {"house": RED}, fresh=True)
    recolour(layer, "house", GREEN)
    style_by_class(layer, {"house": BLUE, "field": BLUE})
    assert colours(layer) == {"house": GREEN.name(), "field": BLUE.name()}


def test_a_style_of_another_kind_stays(layer):
    own = QgsSingleSymbolRenderer(QgsFillSymbol.createSimple({"color": "#123456"}))
    layer.setRenderer(own)
    assert not style_by_class(layer, {"house": RED})
    assert layer.renderer().symbol().color().name() == "#123456"


def test_the_style_is_stored_in_the_geopackage_and_comes_back(layer):
    style_by_class(layer, {"house": RED}, fresh=True)
    assert save_style(layer)
    style_by_class(layer, {"field": BLUE})
    assert save_style(layer)  # a second time, without asking
    again = QgsVectorLayer(layer.source(), "again", "ogr")
    assert colours(again) == colours(layer)
    assert len(layer.listStylesInDatabase()[1]) == 1


def test_it_is_stored_while_the_layer_is_edited(layer):
    layer.startEditing()
    style_by_class(layer, {"house": RED}, fresh=True)
    assert save_style(layer)


def test_a_memory_layer_has_no_place_for_it(qgis_app):
    assert not save_style(QgsVectorLayer("Polygon?field=class:string", "m", "memory"))
