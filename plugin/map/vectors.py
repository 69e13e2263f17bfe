"""The project's vector layers that a phrase may name."""

from __future__ import annotations

import os

from qgis.core import QgsProject, QgsProviderRegistry, QgsVectorLayer

from ...models.protocol import NamedLayer

FILES = ("ogr", "spatialite")  # providers whose layers the engine reads by path and table


def named_layers(project: QgsProject) -> list[NamedLayer]:
    """Those with a file of their own, by the names that the user sees, in the order of the layer tree. What is in memory or in a
    database the engine cannot read."""
    found = []
    for node in project.layerTreeRoot().findLayers():
        layer = node.layer()
        if isinstance(layer, QgsVectorLayer) and layer.isValid() and layer.isSpatial() and layer.providerType() in FILES:
            parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
            path = parts.get("path") or ""
            if os.path.isfile(path):
                found.append(NamedLayer(node.name(), path, parts.get("layerName") or ""))
    return found
