"""The joint between searches and layers: what is found is drawn while it comes, and becomes a styled layer that a filter thins out."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any, Callable, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, QTimer

from ..models.protocol import FindReply
from .area_state import Found
from .area_verbs import Place
from .map.additions import Additions
from .map.background import Background
from .map.found import Scores, filter_text, open_found, read_scores, store_provenance, style_found
from .map.partial import Partial
from .map.provenance import Provenance
from .map.tree import call
from .place import crs_of, source_facts, versions
from .problems import PluginProblem, Problem, problem_of
from .proposal import Proposal
from .run_state import Run
from .session import Session
from .state import State

REST = 60  # ms without a change of the filter before the layer is filtered
Counted = tuple[Scores, tuple[float, ...], tuple[float, ...]]  # scores and areas as the state holds them, too


class FoundLink(QObject):
    def __init__(self, session: Session, canvas: QgsMapCanvas, version: str, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._version = session, version
        self._partial = Partial(canvas)
        self._additions = Additions()
        self._drawn: Optional[Run] = None
        self._proposal = Proposal("found", (".gpkg",), session.text.choose_path)
        self._asked: dict[str, Any] = {}  # what the search under way was asked, for the provenance
        self._layer: Optional[QgsVectorLayer] = None
        self._coming: Optional[QgsVectorLayer] = None  # open, but not in the project yet
        self._scores: Optional[Scores] = None
        self._reading: Optional[Background] = None
        self._filter: tuple[float, float] = (0.0, 0.0)  # threshold and least area
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        for signal, slot in self._connections():
            signal.connect(slot)
        self._follow(session.state)

    def remove(self) -> None:
        """Let go of canvas, project, layer and session for good."""
        for signal, slot in self._connections():
            signal.disconnect(slot)
        self._rest.stop()
        self._let_go()
        self._additions.let_go()
        self._partial.clear()

    def _connections(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        text = self._session.text
        return (
            (self._session.changed, self._follow),
            (text.foundReady, self._load),
            (text.savingWanted, self._save),
            (self._rest.timeout, self._thin_out),
            (QgsProject.instance().layersWillBeRemoved, self._removing),
        )

    def _follow(self, state: State) -> None:
        text = state.jobs.text
        if text.run is not self._drawn:
            self._draw(text.run)
        self._proposal.follow(state.raster, text.path, text.run)
        if (text.threshold, text.min_area) != self._filter:
            self._filter = (text.threshold, text.min_area)
            self._rest.start()

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
        fresh = run.objects[self._partial.count :]
        if fresh and place is not None:
            self._partial.add([(bytes.fromhex(one.outline), one.class_name) for one in fresh], crs_of(place.raster))

    # -- when it is done

    def _load(self, reply: FindReply, place: Place) -> None:
        """First in the background: what is written into the file, and read of all of it."""
        self._let_go()
        self._proposal.renew(self._session.state.raster)
        path, name, crs = Path(reply.path), self._asked["phrase"] or self.tr("more like the examples"), crs_of(place.raster)
        provenance = self._provenance(reply, place)
        abstract = self.tr("Objects found on a raster by Rasterscribe: {phrase}").format(phrase=name)

        def prepared() -> Counted:
            store_provenance(path, name, crs, provenance, abstract)
            return _counted(path)

        self._read(path, prepared, lambda counted: self._add(reply, name, crs, counted))

    def _add(self, reply: FindReply, name: str, crs: QgsCoordinateReferenceSystem, counted: Counted) -> None:
        text = self._session.state.jobs.text
        try:
            layer = open_found(Path(reply.path), name, crs)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)
            return
        call(layer, name)
        style_found(layer, [one.name for one in reply.classes])
        layer.setSubsetString(filter_text(layer, text.threshold, text.min_area))
        self._coming = layer
        QTimer.singleShot(0, partial(self._show, layer, counted))  # QGIS draws meanwhile

    def _show(self, layer: QgsVectorLayer, counted: Counted) -> None:
        if self._coming is not layer:  # let go meanwhile
            return
        self._coming, self._layer = None, layer
        for signal, slot in self._layer_connections(layer):
            signal.connect(slot)
        self._count(counted)
        self._additions.watch(layer)
        QgsProject.instance().addMapLayer(layer)

    def _layer_connections(self, layer: QgsVectorLayer) -> tuple[tuple[Any, Callable[..., None]], ...]:
        return (
            (layer.afterCommitChanges, self._read_again),
            (layer.editingStopped, self._rest.start),
            (layer.afterRollBack, self._rest.start),
        )

    def _read_again(self) -> None:
        """Edits were saved: there are other scores now."""
        found = self._session.state.jobs.text.found
        if found is not None:
            path = Path(found.reply.path)
            self._read(path, lambda: _counted(path), self._count)

    def _read(self, path: Path, work: Callable[[], Counted], done: Callable[[Counted], None]) -> None:
        def finished(counted: Counted) -> None:
            self._reading = None
            done(counted)

        if self._reading is not None:
            self._reading.forget()
        self._reading = Background(self.tr("Rasterscribe: reading {file}").format(file=path.name), work, finished, self._not_read)
        self._reading.start()

    def _not_read(self, problem: Problem) -> None:
        self._reading = None
        self._session.show_problem(problem)

    def _count(self, counted: Counted) -> None:
        self._scores, scores, areas = counted
        if self._layer is not None:
            self._session.text.layer_ready(self._layer.id(), scores, areas)
            self._thin_out()

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

    # -- the filter

    def _thin_out(self) -> None:
        """Filter the layer. One with edits cannot be: its filter waits until they are saved or discarded, and the user is told."""
        layer = self._layer
        if layer is None:
            return
        text = self._session.state.jobs.text
        wanted = filter_text(layer, text.threshold, text.min_area)
        if wanted != layer.subsetString() and layer.isEditable():
            if layer.isModified():
                self._session.text.filtered(self._shown(text.found), held=True)
                return
            layer.rollBack()  # nothing is lost, and editing goes on
            layer.setSubsetString(wanted)
            layer.startEditing()
        elif wanted != layer.subsetString():
            layer.setSubsetString(wanted)
        self._session.text.filtered(self._shown(text.found))

    def _shown(self, found: Optional[Found]) -> int:
        if self._scores is None:
            return found.shown if found else 0
        return self._scores.shown(*self._filter)

    def _save(self) -> None:
        """Save the layer's edits; where that fails they stay."""
        layer = self._layer
        if layer is not None and layer.isEditable() and not layer.commitChanges(False):
            self._session.show_problem(problem_of("found.unsaved", "\n".join(layer.commitErrors())))
        self._thin_out()

    # -- letting go

    def _removing(self, layer_ids: list[str]) -> None:
        if self._layer is not None and self._layer.id() in layer_ids:
            self._let_go()
            self._session.text.forget_found()

    def _let_go(self) -> None:
        """A former search's layer stays in the project and is the user's own."""
        layer, self._layer, self._coming, self._scores = self._layer, None, None, None
        if self._reading is not None:
            self._reading.forget()
            self._reading = None
        if layer is not None:
            for signal, slot in self._layer_connections(layer):
                signal.disconnect(slot)


def _counted(path: Path) -> Counted:
    scores = read_scores(path)
    return scores, tuple(scores.scores.tolist()), tuple(scores.areas.tolist())
