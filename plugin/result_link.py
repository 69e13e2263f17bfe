"""The joint between the session and the result layers: an accepted outline becomes a feature, with style and provenance."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QStandardPaths, QTimer
from qgis.PyQt.QtGui import QColor

from .geometry import geometry_of
from .map.background import Background
from .map.provenance import Provenance, note_provenance, store_metadata
from .map.results import add_object, make_table, obstacle_to_saving, open_table
from .map.styles import save_style, style_by_class
from .place import crs_of, versions
from .problems import PluginProblem, Problem, problem_of
from .session import Session
from .state import NEW_GEOPACKAGE, Accepted, Prompt, State, Target

FILE_NAME = "objects.gpkg"


class ResultLink(QObject):
    """Adds what was accepted to its layer; style and provenance are stored with the data when the user saves that layer.

    A new GeoPackage is made in the background: the accepted object waits for it, and further clicks wait with the object. What
    goes into a GeoPackage that is there already is written on QGIS's thread, as QGIS itself writes a layer's edits: a second
    writer beside it leaves QGIS 3.22 with a layer that it cannot read any more. tests/plugin/test_responsiveness.py has the times.
    """

    def __init__(self, session: Session, version: str, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._version = session, version
        self._making: Optional[Background] = None
        self._gone = False
        self._watched: dict[str, Unsaved] = {}  # by layer id
        session.accepted.connect(self._take)
        session.changed.connect(self._propose_path)
        QgsProject.instance().layersWillBeRemoved.connect(self._removing)

    def remove(self) -> None:
        QgsProject.instance().layersWillBeRemoved.disconnect(self._removing)
        self._gone = True
        if self._making is not None:
            self._making.forget()
        for unsaved in self._watched.values():
            unsaved.forget()

    def _take(self, accepted: Accepted) -> None:
        """Add an object to its layer. A new table is made only here, so that nothing is left behind by who accepts nothing."""
        target, crs = accepted.target, crs_of(accepted.raster)
        if target.layer_id != NEW_GEOPACKAGE:
            self._add(accepted, QgsProject.instance().mapLayer(target.layer_id))
            return
        path = Path(target.path)
        if path.exists():
            try:
                self._add_to_table(accepted, make_table(path, crs))
            except PluginProblem as trouble:
                self._session.not_added(trouble.problem)
            return
        self._making = Background(
            self.tr("Rasterscribe: making {file}").format(file=path.name),
            lambda: make_table(path, crs),
            lambda table: self._add_to_table(accepted, table),
            self._session.not_added,
        )
        self._making.start()

    def _add_to_table(self, accepted: Accepted, table: str) -> None:
        target = accepted.target
        try:
            layer = open_table(Path(target.path), table, crs_of(accepted.raster))
        except PluginProblem as trouble:
            self._session.not_added(trouble.problem)
            return
        style_by_class(layer, {}, fresh=True)
        QgsProject.instance().addMapLayer(layer)
        if self._session.state.target == target:
            self._session.choose_target(Target(layer.id(), target.path))
        QTimer.singleShot(0, lambda: None if self._gone else self._add(accepted, layer))  # QGIS draws meanwhile

    def _add(self, accepted: Accepted, layer: QgsVectorLayer) -> None:
        try:
            add_object(layer, geometry_of(accepted.outline), crs_of(accepted.raster), _attributes(accepted))
        except PluginProblem as trouble:
            self._session.not_added(trouble.problem)
            return
        restyled = style_by_class(layer, {accepted.map_class.name: QColor(accepted.map_class.colour)})
        if layer.id() not in self._watched:
            self._watched[layer.id()] = Unsaved(layer, self._session.show_problem, self)
        self._watched[layer.id()].note(self._provenance(accepted), restyled)
        self._session.added()

    def _provenance(self, accepted: Accepted) -> Provenance:
        raster, crs = accepted.raster, crs_of(accepted.raster)
        layer = QgsProject.instance().mapLayer(raster.layer_id)
        return Provenance(
            source=layer.publicSource() if layer is not None else raster.path,
            source_crs=crs.authid() or raster.crs,
            model=accepted.outline.model,
            digest=accepted.outline.digest,
            parameters={
                "smooth": accepted.options.smooth,
                "right_angles": accepted.options.right_angles,
                "min_hole": accepted.options.min_hole,
                "bands": list(raster.bands),
                "stretch": [list(one) for one in raster.stretch],
            },
            versions=versions(self._version, accepted.facts),
        )

    def _removing(self, layer_ids: list[str]) -> None:
        for layer_id in layer_ids:
            unsaved = self._watched.pop(layer_id, None)
            if unsaved is not None:
                unsaved.forget()
        state = self._session.state
        if state.target.layer_id in layer_ids:
            self._session.choose_target(Target(NEW_GEOPACKAGE, state.target.path))
            if state.prompt:
                self._session.show_problem(problem_of("target.removed"))

    def _propose_path(self, state: State) -> None:
        if state.raster is not None and state.raster.path and not state.target.path:
            self._session.choose_target(Target(state.target.layer_id, str(result_folder(state.raster.layer_id) / FILE_NAME)))


class Unsaved(QObject):
    """What is to be stored beside a layer's features once they are saved: where they come from, and the colours of their classes."""

    def __init__(self, layer: QgsVectorLayer, complain: Callable[[Problem], None], parent: Optional[QObject] = None):
        super().__init__(parent)
        self._layer, self._complain = layer, complain
        self._provenances: list[Provenance] = []
        self._restyled = False
        layer.beforeCommitChanges.connect(self._saving)
        layer.afterCommitChanges.connect(self._saved)
        layer.afterRollBack.connect(self._discarded)

    def note(self, provenance: Provenance, restyled: bool) -> None:
        if provenance not in self._provenances:
            self._provenances.append(provenance)
        self._restyled = self._restyled or restyled

    def forget(self) -> None:
        """Let go of the layer."""
        self._layer.beforeCommitChanges.disconnect(self._saving)
        self._layer.afterCommitChanges.disconnect(self._saved)
        self._layer.afterRollBack.disconnect(self._discarded)
        self.deleteLater()

    def _discarded(self) -> None:
        self._provenances.clear()

    def _saving(self) -> None:
        code = obstacle_to_saving(self._layer)
        if code is not None:
            self._complain(problem_of(code, self._layer.source()))

    def _saved(self) -> None:
        if not self._provenances:
            return
        store_metadata(self._layer, note_provenance(self._layer, self._provenances))
        self._provenances.clear()
        if self._restyled:
            self._restyled = not save_style(self._layer)


