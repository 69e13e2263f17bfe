"""GeoTIFFs that a job makes: how GDAL writes them, and how one becomes a Cloud-Optimized one that a job does not have to wait for."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rasterio
import rasterio.shutil
from rasterio._err import CPLE_BaseError
from rasterio.errors import NotGeoreferencedWarning

from ..raster import CACHE_BYTES
from .tiff import without_alpha

TILE = 512
PATIENCE = 0.2  # seconds between two looks whether a file is finished


def optimised(source: Path, target: Path, overviews: str = "nearest") -> Iterator[None]:
    """Copy a GeoTIFF into a Cloud-Optimized one, by a thread of its own: yields while it works. Raises what GDAL does.

    Whoever stops waiting has the target removed when the thread is done. overviews: GDAL's name for how they are made. Without a word
    they show the nearest pixel: a class and its confidence belong together, and neither can be averaged without the other.
    """
    copying = _Copying(source, target, overviews)
    copying.start()
    try:
        while copying.is_alive():
            copying.join(PATIENCE)
            yield
    finally:
        copying.unwanted = copying.is_alive()
    if copying.error is not None:
        raise copying.error
    without_alpha(target)  # GDAL takes the second of two bands with a colour table for one


class _Copying(threading.Thread):
    def __init__(self, source: Path, target: Path, overviews: str) -> None:
        super().__init__(name="optimised", daemon=True)
        self.source, self.target, self.overviews = source, target, overviews
        self.unwanted = False
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with settings():
                options = {"compress": "deflate", "blocksize": TILE, "overview_resampling": self.overviews, "bigtiff": "if_safer"}
                rasterio.shutil.copy(self.source, self.target, driver="COG", **options)
        except Exception as error:  # for whoever waits
            self.error = error
        if self.unwanted:
            self.target.unlink(missing_ok=True)
            if self.target.parent.is_dir() and not any(self.target.parent.iterdir()):
                self.target.parent.rmdir()


@contextmanager
def settings() -> Iterator[None]:
    """GDAL's settings for what is written and read here, without its warnings of files without a georeference."""
    try:
        with warnings.catch_warnings(), rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            yield
    except CPLE_BaseError as error:  # rasterio lets some of GDAL's own errors through
        raise OSError(str(error)) from error
