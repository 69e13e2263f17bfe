"""Layers of changes as the engine writes them, tiny."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate

FIELDS = (
    "kind:string(0,0)", "class:string(0,0)", "from_class:string(0,0)", "to_class:string(0,0)", "score:double(0,0)", "area_m2:double(0,0)",
    "date_before:date", "date_after:date", "model:string(0,0)", "prompt:string(0,0)", "review:string(0,0)",
)  # fmt: skip


class Seen(NamedTuple):
    """A change: an outline (WKT), its classes and its score."""

    outline: str
    was: str
    now: str
    kind: str
    score: float = 0.9
    review: str = ""


def square(x: float, y: float, side: float = 4.0) -> str:
    return f"POLYGON(({x} {y}, {x + side} {y}, {x + side} {y + side}, {x} {y + side}, {x} {y}))"


def changes_layer(
    path: Path, changes: Sequence[Seen], crs: str = "EPSG:32645", dates: Optional[tuple[QDate, QDate]] = None
) -> QgsVectorLayer:
    """The table `changes` of a new GeoPackage, as a layer that is not in the project."""
    made = QgsVectorLayer("MultiPolygon?" + "&".join(f"field={field}" for field in FIELDS), "changes", "memory")
    made.setCrs(QgsCoordinateReferenceSystem(crs))
    before, after = dates or (None, None)
    features = []
    for seen in changes:
        feature = QgsFeature(made.fields())
        shape = QgsGeometry.fromWkt(seen.outline)
        shape.convertToMultiType()
        feature.setGeometry(shape)
        name = seen.was if seen.kind == "disappeared" else seen.now
        area = shape.area()
        feature.setAttributes(
            [seen.kind, name, seen.was, seen.now, seen.score, area, before, after, "change", "building, road", seen.review]
        )
        features.append(feature)
    made.dataProvider().addFeatures(features)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "changes"
    error, message, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(made, str(path), QgsCoordinateTransformContext(), options)
    assert error == QgsVectorFileWriter.WriterError.NoError, message
    layer = QgsVectorLayer(f"{path}|layername=changes", "changes", "ogr")
    assert layer.isValid()
    return layer
