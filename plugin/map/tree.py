"""How a layer is called, and where it stands among the others of the project."""

from __future__ import annotations

from qgis.core import QgsLayerTreeLayer, QgsMapLayer, QgsProject

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
