"""A colour for each class, or for each kind of change. What the user styled himself is left as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QColor

from ...models import classes

FIELD, KIND = "class", "kind"
COLOURS = "rasterscribe/colours"  # layer property: the colour we gave each class last, as JSON; it marks the style as ours
STYLE_NAME = "rasterscribe"
FILL = 90  # alpha of 255: the imagery beneath stays readable
OTHER = QColor(classes.OTHER_COLOUR)


def colour_of(name: str) -> QColor:
    """A class's usual colour; for any other word one that is always the same."""
    return QColor(classes.colour_of(name))


def style_by_class(layer: QgsVectorLayer, colours: Mapping[str, QColor], fresh: bool = False) -> bool:
    """Give each class its colour; returns whether anything was changed.

    `fresh` is for a layer that was just made and has only QGIS's accidental style; without colours, it has one for everything.
    Otherwise a class is added, or changes its colour, only where the layer is already styled by class, and never against a colour
    that the user gave it. The name "" stands for what has none of the classes.
    """
    renderer = layer.renderer()
    by_class = isinstance(renderer, QgsCategorizedSymbolRenderer) and renderer.classAttribute() == FIELD
    if not by_class and not fresh:
        return False
    given = dict(json.loads(layer.customProperty(COLOURS) or "{}"))
    styled = renderer.clone() if by_class else QgsCategorizedSymbolRenderer(FIELD, [] if colours else [_category("", OTHER)])
    changed = not by_class
    for name, colour in colours.items():
        changed |= _colour(styled, name, QColor(colour), given.get(name))
    if not changed:
        return False
    given.update({name: QColor(colour).name() for name, colour in colours.items()})
    layer.setRenderer(styled)
    layer.setCustomProperty(COLOURS, json.dumps(given, sort_keys=True))
    layer.triggerRepaint()
    layer.emitStyleChanged()
    return True


def style_by_kind(layer: QgsVectorLayer) -> None:
    """Give a layer of changes that was just made the colours of what appeared, disappeared or changed, with those words in the legend."""
    words = {"appeared": _tr("appeared"), "disappeared": _tr("disappeared"), "changed": _tr("changed")}
    kinds = [QgsRendererCategory(kind, _symbol(QColor(colour)), words[kind]) for kind, colour in classes.KIND_COLOURS.items()]
    layer.setRenderer(QgsCategorizedSymbolRenderer(KIND, [*kinds, _category("", OTHER)]))
    layer.triggerRepaint()
    layer.emitStyleChanged()


def save_style(layer: QgsVectorLayer) -> bool:
    """Store the style in the layer's GeoPackage as its default; False where the layer lives elsewhere or will not take it."""
    if layer.providerType() != "ogr" or not layer.source().split("|")[0].lower().endswith(".gpkg"):
        return False
    _, ids, names, _, _ = layer.listStylesInDatabase()
    for style, name in zip(ids, names):
        if name == STYLE_NAME:  # QGIS 3.22 asks in a dialog before it replaces one
            layer.deleteStyleFromDatabase(style)
    return not layer.saveStyleToDatabase(STYLE_NAME, "", True, "")


def _colour(renderer: QgsCategorizedSymbolRenderer, name: str, colour: QColor, given: str | None) -> bool:
    """Add the class, or recolour it where it still has the colour that we gave it; returns whether it did."""
    index = renderer.categoryIndexForValue(name)
    if index < 0:
        renderer.addCategory(_category(name, colour))
        return True
    category = renderer.categories()[index]  # held: it owns its symbol
    now = category.symbol().color().name()
    if now == colour.name() or now != given:
        return False
    renderer.updateCategorySymbol(index, _symbol(colour))
    return True


def _category(name: str, colour: QColor) -> QgsRendererCategory:
    return QgsRendererCategory(name, _symbol(colour), name or _tr("all others"))


def _symbol(colour: QColor) -> QgsFillSymbol:
    fill = QColor(colour)
    fill.setAlpha(FILL)
    return QgsFillSymbol.createSimple(
        {
            "color": _text(fill),
            "outline_color": _text(colour),
            "outline_width": "0.5",
            "joinstyle": "round",
        }
    )


def _text(colour: QColor) -> str:
    return f"{colour.red()},{colour.green()},{colour.blue()},{colour.alpha()}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Styles", text)
