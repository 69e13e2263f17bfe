"""QGIS opens what the engine writes in the colours of its classes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from qgis.core import QgsCategorizedSymbolRenderer, QgsCoordinateReferenceSystem, QgsVectorLayer

from rasterscribe.models.classes import CLASSES, COLOURS, colour_of
from rasterscribe.models.objects.styles import qml
from rasterscribe.plugin.map import styles
from rasterscribe.plugin.map.results import make_table, open_table
from rasterscribe.plugin.map.styles import save_style


def opened(path: Path, document: str) -> QgsVectorLayer:
    """A table that brings the engine's style along as its default."""
    crs = QgsCoordinateReferenceSystem("EPSG:32633")
    table = make_table(path, crs)
    layer = open_table(path, table, crs)
    assert save_style(layer)  # makes the table layer_styles
    del layer
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update layer_styles set styleQML = ?", (document,))
    return QgsVectorLayer(f"{path}|layername={table}", "found", "ogr")


def legend(layer: QgsVectorLayer) -> list[tuple[object, str, str]]:
    return [(each.value(), each.label(), each.symbol().color().name()) for each in layer.renderer().categories()]


def test_every_class_has_its_colour_and_no_other_entry(qgis_app, tmp_path):
    layer = opened(tmp_path / "found.gpkg", qml({name: colour_of(name) for name in ("building", "solar panel", '<odd> & "new"')}))
    renderer = layer.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    assert renderer.classAttribute() == "class"
    categories = renderer.categories()  # held: they own their symbols
    assert {each.value(): each.symbol().color().name() for each in categories} == {
        "building": COLOURS["building"],
        "solar panel": COLOURS["solar panel"],
        '<odd> & "new"': colour_of('<odd> & "new"'),
    }
    symbol = categories[0].symbol()
    assert symbol.color().alpha() == 90
    assert symbol.symbolLayer(0).strokeColor().name() == COLOURS["building"]
    assert symbol.symbolLayer(0).strokeWidth() == 0.5


@pytest.mark.parametrize("colours", [{}, {"": colour_of("")}])
def test_what_has_no_class_has_an_entry_where_there_is_some_or_nothing_else(qgis_app, tmp_path, colours):
    layer = opened(tmp_path / "found.gpkg", qml(colours))
    assert legend(layer) == [("", "all others", "#9e9e9e")]


def test_the_plugin_and_the_engine_tell_the_same_legend(qgis_app, tmp_path):
    names = ("building", "greenhouse")
    theirs = opened(tmp_path / "theirs.gpkg", qml({name: colour_of(name) for name in names}))
    crs = QgsCoordinateReferenceSystem("EPSG:32633")
    ours = open_table(tmp_path / "ours.gpkg", make_table(tmp_path / "ours.gpkg", crs), crs)
    styles.style_by_class(ours, {name: styles.colour_of(name) for name in names}, fresh=True)
    assert legend(ours) == legend(theirs)


def test_the_plugin_gives_a_class_the_same_colour(qgis_app):
    assert set(COLOURS) == set(CLASSES)
    for name in (*CLASSES, "greenhouse", ""):
        assert styles.colour_of(name).name() == colour_of(name)
