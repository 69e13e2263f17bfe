"""The joint between the review tool, the found layer and the engine: clicks on found objects become edits of their layer."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QAction

from ..models.protocol import ClickReply
from .connections import Connections, connect, disconnect
from .geometry import shape_of
from .map.areas import union, wkb_of
from .map.review import cut_out, discard, keep, merge, object_at
from .map.review_tool import ReviewMode, ReviewTool
from .problems import PluginProblem, Problem, problem_of
from .session import Session


class ReviewLink(QObject):
    """`actions` switch the tool on in each of its modes. The layer under review is that of the last search, or the one that QGIS's user
    works on where that holds scored polygons, too."""

    def __init__(self, session: Session, canvas: QgsMapCanvas, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._canvas = session, canvas
        self.tool = ReviewTool(canvas)
        self.actions = {mode: self._action(mode) for mode in ReviewMode}
        self._merging: Optional[tuple[str, int]] = None  # layer id and number of the object that the next one is merged with
        connect(self._connections())

    def remove(self) -> None:
        """Let go of canvas, tool and session for good."""
        if self._canvas.mapTool() is self.tool:
            self._canvas.unsetMapTool(self.tool)
        disconnect(self._connections())
        self.tool.remove()
        self.tool.deleteLater()

    def _connections(self) -> Connections:
        return (
            (self.tool.picked, self._picked),
            (self.tool.modeWanted, self._use),
            (self.tool.ended, self._end),
            (self._canvas.mapToolSet, self._show_tool),
            (self._session.text.examplesWanted, self._take_examples),
        )

    # -- the tool

    def _action(self, mode: ReviewMode) -> QAction:
        words = {
            ReviewMode.KEEP: (self.tr("Keep"), self.tr("Click what is right: it is shown whatever the filter says (K)")),
            ReviewMode.DISCARD: (self.tr("Discard"), self.tr("Click what is wrong: it is deleted (D)")),
            ReviewMode.MERGE: (self.tr("Merge"), self.tr("Click the parts of one object (M)")),
            ReviewMode.SPLIT: (self.tr("Split"), self.tr("Click one of the objects that were found as one (S)")),
        }
        action = QAction(words[mode][0], self)
        action.setToolTip(words[mode][1])
        action.setCheckable(True)
        action.triggered.connect(lambda on: self._use(mode) if on else self._canvas.unsetMapTool(self.tool))
        return action

    def _use(self, mode: ReviewMode) -> None:
        self._end()
        self.tool.choose(mode)
        self._canvas.setMapTool(self.tool)
        self._canvas.setFocus()
        self._show_tool(self.tool)

    def _show_tool(self, tool: Optional[QgsMapTool], _former: Optional[QgsMapTool] = None) -> None:
        for mode, action in self.actions.items():
            action.setChecked(tool is self.tool and mode is self.tool.mode)

    def _end(self) -> None:
        self._merging = None
        self.tool.mark(None)

    # -- decisions

    def _picked(self, place: QgsPointXY) -> None:
        try:
            self._decide(place)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)

    def _decide(self, place: QgsPointXY) -> None:
        layer = self._layer()
        if layer is None:
            raise PluginProblem("review.no_layer")
        at = self._moved(QgsGeometry.fromPointXY(place), self._canvas.mapSettings().destinationCrs(), layer.crs())
        found = object_at(layer, at.asPoint())
        if found is None:
            self.tool.hint(self.tr("There is no object here."))
            return
        mode = self.tool.mode
        if mode is ReviewMode.KEEP:
            keep(layer, found.id())
            self.tool.hint(self.tr("Kept."))
        elif mode is ReviewMode.DISCARD:
            discard(layer, found.id())
            self.tool.hint(self.tr("Discarded."))
        elif mode is ReviewMode.MERGE:
            self._merge(layer, found.id())
        else:
            self._split(layer, found.id(), at)

    def _merge(self, layer: QgsVectorLayer, number: int) -> None:
        """Each object is merged with the one clicked before."""
        if self._merging is not None and self._merging[0] == layer.id() and self._merging[1] != number:
            number = merge(layer, [self._merging[1], number])
        self._merging = (layer.id(), number)
        outline = layer.getFeature(number).geometry()
        self.tool.mark(self._moved(outline, layer.crs(), self._canvas.mapSettings().destinationCrs()))

    def _split(self, layer: QgsVectorLayer, number: int, at: QgsGeometry) -> None:
        """The engine outlines what is clicked, and that is cut out."""
        raster = self._session.state.raster
        source = QgsProject.instance().mapLayer(raster.layer_id) if raster else None
        if source is None:
            raise PluginProblem("area.no_raster")
        crs, layer_id = source.crs(), layer.id()
        place = self._moved(at, layer.crs(), crs).asPoint()
        self.tool.hint(self.tr("Outlining the object…"))
        self._session.text.outline_at(place.x(), place.y(), lambda reply: self._outlined(layer_id, number, reply, crs), self._not_outlined)

    def _outlined(self, layer_id: str, number: int, reply: ClickReply, crs: QgsCoordinateReferenceSystem) -> None:
        layer = QgsProject.instance().mapLayer(layer_id)
        if not isinstance(layer, QgsVectorLayer) or not layer.getFeature(number).isValid():
            return  # gone meanwhile
        try:
            cut_out(layer, number, self._moved(shape_of(bytes.fromhex(reply.outline)), crs, layer.crs()))
            self.tool.hint(self.tr("Cut out."))
        except PluginProblem as trouble:
            self._not_outlined(trouble.problem)

    def _not_outlined(self, problem: Problem) -> None:
        self.tool.hint()
        self._session.show_problem(problem)

    # -- examples

    def _take_examples(self) -> None:
        """The selected polygons of the layer that the user works on, or of the last search's."""
        for layer in (_polygons(self._canvas.currentLayer()), self._found_layer()):
            if layer is not None and layer.selectedFeatureCount():
                self._session.text.examples_ready(*self._examples(layer))
                return
        self._session.show_problem(problem_of("examples.none"))

    def _examples(self, layer: QgsVectorLayer) -> tuple[str, int]:
        raster = self._session.state.raster
        source = QgsProject.instance().mapLayer(raster.layer_id) if raster else None
        crs = source.crs() if source is not None else layer.crs()
        shapes = [self._moved(feature.geometry(), layer.crs(), crs) for feature in layer.selectedFeatures()]
        whole = union(shapes)
        whole.convertToMultiType()
        return wkb_of(whole), len(shapes)

    # -- within

    def _layer(self) -> Optional[QgsVectorLayer]:
        current = _polygons(self._canvas.currentLayer())
        return current if current is not None and current.fields().lookupField("score") >= 0 else self._found_layer()

    def _found_layer(self) -> Optional[QgsVectorLayer]:
        found = self._session.state.jobs.text.found
        return _polygons(QgsProject.instance().mapLayer(found.layer_id)) if found else None

    def _moved(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem, to: QgsCoordinateReferenceSystem) -> QgsGeometry:
        """Where one of them has no CRS, they are taken to be the same. Raises PluginProblem area.crs."""
        moved = QgsGeometry(geometry)
        try:
            moved.transform(QgsCoordinateTransform(crs, to, QgsProject.instance().transformContext()))
        except QgsCsException as error:
            raise PluginProblem("area.crs", str(error)) from error
        return moved


def _polygons(layer: Optional[QgsMapLayer]) -> Optional[QgsVectorLayer]:
    """The layer, if it holds polygons."""
    holds = isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
    return layer if holds else None