def _attributes(accepted: Accepted) -> dict[str, object]:
    outline = accepted.outline
    return {
        "class": accepted.map_class.name,
        "score": round(outline.score, 4),
        "area_m2": outline.area if crs_of(accepted.raster).isValid() else None,
        "model": outline.model,
        "prompt": prompt_text(outline.prompt, accepted.pixel),
        "made_at": datetime.now(timezone.utc),
    }


def prompt_text(prompt: Prompt, pixel: float) -> str:
    """What was asked, as JSON in the raster's CRS: the clicks, the size if one was chosen, and the ground size of a screen pixel. With
    the layer's provenance it is enough to ask again."""
    facts: dict[str, object] = {"points": [[point.x, point.y, int(point.positive)] for point in prompt.points]}
    if prompt.box is not None:
        facts["box"] = list(prompt.box)
    if prompt.size:
        facts["size"] = prompt.size
    facts["pixel"] = pixel
    return json.dumps(facts)


def result_folder(layer_id: str) -> Path:
    """Where a user would look for results: beside the project, else beside the raster, else among the documents."""
    project = QgsProject.instance().homePath()
    layer = QgsProject.instance().mapLayer(layer_id)
    source = layer.source() if layer is not None else ""
    beside = [Path(project)] if project else []
    if os.path.isfile(source):  # not Path.is_file, which fails on a map service's source, too long for a path
        beside.append(Path(source).parent)
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return next((folder for folder in beside if os.access(folder, os.W_OK)), documents)
