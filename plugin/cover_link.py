"""The joint between land-cover runs and layers: the class raster and its polygons come into the project, and the areas into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsProject
from qgis.PyQt.QtCore import QObject

from ..models.protocol import CoverReply
from .area_verbs import Place
from .connections import Connections, connect, disconnect
from .cover_table import table_text
from .map.additions import Additions
from .map.background import Background
from .map.covers import class_colours, note_source, open_result
from .map.found import open_found, store_provenance
from .map.provenance import Provenance
from .map.tree import add_above
from .place import crs_of, source_facts, versions
from .problems import PluginProblem, Problem
from .proposal import Proposal
from .session import Session
from .state import State
from .table_export import TableExport


class CoverLink(QObject):
    def __init__(self, session: Session, version: str, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._version = session, version
        self._proposal = Proposal("cover", (".tif", ".gpkg"), session.cover.choose_path)
        self._additions = Additions()
        self._storing: Optional[Background] = None
        self._table = TableExport(session.show_problem)
        connect(self._connections())
        self._follow(session.state)

    def remove(self) -> None:
        """Let go of project and session for good. A table that is being written is finished."""
        disconnect(self._connections())
        self._additions.let_go()
        self._table.forget()
        if self._storing is not None:
            self._storing.forget()

    def _connections(self) -> Connections:
        cover = self._session.cover
        return (
            (self._session.changed, self._follow),
            (cover.coverReady, self._load),
            (cover.exportWanted, self._export),
            (QgsProject.instance().layersWillBeRemoved, self._removing),
        )

    def _follow(self, state: State) -> None:
        cover = state.jobs.cover
        self._proposal.follow(state.raster, cover.path, cover.run)

    # -- the layers

    def _load(self, reply: CoverReply, place: Place) -> None:
        """The class raster at once; its polygons once it is written into their file where they come from."""
        self._proposal.renew(self._session.state.raster)
        crs, provenance = crs_of(place.raster), self._provenance(reply, place)
        abstract = self.tr("Land cover of a raster, mapped by Rasterscribe.")
        try:
            layer = open_result(Path(reply.path), self.tr("Land cover of {raster}").format(raster=place.raster.name), crs)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)
            return
        note_source(layer, provenance, abstract)
        add_above(layer, place.raster.layer_id)
        self._session.cover.layer_ready(layer.id(), class_colours(layer, [one.name for one in reply.areas]))
        if reply.polygons:
            self._load_polygons(Path(reply.polygons), layer.id(), crs, provenance, abstract)

    def _load_polygons(self, path: Path, below: str, crs: QgsCoordinateReferenceSystem, provenance: Provenance, abstract: str) -> None:
        name = self.tr("Land cover, polygons")

        def stored(_nothing: object) -> None:
            self._storing = None
            try:
                layer = open_found(path, name, crs)
            except PluginProblem as trouble:
                self._session.show_problem(trouble.problem)
                return
            self._additions.watch(layer)
            add_above(layer, below)

        def failed(problem: Problem) -> None:
            self._storing = None
            self._session.show_problem(problem)

        words = self.tr("Rasterscribe: reading {file}").format(file=path.name)
        self._storing = Background(words, lambda: store_provenance(path, name, crs, provenance, abstract), stored, failed)
        self._storing.start()

    def _provenance(self, reply: CoverReply, place: Place) -> Provenance:
        cover, facts = self._session.state.jobs.cover, self._session.state.facts
        classes = [one.name for one in reply.areas]
        source, crs, parameters = source_facts(place)
        return Provenance(
            source=source,
            source_crs=crs,
            model=reply.model,
            digest=reply.digest,
            parameters={"classes": classes, "simplify": cover.simplify, **parameters},
            versions=versions(self._version, facts),
            prompts=", ".join(classes),
        )

    def _removing(self, layer_ids: list[str]) -> None:
        covered = self._session.state.jobs.cover.covered
        if covered is not None and covered.layer_id in layer_ids:
            self._session.cover.forget_covered()

    # -- the table

    def _export(self, path: str) -> None:
        cover = self._session.state.jobs.cover
        if cover.covered is not None:
            self._table.write(Path(path), table_text(cover.covered, cover.by_area))
