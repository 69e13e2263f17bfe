"""A raster layer for an algorithm: what the engine can open, or the pixels to write out for it.

All that needs the layer is taken from it at once, on the layer's own thread; the rest happens on the algorithm's.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsRasterBlockFeedback, QgsRasterLayer, QgsRasterPipe, QgsRectangle
from qgis.PyQt.QtCore import Qt

from ...models.protocol import Open, OpenReply
from ..map.export import make_room, new_writer, private_pipe
from ..map.rasters import NeedsExport, RasterSource, agree, area_source, colours_of, file_of, raster_of
from ..problems import PluginProblem
from .engine import BlockingEngine


class RasterInput:
    """`extent`, in the layer's CRS, is where the algorithm will look, None for everywhere; `pixel` the side of the pixels to fetch of a
    layer without a file, 0 for the layer's own; `folder` is for what is written out.

    Raises PluginProblem: layer.not_raster, raster.missing, and what `area_source` raises for a layer without a file.
    """

    def __init__(self, layer: QgsRasterLayer, extent: Optional[QgsRectangle], pixel: float, folder: Path) -> None:
        raster_of(layer)
        self.crs = layer.crs()
        self.extent = layer.extent()
        self.name = layer.name()
        self.source = layer.publicSource()
        path = file_of(layer)
        self._file = RasterSource(path, *colours_of(layer.renderer()), layer.crs()) if path else None
        self._copy: Optional[PixelCopy] = None
        try:
            self._copy = PixelCopy(layer, _needed(layer, extent, pixel, folder))
        except PluginProblem:
            if self._file is None:
                raise

    def open(self, engine: BlockingEngine, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> tuple[Open, OpenReply]:
        """Have the engine open it: its file, or what is written out where the engine does not read that or places it elsewhere than QGIS.
        Gives what the engine was told, and what it said.

        Raises PluginProblem: what the engine and writing raise.
        """
        if self._file is not None:
            try:
                asked, reply = _opened(self._file, engine)
                if self._copy is None or agree(self._copy.whole, reply.transform, reply.width, reply.height):
                    return asked, reply
            except PluginProblem as trouble:
                if self._copy is None or trouble.problem.code != "raster.unreadable":
                    raise
        if self._copy is None:
            raise PluginProblem("layer.removed")
        return _opened(self._copy.write(context, feedback), engine)


class PixelCopy:
    """A window of a layer's pixels that can be written to a file, by any one thread."""

    def __init__(self, layer: QgsRasterLayer, found: RasterSource | NeedsExport) -> None:
        self.whole = layer.dataProvider().extent()
        self._found = found
        self._bands, self._crs = layer.bandCount(), layer.crs()
        self._pipe: QgsRasterPipe = private_pipe(layer)

    def write(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> RasterSource:
        """Raises PluginProblem: cancelled, disk.full, output.unwritable, export.failed."""
        if isinstance(self._found, RasterSource):  # an earlier run has written it
            return self._found
        window, source = self._found.window, self._found.source
        path = Path(source.path)
        unfinished = path.with_suffix(f".{uuid.uuid4().hex}.part.tif")
        make_room(path.parent, window, self._bands)
        reading = QgsRasterBlockFeedback()
        feedback.canceled.connect(reading.cancel, Qt.ConnectionType.DirectConnection)  # this thread has no loop that would deliver it
        try:
            writer = new_writer(unfinished)
            error = writer.writeRaster(
                self._pipe, window.columns, window.rows, window.extent, self._crs, context.transformContext(), reading
            )
            if feedback.isCanceled():
                raise PluginProblem("cancelled")
            if error:
                raise PluginProblem("export.failed", str(error))
            os.replace(unfinished, path)
        except OSError as error:
            raise PluginProblem("output.unwritable", str(error)) from error
        finally:
            feedback.canceled.disconnect(reading.cancel)
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
        return source


def _opened(source: RasterSource, engine: BlockingEngine) -> tuple[Open, OpenReply]:
    asked = Open(source.path, source.bands, source.stretch)
    return asked, engine.ask(asked)


def _needed(layer: QgsRasterLayer, extent: Optional[QgsRectangle], pixel: float, folder: Path) -> RasterSource | NeedsExport:
    own = layer.dataProvider().xSize() > 0
    if not own and extent is None:
        raise PluginProblem("area.endless")
    if not (own or pixel > 0):
        raise PluginProblem("pixel.missing")
    side = pixel or min(layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY())
    return area_source(layer, extent, side, folder)
