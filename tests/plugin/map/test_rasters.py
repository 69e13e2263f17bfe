"""Which file, bands and stretch a layer stands for."""

from __future__ import annotations

import os
import zipfile

import pytest
from osgeo import gdal
from qgis.core import (
    QgsColorRampShader,
    QgsContrastEnhancement,
    QgsCoordinateReferenceSystem,
    QgsMultiBandColorRenderer,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRasterShader,
    QgsRectangle,
    QgsSingleBandGrayRenderer,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from rasterscribe.plugin.map.rasters import AS_SEEN, NeedsExport, RasterSource, colours_of, placed_alike, seen_in, source_of
from rasterscribe.plugin.map.windows import LARGEST
from rasterscribe.plugin.problems import PluginProblem

HERE = QgsRectangle(500010, 4999960, 500050, 4999990)


def code_of(call, *args) -> str:
    with pytest.raises(PluginProblem) as caught:
        call(*args)
    return caught.value.problem.code


def stretching(low: float, high: float, algorithm="StretchToMinimumMaximum") -> QgsContrastEnhancement:
    enhancement = QgsContrastEnhancement()
    enhancement.setMinimumValue(low)
    enhancement.setMaximumValue(high)
    enhancement.setContrastEnhancementAlgorithm(getattr(QgsContrastEnhancement.ContrastEnhancementAlgorithm, algorithm))
    return enhancement


def test_a_file_is_read_from_where_it_lies(qgis_app, write_raster, tmp_path):
    path = write_raster("ünï cödé folder/raster.tif")
    source = source_of(QgsRasterLayer(str(path)), HERE, 1.0, tmp_path)
    assert isinstance(source, RasterSource)
    assert (source.path, source.bands, source.crs.authid()) == (str(path), (1, 2, 3), "EPSG:32633")


def test_a_crs_set_by_hand_counts(qgis_app, write_raster, tmp_path):
    layer = QgsRasterLayer(str(write_raster()))
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    source = source_of(layer, HERE, 1.0, tmp_path)
    assert source.crs.authid() == "EPSG:32634"


def test_a_vrt_file_and_a_raster_inside_a_geopackage_or_a_zip_are_read_directly(qgis_app, write_raster, tmp_path):
    tif = write_raster()
    gdal.BuildVRT(str(tmp_path / "a.vrt"), [str(tif)]).FlushCache()
    gdal.Translate(str(tmp_path / "a.gpkg"), str(tif), format="GPKG", creationOptions=["RASTER_TABLE=one"])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tif, "raster.tif")
    for uri in (f"{tmp_path}/a.vrt", f"GPKG:{tmp_path}/a.gpkg:one", f"/vsizip/{tmp_path}/a.zip/raster.tif"):
        layer = QgsRasterLayer(uri)
        assert layer.isValid(), uri
        assert source_of(layer, HERE, 1.0, tmp_path).path == uri


def test_what_only_qgis_can_open_is_exported(qgis_app, write_raster, tiles, tmp_path):
    tif = write_raster()
    gdal.BuildVRT("/vsimem/a.vrt", [str(tif)]).FlushCache()
    xml = gdal.BuildVRT("", [str(tif)]).GetMetadata("xml:VRT")[0]
    for layer in (QgsRasterLayer("/vsimem/a.vrt"), QgsRasterLayer(xml)):
        assert layer.isValid()
        assert isinstance(source_of(layer, HERE, 1.0, tmp_path), NeedsExport)
    needs = source_of(tiles, QgsRectangle(0, 0, 10_000_000, 8_000_000), 40_000, tmp_path)
    assert isinstance(needs, NeedsExport)
    assert (needs.source.bands, needs.source.stretch, needs.source.crs.authid()) == ((1, 2, 3), AS_SEEN, "EPSG:3857")


def test_a_layer_that_is_no_raster_or_gone_is_named(qgis_app, write_raster, tmp_path):
    assert code_of(source_of, QgsVectorLayer("Polygon", "p", "memory"), HERE, 1.0, tmp_path) == "layer.not_raster"
    assert code_of(source_of, None, HERE, 1.0, tmp_path) == "layer.removed"
    layer = QgsRasterLayer(str(write_raster()))
    sip.delete(layer)
    assert code_of(source_of, layer, HERE, 1.0, tmp_path) == "layer.removed"


def test_a_file_deleted_after_loading_is_named(qgis_app, write_raster, tmp_path):
    path = write_raster()
    layer = QgsRasterLayer(str(path))
    os.remove(path)
    assert code_of(source_of, layer, HERE, 1.0, tmp_path) == "raster.missing"
    assert code_of(source_of, QgsRasterLayer(str(path)), HERE, 1.0, tmp_path) == "raster.missing"


def test_bands_and_stretch_are_those_of_a_colour_renderer(qgis_app, write_raster):
    layer = QgsRasterLayer(str(write_raster(bands=4, dtype="UInt16")))
    ranges = [(1.0, 50.0), (2.0, 60.0), (3.0, 70.0)]
    renderer = QgsMultiBandColorRenderer(layer.dataProvider(), 4, 3, 2)
    renderer.setRedContrastEnhancement(stretching(*ranges[0]))
    renderer.setGreenContrastEnhancement(stretching(*ranges[1]))
    renderer.setBlueContrastEnhancement(stretching(*ranges[2]))
    assert colours_of(renderer) == ((4, 3, 2), tuple(ranges))
    assert colours_of(QgsMultiBandColorRenderer(layer.dataProvider(), 4, -1, 2)) == ((4, 4, 2), ())
    assert colours_of(QgsMultiBandColorRenderer(layer.dataProvider(), -1, 3, -1)) == ((3,), ())


