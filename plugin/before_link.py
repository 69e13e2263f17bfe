"""The joint between what was there before and the project: which layers that may be, and the files that the engine reads of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Optional

from qgis.core import QgsGeometry, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer

from ..models.protocol import NamedLayer, OldMap, Open
from .area_state import Panel
from .area_verbs import Place, Wish
from .change_state import MapChoice
from .connections import Connections, connect, disconnect
from .map.areas import brought_to
from .map.earlier import likely_before, likely_class, likely_field
from .map.export import Export
from .map.rasters import NeedsExport, RasterSource, area_source, colours_of, file_of, raster_of, seen_in
from .map.vectors import LayerCopies, file_of_layer
from .place import crs_of, raster_from
from .problems import PluginProblem
from .session import Session
from .state import Raster, State


class BeforeLink(QObject):
    """`folder` is where parts of layers without a file are written."""

    def __init__(self, session: Session, folder: Path, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._folder = session, folder
        self._offered: tuple[Any, ...] = ()  # what the session was told of the files
        self._looked_for = self._proposed_for = ""  # the after layer that a before layer was looked for, and proposed
        self._wish: Optional[Wish] = None  # the last one: it may be on its way
        self._look = QTimer(self)  # a project that is loaded brings its layers one by one
        self._look.setSingleShot(True)
        self._look.setInterval(0)
        connect(self._connections())
        self._follow(session.state)

    def remove(self) -> None:
        """Let go of project and session for good."""
        disconnect(self._connections())
        self._look.stop()
        if self._wish is not None:
            self._wish.withdraw()

    def _connections(self) -> Connections:
        project, change = QgsProject.instance(), self._session.change
        return (
            (self._session.changed, self._follow),
            (change.beforeWanted, self._answer),
            (change.fieldWanted, self._choose_field),
            (project.layersWillBeRemoved, self._removing),
            (project.layersAdded, self._look.start),
            (self._look.timeout, self._propose),
        )

    # -- what is chosen

    def _follow(self, state: State) -> None:
        change, raster = state.jobs.change, state.raster
        if state.jobs.panel is not Panel.CHANGE:
            return
        if raster is not None and raster.layer_id != self._looked_for:
            self._look.start()
        chosen = (change.before_id, raster.layer_id if raster else "", raster.path if raster else "")
        if chosen != self._offered:
            self._offered = chosen
            self._session.change.offer_pair(_own_file(change.before_id), self._after_file(raster))

    def _propose(self) -> None:
        """Once for each after raster, and never in place of what the user chose."""
        state = self._session.state
        change, raster = state.jobs.change, state.raster
        if raster is None or state.jobs.panel is not Panel.CHANGE or change.before_id or change.run is not None:
            return
        after = QgsProject.instance().mapLayer(raster.layer_id)
        if not isinstance(after, QgsRasterLayer) or not after.isValid() or raster.layer_id == self._proposed_for:
            return
        self._looked_for = raster.layer_id
        layers = [node.layer() for node in QgsProject.instance().layerTreeRoot().findLayers()]
        before = likely_before(after, layers)
        if before is not None:
            self._proposed_for = raster.layer_id
            self._session.change.choose_before(before.id(), before.name())

    def _after_file(self, raster: Optional[Raster]) -> Optional[Open]:
        """None also where the engine sees but a part of the layer, or a copy that is placed as QGIS places it."""
        own = _own_file(raster.layer_id) if raster is not None else None
        if raster is None or own is None or own.path != raster.path:
            return None
        return Open(raster.path, raster.bands, raster.stretch)

    def _choose_field(self, choice: MapChoice) -> None:
        layer = QgsProject.instance().mapLayer(choice.layer_id)
        if isinstance(layer, QgsVectorLayer):
            field = likely_field(layer)
            likely = dataclasses.replace(choice, field=field, class_name="" if field else likely_class(layer))
            if likely != choice:
                self._session.change.choose_map(likely)

    def _removing(self, layer_ids: list[str]) -> None:
        change = self._session.state.jobs.change
        if change.before_id in layer_ids:
            self._session.change.choose_before("")
        if change.old_map.layer_id in layer_ids:
            self._session.change.choose_map(MapChoice())

    # -- the files of a run

    def _answer(self, place: Place, wish: Wish) -> None:
        """First the before raster, then the old map: each its own file where the engine reads it, else written out."""
        self._wish = wish
        change = self._session.state.jobs.change
        try:
            if change.with_before:
                self._find_before(place, wish)
            else:
                self._find_map(place, wish)
        except PluginProblem as trouble:
            wish.failed(trouble.problem)

    def _find_before(self, place: Place, wish: Wish) -> None:
        layer = raster_of(QgsProject.instance().mapLayer(self._session.state.jobs.change.before_id))
        path = file_of(layer)
        if path is not None:
            own = RasterSource(path, *colours_of(layer.renderer()), layer.crs())
            self._found_before(place, wish, raster_from(layer.id(), layer.name(), own))
            return
        found = area_source(layer, *self._looked_at(place, layer), self._folder)
        if isinstance(found, RasterSource):
            self._found_before(place, wish, raster_from(layer.id(), layer.name(), found))
        else:
            self._export(place, wish, layer, found)

    def _export(self, place: Place, wish: Wish, layer: QgsRasterLayer, needs: NeedsExport) -> None:
        export, raster = Export(layer, needs, self), raster_from(layer.id(), layer.name(), needs.source)
        wish.when_withdrawn = export.cancel
        export.finished.connect(lambda _source: self._found_before(place, wish, raster))
        export.failed.connect(wish.failed)
        export.start()

    def _looked_at(self, place: Place, layer: QgsRasterLayer) -> tuple[QgsRectangle, float]:
        """The area and the side of the after raster's pixels, in the before layer's CRS."""
        after, crs = QgsRasterLayer(place.raster.path), crs_of(place.raster)
        if not after.isValid():
            raise PluginProblem("raster.missing", place.raster.path)
        area = QgsGeometry.fromRect(after.extent())
        if place.area:
            area.fromWkb(bytes.fromhex(place.area))
        side = min(after.rasterUnitsPerPixelX(), after.rasterUnitsPerPixelY())
        moved = brought_to(area, crs, layer.crs(), QgsProject.instance().transformContext())
        extent = layer.extent()
        if extent.isFinite() and not extent.isEmpty() and not moved.intersects(extent):
            raise PluginProblem("pair.apart")
        if crs.isValid() and layer.crs().isValid():
            side = seen_in(layer.crs(), area.boundingBox(), side, crs)[1]
        return moved.boundingBox(), side

    def _found_before(self, place: Place, wish: Wish, before: Raster) -> None:
        try:
            self._find_map(dataclasses.replace(place, before=before), wish)
        except PluginProblem as trouble:
            wish.failed(trouble.problem)

    def _find_map(self, place: Place, wish: Wish) -> None:
        change = self._session.state.jobs.change
        if wish.withdrawn or not change.with_map:
            wish.ready(place)
            return
        layer = QgsProject.instance().mapLayer(change.old_map.layer_id)
        if not isinstance(layer, QgsVectorLayer) or not layer.isValid():
            raise PluginProblem("map.gone")
        if change.old_map.field and layer.fields().lookupField(change.old_map.field) < 0:
            raise PluginProblem("map.field", change.old_map.field)

        def ready(file: NamedLayer) -> None:
            old_map = OldMap(file.path, file.table, change.old_map.field, change.old_map.class_name)
            wish.ready(dataclasses.replace(place, old_map=old_map))

        file = file_of_layer(layer.name(), layer)
        if file is not None:
            ready(file)
            return
        copies = LayerCopies({layer.name(): layer}, self._folder / "map", self)
        wish.when_withdrawn = copies.cancel
        copies.finished.connect(lambda written: ready(written[0]))
        copies.failed.connect(wish.failed)
        copies.start()


def _own_file(layer_id: str) -> Optional[Open]:
    """None where the layer has none that the engine reads."""
    try:
        layer = raster_of(QgsProject.instance().mapLayer(layer_id))
        path = file_of(layer)
    except PluginProblem:
        return None
    return Open(path, *colours_of(layer.renderer())) if path is not None else None
