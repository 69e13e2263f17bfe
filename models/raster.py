"""A raster file: where it lies, how its values become colours, and any window of it at any scale.

Coordinates: *map* (x, y) in the raster's CRS; *pixel* (col, row) as floats, (0, 0) the outer corner of the first pixel and
(0.5, 0.5) its centre. A raster without georeference gets x = col, y = -row, as QGIS draws it, with map units of one pixel.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.errors import NodataShadowWarning, NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from .errors import BandsUnknown, MemoryExhausted, RasterMissing, RasterUnreadable, RequestInvalid
from .pixel_grid import PixelGrid
from .spans import Span, cut
from .stretch import Range, to_bytes, usual_stretch

CACHE_BYTES = 128 << 20  # of GDAL's own block cache; its default, 5 % of the memory, grows with the machine
CACHE_AT_MOST = 384 << 20  # where blocks are as wide as a raster that is very wide
ROWS_TOGETHER = 600  # that are read piece by piece across such a raster: those of a view and some more
STRIP_PIXELS = 1 << 22  # read at once: wide windows go through GDAL's cache strip by strip, or its bands push each other out
SAMPLE_PIXELS = 1 << 20  # values a band that the stretch is computed from
DECODED_AT_MOST = 1 << 24  # a raster without overviews up to this many pixels is sampled evenly, a larger one in patches
PATCHES = 8  # patches across and down
VALID_ABOVE = 127  # of a mask averaged to 0..255: at least half of an output pixel is valid
PALETTE_OVERSAMPLING = 4  # palette indices cannot be averaged: this many a side are looked up, and their colours averaged

# Nodata goes before opacity, as in QGIS, and what has no place on a map has none: nobody need hear of it. Said here for all threads.
warnings.filterwarnings("ignore", category=NodataShadowWarning)
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)


@dataclass(frozen=True)
class Pixels:
    """A window as a network sees it."""

    rgb: np.ndarray  # uint8 (height, width, 3), stretched; black where nodata, the nearest edge pixel outside of the raster
    valid: np.ndarray  # bool (height, width): inside the raster, and neither nodata, masked, transparent nor NaN


class Raster(PixelGrid):
    """An open raster. Not for more than one thread at a time, as GDAL's datasets are not."""

    def __init__(self, path: str, dataset: DatasetReader, bands: Sequence[int], stretch: Sequence[Range]) -> None:
        self.path = path
        self._dataset = dataset
        self.stamp: tuple[int, int] | None = _stamp(path)  # tells one state of the file from another; None where it is no plain file
        self.files: tuple[str, ...] = tuple(dataset.files)  # that it is read from: a mosaic's tiles, overviews and masks beside it
        super().__init__(dataset.width, dataset.height, _transform(dataset), _crs(dataset))
        self.tags: dict[str, str] = {**dataset.tags(), **dataset.tags(ns="IMAGERY")}  # what the file says of itself
        self.dtype: str = dataset.dtypes[0]
        self.nodata: float | None = dataset.nodata
        self.in_whole_rows: bool = dataset.block_shapes[0][1] >= dataset.width  # stored in blocks as wide as the raster
        self._cache_bytes = _cache_bytes(dataset)
        self.bands: tuple[int, ...] = tuple(bands)
        self._palette = _palette(dataset, self.bands)
        self._masked = any(MaskFlags.all_valid not in dataset.mask_flag_enums[band - 1] for band in self.bands)
        self.stretch: tuple[Range, ...] = self._checked_stretch(stretch) or self._measured_stretch()

    def __repr__(self) -> str:
        return f"Raster({self.path!r}, {self.width} x {self.height}, bands {self.bands})"

    def close(self) -> None:
        self._dataset.close()

    def another(self) -> Raster:
        """The same, opened once more: for another thread."""
        return open_raster(self.path, self.bands, self.stretch)

    def restretch(self, stretch: Sequence[Range]) -> None:
        """Show values so from now on."""
        self.stretch = self._checked_stretch(stretch)

    @property
    def is_colour(self) -> bool:
        """Whether it shows colours: three bands or a palette."""
        return len(self.bands) > 1 or self._palette is not None

    @property
    def identity(self) -> Any:
        """JSON values that tell what is read from whatever else could be."""
        return [self.path, self.stamp, self.bands, self.stretch]

    def read(self, col: float, row: float, width: float, height: float, out_width: int, out_height: int) -> Pixels:
        """The window of width x height native pixels at (col, row), resampled to (out_height, out_width).

        The window may hang over the border or lie outside. Down-sampling averages valid pixels, from overviews where the
        raster has them; up-sampling is cubic. An output pixel that the border cuts shows what lies inside.
        Raises RasterMissing or RasterUnreadable where the file has gone, changed or broken since it was opened.
        """
        self.check_file()
        rgb = self._blank(out_height, out_width)
        valid = np.zeros((out_height, out_width), bool)
        across, down = cut(col, width, out_width, self.width), cut(row, height, out_height, self.height)
        with reading(self.path, self._cache_bytes):
            for y in (piece for span in down for piece in span.pieces(STRIP_PIXELS / max(width, 1))):
                for x in across:
                    rgb[y.out, x.out], valid[y.out, x.out] = self._read_inside(x, y)
        if across and down:
            _extend_edges(rgb, slice(down[0].start, down[-1].stop), slice(across[0].start, across[-1].stop))
        return Pixels(rgb, valid)

    def _read_inside(self, x: Span, y: Span) -> tuple[np.ndarray, np.ndarray]:
        """What is shown, (h, w, channels), and bool (h, w) of a window that lies in the raster."""
        window = Window(x.offset, y.offset, x.length, y.length)
        shape = (y.stop - y.start, x.stop - x.start)
        shrinks = x.length > shape[1] or y.length > shape[0]
        valid = np.ones(shape, bool)
        if self._masked:
            resampling = Resampling.average if shrinks else Resampling.nearest
            masks = self._dataset.read_masks(self.bands, window=window, out_shape=(len(self.bands), *shape), resampling=resampling)
            valid = (masks > VALID_ABOVE).any(axis=0)
            if not valid.any():
                return self._blank(*shape), valid
        if self._palette is not None:
            rgb, opaque = self._read_palette(self._palette, window, shape)
            valid &= opaque
        else:
            resampling = Resampling.average if shrinks else Resampling.cubic
            values = self._dataset.read(self.bands, window=window, out_shape=(len(self.bands), *shape), resampling=resampling)
            if values.dtype.kind == "f":
                valid &= np.isfinite(values).all(axis=0)
            rgb = self._shown(values)
        if not valid.all():
            rgb = np.where(valid[..., None], rgb, rgb.dtype.type(0))
        return rgb, valid

    def _blank(self, height: int, width: int) -> np.ndarray:
        return np.zeros((height, width, 3), np.uint8)

    def _shown(self, values: np.ndarray) -> np.ndarray:
        """(bands, h, w) as the file has them -> uint8 (h, w, 3)."""
        return np.stack(list(np.broadcast_to(to_bytes(values, self.stretch), (3, *values.shape[1:]))), axis=-1)

    def _read_palette(self, palette: np.ndarray, window: Window, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        finer = int(np.clip(window.width / shape[1], 1, PALETTE_OVERSAMPLING))
        shape = (shape[0] * finer, shape[1] * finer)
        indices = self._dataset.read(self.bands[0], window=window, out_shape=shape, resampling=Resampling.nearest)
        colours = palette[np.minimum(indices, len(palette) - 1)]
        blocks = colours.reshape(shape[0] // finer, finer, shape[1] // finer, finer, 4).mean(axis=(1, 3)).round().astype(np.uint8)
        return blocks[..., :3], blocks[..., 3] > VALID_ABOVE

    def _checked_stretch(self, stretch: Sequence[Range]) -> tuple[Range, ...]:
        if stretch and (len(stretch) != len(self.bands) or not np.isfinite(np.asarray(stretch, float)).all()):
            raise RequestInvalid(f"The stretch does not give a low and a high value for each of {len(self.bands)} bands.")
        return tuple((float(low), float(high)) for low, high in stretch)

    def _measured_stretch(self) -> tuple[Range, ...]:
        if self._palette is not None:
            return ((0.0, 255.0),)
        with reading(self.path):
            sample = (_evenly if _is_quick_to_decode(self._dataset) else _in_patches)(self._dataset, self.bands)
            if np.ma.getmaskarray(sample).all():  # the patches may all have met nodata where the valid part is small
                sample = _evenly(self._dataset, self.bands)
        return tuple(usual_stretch(band.compressed()) for band in sample)

    def check_file(self) -> None:
        """Raises RasterMissing or RasterUnreadable where the file has gone or changed since it was opened."""
        if self.stamp is None:
            return
        now = _stamp(self.path)
        if now is None:
            raise RasterMissing(f"The raster {self.path} is no longer there.", path=self.path)
        if now != self.stamp:
            raise RasterUnreadable(f"The raster {self.path} was changed after it was opened.", "Choose the raster again.", path=self.path)


def open_raster(path: str | Path, bands: Sequence[int] = (), stretch: Sequence[Range] = ()) -> Raster:
    """Open a file or anything else that GDAL reads ("GPKG:file.gpkg:table", "/vsizip/...").

    `bands` are one or three, 1-based; without them the palette, the red, green and blue band, the first three or the only
    one. `stretch` is (low, high) a band; without it 2-98 % of a sample of at most about a million valid pixels.
    Raises RasterMissing, RasterUnreadable, BandsUnknown, RequestInvalid.
    """
    path = str(path)
    dataset = open_dataset(path)
    try:
        return Raster(path, dataset, _chosen_bands(dataset, bands), stretch)
    except BaseException:
        dataset.close()
        raise


def open_dataset(path: str) -> DatasetReader:
    """Raises RasterMissing, RasterUnreadable."""
    if not Path(path).exists() and not path.startswith("/vsi") and ":" not in path[2:]:
        raise RasterMissing(f"There is no raster at {path}.", path=path)
    with reading(path), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        dataset = rasterio.open(path)
    if dataset.count == 0 or np.dtype(dataset.dtypes[0]).kind == "c":
        raise RasterUnreadable(f"{path} has no band that can be shown.", "Choose one of the rasters inside it.", path=path)
    return dataset


@contextmanager
def reading(path: str, cache_bytes: int = CACHE_BYTES) -> Iterator[None]:
    """GDAL's settings, and its errors as problems."""
    try:
        with rasterio.Env(GDAL_CACHEMAX=cache_bytes):
            yield
    except UnicodeEncodeError as error:  # GDAL takes names in UTF-8, the system any
        raise RasterUnreadable(f"The name of the raster {path!a} is not in UTF-8.", "Give the file another name.", path=path) from error
    except MemoryError as error:
        raise MemoryExhausted(f"There is not enough memory to read {path}.", path=path) from error
    except (RasterioError, OSError, ValueError, CRSError) as error:
        if not Path(path).exists() and not path.startswith("/vsi") and ":" not in path[2:]:
            raise RasterMissing(f"The raster {path} is no longer there.", path=path) from error
        raise RasterUnreadable(f"The raster {path} cannot be read.", path=path, reason=str(error.__cause__ or error)) from error


def _cache_bytes(dataset: DatasetReader) -> int:
    """What GDAL needs to remember, so that views beside each other do not decode blocks of whole rows again and again."""
    if dataset.block_shapes[0][1] < dataset.width:
        return CACHE_BYTES
    a_row = dataset.width * sum(np.dtype(dtype).itemsize for dtype in dataset.dtypes)
    return min(max(CACHE_BYTES, ROWS_TOGETHER * a_row), CACHE_AT_MOST)


def _stamp(path: str) -> tuple[int, int] | None:
    """Tells one state of a file from another; None where there is no such file."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns)


def _crs(dataset: DatasetReader) -> CRS | None:
    try:
        return CRS.from_wkt(dataset.crs.to_wkt()) if dataset.crs else None
    except CRSError:
        return None


def _transform(dataset: DatasetReader) -> Affine:
    transform = dataset.transform
    if transform == Affine.identity() and not dataset.crs:
        return Affine.scale(1, -1)
    if transform.is_degenerate:
        raise RasterUnreadable("The raster's pixels have no size on the map.", "Give the raster a valid georeference.")
    return transform


def _chosen_bands(dataset: DatasetReader, bands: Sequence[int]) -> tuple[int, ...]:
    if bands:
        if len(bands) not in (1, 3) or not all(1 <= band <= dataset.count for band in bands):
            what = f"Bands {', '.join(map(str, bands))} were asked for; the raster has {dataset.count}."
            raise BandsUnknown(what, bands=list(bands), count=dataset.count)
        return tuple(bands)
    meanings = list(dataset.colorinterp)
    if ColorInterp.palette in meanings:
        return (meanings.index(ColorInterp.palette) + 1,)
    colours = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if all(colour in meanings for colour in colours):
        return tuple(meanings.index(colour) + 1 for colour in colours)
    shown = [band for band, meaning in enumerate(meanings, 1) if meaning is not ColorInterp.alpha] or [1]
    return tuple(shown[:3]) if len(shown) >= 3 else (shown[0],)


def _palette(dataset: DatasetReader, bands: tuple[int, ...]) -> np.ndarray | None:
    """uint8 (entries, 4): red, green, blue, opacity; None where the one band shown has no palette."""
    if len(bands) != 1 or dataset.colorinterp[bands[0] - 1] is not ColorInterp.palette:
        return None
    colours = dataset.colormap(bands[0])
    palette = np.zeros((max(colours) + 1, 4), np.uint8)
    palette[list(colours)] = list(colours.values())
    return palette


def _is_quick_to_decode(dataset: DatasetReader) -> bool:
    coarsest = max(dataset.overviews(1), default=1)
    return dataset.width * dataset.height / coarsest**2 <= DECODED_AT_MOST


def _evenly(dataset: DatasetReader, bands: tuple[int, ...]) -> np.ma.MaskedArray:
    """A decimated read of the whole raster as (bands, height, width)."""
    factor = max(1.0, math.sqrt(dataset.width * dataset.height / SAMPLE_PIXELS))
    shape = (len(bands), max(1, int(dataset.height / factor)), max(1, int(dataset.width / factor)))
    return np.ma.masked_invalid(dataset.read(bands, out_shape=shape, resampling=Resampling.nearest, masked=True))


def _in_patches(dataset: DatasetReader, bands: tuple[int, ...]) -> np.ma.MaskedArray:
    """Patches on a fixed grid as (bands, patches * height, width): a raster of any size costs the same."""
    side = int(math.sqrt(SAMPLE_PIXELS)) // PATCHES
    width, height = min(side, dataset.width), min(side, dataset.height)
    cols = np.linspace(0, dataset.width - width, PATCHES).astype(int)
    rows = np.linspace(0, dataset.height - height, PATCHES).astype(int)
    patches = [dataset.read(bands, window=Window(col, row, width, height), masked=True) for row in rows for col in cols]
    return np.ma.masked_invalid(np.ma.concatenate(patches, axis=1))


def _extend_edges(rgb: np.ndarray, rows: slice, cols: slice) -> None:
    rgb[rows, : cols.start] = rgb[rows, cols.start : cols.start + 1]
    rgb[rows, cols.stop :] = rgb[rows, cols.stop - 1 : cols.stop]
    rgb[: rows.start] = rgb[rows.start]
    rgb[rows.stop :] = rgb[rows.stop - 1]
