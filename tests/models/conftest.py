"""Rasters made on the spot, and networks that share the cores with other tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from rasterscribe.models import device
from rasterscribe.models.language.words import Vocabulary

device.share_cores()  # before a test imports torch

METRES = "EPSG:32645"  # UTM zone 45 north
HALF_METRE = Affine(0.5, 0, 350000, 0, -0.5, 3060000)


@pytest.fixture
def write_raster(tmp_path: Path) -> Callable[..., str]:
    """write_raster(values (bands, height, width), name="a.tif", transform=..., crs=..., **creation options) -> path."""

    def write(
        values: np.ndarray, name: str = "a.tif", crs: str | None = METRES, transform: Affine | None = HALF_METRE, **options: Any
    ) -> str:
        values = np.asarray(values)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        count, height, width = values.shape
        profile = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": values.dtype, "crs": crs, **options}
        if transform is not None:
            profile["transform"] = transform
        colormap = profile.pop("colormap", None)
        mask = profile.pop("mask", None)
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as dataset:
            dataset.write(values)
            if colormap:
                dataset.write_colormap(1, colormap)
            if mask is not None:
                dataset.write_mask(mask)
        return str(path)

    return write


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary.read()
