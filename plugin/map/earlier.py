"""Which layers of a project are likely to show what was there before: another raster of the place, and a map with classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from qgis.core import QgsGeometry, QgsMapLayer, QgsPalettedRasterRenderer, QgsProject, QgsRasterLayer, QgsVectorLayer

from ...models.classes import CLASSES
from ..dates import date_in
from ..problems import PluginProblem
from .areas import brought_to
from .provenance import PREFIX

FIELDS = ("class", "class_name", "classname", "type", "kind", "category", "landcover", "land_cover", "landuse", "land_use", "fclass")


def likely_before(after: QgsRasterLayer, layers: Iterable[QgsMapLayer]) -> Optional[QgsRasterLayer]:
    """Of the rasters that overlap it the newest that its name says is older; else one whose date nobody knows; else any of them.

    Maps of classes, backgrounds from the network and what a job has written are no pictures of a date.
    """
    date = _date(after)
    candidates = [layer for layer in layers if isinstance(layer, QgsRasterLayer) and layer is not after and _is_picture(layer)]
    overlapping = [layer for layer in candidates if _overlap(layer, after)]
    older = [layer for layer in overlapping if date and "" < _date(layer) < date]
    undated = [layer for layer in overlapping if not (date and _date(layer))]
    return max(older, key=_date, default=next(iter(undated or overlapping), None))


def likely_field(layer: QgsVectorLayer) -> str:
    """The field that names the class of each polygon; "" where none is called like one."""
    names = {name.lower(): name for name in layer.fields().names()}
    return next((names[name] for name in FIELDS if name in names), "")


def likely_class(layer: QgsVectorLayer) -> str:
    """What all polygons are, by the layer's name: "Buildings 2012" has buildings. "" where it says no class."""
    name = layer.name().lower()
    return next((one for one in CLASSES if one in name), "")


def _date(layer: QgsRasterLayer) -> str:
    return date_in(layer.name()) or date_in(layer.source().replace("\\", "/").rpartition("/")[2])


def _is_picture(layer: QgsRasterLayer) -> bool:
    if not layer.isValid() or layer.providerType() != "gdal" or isinstance(layer.renderer(), QgsPalettedRasterRenderer):
        return False
    return not any(line.startswith(PREFIX) for line in layer.metadata().history())


def _overlap(layer: QgsRasterLayer, other: QgsRasterLayer) -> bool:
    context = QgsProject.instance().transformContext()
    try:
        return brought_to(QgsGeometry.fromRect(layer.extent()), layer.crs(), other.crs(), context).intersects(other.extent())
    except PluginProblem:
        return False
