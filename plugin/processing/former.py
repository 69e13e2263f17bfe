"""What was there before, for an algorithm: a raster of an earlier date and an old map, each of which may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer

from ...models.protocol import OldMap, Open, OpenReply
from ..map.areas import brought_to
from ..map.rasters import seen_in
from ..problems import PluginProblem
from .layers import LayerInput
from .outputs import temporary_folder
from .rasters import RasterInput

if TYPE_CHECKING:
    from .run import Run


class Former:
    """Made on the layers' own thread; `open` and `map_file` are for the algorithm's."""

    def __init__(self, before: Optional[RasterInput], old_map: Optional[LayerInput], field: str, class_name: str) -> None:
        self._before, self._map, self._field, self._class = before, old_map, field, class_name
        self.opened: Optional[OpenReply] = None  # of the before raster, once it is open

    @property
    def crs(self) -> Optional[QgsCoordinateReferenceSystem]:
        """Of the before raster, which is that of the changes; None without one."""
        return self._before.crs if self._before is not None else None

    @property
    def source(self) -> str:
        """Of the before raster, "" without one."""
        return self._before.source if self._before is not None else ""

    def open(self, run: Run) -> Optional[Open]:
        """The before raster as the engine can open it. Raises PluginProblem."""
        if self._before is None:
            return None
        asked, self.opened = self._before.open(run.engine, run.context, run.feedback)
        return asked

    def map_file(self, run: Run) -> Optional[OldMap]:
        """Written out where the engine cannot read it. Raises PluginProblem."""
        if self._map is None:
            return None
        (file,) = self._map.named(run.folder, run.context, run.feedback)
        return OldMap(file.path, file.table, self._field, "" if self._field else self._class)


def former_of(
    before: Optional[QgsRasterLayer],
    after: QgsRasterLayer,
    bounds: Optional[QgsRectangle],
    pixel: float,
    old_map: Optional[QgsVectorLayer],
    field: str,
    class_name: str,
) -> Former:
    """Take what is needed of layers. bounds: where to look, in the after layer's CRS, None for all of it; pixel: as `RasterInput` takes it.

    Raises PluginProblem: map.field, pair.apart, and what `RasterInput` raises.
    """
    if old_map is not None and field and old_map.fields().lookupField(field) < 0:
        raise PluginProblem("map.field", field)
    raster = None
    if before is not None:
        extent, side = _brought(bounds or after.extent(), after, before)
        services = before.dataProvider() is not None and before.dataProvider().xSize() <= 0
        try:
            raster = RasterInput(before, extent, (pixel or side) if services else 0.0, temporary_folder("rasters"))
        except PluginProblem as trouble:
            raise PluginProblem("pair.apart") if trouble.problem.code == "click.outside" else trouble from trouble
    layers = LayerInput([old_map], [field] if field else []) if old_map is not None else None
    return Former(raster, layers, field, class_name)


def _brought(bounds: QgsRectangle, after: QgsRasterLayer, before: QgsRasterLayer) -> tuple[Optional[QgsRectangle], float]:
    """An extent and the side of the after layer's pixels, in the before layer's CRS; 0 where those are not known."""
    if bounds.isEmpty() or not bounds.isFinite():
        return None, 0.0
    side = after.rasterUnitsPerPixelX() if after.dataProvider().xSize() > 0 else 0.0
    if not (after.crs().isValid() and before.crs().isValid()):
        return bounds, side
    if side > 0:
        side = seen_in(before.crs(), bounds, side, after.crs())[1]
    context = QgsProject.instance().transformContext()
    return brought_to(QgsGeometry.fromRect(bounds), after.crs(), before.crs(), context).boundingBox(), side
