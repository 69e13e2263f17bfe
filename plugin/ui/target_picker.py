"""Where accepted outlines go: a GeoPackage table to be made, or a polygon layer of the project."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QFileDialog, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ..session import Session
from ..state import NEW_GEOPACKAGE, State, Target
from .widgets import PathLabel, may_shrink, show_layer


class TargetPicker(QWidget):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._shown: Optional[Target] = None
        self.layer = QgsMapLayerComboBox()
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layer.setAllowEmptyLayer(True, self.tr("New GeoPackage table"))
        show_layer(self.layer, None)
        may_shrink(self.layer)
        self.layer.activated.connect(lambda _index: self._choose_layer())
        self.path = PathLabel()
        self.change = QToolButton()
        self.change.setText("…")
        self.change.setToolTip(self.tr("Choose another file"))
        self.change.clicked.connect(self._choose_path)
        self._new = QWidget()
        row = QHBoxLayout(self._new)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path, 1)
        row.addWidget(self.change)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.layer)
        layout.addWidget(self._new)

    def render(self, state: State) -> None:
        if state.target == self._shown:
            return
        self._shown = state.target
        show_layer(self.layer, QgsProject.instance().mapLayer(state.target.layer_id) if state.target.layer_id else None)
        self.path.setText(state.target.path)
        self._new.setVisible(state.target.layer_id == NEW_GEOPACKAGE)

    def _choose_layer(self) -> None:
        layer = self.layer.currentLayer()
        self._session.choose_target(Target(layer.id() if layer else NEW_GEOPACKAGE, self._session.state.target.path))

    def _choose_path(self) -> None:
        path, _kind = QFileDialog.getSaveFileName(
            self,
            self.tr("Save outlines to"),
            self._session.state.target.path,
            self.tr("GeoPackage (*.gpkg)"),
            options=QFileDialog.Option.DontConfirmOverwrite,  # a table is added to a file that is there
        )
        if path:
            self._session.choose_target(Target(NEW_GEOPACKAGE, path if path.lower().endswith(".gpkg") else path + ".gpkg"))
