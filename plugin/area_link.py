"""The joint between jobs over an area and the map: what the user chose becomes a polygon in the raster's CRS, and the raster a file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer

from .area_state import Area, AreaKind, Panel, TextState
from .area_verbs import Place, Wish
from .connections import Connections, connect, disconnect
from .map.areas import brought_to, chosen_features, must_meet, union_of, visible_polygon, wkb_of
from .map.background import Background
from .map.export import Export
from .map.rasters import NeedsExport, RasterSource, area_source, colours_of, file_of, raster_of, seen_in
from .map.rectangle_tool import AreaBand, RectangleTool
from .map.vectors import LayerCopies, file_of_layer, must_be_closed, nameable_layers
from .place import raster_from
from .problems import PluginProblem, problem_of
from .session import Session
from .state import Raster, State


class AreaLink(QObject):
    """`folder` is where parts of layers without a file are written."""

    def __init__(self, session: Session, canvas: QgsMapCanvas, folder: Path, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._canvas, self._folder = session, canvas, folder
        self.tool = RectangleTool(canvas)
        self._band = AreaBand(canvas)
        self._drawn: Optional[tuple[Area, Panel]] = None
        self._former: Optional[QgsMapTool] = None  # the tool that the rectangle interrupted
        self._watched: Optional[QgsVectorLayer] = None  # the polygon layer, whose selection counts
        self._wish: Optional[Wish] = None  # the last one: it may be on its way
        self._reading: Optional[Background] = None  # held while it runs
        self._names = QTimer(self)  # a project that is loaded brings its layers one by one
        self._names.setSingleShot(True)
        self._names.setInterval(0)
        connect(self._connections())
        self._name_layers()

    def remove(self) -> None:
        """Let go of canvas, project and session for good."""
        disconnect(self._connections())
        self._names.stop()
        self._watch(None)
        if self._wish is not None:
            self._wish.withdraw()
        self._stop_drawing()
        self.tool.remove()
        self._band.remove()
        self.tool.deleteLater()

    def _connections(self) -> Connections:
        project, area = QgsProject.instance(), self._session.area
        return (
            (area.wanted, self._answer),
            (area.drawingWanted, self._draw),
            (self.tool.drawn, self._rectangle_drawn),
            (self.tool.abandoned, self._stop_drawing),
            (self.tool.deactivated, self._put_away),
            (self._session.changed, self._show),
            (self._canvas.destinationCrsChanged, self._show_again),
            (project.layersWillBeRemoved, self._removing),
            (project.layerTreeRoot().addedChildren, self._names.start),
            (project.layerTreeRoot().removedChildren, self._names.start),
            (project.layerTreeRoot().nameChanged, self._names.start),
            (self._names.timeout, self._name_layers),
        )

    # -- the place of a job

    def _answer(self, wish: Wish) -> None:
        """Step by step: the area as it was chosen, then in the raster's CRS, then the raster's file. Each may take time."""
        self._wish = wish
        try:
            must_be_closed(QgsProject.instance(), wish.files)
            self._find_area(wish)
        except PluginProblem as trouble:
            wish.failed(trouble.problem)

    def _find_area(self, wish: Wish) -> None:
        self._raster_layer()
        area = wish.area
        if area.kind is AreaKind.WHOLE:
            self._find_file(wish, None)
        elif area.kind is AreaKind.VISIBLE:
            settings = self._canvas.mapSettings()
            self._bring(wish, visible_polygon(settings), settings.destinationCrs())
        elif area.kind is AreaKind.SELECTED:
            self._read_polygons(wish)
        elif area.rectangle is None:
            raise PluginProblem("area.undrawn")
        else:
            self._bring(wish, QgsGeometry.fromRect(QgsRectangle(*area.rectangle)), _crs(area.rectangle_crs))

    def _read_polygons(self, wish: Wish) -> None:
        """In the background: a layer may have any number of polygons."""
        layer = QgsProject.instance().mapLayer(wish.area.layer_id)
        if not isinstance(layer, QgsVectorLayer):
            raise PluginProblem("area.layer")
        source, request = chosen_features(layer)
        crs = layer.crs()
        words = self.tr("Rasterscribe: reading polygons of {layer}").format(layer=layer.name())
        reading = Background(words, lambda: union_of(source, request), lambda whole: self._read(wish, whole, crs), wish.failed)
        wish.when_withdrawn = reading.forget
        self._reading = reading
        reading.start()

    def _read(self, wish: Wish, whole: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        self._reading = None
        try:
            self._bring(wish, whole, crs)
        except PluginProblem as trouble:
            wish.failed(trouble.problem)

    def _bring(self, wish: Wish, polygon: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        layer = self._raster_layer()
        area = brought_to(polygon, crs, layer.crs(), QgsProject.instance().transformContext())
        must_meet(area, layer.extent())
        self._find_file(wish, area)

    def _find_file(self, wish: Wish, area: Optional[QgsGeometry]) -> None:
        """The raster's own file where the engine reads it, else the area written out at the map's resolution."""
        layer, raster = self._raster_layer(), self._session.state.raster
        path = file_of(layer)
        if raster is not None and path is not None and raster.path in ("", path):
            own = RasterSource(path, *colours_of(layer.renderer()), layer.crs())
            self._ready(wish, raster if raster.path else raster_from(layer.id(), layer.name(), own), area)
            return
        extent = area.boundingBox() if area is not None else None
        found = area_source(layer, extent, self._pixel(layer), self._folder)
        if isinstance(found, NeedsExport):
            self._export(wish, layer, found, area)
        else:
            self._ready(wish, raster_from(layer.id(), layer.name(), found), area)

    def _export(self, wish: Wish, layer: QgsRasterLayer, needs: NeedsExport, area: Optional[QgsGeometry]) -> None:
        export = Export(layer, needs, self)
        wish.when_withdrawn = export.cancel
        raster = raster_from(layer.id(), layer.name(), needs.source)
        export.finished.connect(lambda _source: self._ready(wish, raster, area))
        export.failed.connect(wish.failed)
        export.start()

    def _ready(self, wish: Wish, raster: Raster, area: Optional[QgsGeometry]) -> None:
        """At last the layers that the phrase may name; those without a file that it does name are written out."""
        place = Place(raster, wkb_of(area) if area is not None else "")
        known, lacking = [], {}
        for name, layer in nameable_layers(QgsProject.instance()).items():
            file = file_of_layer(name, layer)
            if file is not None:
                known.append(file)
            elif _names(self._session.state.jobs.text, name):
                lacking[name] = layer
        if not lacking:
            wish.ready(dataclasses.replace(place, layers=tuple(known)))
            return
        copies = LayerCopies(lacking, self._folder / "layers", self)
        wish.when_withdrawn = copies.cancel
        copies.finished.connect(lambda written: wish.ready(dataclasses.replace(place, layers=(*known, *written))))
        copies.failed.connect(wish.failed)
        copies.start()

    def _raster_layer(self) -> QgsRasterLayer:
        raster = self._session.state.raster
        if raster is None:
            raise PluginProblem("area.no_raster")
        return raster_of(QgsProject.instance().mapLayer(raster.layer_id))

    def _pixel(self, layer: QgsRasterLayer) -> float:
        """The ground size of a screen pixel in the layer's CRS."""
        settings = self._canvas.mapSettings()
        if not layer.crs().isValid():
            return float(settings.mapUnitsPerPixel())
        return seen_in(layer.crs(), settings.visibleExtent(), settings.mapUnitsPerPixel(), settings.destinationCrs())[1]

    # -- drawing a rectangle

    def _draw(self) -> None:
        if self._canvas.mapTool() is not self.tool:
            self._former = self._canvas.mapTool()
        self._canvas.setMapTool(self.tool)
        self._canvas.setFocus()

    def _rectangle_drawn(self, box: QgsRectangle) -> None:
        crs = self._canvas.mapSettings().destinationCrs()
        corners = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
        self._session.area.set_rectangle(corners, crs.toWkt() if crs.isValid() else "")
        self._stop_drawing()

    def _put_away(self) -> None:
        """Whatever ended it; without a rectangle that is not an area."""
        self._former = None
        if self._session.state.jobs.area.rectangle is None:
            self._session.area.set_rectangle(None)

    def _stop_drawing(self) -> None:
        """Back to the tool that was there."""
        former, self._former = self._former, None
        if self._canvas.mapTool() is self.tool:
            self._canvas.unsetMapTool(self.tool)
            if former is not None and not sip.isdeleted(former):
                self._canvas.setMapTool(former)

    # -- showing what is chosen

    def _show(self, state: State) -> None:
        chosen = (state.jobs.area, state.jobs.panel)
        if chosen == self._drawn:
            return
        self._drawn = chosen
        area, panel = chosen
        self._band.show(self._rectangle(area) if area.kind is AreaKind.RECTANGLE and panel is not Panel.CLICK else None)
        layer = QgsProject.instance().mapLayer(area.layer_id) if area.kind is AreaKind.SELECTED else None
        self._watch(layer if isinstance(layer, QgsVectorLayer) else None)

    def _show_again(self) -> None:
        self._drawn = None
        self._show(self._session.state)

    def _rectangle(self, area: Area) -> Optional[QgsGeometry]:
        """In the canvas's CRS; None where it has no place there."""
        if area.rectangle is None:
            return None
        box = QgsGeometry.fromRect(QgsRectangle(*area.rectangle))
        try:
            context = QgsProject.instance().transformContext()
            return brought_to(box, _crs(area.rectangle_crs), self._canvas.mapSettings().destinationCrs(), context)
        except PluginProblem:
            return None

    def _watch(self, layer: Optional[QgsVectorLayer]) -> None:
        if layer is not self._watched:
            if self._watched is not None:
                self._watched.selectionChanged.disconnect(self._describe)
            self._watched = layer
            if layer is not None:
                layer.selectionChanged.connect(self._describe)
        self._describe()

    def _describe(self) -> None:
        layer = self._watched
        if layer is None:
            words = ""
        elif layer.selectedFeatureCount():
            words = self.tr("Selected polygons: {count}").format(count=layer.selectedFeatureCount())
        else:
            words = self.tr("No polygon is selected: all of the layer count")
        self._session.area.describe(words)

    def _removing(self, layer_ids: list[str]) -> None:
        if self._watched is not None and self._watched.id() in layer_ids:
            self._watch(None)
            self._session.area.choose_layer("")
            self._session.show_problem(problem_of("area.layer"))

    def _name_layers(self) -> None:
        self._session.text.set_layers(tuple(nameable_layers(QgsProject.instance())))


def _names(text: TextState, layer: str) -> bool:
    """Whether the phrase names the layer, as far as the engine has explained it yet; a layer that is called as the whole phrase is what was
    found by it before."""
    if text.explained is None:
        return layer.casefold() in text.phrase.casefold() and layer != text.phrase.strip()
    relations = (relation for query in text.explained.parse.get("queries", ()) for relation in query.get("relations") or ())
    return any(str(relation.get("of", "")).casefold() == layer.casefold() for relation in relations)


def _crs(wkt: str) -> QgsCoordinateReferenceSystem:
    return QgsCoordinateReferenceSystem.fromWkt(wkt) if wkt else QgsCoordinateReferenceSystem()
