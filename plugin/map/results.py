"""Accepted outlines become features of a polygon layer, through its edit buffer, so that QGIS's undo and redo work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsDistanceArea,
    QgsException,
    QgsFeature,
    QgsGeometry,
    QgsMapLayer,
    QgsProject,
    QgsProviderConnectionException,
    QgsProviderRegistry,
    QgsVectorDataProvider,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsVectorLayerUtils,
    QgsWkbTypes,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, QDateTime, Qt

from ..problems import PluginProblem
from .unfinished import unfinished

TABLE = "objects"
TABLE_URI = (  # a memory layer's fields: the one notation that every QGIS and Qt version reads alike
    "MultiPolygon?field=class:string(0,0)&field=score:double(0,0)&field=area_m2:double(0,0)"
    "&field=model:string(0,0)&field=prompt:string(0,0)&field=made_at:datetime"
)
SPARE = 4 << 20  # bytes: with less free, a failed write is put down to the disk


def make_table(path: Path, crs: QgsCoordinateReferenceSystem) -> str:
    """A new, empty table in a GeoPackage, new too or there already; gives its name. A new one any thread may make.

    A new file has its name only once it is whole. Raises PluginProblem: output.unwritable, disk.full.
    """
    if path.exists():
        table = _free_name(path)
        _write_table(path, table, crs)
        return table
    with unfinished(path) as beside:
        _write_table(beside, TABLE, crs)
    return TABLE


def open_table(path: Path, table: str, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """The layer on a table that `make_table` made for the same CRS; an invalid one gives a layer without a CRS.

    Raises PluginProblem output.unwritable.
    """
    layer = _opened(path, table)
    if not layer.isValid():
        raise PluginProblem("output.unwritable", str(path))
    if not crs.isValid():
        layer.setCrs(crs)  # a GeoPackage has no "none": QGIS reads a made-up one back
    return layer


def trouble_with(layer: Optional[QgsMapLayer]) -> Optional[str]:
    """The code of the problem that keeps a layer from taking outlines; None where nothing does."""
    if layer is None or sip.isdeleted(layer) or not layer.isValid():
        return "target.removed"
    if not isinstance(layer, QgsVectorLayer) or layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
        return "target.not_polygons"
    takes_features = layer.dataProvider().capabilities() & QgsVectorDataProvider.Capability.AddFeatures
    return "target.read_only" if layer.readOnly() or not takes_features else None


def add_object(
    layer: QgsVectorLayer,
    geometry: QgsGeometry,
    geometry_crs: QgsCoordinateReferenceSystem,
    attributes: Mapping[str, Any],
) -> int:
    """Add an outline as one undoable edit; returns the id of its feature (negative until the layer is saved).

    The outline is brought into the layer's CRS, where both have one. Of `attributes` (numbers, strings, datetimes by field
    name) those are written that the layer has a fitting field for. A layer of single polygons gets a feature a part, each
    with the area of its own; the id is the first one's. A layer that was not being edited is from now on.
    Raises PluginProblem: target.removed, target.not_polygons, target.read_only, target.gone, target.rejected; the layer is then
    as before.
    """
    code = trouble_with(layer)
    if code is not None:
        raise PluginProblem(code)
    if _file_of(layer) and not os.path.exists(_file_of(layer)):
        raise PluginProblem("target.gone", layer.source())
    features = _features(layer, _brought_to(layer, geometry, geometry_crs), geometry_crs, attributes)
    was_edited = layer.isEditable()
    if not was_edited and not layer.startEditing():
        raise PluginProblem("target.read_only", layer.name())
    command = QCoreApplication.translate("Results", "Rasterscribe: add {name}")
    layer.beginEditCommand(command.format(name=attributes.get("class") or QCoreApplication.translate("Results", "an object")))
    if not all(layer.addFeature(feature) for feature in features):
        layer.destroyEditCommand()
        if not was_edited:
            layer.rollBack()
        raise PluginProblem("target.rejected", layer.name())
    layer.endEditCommand()
    layer.triggerRepaint()
    return int(features[0].id())


def obstacle_to_saving(layer: QgsVectorLayer) -> Optional[str]:
    """The code of a problem that QGIS does not see, or not in time, when it saves a layer's edits; None where there is none."""
    path = _file_of(layer)
    if not path:
        return None
    if not os.path.exists(path):  # saving would succeed, into a file without a name
        return "target.gone"
    return "disk.full" if _disk_is_full(path) else None


