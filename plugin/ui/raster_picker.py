"""The raster that all panels work on, as a combo box of the project's raster layers."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QPaintEvent
from qgis.PyQt.QtWidgets import QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from ..session import Session
from ..state import State
from .widgets import may_shrink, show_layer


class RasterPicker(QgsMapLayerComboBox):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._shown = ""  # layer id
        self.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.setAllowEmptyLayer(True, self.tr("Choose…"))
        show_layer(self, None)
        may_shrink(self)
        self.activated.connect(lambda _index: self._chosen())

    def render(self, state: State) -> None:
        layer_id = self.chosen_of(state)
        if layer_id != self._shown:
            self._shown = layer_id
            show_layer(self, QgsProject.instance().mapLayer(layer_id) if layer_id else None)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Rasters of one place are called alike but for their ends: a name gives way in its middle."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width()
        room -= 2 if option.currentIcon.isNull() else option.iconSize.width() + 6
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideMiddle, room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def chosen_of(self, state: State) -> str:
        """The layer to show."""
        return state.raster.layer_id if state.raster else ""

    def choose(self, layer_id: str, name: str) -> None:
        self._session.choose_raster(layer_id, name)

    def _chosen(self) -> None:
        layer = self.currentLayer()
        self.choose(layer.id() if layer else "", layer.name() if layer else "")


class BeforePicker(RasterPicker):
    """The raster of the earlier date."""

    def chosen_of(self, state: State) -> str:
        return state.jobs.change.before_id

    def choose(self, layer_id: str, name: str) -> None:
        self._session.change.choose_before(layer_id, name)
