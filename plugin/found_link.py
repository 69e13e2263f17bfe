"""The joint between searches and layers: what is found is drawn while it comes, and becomes a styled layer that a filter thins out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject

from ..models.protocol import FindReply
from .area_verbs import Place
from .connections import Connections, connect, disconnect
from .filtered import FilteredLayer
from .map.additions import Additions
from .map.found import Scores, open_found, read_scores, store_provenance, style_found
from .map.partial import Partial
from .map.provenance import Provenance
from .map.tree import call
from .place import crs_of, source_facts, versions
from .proposal import Proposal
from .run_state import Run
from .session import Session
from .state import State


class FoundLink(QObject):
    def __init__(self, session: Session, canvas: QgsMapCanvas, version: str, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._version = session, version
        self._partial = Partial(canvas)
        self._additions = Additions()
        self._drawn: Optional[Run] = None
        self._proposal = Proposal("found", (".gpkg",), session.text.choose_path)
        self._asked: dict[str, Any] = {}  # what the search under way was asked, for the provenance
        self._found = FilteredLayer(read_scores, self)
        connect(self._connections())
        self._follow(session.state)

    def remove(self) -> None:
        """Let go of canvas, project, layer and session for good."""
        disconnect(self._connections())
        self._found.remove()
        self._additions.let_go()
        self._partial.clear()

    def _connections(self) -> Connections:
        text = self._session.text
        return (
            (self._session.changed, self._follow),
            (text.foundReady, self._load),
            (text.savingWanted, self._found.save),
            (self._found.counted, self._count),
            (self._found.filtered, text.filtered),
            (self._found.gone, text.forget_found),
            (self._found.failed, self._session.show_problem),
        )

    def _follow(self, state: State) -> None:
        text = state.jobs.text
        if text.run is not self._drawn:
            self._draw(text.run)
        self._proposal.follow(state.raster, text.path, text.run)
        self._found.set_filter(text.threshold, text.min_area)

    # -- while it runs

    def _draw(self, run: Optional[Run]) -> None:
        former, self._drawn = self._drawn, run
        if run is None:
            self._partial.clear()
            return
        if former is None:
            text = self._session.state.jobs.text
            self._asked = {
                "phrase": text.phrase.strip(),
                "examples": text.examples,
                "threshold": text.threshold,
                "refine": text.refine,
                "options": dataclasses.asdict(self._session.state.options),
            }
        place = self._session.text.place
        if place is not None:
            self._partial.follow(run.objects, crs_of(place.raster))

    # -- when it is done

    def _load(self, reply: FindReply, place: Place) -> None:
        self._proposal.renew(self._session.state.raster)
        path, name, crs = Path(reply.path), self._asked["phrase"] or self.tr("more like the examples"), crs_of(place.raster)
        provenance = self._provenance(reply, place)
        abstract = self.tr("Objects found on a raster by Rasterscribe: {phrase}").format(phrase=name)

        def styled() -> QgsVectorLayer:
            layer = open_found(path, name, crs)
            call(layer, name)
            style_found(layer, [one.name for one in reply.classes])
            return layer

        self._found.load(path, lambda: store_provenance(path, name, crs, provenance, abstract), styled, self._add)

    def _add(self, layer: QgsVectorLayer) -> None:
        self._additions.watch(layer)
        QgsProject.instance().addMapLayer(layer)

    def _count(self, layer_id: str, scores: Scores) -> None:
        self._session.text.layer_ready(layer_id, scores.scores.tolist(), scores.areas.tolist())

    def _provenance(self, reply: FindReply, place: Place) -> Provenance:
        facts = self._session.state.facts
        source, source_crs, parameters = source_facts(place)
        return Provenance(
            source=source,
            source_crs=source_crs,
            model=reply.model,
            digest=reply.digest,
            parameters={
                **parameters,
                **self._asked,
                "understood": reply.sentence,
                "not_understood": list(reply.not_understood),
                "notes": list(reply.notes),
                "layers": [dataclasses.asdict(one) for one in place.layers if one.name in reply.sentence],
            },
            versions=versions(self._version, facts),
            prompts=self._asked["phrase"],
        )
