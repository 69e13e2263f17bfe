"""Going through what was found: every decision is one edit of the layer, which QGIS's undo takes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Optional

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsField,
    QgsGeometry,
    QgsPointXY,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.PyQt.QtCore import QCoreApplication, QVariant

from ..problems import PluginProblem
from .areas import clean
from .found import KEPT, REVIEW
from .results import square_metres, trouble_with

LEAST = 0.02  # share of an object's area that a part of it must have to be told apart


def object_at(layer: QgsVectorLayer, at: QgsPointXY) -> Optional[QgsFeature]:
    """The smallest of the shown objects that hold a place (in the layer's CRS)."""
    point = QgsGeometry.fromPointXY(at)
    near = QgsRectangle(at, at)
    near.grow(1e-9 * max(abs(at.x()), abs(at.y()), 1.0))  # QGIS finds no edited feature in a box without a size
    request = QgsFeatureRequest().setFilterRect(near)
    holding = [feature for feature in layer.getFeatures(request) if feature.geometry().intersects(point)]
    return min(holding, key=lambda feature: feature.geometry().area(), default=None)


def keep(layer: QgsVectorLayer, number: int) -> None:
    """Mark an object as right: it is shown whatever the filter says. Raises PluginProblem, as all here, where a layer takes no edits."""
    field = review_field(layer)
    with one_edit(layer, _tr("Keep an object")):
        layer.changeAttributeValue(number, field, KEPT)


def discard(layer: QgsVectorLayer, number: int) -> None:
    with one_edit(layer, _tr("Discard an object")):
        layer.deleteFeature(number)


def merge(layer: QgsVectorLayer, numbers: Sequence[int]) -> int:
    """Make one object of several. It has the first one's attributes, the area of the whole, and their mean score by area; gives its number,
    which is that of the first."""
    first, *others = [layer.getFeature(number) for number in numbers]
    areas = [max(feature.geometry().area(), 1e-12) for feature in (first, *others)]
    whole = clean(QgsGeometry.unaryUnion([feature.geometry() for feature in (first, *others)]))
    scores = [_number(feature, "score") for feature in (first, *others)]
    with one_edit(layer, _tr("Merge objects")):
        _reshape(layer, first.id(), whole)
        known = [(score, area) for score, area in zip(scores, areas) if score is not None]
        if known:
            _set(layer, first.id(), "score", round(sum(score * area for score, area in known) / sum(area for _, area in known), 4))
        for other in others:
            layer.deleteFeature(other.id())
    return int(first.id())


def cut_out(layer: QgsVectorLayer, number: int, piece: QgsGeometry) -> int:
    """Make an object of its own of the part of an object that `piece` (in the layer's CRS) covers; the rest stays. Gives the new object's
    number. Raises PluginProblem review.nothing where either would be next to nothing."""
    whole = layer.getFeature(number)
    inside, rest = clean(whole.geometry().intersection(piece)), clean(whole.geometry().difference(piece))
    least = LEAST * whole.geometry().area()
    if inside.isEmpty() or rest.isEmpty() or inside.area() < least or rest.area() < least:
        raise PluginProblem("review.nothing")
    values = {index: value for index, value in enumerate(whole.attributes()) if index not in layer.primaryKeyAttributes()}
    part = QgsVectorLayerUtils.createFeature(layer, _fitting(layer, inside), values, layer.createExpressionContext())
    with one_edit(layer, _tr("Split an object")):
        _reshape(layer, number, rest)
        layer.addFeature(part)
        _set_area(layer, part.id(), inside)
    return int(part.id())


@contextmanager
def one_edit(layer: QgsVectorLayer, words: str) -> Iterator[None]:
    """One named step of the layer's undo, in an edit session that begins here if there is none."""
    code = trouble_with(layer)
    if code is not None or not (layer.isEditable() or layer.startEditing()):
        raise PluginProblem(code or "target.read_only")
    layer.beginEditCommand(words)
    try:
        yield
    except BaseException:
        layer.destroyEditCommand()
        raise
    layer.endEditCommand()
    layer.triggerRepaint()


def review_field(layer: QgsVectorLayer) -> int:
    """The field of decisions, added where it is missing: the engine does not write it."""
    index = layer.fields().lookupField(REVIEW)
    if index >= 0:
        return int(index)
    field = QgsField(REVIEW, QVariant.Type.String)
    if layer.isEditable():  # the file is changed with the other edits
        layer.addAttribute(field)
    elif layer.dataProvider().addAttributes([field]):
        layer.updateFields()
    index = layer.fields().lookupField(REVIEW)
    if index < 0:
        raise PluginProblem("target.read_only", layer.source())
    return int(index)


def _reshape(layer: QgsVectorLayer, number: int, shape: QgsGeometry) -> None:
    layer.changeGeometry(number, _fitting(layer, shape))
    _set_area(layer, number, shape)


def _fitting(layer: QgsVectorLayer, shape: QgsGeometry) -> QgsGeometry:
    """Of the layer's type: single or multi."""
    parts = shape.coerceToType(layer.wkbType())
    return parts[0] if len(parts) == 1 else shape


def _set_area(layer: QgsVectorLayer, number: int, shape: QgsGeometry) -> None:
    area = square_metres(shape, layer.crs())
    if area is not None:
        _set(layer, number, "area_m2", area)


def _set(layer: QgsVectorLayer, number: int, field: str, value: float) -> None:
    index = layer.fields().lookupField(field)
    if index >= 0:
        layer.changeAttributeValue(number, index, value)


def _number(feature: QgsFeature, field: str) -> Optional[float]:
    index = feature.fields().lookupField(field)
    value = feature.attribute(index) if index >= 0 else None
    return float(value) if isinstance(value, (int, float)) else None


def _tr(text: str) -> str:
    return QCoreApplication.translate("Review", text)
