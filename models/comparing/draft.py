"""The planes of a comparison on disk: written strip by strip, read again wherever somebody looks at an object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import rasterio
from rasterio.windows import Window

from ..landcover.optimised import TILE, settings
from ..surveying.frame import Frame

PLANES = 3  # of `planes.keep_for`
AT_ONCE = 1 << 21  # pixels that are read together


class Draft:
    """The planes of a frame in `path`, a GeoTIFF with tiles, for one thread at a time; what was there before is written anew.

    Nothing in it has to outlive a run: the strips come again from the scratch. Writing and reading raise OSError where a disk is full or a
    file is gone.
    """

    def __init__(self, path: Path, frame: Frame, count: int = PLANES) -> None:
        self.path, self.frame, self.count = path, frame, count
        path.unlink(missing_ok=True)  # of a run that died: GDAL would first read it
        with settings():
            self._dataset = rasterio.open(
                path, "w+", driver="GTiff", width=frame.width, height=frame.height, count=count, dtype="uint8",
                tiled=True, blockxsize=TILE, blockysize=TILE, compress="deflate", zlevel=1, bigtiff="if_safer", sparse_ok=True,
            )  # fmt: skip

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        with settings():
            self._dataset.close()

    def write(self, row: int, planes: np.ndarray) -> None:
        """Rows from `row` on, uint8 (count, rows, width of the frame)."""
        with settings():
            self._dataset.write(planes, window=Window(0, row, planes.shape[2], planes.shape[1]))

    def read(self, col: int, row: int, width: int, height: int) -> np.ndarray:
        """uint8 (count, height, width) from (col, row) of the frame on; 0 beyond the frame and where nothing was written yet."""
        planes = np.zeros((self.count, height, width), np.uint8)
        left, right = np.clip((col, col + width), 0, self.frame.width).tolist()
        top, bottom = np.clip((row, row + height), 0, self.frame.height).tolist()
        if left < right and top < bottom:
            with settings():
                found = self._dataset.read(window=Window(left, top, right - left, bottom - top))
            planes[:, top - row : bottom - row, left - col : right - col] = found
        return planes

    def strips(self, rows: int | None = None) -> Iterator[tuple[int, np.ndarray]]:
        """All planes from top to bottom, as (first row, uint8 (count, rows, width)); without `rows`, so many as are held at ease."""
        step = rows or min(max(1, AT_ONCE // self.frame.width), TILE)
        for row in range(0, self.frame.height, step):
            yield row, self.read(0, row, self.frame.width, min(step, self.frame.height - row))
