"""Where new layers stand in the layer tree, and that they are seen there."""

from __future__ import annotations

from qgis.core import QgsLayerTreeModel, QgsProject, QgsVectorLayer
from qgis.gui import QgsLayerTreeView
from qgis.PyQt.QtWidgets import QApplication

from rasterscribe.plugin.map.tree import add_group_above


def layer(name: str) -> QgsVectorLayer:
    return QgsVectorLayer("Point?crs=EPSG:32645", name, "memory")


def test_a_new_group_is_open(qgis_new_project, qtbot) -> None:
    old = layer("old")
    QgsProject.instance().addMapLayer(old)
    view = QgsLayerTreeView()
    qtbot.addWidget(view)
    model = QgsLayerTreeModel(QgsProject.instance().layerTreeRoot())
    view.setModel(model)
    view.show()
    QApplication.processEvents()
    add_group_above("two dates", [layer("changes"), layer("not compared")], [old.id()])
    group = QgsProject.instance().layerTreeRoot().children()[0]
    assert [child.name() for child in group.children()] == ["changes", "not compared"]
    assert view.isExpanded(view.node2index(group))
