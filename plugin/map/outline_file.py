"""Outlines with their fields to a GeoPackage, on any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsVectorFileWriter,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from ..problems import PluginProblem

POLYGONS = QgsWkbTypes.Type.MultiPolygon


def write_outlines(
    path: Path, table: str, outlines: Sequence[tuple[QgsFeature, Mapping[str, str]]], crs: QgsCoordinateReferenceSystem
) -> None:
    """Features of one kind, at least one, each with texts of its own beside its fields. Raises PluginProblem output.unwritable."""
    first, texts = outlines[0]
    fields = QgsFields()
    for field in first.fields():
        if field.name().lower() != "fid":
            fields.append(QgsField(field))
    for name in texts:
        fields.append(QgsField(name, QVariant.Type.String))
    features = []
    for feature, texts in outlines:
        made = QgsFeature(fields)
        made.setGeometry(feature.geometry())
        for name in fields.names():
            made[name] = texts[name] if name in texts else feature[name]
        features.append(made)
    write_features(path, table, fields, features, crs)


def write_features(
    path: Path,
    table: str,
    fields: QgsFields,
    features: Iterable[QgsFeature],
    crs: QgsCoordinateReferenceSystem,
    kind: QgsWkbTypes.Type = POLYGONS,
) -> None:
    """A new GeoPackage with one table. A field `fid` is the table's own numbering; features without a number get a free one.
    Raises PluginProblem output.unwritable."""
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName, options.fileEncoding = "GPKG", table, "UTF-8"
    writer = QgsVectorFileWriter.create(str(path), fields, kind, crs, QgsCoordinateTransformContext(), options)
    if writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
        raise PluginProblem("output.unwritable", writer.errorMessage())
    for feature in features:
        for part in feature.geometry().coerceToType(kind)[:1]:
            feature.setGeometry(part)
        if not writer.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
            raise PluginProblem("output.unwritable", writer.errorMessage())
    if not writer.flushBuffer():
        raise PluginProblem("output.unwritable", writer.errorMessage())
    del writer  # closes the file
