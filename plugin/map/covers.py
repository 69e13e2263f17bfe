"""What the engine writes of land cover and of tiles, as raster layers; the engine puts a style beside each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qgis.core import QgsCoordinateReferenceSystem, QgsPalettedRasterRenderer, QgsRasterLayer
from qgis.PyQt.QtGui import QColor

from ..problems import PluginProblem
from .provenance import Provenance, note_provenance
from .styles import colour_of


def open_result(path: Path, name: str, crs: QgsCoordinateReferenceSystem) -> QgsRasterLayer:
    """A GeoTIFF that the engine wrote, placed as the raster's layer is: the user may have set its CRS by hand.

    Raises PluginProblem found.unreadable.
    """
    layer = QgsRasterLayer(str(path), name)
    if not layer.isValid():
        raise PluginProblem("found.unreadable", str(path))
    if layer.crs() != crs:
        layer.setCrs(crs)
    return layer


def class_colours(layer: QgsRasterLayer, names: Sequence[str]) -> list[str]:
    """The colours in which a class raster shows its classes, as "#rrggbb"; a class's number is its place from 1 on."""
    renderer = layer.renderer()
    shown = {one.value: one.color for one in renderer.classes()} if isinstance(renderer, QgsPalettedRasterRenderer) else {}
    return [QColor(shown.get(number, colour_of(name))).name() for number, name in enumerate(names, 1)]


def note_source(layer: QgsRasterLayer, provenance: Provenance, abstract: str) -> None:
    """Say in the layer's metadata where it comes from, and beside its file as QGIS does (.qmd), where that can be written."""
    note_provenance(layer, [provenance], abstract)
    layer.saveDefaultMetadata()