def test_a_stretch_that_does_not_hold_everywhere_is_left_to_the_engine(qgis_app, write_raster):
    layer = QgsRasterLayer(str(write_raster(bands=1, dtype="Float32")))
    renderer = QgsSingleBandGrayRenderer(layer.dataProvider(), 1)
    for enhancement in (
        stretching(5, 5),
        stretching(float("nan"), 5),
        stretching(0, 9, "NoEnhancement"),
        stretching(0, 9, "ClipToMinimumMaximum"),
    ):
        renderer.setContrastEnhancement(enhancement)
        assert colours_of(renderer) == ((1,), ())
    renderer.setContrastEnhancement(stretching(0, 9))
    assert colours_of(renderer) == ((1,), ((0.0, 9.0),))
    origin = QgsRasterMinMaxOrigin()
    origin.setExtent(QgsRasterMinMaxOrigin.Extent.UpdatedCanvas)
    renderer.setMinMaxOrigin(origin)
    assert colours_of(renderer) == ((1,), ())


def test_one_band_renderers_give_their_band(qgis_app, write_raster):
    layer = QgsRasterLayer(str(write_raster(bands=2, dtype="Float32")))
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(QgsColorRampShader(3.0, 8.0))
    pseudo = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 2, shader)
    pseudo.setClassificationMin(3.0)
    pseudo.setClassificationMax(8.0)
    assert colours_of(pseudo) == ((2,), ((3.0, 8.0),))
    assert colours_of(QgsRasterLayer(str(write_raster("palette.tif", bands=1, palette=True))).renderer()) == ((1,), ())
    assert colours_of(None) == ((), ())


ROTATED = (500000, 0.8, 0.6, 5000000, 0.6, -0.8)


@pytest.mark.parametrize(
    ("transform", "crs", "engine"),
    [
        ((500000, 1, 0, 5000000, 0, -1), "EPSG:32633", (1, 0, 500000, 0, -1, 5000000)),
        ((500000, 1, 0, 5000000, 0, 1), "EPSG:32633", (1, 0, 500000, 0, 1, 5000000)),  # south-up
        (ROTATED, "EPSG:32633", (0.8, 0.6, 500000, 0.6, -0.8, 5000000)),
        (None, "", (1, 0, 0, 0, -1, 0)),
        ((10, 0.001, 0, 50, 0, -0.001), "EPSG:4326", (0.001, 0, 10, 0, -0.001, 50)),
    ],
)
def test_the_engine_and_qgis_place_a_raster_alike(qgis_app, write_raster, transform, crs, engine):
    layer = QgsRasterLayer(str(write_raster(transform=transform, crs=crs)))
    assert placed_alike(layer, engine, 64, 48)
    assert not placed_alike(layer, (engine[0], engine[1], engine[2] + 40 * engine[0], *engine[3:]), 64, 48)


def test_a_raster_placed_by_control_points_is_seen_to_differ(qgis_app, write_raster, tmp_path):
    points = [gdal.GCP(500000 + 2 * c, 5000000 - 2 * r, 0, c, r) for c, r in ((0, 0), (64, 0), (0, 48), (64, 48))]
    gdal.Translate(str(tmp_path / "gcp.tif"), str(write_raster(transform=None, crs="")), GCPs=points, outputSRS="EPSG:32633")
    layer = QgsRasterLayer(str(tmp_path / "gcp.tif"))
    assert not placed_alike(layer, (1, 0, 0, 0, -1, 0), 64, 48)


def test_the_view_is_brought_into_the_layers_crs(qgis_app):
    mercator, degrees = QgsCoordinateReferenceSystem("EPSG:3857"), QgsCoordinateReferenceSystem("EPSG:4326")
    extent, pixel = seen_in(degrees, QgsRectangle(-111319.5, -111325.1, 111319.5, 111325.1), 111.3195, mercator)
    assert extent.width() == pytest.approx(2, rel=1e-4)
    assert pixel == pytest.approx(0.001, rel=1e-3)
    assert seen_in(QgsCoordinateReferenceSystem(), HERE, 2.0, mercator) == (HERE, 2.0)
    nowhere = QgsRectangle(0, 5000, 1, 5001)
    assert code_of(seen_in, mercator, nowhere, 1.0, degrees) == "click.outside"


def test_an_export_is_at_screen_resolution_and_holds_the_view_with_a_margin(qgis_app, tiles, tmp_path):
    view = QgsRectangle(1_000_000, 1_000_000, 9_000_000, 7_000_000)
    window = source_of(tiles, view, 10_000, tmp_path).window
    assert window.extent.contains(view) and window.extent.width() > 1.4 * view.width()
    assert window.grid.x_size == pytest.approx(156543.034 / 16, rel=1e-6)
    assert window.columns * window.grid.x_size == pytest.approx(window.extent.width())


def test_an_export_is_bounded_whatever_is_asked_for(qgis_app, tiles, tmp_path):
    window = source_of(tiles, tiles.extent(), 1.0, tmp_path).window
    assert window.columns * window.rows <= LARGEST
    assert window.extent.width() == pytest.approx(tiles.extent().width(), rel=1e-3)


def test_a_view_beside_the_layer_is_named(qgis_app, tiles, tmp_path):
    assert code_of(source_of, tiles, QgsRectangle(3e7, 3e7, 4e7, 4e7), 1.0, tmp_path) == "click.outside"
