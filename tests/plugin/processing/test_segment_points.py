"""A raster and points to one outline a point."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from rasterscribe.models.protocol import Click, OutlineOptions
from rasterscribe.plugin.map.provenance import provenance_of

FIELDS = ["class", "score", "area_m2", "model", "prompt", "made_at"]


def points(crs: str, *places: str) -> QgsVectorLayer:
    """A layer of the project with these places, as WKT."""
    kind = "MultiPoint" if places and places[0].startswith("Multi") else "Point"
    layer = QgsVectorLayer(f"{kind}?crs={crs}" if crs else kind, "points", "memory")
    for place in places:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(place))
        layer.dataProvider().addFeature(feature)
    layer.updateExtents()
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_every_point_gets_an_outline_with_the_usual_fields(runner: Any, town: QgsRasterLayer) -> None:
    clicked = points("EPSG:32645", "Point (20 40)", "Point (50 10)")
    done = runner("segmentpoints", RASTER=town.id(), POINTS=clicked.id(), CLASS="barn", SIZE=3, RIGHT_ANGLES=True, OUTPUT="memory:")
    assert done.well, done.heard.errors
    first, second = done.features("OUTPUT")
    assert done.layer("OUTPUT").fields().names() == FIELDS and done.outputs["COUNT"] == 2
    assert (first["class"], first["score"], first["model"]) == ("barn", 0.8, "scripted-click")
    assert first["area_m2"] == pytest.approx(16.0, rel=0.01) and first["made_at"].isValid()
    assert first.geometry().contains(QgsPointXY(20, 40)) and second.geometry().contains(QgsPointXY(50, 10))
    assert json.loads(first["prompt"]) == {"points": [[20, 40, 1]], "size": "group", "pixel": 0.0}
    assert done.layer("OUTPUT").crs() == town.crs()
    assert [click.options for click in runner.asked(Click)] == [OutlineOptions(right_angles=True)] * 2


def test_points_of_another_crs_are_brought_into_the_rasters(runner: Any, town: QgsRasterLayer) -> None:
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    there = QgsCoordinateTransform(town.crs(), degrees, QgsProject.instance()).transform(QgsPointXY(20, 40))
    done = runner("segmentpoints", RASTER=town.id(), POINTS=points("EPSG:4326", there_wkt(there)).id(), OUTPUT="memory:")
    assert done.well, done.heard.errors
    ((x, y),) = runner.asked(Click)[0].points
    assert (x, y) == (pytest.approx(20, abs=0.01), pytest.approx(40, abs=0.01))


def there_wkt(place: QgsPointXY) -> str:
    return f"Point ({place.x():.12f} {place.y():.12f})"


def test_on_a_raster_without_a_crs_points_stay_where_they_are_and_areas_are_unknown(runner: Any, town: QgsRasterLayer) -> None:
    town.setCrs(QgsCoordinateReferenceSystem())
    done = runner("segmentpoints", RASTER=town.id(), POINTS=points("EPSG:4326", "Point (20 40)").id(), OUTPUT="memory:")
    assert done.well, done.heard.errors
    assert runner.asked(Click)[0].points == ((20.0, 40.0),)
    assert done.features("OUTPUT")[0]["area_m2"] == NULL


def test_points_of_one_feature_click_one_object(runner: Any, town: QgsRasterLayer) -> None:
    done = runner("segmentpoints", RASTER=town.id(), POINTS=points("EPSG:32645", "MultiPoint (20 40, 22 42)").id(), OUTPUT="memory:")
    assert done.well and len(done.features("OUTPUT")) == 1
    assert runner.asked(Click)[0].points == ((20.0, 40.0), (22.0, 42.0)) and runner.asked(Click)[0].labels == (1, 1)


def test_points_where_there_is_nothing_are_left_out_and_named(runner: Any, town: QgsRasterLayer) -> None:
    clicked = points("EPSG:32645", "Point (20 40)", "Point (900 900)")
    done = runner("segmentpoints", RASTER=town.id(), POINTS=clicked.id(), OUTPUT="memory:")
    assert done.well and (done.outputs["COUNT"], done.outputs["MISSED"]) == (1, 1)
    (warning,) = done.heard.warnings
    assert "1 point" in warning and "(2)" in warning


def test_a_model_that_sees_nothing_leaves_an_empty_layer(runner: Any, town: QgsRasterLayer) -> None:
    done = runner("segmentpoints", RASTER=town.id(), POINTS=points("EPSG:32645", "Point (20 40)").id(), MODEL="blind", OUTPUT="memory:")
    assert done.well and done.features("OUTPUT") == []


def test_a_layer_without_points_gives_none(runner: Any, town: QgsRasterLayer) -> None:
    done = runner("segmentpoints", RASTER=town.id(), POINTS=points("EPSG:32645").id(), OUTPUT="memory:")
    assert done.well and done.outputs["COUNT"] == 0


def test_a_file_keeps_where_its_outlines_come_from_and_how_they_look(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    out = tmp_path / "outlines.gpkg"
    clicked = points("EPSG:32645", "Point (20 40)")
    assert runner("segmentpoints", RASTER=town.id(), POINTS=clicked.id(), CLASS="building", OUTPUT=str(out)).well
    layer = QgsVectorLayer(f"{out}|layername=outlines", "outlines", "ogr")
    (provenance,) = provenance_of(layer)
    assert (provenance.source, provenance.source_crs) == (town.publicSource(), "EPSG:32645")
    assert (provenance.model, provenance.digest, provenance.parameters["smooth"]) == ("scripted-click", "ab", True)
    renderer = layer.renderer()
    assert [category.value() for category in renderer.categories() if category.value()] == ["building"]
