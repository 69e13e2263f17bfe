"""The project's layers and their files: vector layers that a phrase may name, and files that must not be replaced."""

from __future__ import annotations

import os
from collections.abc import Sequence

from qgis.core import QgsMapLayer, QgsProject, QgsProviderRegistry, QgsVectorLayer

from ...models.protocol import NamedLayer
from ..problems import PluginProblem

FILES = ("ogr", "spatialite")  # providers whose layers the engine reads by path and table


def named_layers(project: QgsProject) -> list[NamedLayer]:
    """Those with a file of their own, by the names that the user sees, in the order of the layer tree. What is in memory or in a
    database the engine cannot read."""
    found = []
    for node in project.layerTreeRoot().findLayers():
        layer = node.layer()
        if isinstance(layer, QgsVectorLayer) and layer.isValid() and layer.isSpatial() and layer.providerType() in FILES:
            parts = _source_of(layer)
            path = parts.get("path") or ""
            if os.path.isfile(path):
                found.append(NamedLayer(node.name(), path, parts.get("layerName") or ""))
    return found


def must_be_closed(project: QgsProject, files: Sequence[str]) -> None:
    """Raises PluginProblem found.open where a layer of the project is read from one of these files: edits of that layer that are not
    saved yet would have nowhere to go once the file is replaced."""
    taken = {os.path.realpath(file) for file in files if file and os.path.exists(file)}
    if not taken:
        return
    for layer in project.mapLayers().values():
        path = _source_of(layer).get("path") or ""
        if path and os.path.realpath(path) in taken:
            raise PluginProblem("found.open", path)


def _source_of(layer: QgsMapLayer) -> dict[str, str]:
    return dict(QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source()))
