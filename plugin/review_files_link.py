"""The joint between the decisions about changes and the files made of them: hard examples, and a copy of the map that has the changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Optional

from qgis.core import QgsCoordinateTransform, QgsFeature, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from .change_dates import rasters_of
from .change_state import MapChoice
from .connections import Connections, connect, disconnect
from .map.background import Background
from .map.decisions import ACCEPTED, REJECTED, RELABELLED, decision_of, holds_changes
from .map.hard_examples import Pair, Picture, Reviewed, free_folder, write_examples
from .map.map_update import TABLE, OldMap, Updated, update_map
from .map.provenance import Provenance, provenance_of
from .map.rasters import colours_of, file_of
from .map.results import open_table
from .map.tree import add_above, call
from .map.vectors import must_be_closed
from .problems import PluginProblem, Problem
from .review_words import told_of
from .session import Session


class ReviewFilesLink(QObject):
    def __init__(self, session: Session, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session = session
        self._writing: Optional[Background] = None
        connect(self._connections())

    def remove(self) -> None:
        """Let go of the session for good. What is being written is finished."""
        disconnect(self._connections())
        if self._writing is not None:
            self._writing.forget()

    def _connections(self) -> Connections:
        review = self._session.review
        return ((review.examplesWanted, self._write_examples), (review.mapWanted, self._update_map))

    # -- hard examples

    def _write_examples(self, wanted: str) -> None:
        try:
            layer = self._layer()
            rejected = self._decided(layer, REJECTED)
            folder, pair = free_folder(Path(wanted)), self._pair(layer)
        except (PluginProblem, OSError) as trouble:
            self._refuse(trouble)
            return
        provenance = _provenance_of(layer)
        accepted = [one for one in layer.getFeatures() if decision_of(one) in (ACCEPTED, RELABELLED)]
        reviewed = Reviewed(rejected, accepted, layer.crs(), provenance.digest if provenance else "")
        context = QgsProject.instance().transformContext()

        def done(count: int) -> None:
            self._session.review.written(self.tr("Hard examples in {folder}: {count}.").format(count=count, folder=folder))

        words = self.tr("writing hard examples: {count}").format(count=len(rejected))
        self._start(words, lambda: write_examples(folder, pair, reviewed, context), done)

    def _pair(self, layer: QgsVectorLayer) -> Pair:
        before, after = rasters_of(layer)
        return Pair(_picture(before), _picture(after), _shift(_provenance_of(layer)))

    # -- the map

    def _update_map(self, choice: MapChoice, wanted: str) -> None:
        path = Path(wanted)
        try:
            layer = self._layer()
            changes = self._decided(layer, ACCEPTED, RELABELLED)
            old_layer = QgsProject.instance().mapLayer(choice.layer_id)
            if not isinstance(old_layer, QgsVectorLayer) or not old_layer.isValid():
                raise PluginProblem("update.no_map")
            old = OldMap.of(old_layer, choice.field, choice.class_name)
            must_be_closed(QgsProject.instance(), [wanted])
        except PluginProblem as trouble:
            self._refuse(trouble)
            return
        to_map = QgsCoordinateTransform(layer.crs(), old.crs, QgsProject.instance().transformContext())
        told = self.tr("The map {map} with the accepted changes of {changes}, made with Rasterscribe.")
        told = told.format(map=old_layer.name(), changes=layer.name())
        words = self.tr("updating {map}").format(map=old_layer.name())
        old_id, name = old_layer.id(), self.tr("{map}, updated").format(map=old_layer.name())

        def done(updated: Updated) -> None:
            self._show(path, name, old, old_id)
            self._session.review.written(told_of(updated))

        self._start(words, lambda: update_map(path, old, changes, to_map, told), done)

    def _show(self, path: Path, name: str, old: OldMap, above: str) -> None:
        """The copy as a layer above the old map."""
        try:
            layer = open_table(path, TABLE, old.crs)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)
            return
        call(layer, name)
        add_above(layer, above)

    # -- within

    def _layer(self) -> QgsVectorLayer:
        """The one under review, else that of the last comparison. Raises PluginProblem review.no_changes."""
        change = self._session.state.jobs.change
        for layer_id in (change.review.layer_id, change.compared.layer_id if change.compared else ""):
            layer = QgsProject.instance().mapLayer(layer_id)
            if holds_changes(layer):
                return layer
        raise PluginProblem("review.no_changes")

    @staticmethod
    def _decided(layer: QgsVectorLayer, *decisions: str) -> list[QgsFeature]:
        """With what is not saved yet. Raises PluginProblem review.none."""
        found = [feature for feature in layer.getFeatures() if decision_of(feature) in decisions]
        if not found:
            raise PluginProblem("review.none")
        return found

    def _refuse(self, trouble: Exception) -> None:
        problem = trouble.problem if isinstance(trouble, PluginProblem) else PluginProblem("output.unwritable", str(trouble)).problem
        self._session.show_problem(problem)

    def _start(self, words: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        def failed(problem: Problem) -> None:
            self._writing = None
            self._session.review.not_written(problem)

        def finished(result: Any) -> None:
            self._writing = None
            done(result)

        self._session.review.writing(words)
        self._writing = Background(self.tr("Rasterscribe: {what}").format(what=words), work, finished, failed)
        self._writing.start()


def _picture(layer: Optional[QgsRasterLayer]) -> Picture:
    """Raises PluginProblem review.no_files, raster.missing."""
    path = file_of(layer) if layer is not None else None
    if layer is None or path is None:
        raise PluginProblem("review.no_files")
    return Picture(path, colours_of(layer.renderer())[0], layer.crs())


def _provenance_of(layer: QgsVectorLayer) -> Optional[Provenance]:
    """Of the comparison that made the changes."""
    known = provenance_of(layer)
    return known[-1] if known else None


def _shift(provenance: Optional[Provenance]) -> tuple[float, float]:
    """That the comparison corrected."""
    shift: Any = provenance.parameters.get("shift") if provenance is not None else None
    if not isinstance(shift, dict) or not shift.get("corrected"):
        return 0.0, 0.0
    return float(shift["x"]), float(shift["y"])
