"""What an analyst adds to a layer styled by class is seen: a class that the style does not name joins it."""

from __future__ import annotations

from functools import partial

from qgis.core import NULL, QgsFeature, QgsFeatureRequest, QgsVectorLayer
from qgis.PyQt import sip

from ..connections import Connections, connect, disconnect
from .styles import FIELD, colour_of, style_by_class


class Additions:
    """Watches layers for as long as both are there. Without it, QGIS would not draw what has none of the classes."""

    def __init__(self) -> None:
        self._watched: list[tuple[QgsVectorLayer, Connections]] = []

    def watch(self, layer: QgsVectorLayer) -> None:
        self._watched = [(one, slots) for one, slots in self._watched if not sip.isdeleted(one)]
        slots = (
            (layer.featureAdded, partial(_added, layer)),
            (layer.attributeValueChanged, partial(_changed, layer)),
        )
        connect(slots)
        self._watched.append((layer, slots))

    def let_go(self) -> None:
        watched, self._watched = self._watched, []
        for layer, slots in watched:
            if not sip.isdeleted(layer):
                disconnect(slots)


def _added(layer: QgsVectorLayer, number: int) -> None:
    request = QgsFeatureRequest(number).setFlags(QgsFeatureRequest.Flag.NoGeometry)
    feature = QgsFeature()
    if layer.getFeatures(request).nextFeature(feature):
        _show(layer, feature[FIELD])


def _changed(layer: QgsVectorLayer, _number: int, field: int, value: object) -> None:
    if field == layer.fields().lookupField(FIELD):
        _show(layer, value)


def _show(layer: QgsVectorLayer, value: object) -> None:
    name = "" if value is None or value == NULL else str(value)
    style_by_class(layer, {name: colour_of(name)})
