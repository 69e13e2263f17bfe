"""The existing map that a comparison may use: a polygon layer, what names its classes, and what it is for."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from qgis.core import QgsFields, QgsMapLayerProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QSignalBlocker, Qt
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QWidget

from ...models.classes import CLASSES, colour_of
from ..change_state import MapChoice, MapUse
from ..session import Session
from ..state import State
from .fold import Fold
from .icons import swatch
from .widgets import may_shrink, show_layer


class MapPicker(Fold):
    """Folded until a map is used."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        self._session = session
        self.form = QWidget()
        super().__init__("", self.form, parent)
        self.button.setText(self.tr("Existing map"))
        self.button.setToolTip(self.tr("A vector layer of what was there: it makes the comparison surer, or stands in for an image"))
        self.layer = QgsMapLayerComboBox()
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layer.setAllowEmptyLayer(True, self.tr("No map"))
        show_layer(self.layer, None)
        self.layer.setAccessibleName(self.tr("Layer of the existing map"))
        self.layer.activated.connect(lambda _index: self._choose_layer())
        self.classes = _ClassSource()
        self.classes.activated.connect(lambda _index: self._choose(**self.classes.chosen()))
        self.use = QComboBox()
        self.use.addItem(self.tr("Beside the image before"), MapUse.WITNESS)
        self.use.addItem(self.tr("In its place"), MapUse.ALONE)
        self.use.setItemData(0, self.tr("Both say what was there: the surest way"), Qt.ItemDataRole.ToolTipRole)
        self.use.setItemData(1, self.tr("Without an image before: what of the map is gone, and what it lacks"), Qt.ItemDataRole.ToolTipRole)
        self.use.activated.connect(lambda _index: self._choose(use=self.use.currentData()))
        for combo in (self.layer, self.classes, self.use):
            may_shrink(combo)
        self._rows = QFormLayout(self.form)
        self._rows.setContentsMargins(16, 0, 0, 2)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows.addRow(self.tr("Layer"), self.layer)
        self._rows.addRow(self.tr("Classes"), self.classes)
        self._rows.addRow(self.tr("Use it"), self.use)

    def render(self, state: State) -> None:
        change = state.jobs.change
        choice = change.old_map
        found = QgsProject.instance().mapLayer(choice.layer_id) if choice.layer_id else None
        layer = found if isinstance(found, QgsVectorLayer) else None
        blockers = [QSignalBlocker(widget) for widget in (self.layer, self.use)]
        show_layer(self.layer, layer)
        self.layer.setToolTip(layer.name() if layer else "")
        self.use.setCurrentIndex(int(choice.use is MapUse.ALONE))
        del blockers
        self.classes.show_choice(layer, choice)
        for widget in (self.classes, self.use):
            widget.setEnabled(layer is not None)
        self.tell(change.with_map, layer.name() if layer else self.tr("none"))

    def _choose_layer(self) -> None:
        layer, change = self.layer.currentLayer(), self._session.state.jobs.change
        if layer is None:
            self._session.change.choose_map(MapChoice())
        elif layer.id() != change.old_map.layer_id:
            use = MapUse.WITNESS if change.before_id else MapUse.ALONE
            self._session.change.choose_map(MapChoice(use if change.old_map.use is MapUse.NONE else change.old_map.use, layer.id()))

    def _choose(self, **changes: Any) -> None:
        self._session.change.choose_map(dataclasses.replace(self._session.state.jobs.change.old_map, **changes))


class _ClassSource(QComboBox):
    """Where the class of each polygon stands: in one of the layer's fields, or nowhere, because all are of one class."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._shown: object = None
        self.setAccessibleName(self.tr("Classes of the existing map"))
        self.setToolTip(self.tr("The field that names the class of each polygon, or the one class of all of them"))

    def chosen(self) -> dict[str, str]:
        field, class_name = self.currentData() or ("", "")
        return {"field": field, "class_name": class_name}

    def show_choice(self, layer: Optional[QgsVectorLayer], choice: MapChoice) -> None:
        fields = layer.fields() if layer is not None else QgsFields()
        names = tuple(field.name() for field in fields)
        if (names, choice) == self._shown:
            return
        self._shown = (names, choice)
        blocker = QSignalBlocker(self)
        self.clear()
        if layer is not None and not (choice.field or choice.class_name):
            self.addItem(self.tr("Choose a field or a class"), None)
        for place, name in enumerate(names):
            self.addItem(fields.iconForField(place), self.tr("Field {name}").format(name=name), (name, ""))
        if names:
            self.insertSeparator(self.count())
        for name in CLASSES if layer is not None else ():
            self.addItem(swatch(colour_of(name)), self.tr("All are {name}").format(name=name), ("", name))
        rows = [self.itemData(row) for row in range(self.count())]
        now = (choice.field, choice.class_name)
        if any(now) and now not in rows:  # the field is gone
            self.insertItem(0, choice.field or choice.class_name, now)
            rows.insert(0, now)
        self.setCurrentIndex(rows.index(now) if now in rows else 0)
        del blocker
