"""Decisions about changes: each is one edit of their layer, which QGIS's undo takes back, in the text field `review`.

That field says "accepted", "rejected", or "relabelled (KIND: FROM > TO)" with what the change was called before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Optional

from qgis.core import (
    NULL,
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsFeatureRenderer,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsProperty,
    QgsRuleBasedRenderer,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QCoreApplication

from ...models import classes
from .found import REVIEW
from .review import one_edit, review_field

LABELS = ("kind", "from_class", "to_class")  # fields that every layer of changes has
ACCEPTED, REJECTED, RELABELLED = "accepted", "rejected", "relabelled"
FORMER = re.compile(r"\((.*): (.*) > (.*)\)$")
FAINT = f"CASE WHEN \"{REVIEW}\" = '{REJECTED}' THEN 15 ELSE 100 END"  # per cent of a symbol's own opacity


def holds_changes(layer: Optional[QgsMapLayer]) -> bool:
    if not isinstance(layer, QgsVectorLayer) or layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
        return False
    return all(layer.fields().lookupField(name) >= 0 for name in LABELS)


def decisions_in(layer: QgsVectorLayer) -> dict[int, str]:
    """Of every change that the layer's filter lets through, the surest first: number -> decision, "" for none yet."""
    fields = layer.fields()
    score, review = fields.lookupField("score"), fields.lookupField(REVIEW)
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    request.setSubsetOfAttributes([index for index in (score, review) if index >= 0])
    found = []
    for change in layer.getFeatures(request):
        surely, said = (change.attribute(index) if index >= 0 else None for index in (score, review))
        number = surely if isinstance(surely, (int, float)) else 0.0
        found.append((-number, change.id(), decision_in(said) if isinstance(said, str) else ""))
    return {number: decision for _, number, decision in sorted(found)}


def decision_of(change: QgsFeature) -> str:
    """What was decided about it: one of the three words, or ""."""
    return decision_in(text_of(change, REVIEW))


def decision_in(text: str) -> str:
    """What a value of the field `review` says."""
    word = text.split(" ")[0]
    return word if word in (ACCEPTED, REJECTED, RELABELLED) else ""


def labels_of(change: QgsFeature) -> tuple[str, str, str]:
    """Its kind, and its class before and after."""
    kind, was, now = (text_of(change, name) for name in LABELS)
    return kind, was, now


def labels_in(layer: QgsVectorLayer, interest: Iterable[str]) -> list[str]:
    """The classes that a change may be relabelled with: "other", those of interest, and whatever the layer's changes have."""
    fields = [layer.fields().lookupField(name) for name in LABELS[1:]]
    there = sorted(str(value) for field in fields for value in layer.uniqueValues(field) if value and value != NULL)
    return list(dict.fromkeys([classes.OTHER[0], *interest, *there]))


def decide(layer: QgsVectorLayer, number: int, decision: str, kind: str = "", from_class: str = "", to_class: str = "") -> None:
    """Mark a change as right or wrong, or as one of another kind (decision "relabelled").

    What is rejected is what the model said, so a rejected change is called again what it was before it was relabelled; a relabelled one
    that is accepted stays relabelled. Raises PluginProblem where the layer takes no edits.
    """
    words = {ACCEPTED: _tr("Accept a change"), REJECTED: _tr("Reject a change"), RELABELLED: _tr("Relabel a change")}
    field = review_field(layer)
    change = layer.getFeature(number)
    was_said = FORMER.search(text_of(change, REVIEW))
    said = tuple(was_said.groups()) if was_said else labels_of(change)
    if decision == RELABELLED:
        labels: tuple[str, ...] = (kind, from_class, to_class)
    else:
        labels = said if decision == REJECTED else labels_of(change)
    if decision != REJECTED and labels != said:
        decision = f"{RELABELLED} ({said[0]}: {said[1]} > {said[2]})"
    elif decision == RELABELLED:
        decision = ACCEPTED  # it is called what it was called at first
    with one_edit(layer, words[decision_in(decision)]):
        layer.changeAttributeValue(number, field, decision)
        if labels != labels_of(change):
            _label(layer, number, labels)


def faint_rejected(layer: QgsVectorLayer) -> None:
    """Draw rejected changes faintly, whatever the style by kind is. A style that the user made opaque by a rule of his own stays."""
    renderer = layer.renderer().clone() if layer.renderer() is not None else None
    if renderer is None or layer.fields().lookupField(REVIEW) < 0 or not _fade(renderer):
        return
    layer.setRenderer(renderer)
    layer.triggerRepaint()


def text_of(feature: QgsFeature, field: str) -> str:
    """ "" where it is empty or missing."""
    index = feature.fields().lookupField(field)
    value: Any = feature.attribute(index) if index >= 0 else None
    return "" if value is None or value == NULL else str(value)


def number_of(feature: QgsFeature, field: str) -> Optional[float]:
    index = feature.fields().lookupField(field)
    value = feature.attribute(index) if index >= 0 else None
    return float(value) if isinstance(value, (int, float)) else None


def _label(layer: QgsVectorLayer, number: int, labels: tuple[str, ...]) -> None:
    kind, was, now = labels
    for name, value in zip((*LABELS, "class"), (*labels, was if kind == "disappeared" else now)):
        index = layer.fields().lookupField(name)
        if index >= 0:
            layer.changeAttributeValue(number, index, value)


def _fade(renderer: QgsFeatureRenderer) -> bool:
    """Whether any symbol was changed."""
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        faded = [(place, _faint(category.symbol())) for place, category in enumerate(renderer.categories())]
        for place, symbol in faded:
            if symbol is not None:
                renderer.updateCategorySymbol(place, symbol)
        return any(symbol is not None for _, symbol in faded)
    if isinstance(renderer, QgsSingleSymbolRenderer):
        symbol = _faint(renderer.symbol())
        if symbol is not None:
            renderer.setSymbol(symbol)
        return symbol is not None
    if isinstance(renderer, QgsRuleBasedRenderer):
        rules = [(rule, _faint(rule.symbol())) for rule in renderer.rootRule().descendants() if rule.symbol() is not None]
        for rule, symbol in rules:
            if symbol is not None:
                rule.setSymbol(symbol)
        return any(symbol is not None for _, symbol in rules)
    return False


def _faint(symbol: QgsSymbol) -> Optional[QgsSymbol]:
    """The symbol with an opacity that follows the decision; None where its opacity follows something already."""
    if symbol.dataDefinedProperties().isActive(QgsSymbol.Property.PropertyOpacity):
        return None
    faint = symbol.clone()
    faint.setDataDefinedProperty(QgsSymbol.Property.PropertyOpacity, QgsProperty.fromExpression(FAINT))
    return faint


def _tr(text: str) -> str:
    return QCoreApplication.translate("Review", text)
