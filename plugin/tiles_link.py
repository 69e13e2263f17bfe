"""The joint between searches for tiles and the map: the heat map becomes a layer, and the map goes to the tile that is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProject, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, Qt

from ..models.protocol import TilesReply
from .area_state import Panel, Ranked
from .area_verbs import Place
from .connections import Connections, connect, disconnect
from .map.areas import brought_to
from .map.covers import note_source, open_result
from .map.provenance import Provenance
from .map.rectangle_tool import AreaBand
from .map.tree import add_above, call
from .place import crs_of, source_facts, versions
from .problems import PluginProblem
from .proposal import Proposal
from .session import Session
from .state import State

AROUND = 1.3  # of a tile's size: what the map shows of its surroundings


class TilesLink(QObject):
    def __init__(self, session: Session, canvas: QgsMapCanvas, version: str, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._canvas, self._version = session, canvas, version
        self._proposal = Proposal("tiles", (".tif",), session.tiles.choose_path)
        self._band = AreaBand(canvas, Qt.PenStyle.SolidLine)
        self._outlined: Optional[tuple[Panel, Optional[Ranked]]] = None
        self._crs = QgsCoordinateReferenceSystem()  # of the tiles
        connect(self._connections())
        self._follow(session.state)

    def remove(self) -> None:
        """Let go of canvas, project and session for good."""
        disconnect(self._connections())
        self._band.remove()

    def _connections(self) -> Connections:
        tiles = self._session.tiles
        return (
            (self._session.changed, self._follow),
            (tiles.tilesReady, self._load),
            (tiles.tileWanted, self._go_to),
            (self._canvas.destinationCrsChanged, self._outline),
            (QgsProject.instance().layersWillBeRemoved, self._removing),
        )

    def _follow(self, state: State) -> None:
        tiles = state.jobs.tiles
        self._proposal.follow(state.raster, tiles.path, tiles.run)
        if (state.jobs.panel, tiles.ranked) != self._outlined:
            self._outlined = (state.jobs.panel, tiles.ranked)
            self._outline()

    # -- the heat map

    def _load(self, reply: TilesReply, place: Place) -> None:
        """Above the raster and below whatever lies above it. The map stays where it is until a tile is chosen."""
        self._proposal.renew(self._session.state.raster)
        self._crs = crs_of(place.raster)
        ranked = self._session.state.jobs.tiles.ranked
        words = ranked.words if ranked is not None else ""
        name = self.tr("Tiles: {words}").format(words=words)
        try:
            layer = open_result(Path(reply.path), name, self._crs)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)
            return
        abstract = self.tr("How much each tile of a raster shows what was searched for, from 0 to 1, by Rasterscribe.")
        call(layer, name)
        note_source(layer, self._provenance(reply, place, words), abstract)
        add_above(layer, place.raster.layer_id)
        self._session.tiles.layer_ready(layer.id())

    def _provenance(self, reply: TilesReply, place: Place, words: str) -> Provenance:
        facts = self._session.state.facts
        source, crs, parameters = source_facts(place)
        return Provenance(
            source=source,
            source_crs=crs,
            model=reply.model,
            digest=reply.digest,
            parameters={"phrase": words, "notes": list(reply.notes), **parameters},
            versions=versions(self._version, facts),
            prompts=words,
        )

    def _removing(self, layer_ids: list[str]) -> None:
        ranked = self._session.state.jobs.tiles.ranked
        if ranked is not None and ranked.layer_id in layer_ids:
            self._session.tiles.forget_ranked()

    # -- the tile that is looked at

    def _go_to(self, index: int) -> None:
        ranked = self._session.state.jobs.tiles.ranked
        if ranked is None:
            return
        try:
            tile = self._on_canvas(ranked, index)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)
            return
        extent = tile.boundingBox()
        extent.scale(AROUND)
        self._canvas.setExtent(extent)
        self._canvas.refresh()

    def _outline(self) -> None:
        jobs = self._session.state.jobs
        ranked = jobs.tiles.ranked
        if ranked is None or ranked.chosen < 0 or jobs.panel is not Panel.TILES:
            self._band.show(None)
            return
        try:
            self._band.show(self._on_canvas(ranked, ranked.chosen))
        except PluginProblem:  # it has no place on this map
            self._band.show(None)

    def _on_canvas(self, ranked: Ranked, index: int) -> QgsGeometry:
        """A tile in the canvas's CRS. Raises PluginProblem area.crs."""
        tile = QgsGeometry.fromRect(QgsRectangle(*ranked.reply.tiles[index].extent))
        destination = self._canvas.mapSettings().destinationCrs()
        return brought_to(tile, self._crs, destination, QgsProject.instance().transformContext())
