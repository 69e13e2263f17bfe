"""How a layer is called, and where it stands among the others of the project."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsLayerTreeGroup, QgsLayerTreeLayer, QgsMapLayer, QgsProject

LONGEST = 40  # letters of a name


def call(layer: QgsMapLayer, words: str) -> None:
    """Name a layer by these words, cut where they are long; as its title, which is in its tooltip, they are whole."""
    layer.setName(words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip(" ,") + "…")
    layer.setTitle(words)


def add_above(layer: QgsMapLayer, below: str) -> None:
    """Add a layer to the project directly above the layer with this id, so that whatever covers that one covers the new one, too; at the
    very bottom where there is none."""
    project = QgsProject.instance()
    project.addMapLayer(layer, False)
    root = project.layerTreeRoot()
    node = root.findLayer(below)
    parent = node.parent() if node is not None else root
    here = [isinstance(child, QgsLayerTreeLayer) and child.layerId() == below for child in parent.children()]
    parent.insertLayer(here.index(True) if True in here else -1, layer)


def add_group_above(name: str, layers: Sequence[QgsMapLayer], below: Sequence[str]) -> None:
    """Add layers to the project in a group of their own, the first uppermost, directly above the upper one of the layers with these ids; at
    the very top where there is none."""
    project = QgsProject.instance()
    root = project.layerTreeRoot()
    found = [node for node in root.findLayers() if node.layerId() in below]
    group = QgsLayerTreeGroup(name)
    parent = found[0].parent() if found else root
    here = [isinstance(child, QgsLayerTreeLayer) and child.layerId() == found[0].layerId() for child in parent.children()] if found else []
    parent.insertChildNode(here.index(True) if True in here else 0, group)
    for layer in layers:
        project.addMapLayer(layer, False)
        group.addLayer(layer)
    for node in (group, *group.findLayers()):  # QGIS's tree does not ask new ones, but hears of what changes
        node.setExpanded(False)
        node.setExpanded(True)
