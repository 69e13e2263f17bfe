"""A layer remembers where its objects come from."""

from __future__ import annotations

import dataclasses

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsVectorLayer

from rasterscribe.plugin.map.provenance import Provenance, note_provenance, provenance_of, store_metadata
from rasterscribe.plugin.map.results import add_object, make_table, open_table

UTM = QgsCoordinateReferenceSystem("EPSG:32633")
SQUARE = QgsGeometry.fromWkt("Polygon ((500000 5000000, 500100 5000000, 500100 5000100, 500000 5000100, 500000 5000000))")
ONE = Provenance("/data/örtho.tif", "EPSG:32633", "lite0", "ab" * 32, {"smooth": True, "min_hole": 4.0}, {"plugin": "0.1.0"})


@pytest.fixture
def layer(qgis_app, tmp_path) -> QgsVectorLayer:
    path = tmp_path / "objects.gpkg"
    return open_table(path, make_table(path, UTM), UTM)


def stored(layer: QgsVectorLayer, *provenances: Provenance) -> bool:
    return store_metadata(layer, note_provenance(layer, provenances))


def test_it_is_stored_in_the_geopackage_and_comes_back(layer):
    add_object(layer, SQUARE, UTM, {"class": "house"})
    assert layer.commitChanges()
    assert stored(layer, ONE)
    again = QgsVectorLayer(layer.source(), "again", "ogr")
    assert provenance_of(again) == [ONE]
    (extent,) = again.metadata().extent().spatialExtents()
    assert extent.bounds.toRectangle() == SQUARE.boundingBox() and extent.extentCrs == UTM


def test_the_same_run_is_written_once_and_another_beside_it(layer):
    other = dataclasses.replace(ONE, model="sam2")
    note_provenance(layer, [ONE, ONE, other])
    note_provenance(layer, [ONE])
    assert provenance_of(layer) == [ONE, other]


def test_the_users_own_words_stay(layer):
    metadata = layer.metadata().clone()
    metadata.setTitle("Houses of the valley")
    metadata.setHistory(["drawn by hand"])
    layer.setMetadata(metadata)
    note_provenance(layer, [ONE])
    assert layer.metadata().title() == "Houses of the valley"
    assert layer.metadata().history()[0] == "drawn by hand"
    assert provenance_of(layer) == [ONE]


def test_a_memory_layer_keeps_it_for_the_project(qgis_app):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633", "m", "memory")
    assert not stored(layer, ONE)
    assert provenance_of(layer) == [ONE]
