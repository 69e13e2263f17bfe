"""All bands that two rasters share, with the values that the files have: for detectors that know no colours."""

from __future__ import annotations

import numpy as np
from rasterio.enums import ColorInterp

from ..errors import PairBands
from ..raster import Raster, open_dataset
from .pair import RasterPair


class RawRaster(Raster):
    """A raster of which windows give float32 (h, w, B), as the file has them, 0 where there are no data. Bands are 1-based."""

    @classmethod
    def of(cls, path: str, bands: tuple[int, ...]) -> RawRaster:
        dataset = open_dataset(path)
        try:
            return cls(path, dataset, bands, ((0.0, 1.0),) * len(bands))
        except BaseException:
            dataset.close()
            raise

    def another(self) -> RawRaster:
        return self.of(self.path, self.bands)

    def _blank(self, height: int, width: int) -> np.ndarray:
        return np.zeros((height, width, len(self.bands)), np.float32)

    def _shown(self, values: np.ndarray) -> np.ndarray:
        return np.moveaxis(values, 0, -1).astype(np.float32)


class BandPair(RasterPair):
    """A pair of which windows give float32 (h, w, 2 B): all bands that both have, before and then after; not those that say how opaque.

    Where each lies, how far they are apart and what is hidden is the pair's. Raises PairBands where one has no bands but a palette, and
    what opening raises.
    """

    def __init__(self, pair: RasterPair, chosen: tuple[tuple[int, ...], tuple[int, ...]] | None = None) -> None:
        """chosen: bands of before and of after, as many of one as of the other, in place of all."""
        rasters = pair.before.raster, pair.after.raster
        if any(raster.is_colour and len(raster.bands) == 1 for raster in rasters):
            raise PairBands("The numbers of a palette are no measurements.", "Compare rasters with bands of their own, or by colours.")
        given = [_measuring(raster.path) for raster in rasters] if chosen is None else chosen
        count = min(map(len, given))
        raw = [RawRaster.of(raster.path, bands[:count]) for raster, bands in zip(rasters, given, strict=True)]
        super().__init__(pair.before.of(raw[0]), pair.after.of(raw[1]), pair.known, pair.clouds)


def _measuring(path: str) -> tuple[int, ...]:
    """The bands of a file but for the one that says how opaque it is."""
    dataset = open_dataset(path)
    try:
        return tuple(band for band, meaning in enumerate(dataset.colorinterp, 1) if meaning is not ColorInterp.alpha) or (1,)
    finally:
        dataset.close()
