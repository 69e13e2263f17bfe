"""The joint between the session and the result layers: an accepted outline becomes a feature, with style and provenance."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QStandardPaths
from qgis.PyQt.QtGui import QColor

from .map.provenance import Provenance, set_provenance
from .map.results import add_object, new_geopackage, square_metres
from .map.styles import save_style, style_by_class
from .map_link import geometry_of
from .problems import PluginProblem, problem_of
from .session import Session
from .state import NEW_GEOPACKAGE, Accepted, Prompt, State, Target

FILE_NAME = "objects.gpkg"


class ResultLink(QObject):
    """Style and provenance are stored with the data whenever the user saves a layer that outlines were added to."""

    def __init__(self, session: Session, version: str, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._version = session, version
        self._unsaved: dict[str, list[Provenance]] = {}  # by layer id
        session.accepted.connect(self._add)
        session.changed.connect(self._propose_path)
        QgsProject.instance().layersWillBeRemoved.connect(self._removing)

    def remove(self) -> None:
        QgsProject.instance().layersWillBeRemoved.disconnect(self._removing)

    def _add(self, accepted: Accepted) -> None:
        geometry, crs = geometry_of(accepted.outline), _crs(accepted)
        attributes = {
            "class": accepted.map_class.name,
            "score": round(accepted.outline.score, 4),
            "area_m2": square_metres(geometry, crs),
            "model": accepted.outline.model,
            "prompt": prompt_text(accepted.outline.prompt),
            "made_at": datetime.now(timezone.utc),
        }
        try:
            layer = self._target(accepted.target, crs)
            add_object(layer, geometry, crs, attributes)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)
            return
        style_by_class(layer, {accepted.map_class.name: QColor(accepted.map_class.colour)})
        self._note(layer, self._provenance(accepted))
        self._session.added()

    def _target(self, target: Target, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
        """The layer to add to; a new table is made only here, so that nothing is left behind by who accepts nothing."""
        if target.layer_id != NEW_GEOPACKAGE:
            return QgsProject.instance().mapLayer(target.layer_id)
        layer = new_geopackage(Path(target.path), crs)
        style_by_class(layer, {}, fresh=True)
        QgsProject.instance().addMapLayer(layer)
        self._session.choose_target(Target(layer.id(), target.path))
        return layer

    def _note(self, layer: QgsVectorLayer, provenance: Provenance) -> None:
        if layer.id() not in self._unsaved:
            self._unsaved[layer.id()] = []
            layer.afterCommitChanges.connect(lambda: self._saved(layer))
        if provenance not in self._unsaved[layer.id()]:
            self._unsaved[layer.id()].append(provenance)

    def _saved(self, layer: QgsVectorLayer) -> None:
        notes = self._unsaved.get(layer.id(), [])
        if notes:
            for provenance in notes:
                set_provenance(layer, provenance)
            notes.clear()
            save_style(layer)

    def _provenance(self, accepted: Accepted) -> Provenance:
        raster, crs = accepted.raster, _crs(accepted)
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
                "pixel": accepted.pixel,
            },
            versions={"plugin": self._version, "engine": accepted.facts.version, "torch": accepted.facts.torch, "qgis": Qgis.QGIS_VERSION},
        )

    def _removing(self, layer_ids: list[str]) -> None:
        for layer_id in layer_ids:
            self._unsaved.pop(layer_id, None)
        state = self._session.state
        if state.target.layer_id in layer_ids:
            self._session.choose_target(Target(NEW_GEOPACKAGE, state.target.path))
            if state.prompt:
                self._session.show_problem(problem_of("target.removed"))

    def _propose_path(self, state: State) -> None:
        if state.raster is not None and state.raster.path and not state.target.path:
            self._session.choose_target(Target(state.target.layer_id, str(_folder(state.raster.layer_id) / FILE_NAME)))


def prompt_text(prompt: Prompt) -> str:
    """The clicks as JSON, in the raster's CRS: enough to ask again."""
    facts: dict[str, object] = {"points": [[point.x, point.y, int(point.positive)] for point in prompt.points]}
    if prompt.box is not None:
        facts["box"] = list(prompt.box)
    return json.dumps(facts)


def _crs(accepted: Accepted) -> QgsCoordinateReferenceSystem:
    layer = QgsProject.instance().mapLayer(accepted.raster.layer_id)
    return layer.crs() if layer is not None else QgsCoordinateReferenceSystem.fromWkt(accepted.raster.crs)


def _folder(layer_id: str) -> Path:
    """Where a user would look for results: beside the project, else beside the raster, else among the documents."""
    project = QgsProject.instance().homePath()
    layer = QgsProject.instance().mapLayer(layer_id)
    source = Path(layer.source()) if layer is not None else Path()
    beside = [Path(project)] if project else []
    if source.is_file():
        beside.append(source.parent)
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return next((folder for folder in beside if os.access(folder, os.W_OK)), documents)
