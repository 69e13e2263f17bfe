"""Where a job looks: what the map shows, the whole raster, polygons of a layer, or a rectangle drawn on the map."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QSignalBlocker
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..area_state import Area, AreaKind
from ..session import Session
from ..state import State
from .icons import icon
from .widgets import may_shrink, quiet_label, say, show_layer


class AreaPicker(QWidget):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._shown: Optional[Area] = None
        self.kind = QComboBox()
        for kind, words in self._kinds():
            self.kind.addItem(words, kind)
        may_shrink(self.kind)
        self.kind.setToolTip(self.tr("The part of the raster to search"))
        self.kind.activated.connect(lambda _index: session.area.choose_kind(self.kind.currentData()))
        self.layer = QgsMapLayerComboBox()
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layer.setAllowEmptyLayer(True, self.tr("Choose a polygon layer"))
        show_layer(self.layer, None)
        self.layer.setAccessibleName(self.tr("Polygon layer"))
        self.layer.setToolTip(self.tr("Its selected polygons; all of them where none is selected"))
        may_shrink(self.layer)
        self.layer.activated.connect(lambda _index: self._choose_layer())
        self.words = quiet_label()
        self.draw = QPushButton(icon("rectangle"), self.tr("Draw"))
        self.draw.setToolTip(self.tr("Drag a rectangle on the map"))
        self.draw.clicked.connect(lambda: session.area.draw_rectangle())
        self.rectangle = quiet_label()
        self._drawn = QWidget()
        row = QHBoxLayout(self._drawn)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.draw)
        row.addWidget(self.rectangle, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.kind, self.layer, self.words, self._drawn):
            layout.addWidget(widget)

    def render(self, state: State) -> None:
        area = state.jobs.area
        if area == self._shown:
            return
        self._shown = area
        blockers = [QSignalBlocker(widget) for widget in (self.kind, self.layer)]
        self.kind.setCurrentIndex([kind for kind, _words in self._kinds()].index(area.kind))
        show_layer(self.layer, QgsProject.instance().mapLayer(area.layer_id) if area.layer_id else None)
        del blockers
        self.layer.setVisible(area.kind is AreaKind.SELECTED)
        say(self.words, area.words)
        self._drawn.setVisible(area.kind is AreaKind.RECTANGLE)
        self.draw.setText(self.tr("Draw again") if area.rectangle else self.tr("Draw"))
        self.rectangle.setText(self.tr("Drawn on the map") if area.rectangle else self.tr("Nothing drawn yet"))

    def lacks(self, area: Area) -> str:
        """What must be done before there is an area, "" where there is one."""
        if area.kind is AreaKind.SELECTED and not area.layer_id:
            return self.tr("Choose the layer with the polygons to search.")
        if area.kind is AreaKind.RECTANGLE and not area.rectangle:
            return self.tr("Draw the rectangle to search.")
        return ""

    def _kinds(self) -> tuple[tuple[AreaKind, str], ...]:
        return (
            (AreaKind.VISIBLE, self.tr("Visible extent")),
            (AreaKind.WHOLE, self.tr("Whole raster")),
            (AreaKind.SELECTED, self.tr("Selected polygons of a layer")),
            (AreaKind.RECTANGLE, self.tr("Drawn rectangle")),
        )

    def _choose_layer(self) -> None:
        layer = self.layer.currentLayer()
        self._session.area.choose_layer(layer.id() if layer else "")
