"""Which layers show the two dates of a layer of changes.

The layer itself remembers, so that a review goes on in a project that is opened again.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import NULL, QgsMapLayer, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, Qt

from .map.flicker import Picturable
from .state import State

# properties of the layer: ids of the raster layers, and of the old map's, "" for none
BEFORE, AFTER, OLD_MAP = "rasterscribe/before", "rasterscribe/after", "rasterscribe/map"


def remember(layer: QgsVectorLayer, before: str, after: str, old_map: str = "") -> None:
    """Say in a layer of changes which layers (by id, "" for none) were compared."""
    for name, value in ((BEFORE, before), (AFTER, after), (OLD_MAP, old_map)):
        layer.setCustomProperty(name, value)


def remember_pair(layer: QgsVectorLayer, state: State) -> None:
    """Unless the layer says so already, what is chosen now is what it shows the changes of."""
    if not layer.customProperty(AFTER):
        change = state.jobs.change
        remember(layer, change.before_id, state.raster.layer_id if state.raster else "", change.old_map.layer_id)


def pair_of(layer: QgsVectorLayer) -> tuple[Picturable, Picturable]:
    """Before and after, as far as their layers are in the project. Without a before raster, before is the old map over the after raster."""
    before, after, old_map = (_layer(layer, name) for name in (BEFORE, AFTER, OLD_MAP))
    first, second = _date(layer, "date_before"), _date(layer, "date_after")
    earlier = (before,) if before is not None else tuple(filter(None, (old_map, after))) if old_map is not None else ()
    words = _tr("Before: {name}") if before is not None else _tr("Map: {name}")
    return (
        Picturable(earlier, _with(words.format(name=earlier[0].name()), first) if earlier else ""),
        Picturable((after,), _with(_tr("After: {name}").format(name=after.name()), second)) if after is not None else Picturable(),
    )


def rasters_of(layer: QgsVectorLayer) -> tuple[Optional[QgsRasterLayer], Optional[QgsRasterLayer]]:
    """Those of before and after, None where they are not in the project."""
    before, after = _layer(layer, BEFORE), _layer(layer, AFTER)
    return (before if isinstance(before, QgsRasterLayer) else None, after if isinstance(after, QgsRasterLayer) else None)


def _layer(layer: QgsVectorLayer, name: str) -> Optional[QgsMapLayer]:
    found = QgsProject.instance().mapLayer(str(layer.customProperty(name) or ""))
    return found if found is not None and found.isValid() else None


def _date(layer: QgsVectorLayer, field: str) -> str:
    """Of its first change, as ISO; all have the same."""
    first = next(layer.getFeatures(), None)
    value = first[field] if first is not None and layer.fields().lookupField(field) >= 0 else None
    if value is None or value == NULL:
        return ""
    return value.toString(Qt.DateFormat.ISODate) if hasattr(value, "toString") else str(value)


def _with(words: str, date: str) -> str:
    return f"{words}, {date}" if date else words


def _tr(text: str) -> str:
    return QCoreApplication.translate("Review", text)
