"""The class raster that a land-cover run leaves behind: a Cloud-Optimized GeoTIFF, its class names and its style.

Band 1 holds class numbers with a colour table, band 2 how sure each is (1..255); 0 is nodata in both. GDAL keeps class names in a file of
its own beside a GeoTIFF (`.aux.xml`), QGIS a style (`.qml`).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from html import escape  # the same five characters as in XML
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import ColorInterp
from rasterio.windows import Window

from ..surveying.frame import Frame
from .class_list import ClassList
from .optimised import TILE, settings
from .vectorise import Rows

AT_ONCE = 1 << 21  # pixels that are read together
MOST_ROWS = 256


class ClassRaster:
    """A class raster that is being made, from top to bottom, in `path`, a GeoTIFF with tiles; to be closed before it is read."""

    def __init__(self, path: Path, frame: Frame, classes: ClassList, metadata: Mapping[str, Any]) -> None:
        self.path, self.frame, self.classes = path, frame, classes
        self.counts = np.zeros((frame.height, len(classes.names)), np.int64)  # pixels of each class in each row
        self._sums = [0, 0]  # of what each band was given
        crs = frame.raster.crs
        path.unlink(missing_ok=True)  # of a run that died: GDAL would first read it
        with settings():
            self._dataset = rasterio.open(
                path, "w", driver="GTiff", width=frame.width, height=frame.height, count=2, dtype="uint8", nodata=0,
                crs=None if crs is None else crs.to_wkt(), transform=frame.to_map,
                tiled=True, blockxsize=TILE, blockysize=TILE, compress="deflate", zlevel=1, bigtiff="if_safer",
            )  # fmt: skip
            self._dataset.write_colormap(1, colour_table(classes.colours))
            self._dataset.colorinterp = (ColorInterp.palette, ColorInterp.undefined)
            self._dataset.descriptions = ("class", "confidence")
            self._dataset.update_tags(**{name: value if isinstance(value, str) else json.dumps(value) for name, value in metadata.items()})

    def write(self, row: int, values: np.ndarray) -> None:
        """The next rows, from `row` on, uint8 (2, rows, width)."""
        self._sums = _summed(self._sums, values)
        with settings():
            self._dataset.write(values, window=Window(0, row, values.shape[2], values.shape[1]))
        for number in range(len(self.classes.names)):
            self.counts[row : row + values.shape[1], number] = np.count_nonzero(values[0] == number + 1, axis=1)

    def close(self) -> None:
        with settings():
            self._dataset.close()

    def check(self, path: Path) -> Iterator[None]:
        """Read a copy, some rows at a time. Raises OSError where it is not what was written: GDAL may say nothing of a full disk."""
        sums = [0, 0]
        for rows in self.rows(path):
            sums = _summed(sums, rows)
            yield
        if sums != self._sums:
            raise OSError("not everything was written")

    def rows(self, path: Path | None = None) -> Iterator[Rows]:
        """What was written, or a copy of it, from top to bottom."""
        step = int(np.clip(AT_ONCE // self.frame.width, 1, MOST_ROWS))
        with settings():
            dataset = rasterio.open(path or self.path)
        with closing(dataset):
            for row in range(0, self.frame.height, step):
                with settings():  # not across a pause: they are the thread's
                    classes, confidence = dataset.read(window=Window(0, row, self.frame.width, min(step, self.frame.height - row)))
                yield classes, confidence


def _summed(sums: Sequence[int], bands: Iterable[np.ndarray]) -> list[int]:
    """Check sums of bands, further rows included."""
    return [zlib.crc32(np.ascontiguousarray(band), so_far) for so_far, band in zip(sums, bands, strict=True)]


def colour_table(colours: tuple[str, ...]) -> dict[int, tuple[int, int, int, int]]:
    """Red, green, blue and opacity of each class number; what has no class cannot be seen."""
    table = {number: (*bytes.fromhex(colour[1:]), 255) for number, colour in enumerate(colours, 1)}
    return {0: (0, 0, 0, 0), **table}


def category_names(classes: ClassList) -> str:
    """GDAL's side file with the class names, and an attribute table with their colours."""
    names = "".join(f"<Category>{escape(name)}</Category>" for name in ("", *classes.names))
    columns = ("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8)  # name, type, usage: GDAL's numbers
    fields = "".join(
        f'<FieldDefn index="{index}"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>'
        for index, (name, kind, usage) in enumerate(columns)
    )
    rows = "".join(
        f'<Row index="{index}">{"".join(f"<F>{value}</F>" for value in (index + 1, escape(name), *bytes.fromhex(colour[1:])))}</Row>'
        for index, (name, colour) in enumerate(zip(classes.names, classes.colours, strict=True))
    )
    table = f'<GDALRasterAttributeTable tableType="thematic">{fields}{rows}</GDALRasterAttributeTable>'
    return f'<PAMDataset><PAMRasterBand band="1"><CategoryNames>{names}</CategoryNames>{table}</PAMRasterBand></PAMDataset>\n'


def style(classes: ClassList) -> str:
    """QGIS's style of the raster: each class in its colour, by its name."""
    entries = "".join(
        f'<paletteEntry value="{number}" alpha="255" color="{colour}" label="{escape(name)}"/>'
        for number, (name, colour) in enumerate(zip(classes.names, classes.colours, strict=True), 1)
    )
    renderer = '<rasterrenderer type="paletted" band="1" alphaBand="-1" opacity="1" nodataColor="">'
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis styleCategories="Symbology"><pipe>{renderer}<colorPalette>{entries}</colorPalette></rasterrenderer></pipe></qgis>\n'
    )
