"""The joint between comparisons and layers: what changed is drawn while it comes, and becomes a layer that is filtered and played."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsMapLayer, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject

from ..models.protocol import ChangeReply
from .area_verbs import Place
from .change_dates import remember
from .change_state import ChangeState
from .change_table import table_text
from .connections import Connections, connect, disconnect
from .filtered import FilteredLayer
from .map.changes import CHANGES, ChangeScores, open_gaps, read_changes
from .map.covers import note_source, open_result
from .map.found import open_found, store_provenance
from .map.partial import Partial
from .map.provenance import Provenance
from .map.styles import style_by_kind
from .map.temporal import moments, play_changes, play_rasters
from .map.tree import add_group_above
from .place import crs_of, source_facts, versions
from .problems import PluginProblem
from .proposal import Proposal
from .run_state import Run
from .session import Session
from .state import State
from .table_export import TableExport


class ChangeLink(QObject):
    def __init__(self, session: Session, canvas: QgsMapCanvas, version: str, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._version = session, version
        self._partial = Partial(canvas)
        self._proposal = Proposal("changes", (".gpkg", ".tif"), session.change.choose_path)
        self._asked = ChangeState()  # as it was when the run under way began
        self._drawn: Optional[Run] = None
        self._changes = FilteredLayer(read_changes, self)
        self._table = TableExport(session.show_problem)
        connect(self._connections())
        self._follow(session.state)

    def remove(self) -> None:
        """Let go of canvas, project, layer and session for good. A table that is being written is finished."""
        disconnect(self._connections())
        self._partial.clear()
        self._changes.remove()
        self._table.forget()

    def _connections(self) -> Connections:
        change = self._session.change
        return (
            (self._session.changed, self._follow),
            (change.compareReady, self._load),
            (change.savingWanted, self._changes.save),
            (change.exportWanted, self._export),
            (self._changes.counted, self._count),
            (self._changes.filtered, self._filtered),
            (self._changes.gone, change.forget_compared),
            (self._changes.failed, self._session.show_problem),
        )

    def _follow(self, state: State) -> None:
        change = state.jobs.change
        if change.run is not self._drawn:
            self._draw(change)
        self._proposal.follow(state.raster, change.path, change.run)
        self._changes.set_filter(change.threshold, change.min_area)

    def _draw(self, change: ChangeState) -> None:
        former, self._drawn = self._drawn, change.run
        place = self._session.change.place
        if change.run is None:
            self._partial.clear()
            return
        if former is None:
            self._asked = change
        if place is not None:
            self._partial.follow(change.run.objects, crs_of(place.before or place.raster))

    # -- the layers

    def _load(self, reply: ChangeReply, place: Place) -> None:
        self._proposal.renew(self._session.state.raster)
        path, name, crs = Path(reply.path), self.tr("Changes"), crs_of(place.before or place.raster)
        provenance = self._provenance(reply, place)
        abstract = self.tr("What changed between {pair}, seen by Rasterscribe.").format(pair=self._pair_name(place))

        def opened() -> QgsVectorLayer:
            layer = open_found(path, name, crs, CHANGES)
            if layer.listStylesInDatabase()[0] <= 0:
                style_by_kind(layer)
            remember(layer, place.before.layer_id if place.before else "", place.raster.layer_id, self._map_id)
            return layer

        def add(layer: QgsVectorLayer) -> None:
            self._add(layer, reply, place, provenance, abstract)

        self._changes.load(path, lambda: store_provenance(path, name, crs, provenance, abstract, CHANGES), opened, add)

    def _add(self, changes: QgsVectorLayer, reply: ChangeReply, place: Place, provenance: Provenance, abstract: str) -> None:
        """In a group of their own, above all that was compared. Whatever else cannot be opened, the changes are there."""
        crs, layers = changes.crs(), [changes]
        try:
            gaps = open_gaps(Path(reply.path), self.tr("Not compared"), crs)
            layers += [gaps] if gaps is not None else []
            layers += [self._probability(reply, crs, provenance, abstract)] if reply.probability else []
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)
        self._play(changes, reply, place)
        add_group_above(self._pair_name(place), layers, [*self._rasters(place), self._map_id])

    def _probability(self, reply: ChangeReply, crs: QgsCoordinateReferenceSystem, provenance: Provenance, abstract: str) -> QgsRasterLayer:
        """The engine puts its style beside it."""
        layer = open_result(Path(reply.probability), self.tr("Probability of change"), crs)
        note_source(layer, provenance, abstract)
        return layer

    def _play(self, changes: QgsVectorLayer, reply: ChangeReply, place: Place) -> None:
        """Have QGIS's temporal controller play the result, where the dates are known."""
        times = moments(reply.before_date, reply.after_date)
        if times is None:
            return
        play_changes(changes, times)
        if place.before is not None:
            layers = [QgsProject.instance().mapLayer(raster.layer_id) for raster in (place.before, place.raster)]
            before, after = (layer if isinstance(layer, QgsRasterLayer) else None for layer in layers)
            play_rasters(before, after, times)

    def _pair_name(self, place: Place) -> str:
        """Of the two layers as the user calls them."""
        old_map: Optional[QgsMapLayer] = QgsProject.instance().mapLayer(self._map_id)
        was = place.before.name if place.before is not None else old_map.name() if old_map is not None else self.tr("old map")
        return self.tr("{before} → {after}").format(before=was, after=place.raster.name)

    @property
    def _map_id(self) -> str:
        """Of the old map's layer, "" where the comparison had none."""
        return self._asked.old_map.layer_id if self._asked.with_map else ""

    @staticmethod
    def _rasters(place: Place) -> list[str]:
        return [raster.layer_id for raster in (place.before, place.raster) if raster is not None]

    def _provenance(self, reply: ChangeReply, place: Place) -> Provenance:
        asked = self._asked
        source, crs, parameters = source_facts(place)
        before = source_facts(Place(place.before)) if place.before is not None else None
        return Provenance(
            source=source,
            source_crs=crs,
            model=reply.model,
            digest=reply.digest,
            parameters={
                **parameters,
                "before": {"source": before[0], "crs": before[1], **before[2]} if before is not None else None,
                "old_map": dataclasses.asdict(place.old_map) if place.old_map is not None else None,
                "classes": list(asked.classes),
                "method": reply.method,
                "threshold": asked.threshold,
                "refine": asked.refine,
                "options": dataclasses.asdict(self._session.state.options),
                "dates": [reply.before_date, reply.after_date],
                "shift": dataclasses.asdict(reply.shift) if reply.shift is not None else None,
                "notes": list(reply.notes),
            },
            versions=versions(self._version, self._session.state.facts),
            prompts=", ".join(asked.classes),
        )

    # -- the filter and the summary

    def _count(self, layer_id: str, scores: ChangeScores) -> None:
        self._session.change.layer_ready(layer_id, scores.scores.tolist(), scores.areas.tolist())

    def _filtered(self, shown: int, held: bool) -> None:
        scores = self._changes.scores
        self._session.change.filtered(shown, held)
        if isinstance(scores, ChangeScores):
            self._session.change.summed(scores.matrix(*self._changes.filter))

    def _export(self, path: str) -> None:
        compared = self._session.state.jobs.change.compared
        if compared is not None:
            self._table.write(Path(path), table_text(compared))
