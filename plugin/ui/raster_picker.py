"""The raster that all panels work on, as a combo box of the project's raster layers."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QWidget

from ..session import Session
from ..state import Raster, State
from .widgets import may_shrink


class RasterPicker(QgsMapLayerComboBox):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._shown: Optional[Raster] = None
        self.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.setAllowEmptyLayer(True, self.tr("Choose a raster"))
        self.setLayer(None)
        may_shrink(self)
        self.activated.connect(lambda _index: self._choose())

    def render(self, state: State) -> None:
        if state.raster != self._shown:
            self._shown = state.raster
            self.setLayer(QgsProject.instance().mapLayer(state.raster.layer_id) if state.raster else None)

    def _choose(self) -> None:
        layer = self.currentLayer()
        self._session.choose_raster(layer.id() if layer else "", layer.name() if layer else "")
