"""Rasters of one colour."""

from __future__ import annotations

from pathlib import Path

from osgeo import gdal, osr


def flat_file(path: Path, colour: tuple[int, int, int]) -> None:
    """A GeoTIFF of 64 x 64 pixels of 1 m, its lower left corner at 0, 0, in EPSG:32645."""
    file = gdal.GetDriverByName("GTiff").Create(str(path), 64, 64, len(colour))
    file.SetGeoTransform((0, 1, 0, 64, 0, -1))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32645)
    file.SetProjection(reference.ExportToWkt())
    for band, value in enumerate(colour, start=1):
        file.GetRasterBand(band).Fill(value)
    del file