def square_metres(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> Optional[float]:
    """Geodesic area; None without a CRS."""
    if not crs.isValid():
        return None
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, QgsProject.instance().transformContext())
    measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
    return float(measure.measureArea(geometry))


def _brought_to(layer: QgsVectorLayer, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> list[QgsGeometry]:
    """The geometry in the layer's CRS and of the layer's type: several where that takes single parts."""
    moved = QgsGeometry(geometry)
    if crs.isValid() and layer.crs().isValid() and crs != layer.crs():
        try:
            moved.transform(QgsCoordinateTransform(crs, layer.crs(), QgsProject.instance().transformContext()))
        except QgsCsException as error:
            raise PluginProblem("target.rejected", str(error)) from error
    parts = [part for part in moved.coerceToType(layer.wkbType()) if not part.isEmpty()]
    if not parts or not all(part.boundingBox().isFinite() for part in parts):
        raise PluginProblem("target.rejected", geometry.asWkt(3)[:200])
    return parts


def _features(
    layer: QgsVectorLayer, parts: list[QgsGeometry], crs: QgsCoordinateReferenceSystem, attributes: Mapping[str, Any]
) -> list[QgsFeature]:
    context = layer.createExpressionContext()
    features = []
    for part in parts:
        facts = dict(attributes)
        if len(parts) > 1 and facts.get("area_m2") is not None:
            facts["area_m2"] = square_metres(part, layer.crs() if layer.crs().isValid() else crs)
        features.append(QgsVectorLayerUtils.createFeature(layer, part, _fitting(layer, facts), context))
    return features


def _fitting(layer: QgsVectorLayer, attributes: Mapping[str, Any]) -> dict[int, Any]:
    """The values by field index, converted to what each field holds; without those that no field fits."""
    fitting = {}
    for name, value in attributes.items():
        index = layer.fields().lookupField(name)
        if index < 0 or value is None:
            continue
        if isinstance(value, datetime):
            value = QDateTime.fromString(value.isoformat(timespec="milliseconds"), Qt.DateFormat.ISODateWithMs).toUTC()
        with suppress(ValueError):
            fitting[index] = layer.fields().at(index).convertCompatible(value)
    return fitting


def _write_table(path: Path, table: str, crs: QgsCoordinateReferenceSystem) -> None:
    """An empty table in a GeoPackage, which is made where it is missing."""
    template = QgsVectorLayer(TABLE_URI, table, "memory")
    template.setCrs(crs)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = table
    if path.exists():
        options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    outcome = QgsVectorFileWriter.writeAsVectorFormatV3(template, str(path), QgsCoordinateTransformContext(), options)
    error, message = outcome[0], outcome[1]
    # the writer does not notice every failed write, so the table is looked at again
    if error != QgsVectorFileWriter.WriterError.NoError or not _opened(path, table).isValid():
        full = path.exists() and ("disk is full" in message.lower() or _disk_is_full(str(path)))  # a full disk still takes an empty file
        raise PluginProblem("disk.full" if full else "output.unwritable", message)


def _opened(path: Path, table: str) -> QgsVectorLayer:
    uri = QgsProviderRegistry.instance().encodeUri("ogr", {"path": str(path), "layerName": table})
    return QgsVectorLayer(uri, path.stem, "ogr")


def _free_name(path: Path) -> str:
    """A table name that the GeoPackage does not have yet: objects, objects_2, ..."""
    try:
        connection = QgsProviderRegistry.instance().providerMetadata("ogr").createConnection(str(path), {})
        taken = {table.tableName().lower() for table in connection.tables()}
    except (QgsException, QgsProviderConnectionException) as error:
        raise PluginProblem("output.unwritable", str(error)) from error
    number = 1
    while (TABLE if number == 1 else f"{TABLE}_{number}") in taken:
        number += 1
    return TABLE if number == 1 else f"{TABLE}_{number}"


def _file_of(layer: QgsVectorLayer) -> str:
    """The file that a layer's features are in; "" for one that lives elsewhere."""
    path = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source()).get("path") or ""
    return path if os.path.isabs(path) and not path.startswith("/vsi") else ""


def _disk_is_full(path: str) -> bool:
    try:
        return shutil.disk_usage(os.path.dirname(path)).free < SPARE
    except OSError:
        return False
