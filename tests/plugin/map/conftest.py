"""A window with a canvas and a text field, as in QGIS, and small rasters."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtGui import QColor, QImage
from qgis.PyQt.QtWidgets import QLineEdit, QMainWindow, QVBoxLayout, QWidget


@pytest.fixture
def window(qgis_app, qtbot) -> Iterator[SimpleNamespace]:
    """A shown window: `canvas` (400 x 300 pixels, 1 map unit a pixel, centre at 0, 0, EPSG:3857) and `field`."""
    main = QMainWindow()
    body = QWidget()
    layout = QVBoxLayout(body)
    canvas, field = QgsMapCanvas(), QLineEdit()
    canvas.setFixedSize(400, 300)
    canvas.setFrameStyle(0)
    layout.addWidget(canvas)
    layout.addWidget(field)
    main.setCentralWidget(body)
    qtbot.addWidget(main)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    main.show()
    main.activateWindow()
    qtbot.waitExposed(main)
    qtbot.waitUntil(lambda: canvas.width() == 400)
    canvas.setExtent(QgsRectangle(-200, -150, 200, 150))
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    yield SimpleNamespace(main=main, canvas=canvas, field=field)


@pytest.fixture
def write_raster(tmp_path):
    """write_raster(name, bands=3, dtype="Byte", size=(64, 48), transform=..., crs="EPSG:32633") -> path of a GeoTIFF.

    Pixel (col, row) of band b holds col + 2 * row + 10 * b.
    """

    def write(
        name="raster.tif", bands=3, dtype="Byte", size=(64, 48), transform=(500000, 1, 0, 5000000, 0, -1), crs="EPSG:32633", palette=False
    ):
        kind = getattr(gdal, f"GDT_{dtype}")
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset = gdal.GetDriverByName("GTiff").Create(str(path), *size, bands, kind)
        if transform is not None:
            dataset.SetGeoTransform(transform)
        if crs:
            reference = osr.SpatialReference()
            reference.SetFromUserInput(crs)
            dataset.SetProjection(reference.ExportToWkt())
        cols, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
        for band in range(1, bands + 1):
            dataset.GetRasterBand(band).WriteArray(cols + 2 * rows + 10 * band)
        if palette:
            colours = gdal.ColorTable()
            for index in range(256):
                colours.SetColorEntry(index, (index, 255 - index, 0, 255))
            dataset.GetRasterBand(1).SetColorTable(colours)
        dataset.FlushCache()
        return path

    return write


@pytest.fixture
def tiles(tmp_path):
    """A local XYZ service as a layer: zoom 0 to 2, each tile of one colour that tells its place."""
    for zoom in range(3):
        for x in range(2**zoom):
            for y in range(2**zoom):
                image = QImage(256, 256, QImage.Format.Format_RGB32)
                image.fill(QColor(zoom * 40, x * 30, y * 30))
                path = tmp_path / "tiles" / str(zoom) / str(x) / f"{y}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                image.save(str(path))
    url = (tmp_path / "tiles").as_uri() + "/{z}/{x}/{y}.png"
    layer = QgsRasterLayer(f"type=xyz&url={url}&zmin=0&zmax=2", "tiles", "wms")
    assert layer.isValid()
    return layer
