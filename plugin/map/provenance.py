"""Where a layer's objects come from, kept in the layer's metadata: enough to run it again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from qgis.core import (
    QgsBox3d,
    QgsCoordinateReferenceSystem,
    QgsException,
    QgsLayerMetadata,
    QgsNotSupportedException,
    QgsProviderRegistry,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

PREFIX = "Rasterscribe: "  # of a line of the layer's history; JSON follows


@dataclass(frozen=True)
class Provenance:
    """One source looked at with one model and one set of parameters. An object's own prompt stands in its `prompt` field."""

    source: str  # the raster's file, or the layer's source
    source_crs: str  # "EPSG:32633" or WKT; "" without one
    model: str
    digest: str  # sha256 of the weights
    parameters: Mapping[str, object] = field(default_factory=dict)  # JSON values: smooth, right_angles, min_hole, bands, ...
    versions: Mapping[str, str] = field(default_factory=dict)  # plugin, engine, qgis, torch
    prompts: str = "the field 'prompt' of each object"


def note_provenance(layer: QgsVectorLayer, provenances: Iterable[Provenance], abstract: str = "") -> QgsLayerMetadata:
    """Add a line of each to the layer's history, unless the same line is there, and renew its extent; gives what is to be stored.

    What the user wrote into the metadata stays; an `abstract` that he did not write is this one, or says that the objects were clicked.
    """
    metadata = layer.metadata().clone()
    for provenance in provenances:
        line = PREFIX + json.dumps(asdict(provenance), sort_keys=True, ensure_ascii=False)
        if line not in metadata.history():
            metadata.addHistoryItem(line)
    if not metadata.title():
        metadata.setTitle(layer.name())
    if not metadata.abstract():
        clicked = QCoreApplication.translate("Provenance", "Outlines of objects clicked on a raster, made with Rasterscribe.")
        metadata.setAbstract(abstract or clicked)
    if not metadata.type():
        metadata.setType("dataset")
    metadata.setCrs(layer.crs())
    metadata.setExtent(_with_extent(metadata.extent(), layer.extent(), layer.crs()))
    layer.setMetadata(metadata)
    return metadata


def store_metadata(layer: QgsVectorLayer, metadata: QgsLayerMetadata) -> bool:
    """Store metadata with the layer's data, as a GeoPackage can; a memory layer's goes into the project only.

    Returns whether it is stored.
    """
    try:
        stored, _ = QgsProviderRegistry.instance().saveLayerMetadata(layer.providerType(), layer.source(), metadata)
    except (QgsException, QgsNotSupportedException):  # QGIS 3.22 raises the former
        return False
    return bool(stored)


def provenance_of(layer: QgsVectorLayer) -> list[Provenance]:
    """What `note_provenance` wrote, oldest first; lines of newer versions keep what this one knows."""
    known = set(Provenance.__dataclass_fields__)
    found = []
    for line in layer.metadata().history():
        if line.startswith(PREFIX):
            facts = json.loads(line[len(PREFIX) :])
            found.append(Provenance(**{name: value for name, value in facts.items() if name in known}))
    return found


def _with_extent(extent: QgsLayerMetadata.Extent, area: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> QgsLayerMetadata.Extent:
    spatial = QgsLayerMetadata.SpatialExtent()
    spatial.extentCrs = crs
    spatial.bounds = QgsBox3d(area.xMinimum(), area.yMinimum(), 0, area.xMaximum(), area.yMaximum(), 0)
    if not area.isNull() and area.isFinite():
        extent.setSpatialExtents([spatial])
    return extent
