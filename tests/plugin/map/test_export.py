"""Layers without a file become files."""

from __future__ import annotations

from osgeo import gdal
from qgis.core import QgsRasterLayer, QgsRectangle
from qgis.PyQt import sip

from rasterscribe.plugin.map import export as export_module
from rasterscribe.plugin.map.export import KEPT, Export
from rasterscribe.plugin.map.rasters import NeedsExport, RasterSource, source_of

VIEW = QgsRectangle(1_000_000, 1_000_000, 9_000_000, 7_000_000)
PIXEL = 40_000


def run(qtbot, layer, needs) -> list:
    """The outcome of one export: ["finished", source] or ["failed", problem]."""
    outcome: list = []
    job = Export(layer, needs)
    job.finished.connect(lambda source: outcome.extend(["finished", source]))
    job.failed.connect(lambda problem: outcome.extend(["failed", problem]))
    job.start()
    qtbot.waitUntil(lambda: bool(outcome), timeout=20_000)
    assert len(outcome) == 2, outcome
    return outcome


def test_tiles_are_written_as_they_look(qgis_app, qtbot, tiles, tmp_path):
    needs = source_of(tiles, VIEW, PIXEL, tmp_path / "exports")
    word, source = run(qtbot, tiles, needs)
    assert (word, source) == ("finished", needs.source)
    dataset = gdal.Open(source.path)
    layer = QgsRasterLayer(source.path)
    assert (dataset.RasterXSize, dataset.RasterYSize) == (needs.window.columns, needs.window.rows)
    assert layer.crs().authid() == "EPSG:3857" and layer.extent().toString(1) == needs.window.extent.toString(1)
    # zoom 2 (39 136 m a pixel): the tile at x = 2, y = 1 starts at (0, 10 018 754)
    col, row = round(-needs.window.extent.xMinimum() / PIXEL) + 20, dataset.RasterYSize // 2
    assert [int(dataset.GetRasterBand(band).ReadAsArray(col, row, 1, 1)[0, 0]) for band in (1, 2, 3)] == [80, 60, 30]
    assert not [path for path in (tmp_path / "exports").iterdir() if "part" in path.name]


def test_panning_a_little_takes_the_same_file(qgis_app, qtbot, tiles, tmp_path):
    _, source = run(qtbot, tiles, source_of(tiles, VIEW, PIXEL, tmp_path))
    panned = QgsRectangle(VIEW.xMinimum() + 1e6, VIEW.yMinimum() - 1e6, VIEW.xMaximum() + 1e6, VIEW.yMaximum() - 1e6)
    assert source_of(tiles, panned, PIXEL * 1.1, tmp_path) == source
    far = QgsRectangle(-9_000_000, 1_000_000, -1_000_000, 7_000_000)
    assert isinstance(source_of(tiles, far, PIXEL, tmp_path), NeedsExport)
    assert isinstance(source_of(tiles, VIEW, PIXEL / 3, tmp_path), NeedsExport)


def test_a_virtual_raster_keeps_its_values_and_its_pixels(qgis_app, qtbot, write_raster, tmp_path):
    gdal.BuildVRT("/vsimem/values.vrt", [str(write_raster(bands=2, dtype="Float32"))]).FlushCache()
    layer = QgsRasterLayer("/vsimem/values.vrt")
    needs = source_of(layer, QgsRectangle(500020, 4999970, 500030, 4999980), 0.1, tmp_path)
    _, source = run(qtbot, layer, needs)
    dataset = gdal.Open(source.path)
    left = needs.window.extent.xMinimum() - 500000
    top = 5000000 - needs.window.extent.yMaximum()
    assert dataset.GetGeoTransform()[1] == 1.0  # not finer than the layer's own pixels
    assert dataset.RasterCount == 2 and dataset.GetRasterBand(2).DataType == gdal.GDT_Float32
    assert dataset.GetRasterBand(2).ReadAsArray(3, 2, 1, 1)[0, 0] == left + 3 + 2 * (top + 2) + 20


def test_the_layer_may_go_while_it_is_written(qgis_app, qtbot, tiles, tmp_path):
    needs = source_of(tiles, VIEW, PIXEL / 8, tmp_path)
    outcome: list = []
    job = Export(tiles, needs)
    job.finished.connect(outcome.append)
    job.failed.connect(outcome.append)
    job.start()
    sip.delete(tiles)
    qtbot.waitUntil(lambda: bool(outcome), timeout=20_000)
    assert isinstance(outcome[0], RasterSource)


def test_a_layer_that_went_before_is_named(qgis_app, qtbot, tiles, tmp_path):
    needs = source_of(tiles, VIEW, PIXEL, tmp_path)
    sip.delete(tiles)
    assert run(qtbot, tiles, needs)[1].code == "layer.removed"


def test_cancelling_leaves_nothing_behind(qgis_app, qtbot, tiles, tmp_path):
    needs = source_of(tiles, VIEW, PIXEL / 32, tmp_path / "exports")
    problems: list = []
    job = Export(tiles, needs)
    job.failed.connect(problems.append)
    job.start()
    job.cancel()
    qtbot.waitUntil(lambda: bool(problems), timeout=20_000)
    assert problems[0].code == "cancelled"
    assert list((tmp_path / "exports").iterdir()) == []


def test_an_unwritable_folder_and_a_full_disk_are_named(qgis_app, qtbot, tiles, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    assert run(qtbot, tiles, source_of(tiles, VIEW, PIXEL, tmp_path / "file" / "folder"))[1].code == "output.unwritable"
    monkeypatch.setattr(export_module, "_free", lambda folder: 1000)
    assert run(qtbot, tiles, source_of(tiles, VIEW, PIXEL, tmp_path))[1].code == "disk.full"


def test_old_exports_are_forgotten_but_no_other_file(qgis_app, qtbot, tiles, tmp_path):
    for number in range(KEPT + 5):
        (tmp_path / f"0123456789abcdef_-3_{number}_0_10_10.tif").write_text("")
    (tmp_path / "mine.tif").write_text("")
    run(qtbot, tiles, source_of(tiles, VIEW, PIXEL, tmp_path))
    assert len(list(tmp_path.glob("*.tif"))) == KEPT + 1
    assert (tmp_path / "mine.tif").exists()
