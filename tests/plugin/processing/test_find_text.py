"""A raster and a phrase to objects in a sink."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor, QImage

from rasterscribe.models.protocol import Cancel, Find, Open
from rasterscribe.plugin.engine.environment import Environment
from rasterscribe.plugin.map.provenance import provenance_of
from rasterscribe.plugin.processing.outputs import STYLE, temporary_folder


def area_asked(runner: Any) -> QgsGeometry:
    area = QgsGeometry()
    area.fromWkb(bytes.fromhex(runner.asked(Find)[0].area))
    return area


def polygons(crs: str, *shapes: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"Polygon?crs={crs}", "polygons", "memory")
    for shape in shapes:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(shape))
        layer.dataProvider().addFeature(feature)
    layer.updateExtents()
    QgsProject.instance().addMapLayer(layer)
    return layer


SQUARE = "Polygon ((10 10, 30 10, 30 30, 10 30, 10 10))"


def test_what_is_sure_enough_and_large_enough_goes_to_the_sink(runner: Any, town: QgsRasterLayer) -> None:
    done = runner("findtext", RASTER=town.id(), PHRASE="buildings, water", THRESHOLD=0.5, MIN_SIZE=200.0, OUTPUT="memory:")
    assert done.well, done.heard.errors
    (found,) = done.features("OUTPUT")
    assert (found["class"], found["score"], found["prompt"], found["model"]) == ("building", 0.6, "buildings, water", "scripted-text")
    assert found["area_m2"] == pytest.approx(400, rel=0.01) and found["made_at"].date().year() == 2026
    assert done.layer("OUTPUT").crs() == town.crs() and done.outputs["COUNT"] == 1


def test_what_was_understood_and_what_not_is_said(runner: Any, town: QgsRasterLayer) -> None:
    done = runner("findtext", RASTER=town.id(), PHRASE="purple buildings, water", OUTPUT="memory:")
    assert (done.outputs["UNDERSTOOD"], done.outputs["NOT_UNDERSTOOD"]) == ("building, water", "purple")
    assert any("purple" in warning for warning in done.heard.warnings)
    assert "Looking" in done.heard.lines and "No road was found." in done.heard.lines
    assert done.heard.progress() == 100


def test_the_threshold_and_the_options_reach_the_engine(runner: Any, town: QgsRasterLayer) -> None:
    runner("findtext", RASTER=town.id(), PHRASE="water", THRESHOLD=0.3, REFINE=False, MIN_HOLE=9.0, MODEL="mine", OUTPUT="memory:")
    (asked,) = runner.asked(Find)
    assert (asked.text, asked.threshold, asked.floor, asked.model) == ("water", 0.3, 0.3, "mine")
    assert (asked.refine, asked.options.min_hole) == (False, 9.0)
    assert asked.area == ""


def test_an_extent_in_another_crs_becomes_a_polygon_in_the_rasters(runner: Any, town: QgsRasterLayer) -> None:
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    box = QgsCoordinateTransform(town.crs(), degrees, QgsProject.instance()).transformBoundingBox(QgsRectangle(10, 10, 30, 30))
    extent = f"{box.xMinimum():.10f},{box.xMaximum():.10f},{box.yMinimum():.10f},{box.yMaximum():.10f} [EPSG:4326]"
    assert runner("findtext", RASTER=town.id(), PHRASE="water", EXTENT=extent, OUTPUT="memory:").well
    assert area_asked(runner).boundingBox().contains(QgsRectangle(10.1, 10.1, 29.9, 29.9))
    assert area_asked(runner).area() == pytest.approx(400, rel=0.05)


def test_polygons_of_a_layer_are_where_it_looks(runner: Any, town: QgsRasterLayer) -> None:
    where = polygons("EPSG:32645", SQUARE, "Polygon ((40 40, 50 40, 50 50, 40 50, 40 40))")
    assert runner("findtext", RASTER=town.id(), PHRASE="water", AREA=where.id(), OUTPUT="memory:").well
    assert area_asked(runner).area() == pytest.approx(500)


def test_of_an_extent_and_polygons_it_looks_at_what_they_share(runner: Any, town: QgsRasterLayer) -> None:
    done = runner(
        "findtext",
        RASTER=town.id(),
        PHRASE="water",
        EXTENT="0,20,0,64 [EPSG:32645]",
        AREA=polygons("EPSG:32645", SQUARE).id(),
        OUTPUT="memory:",
    )
    assert done.well, done.heard.errors
    assert area_asked(runner).boundingBox() == QgsRectangle(10, 10, 20, 30)


def test_layers_that_the_phrase_may_name_come_as_files(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    path = tmp_path / "flood.geojson"
    path.write_text('{"type": "Point", "coordinates": [1, 2]}')
    filed = QgsVectorLayer(str(path), "flood", "ogr")
    QgsProject.instance().addMapLayer(filed)
    drawn = polygons("EPSG:32645", SQUARE)
    seen: list[int] = []

    def look(heard: Any) -> None:  # the files are gone when the run is over
        for request in runner.asked(Find):
            if not seen and os.path.exists(request.layers[1].path):
                seen.append(QgsVectorLayer(f"{request.layers[1].path}|layername={request.layers[1].table}", "x", "ogr").featureCount())
                return
        if seen:
            heard.cancel()

    runner("findtext", look, RASTER=town.id(), PHRASE="silent", LAYERS=[filed.id(), drawn.id()], OUTPUT="memory:")
    (asked,) = runner.asked(Find)
    assert [layer.name for layer in asked.layers] == ["flood", "polygons"]
    assert asked.layers[0].path == str(path) and seen == [1]


@pytest.mark.parametrize("phrase", ["silent", "deaf"])
def test_a_cancelled_search_ends_within_a_second_and_leaves_nothing(runner: Any, town: QgsRasterLayer, phrase: str) -> None:
    before = sorted(temporary_folder("").iterdir())
    cancelled: list[bool] = []

    def cancel(heard: Any) -> None:
        if runner.asked(Find) and not cancelled:
            cancelled.append(True)
            heard.cancel()

    done = runner("findtext", cancel, RASTER=town.id(), PHRASE=phrase, OUTPUT="memory:")
    assert done.outputs == {} and done.heard.errors == []
    assert {path.name for path in temporary_folder("").iterdir()} <= {path.name for path in before} | {"rasters"}
    assert phrase == "deaf" or len(runner.asked(Cancel)) == 1


def test_the_engine_writes_beside_the_sinks_file_so_that_a_killed_run_can_go_on(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    out = tmp_path / "results" / "ponds.gpkg"
    out.parent.mkdir()
    assert runner("findtext", RASTER=town.id(), PHRASE="water", OUTPUT=str(out)).well
    assert Path(runner.asked(Find)[0].out).parent == out.parent
    assert [path.name for path in out.parent.iterdir()] == ["ponds.gpkg"]


def test_of_a_cancelled_run_nothing_stays_even_where_the_engine_had_to_be_killed(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    left: list[Path] = []

    def cancel(heard: Any) -> None:
        for request in runner.asked(Find) if not left else ():
            left.append(Path(request.out).with_name(f".{Path(request.out).name}.unfinished"))
            left[0].mkdir()
            heard.cancel()

    runner("findtext", cancel, RASTER=town.id(), PHRASE="deaf", OUTPUT=str(tmp_path / "ponds.gpkg"))
    assert left and not left[0].exists()


def test_a_raster_in_memory_is_written_out_for_the_engine(runner: Any, town: QgsRasterLayer) -> None:
    gdal.GetDriverByName("GTiff").CreateCopy("/vsimem/town.tif", gdal.Open(town.source()))
    layer = QgsRasterLayer("/vsimem/town.tif", "in memory")
    QgsProject.instance().addMapLayer(layer)
    done = runner("findtext", RASTER=layer.id(), PHRASE="water", OUTPUT="memory:")
    assert done.well, done.heard.errors
    (opened,) = runner.asked(Open)
    copy = QgsRasterLayer(opened.path, "copy")
    assert copy.extent() == town.extent() and copy.crs() == town.crs()


@pytest.fixture
def web_map(tmp_path: Path, qgis_new_project: object) -> QgsRasterLayer:
    """Tiles of 256 x 256 pixels, the whole world in one, from a folder."""
    picture = QImage(256, 256, QImage.Format.Format_RGB32)
    picture.fill(QColor("#336699"))
    tile = tmp_path / "0" / "0" / "0.png"
    tile.parent.mkdir(parents=True)
    assert picture.save(str(tile))
    layer = QgsRasterLayer(f"type=xyz&url={tmp_path.as_uri()}/{{z}}/{{x}}/{{y}}.png&zmin=0&zmax=0", "tiles", "wms")
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_a_web_map_is_fetched_in_the_pixels_asked_for(runner: Any, web_map: QgsRasterLayer) -> None:
    extent = "0,5000000,0,5000000 [EPSG:3857]"
    done = runner("findtext", RASTER=web_map.id(), PHRASE="water", EXTENT=extent, PIXEL=156543.0, OUTPUT="memory:")
    assert done.well, done.heard.errors
    (opened,) = runner.asked(Open)
    copy = QgsRasterLayer(opened.path, "copy")
    assert copy.extent().contains(QgsRectangle(0, 0, 5e6, 5e6)) and round(copy.rasterUnitsPerPixelX()) == 156543
    assert gdal.Open(opened.path).ReadAsArray(40, 40, 1, 1)[:3].ravel().tolist() == [0x33, 0x66, 0x99]


def test_a_web_map_needs_an_area_and_a_pixel_size(runner: Any, web_map: QgsRasterLayer) -> None:
    endless = runner("findtext", RASTER=web_map.id(), PHRASE="water", PIXEL=100.0, OUTPUT="memory:")
    assert "has no end" in error_of(endless)
    sizeless = runner("findtext", RASTER=web_map.id(), PHRASE="water", EXTENT="0,100,0,100 [EPSG:3857]", OUTPUT="memory:")
    assert "size of the pixels" in error_of(sizeless)


def test_a_search_is_a_step_of_a_model(runner: Any, town: QgsRasterLayer) -> None:
    model = QgsProcessingModelAlgorithm("model", "tests")
    search = QgsProcessingModelChildAlgorithm("rasterscribe:findtext")
    search.setChildId("search")
    for name, value in {"RASTER": town.id(), "PHRASE": "water", "THRESHOLD": 0.2}.items():
        search.addParameterSources(name, [QgsProcessingModelChildParameterSource.fromStaticValue(value)])
    result = QgsProcessingModelOutput("found")
    result.setChildId("search")
    result.setChildOutputName("OUTPUT")
    search.setModelOutputs({"found": result})
    model.addChildAlgorithm(search)
    done = runner.run(model.create(), {"search:found": "memory:", "found": "memory:"})
    assert done.well, done.heard.errors
    dest = next(value for name, value in done.outputs.items() if name.endswith("found"))
    assert done.context.takeResultLayer(dest).featureCount() == 3


def test_a_layer_that_is_loaded_is_styled_by_class(runner: Any, town: QgsRasterLayer, tmp_path: Path) -> None:
    done = runner("findtext", RASTER=town.id(), PHRASE="water", THRESHOLD=0.2, OUTPUT="memory:")
    layer = done.layer("OUTPUT")
    STYLE.postProcessLayer(layer, QgsProcessingContext(), done.heard)
    renderer = layer.renderer()
    assert [category.value() for category in renderer.categories() if category.value()] == ["building", "water"]
    (provenance,) = provenance_of(layer)
    assert provenance.parameters["threshold"] == 0.2 and provenance.versions["engine"] == "scripted"


# -- what can be wrong


def error_of(done: Any) -> str:
    assert not done.well
    return " ".join(done.heard.errors)


def test_an_empty_phrase_is_said_before_anything_starts(runner: Any, town: QgsRasterLayer, provider: Any) -> None:
    algorithm = provider.algorithm("findtext")
    fitting, why = algorithm.checkParameterValues({"RASTER": town.id(), "PHRASE": "  ", "OUTPUT": "memory:"}, QgsProcessingContext())
    assert not fitting and "phrase" in why


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"PHRASE": "unknown"}, "Nothing in the phrase is understood"),
        ({"PHRASE": "fatal"}, "stopped unexpectedly"),
        ({"EXTENT": "900,950,900,950 [EPSG:32645]"}, "outside the raster"),
        ({"RASTER": "nowhere.tif"}, "RASTER"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(runner: Any, town: QgsRasterLayer, changes: dict[str, str], words: str) -> None:
    done = runner("findtext", **{"RASTER": town.id(), "PHRASE": "water", "OUTPUT": "memory:", **changes})
    assert words in error_of(done)


def test_polygons_that_are_none_are_said(runner: Any, town: QgsRasterLayer) -> None:
    done = runner("findtext", RASTER=town.id(), PHRASE="water", AREA=polygons("EPSG:32645").id(), OUTPUT="memory:")
    assert "has none" in error_of(done)


def test_an_engine_that_is_not_set_up_is_said_with_both_ways_to_do_it(runner: Any, ready: Environment, town: QgsRasterLayer) -> None:
    ready.version.unlink()
    ready.python.unlink()
    ready.incomplete.touch()
    error = error_of(runner("findtext", RASTER=town.id(), PHRASE="water", OUTPUT="memory:"))
    assert "Set up engine" in error and os.path.join("plugin", "engine") in error
