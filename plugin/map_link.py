"""The joint between the session and the canvas: gestures become prompts, outlines become drawings, layers become files.

The session thinks in the raster layer's CRS, the canvas in its destination CRS; everything that crosses is converted here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtGui import QColor

from ..models.protocol import OpenReply
from .connections import Connections, connect, disconnect
from .geometry import geometry_of
from .map.click_tool import ClickTool
from .map.export import Export
from .map.preview import Preview
from .map.rasters import NeedsExport, RasterSource, exported_source, placed_alike, seen_in, source_of
from .place import raster_from
from .problems import PluginProblem, Problem, problem_of
from .session import Session
from .state import Outline, Raster, State

REST = 400  # ms without a move before a layer without a file is written out for the new view


class MapLink(QObject):
    """`folder` is where parts of layers without a file are written."""

    def __init__(self, session: Session, canvas: QgsMapCanvas, tool: ClickTool, folder: Path, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._canvas, self._tool, self._folder = session, canvas, tool, folder
        self._preview = Preview(canvas)
        self._drawn = State()
        self._export: Optional[Export] = None
        self._written: Optional[QgsRectangle] = None  # of a layer without a file, the part that the engine sees
        self._unfit: set[str] = set()  # layers whose own file will not do
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._rested)
        connect(self._connections())

    def remove(self) -> None:
        """Let go of canvas, tool and session for good: each of them may say something yet while the others are being deleted."""
        disconnect(self._connections())
        self._rest.stop()
        self._cancel_export()
        self._preview.remove()

    # -- what the user does

    def _connections(self) -> Connections:
        session, tool = self._session, self._tool
        return (
            (tool.clicked, self._clicked),
            (tool.boxed, self._boxed),
            (tool.hovered, self._hovered),
            (tool.left, session.leave),
            (tool.resized, session.resize),
            (tool.undone, session.undo),
            (tool.redone, session.redo),
            (tool.accepted, session.accept),
            (tool.cleared, session.clear),
            (session.changed, self._draw),
            (session.rasterWanted, self._find_file),
            (session.rasterOpened, self._check_place),
            (self._canvas.extentsChanged, self._moved),
            (self._canvas.destinationCrsChanged, self._crs_changed),
            (QgsProject.instance().layersWillBeRemoved, self._removing),
        )

    def _clicked(self, point: QgsPointXY, positive: bool) -> None:
        at = self._to_raster(QgsGeometry.fromPointXY(point))
        if at is not None:
            self._cover(at)
            self._session.add_click(at.asPoint().x(), at.asPoint().y(), positive)

    def _boxed(self, rectangle: QgsRectangle) -> None:
        """On a raster in another CRS the box is the larger one around the four corners."""
        box = self._to_raster(QgsGeometry.fromRect(rectangle))
        if box is not None:
            self._cover(box)
            bounds = box.boundingBox()
            self._session.add_box(bounds.xMinimum(), bounds.yMinimum(), bounds.xMaximum(), bounds.yMaximum())

    def _hovered(self, point: QgsPointXY) -> None:
        at = self._to_raster(QgsGeometry.fromPointXY(point), complain=False)
        if at is not None:
            self._session.hover(at.asPoint().x(), at.asPoint().y())

    def _moved(self) -> None:
        self._look()
        self._rest.start()

    def _crs_changed(self) -> None:
        self._drawn = State()
        self._draw(self._session.state)
        self._moved()

    def _removing(self, layer_ids: list[str]) -> None:
        raster = self._session.state.raster
        if raster is not None and raster.layer_id in layer_ids:
            self._session.choose_raster("")
            self._session.show_problem(problem_of("layer.removed"))

    # -- the raster

    @property
    def _layer(self) -> Optional[QgsRasterLayer]:
        raster = self._session.state.raster
        return QgsProject.instance().mapLayer(raster.layer_id) if raster else None

    def _crs(self) -> QgsCoordinateReferenceSystem:
        layer = self._layer
        return layer.crs() if layer is not None else QgsCoordinateReferenceSystem()

    def _seen(self) -> tuple[QgsRectangle, float]:
        """The canvas's extent and pixel in the raster's CRS. Raises PluginProblem click.outside."""
        settings = self._canvas.mapSettings()
        crs = self._crs()
        if not crs.isValid():
            return settings.visibleExtent(), settings.mapUnitsPerPixel()
        return seen_in(crs, settings.visibleExtent(), settings.mapUnitsPerPixel(), settings.destinationCrs())

    def _look(self) -> None:
        if self._layer is None:
            return
        try:
            extent, pixel = self._seen()
        except PluginProblem:  # the view has no place in the raster's CRS: there is nothing to encode
            return
        self._session.look((extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()), pixel)

    def _find_file(self, raster: Raster) -> None:
        """Answer the session's wish for a file: the layer's own, or a part of the layer written out."""
        self._written = None
        try:
            self._bring(raster, QgsRectangle())
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)

    def _bring(self, raster: Raster, also: QgsRectangle) -> None:
        """Bring the engine a file that shows what the canvas shows, and `also`. Raises PluginProblem."""
        layer = self._layer
        try:
            extent, pixel = self._seen()
        except PluginProblem:  # the view has no place in the raster's CRS, and a layer with a file does not need one
            extent, pixel = QgsRectangle(), 0.0
        if not also.isNull():
            extent.combineExtentWith(also)
        find = exported_source if raster.layer_id in self._unfit else source_of
        found = find(layer, extent, pixel, self._folder)
        self._look()
        if isinstance(found, RasterSource):
            if found.path != raster.path:
                self._cancel_export()
                self._session.raster_ready(raster_from(raster.layer_id, raster.name, found))
        else:
            self._start_export(layer, raster, found)

    def _start_export(self, layer: QgsRasterLayer, raster: Raster, needs: NeedsExport) -> None:
        self._cancel_export()
        export = self._export = Export(layer, needs, self)
        export.finished.connect(lambda source: self._exported(export, raster, source))
        export.failed.connect(lambda problem: self._not_exported(export, problem))
        export.start()

    def _exported(self, export: Export, raster: Raster, source: RasterSource) -> None:
        if export is self._export:
            self._export = None
            self._session.raster_ready(raster_from(raster.layer_id, raster.name, source))

    def _not_exported(self, export: Export, problem: Problem) -> None:
        if export is self._export:
            self._export = None
            if problem.code != "cancelled":
                self._session.show_problem(problem)

    def _cancel_export(self) -> None:
        if self._export is not None:
            export, self._export = self._export, None
            export.cancel()

    def _check_place(self, reply: OpenReply) -> None:
        """The engine has opened the file: does it lie where QGIS draws it?"""
        raster, layer = self._session.state.raster, self._layer
        if raster is None or layer is None:
            return
        if Path(raster.path).parent == self._folder:
            self._written = _extent(reply)
        elif not placed_alike(layer, reply.transform, reply.width, reply.height):
            self._unfit.add(raster.layer_id)
            self._session.want_raster()

    def _rested(self) -> None:
        """Write a layer without a file out again where the user looks now; while an object is under way, only `_cover` does."""
        raster = self._session.state.raster
        if raster is None or self._session.state.prompt or (raster.path and self._written is None):
            return
        try:
            self._bring(raster, QgsRectangle())
        except PluginProblem:  # the user is just looking somewhere else
            pass

    def _cover(self, place: QgsGeometry) -> None:
        """See to it that the engine sees this place too, before it is asked about it."""
        raster = self._session.state.raster
        if raster is None or self._written is None or self._written.contains(place.boundingBox()):
            return
        also = place.boundingBox()
        for point in self._session.state.prompt.points:
            also.include(QgsPointXY(point.x, point.y))
        try:
            self._bring(raster, also)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)

    # -- drawing

    def _draw(self, state: State) -> None:
        former, self._drawn = self._drawn, state
        if state.hover is not former.hover:
            self._preview.show_hover(self._shape(state.hover))
        if state.pending is not former.pending or state.map_class != former.map_class:
            self._preview.show_pending(self._shape(state.pending), QColor(state.map_class.colour))
        if state.history is not former.history:
            self._draw_prompt(state)
        if state.history is not former.history or state.pending is not former.pending:
            self._offer(state)

    def _offer(self, state: State) -> None:
        past, future = bool(state.history.past), bool(state.history.future)
        sizes = {"larger": bool(state.larger), "smaller": bool(state.smaller)}
        self._tool.offer(undo=past, redo=future, accept=state.prompt.asks, **sizes)

    def _draw_prompt(self, state: State) -> None:
        points = []
        for point in state.prompt.points:
            at = self._to_canvas(QgsGeometry.fromPointXY(QgsPointXY(point.x, point.y)))
            if at is not None:
                points.append((at.asPoint(), point.positive))
        box = self._to_canvas(QgsGeometry.fromRect(QgsRectangle(*state.prompt.box))) if state.prompt.box else None
        self._preview.show_prompts(points, box.boundingBox() if box is not None else None)

    def _shape(self, outline: Optional[Outline]) -> Optional[QgsGeometry]:
        return self._to_canvas(geometry_of(outline)) if outline else None

    # -- conversion

    def _to_raster(self, geometry: QgsGeometry, complain: bool = True) -> Optional[QgsGeometry]:
        moved = self._transformed(geometry, Qgis.TransformDirection.Reverse)
        if moved is None and complain:
            self._session.show_problem(problem_of("click.outside"))
        return moved

    def _to_canvas(self, geometry: QgsGeometry) -> Optional[QgsGeometry]:
        return self._transformed(geometry, Qgis.TransformDirection.Forward)

    def _transformed(self, geometry: QgsGeometry, direction: Qgis.TransformDirection) -> Optional[QgsGeometry]:
        """From the raster's CRS to the canvas's, or back. A raster without a CRS lies in the canvas's."""
        canvas_crs = self._canvas.mapSettings().destinationCrs()
        transform = QgsCoordinateTransform(self._crs(), canvas_crs, QgsProject.instance().transformContext())
        try:
            geometry.transform(transform, direction)
        except QgsCsException:
            return None
        return geometry


def _extent(reply: OpenReply) -> QgsRectangle:
    a, b, c, d, e, f = reply.transform
    extent = QgsRectangle()
    extent.setMinimal()
    for col in (0, reply.width):
        for row in (0, reply.height):
            extent.include(QgsPointXY(a * col + b * row + c, d * col + e * row + f))
    return extent
