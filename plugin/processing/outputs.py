"""What algorithms leave behind: features in a sink, and with the layer its style and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    NULL,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsDistanceArea,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProcessingUtils,
    QgsProviderRegistry,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from ..map.changes import CHANGES, GAPS
from ..map.provenance import Provenance, note_provenance, store_metadata
from ..map.results import TABLE, TABLE_URI
from ..map.styles import FIELD, KIND, colour_of, save_style, style_by_class, style_by_kind
from ..map.temporal import Moments, play_changes
from ..problems import PluginProblem

CHANGES_URI = (
    "MultiPolygon?field=kind:string(0,0)&field=class:string(0,0)&field=from_class:string(0,0)&field=to_class:string(0,0)"
    "&field=score:double(0,0)&field=area_m2:double(0,0)&field=date_before:date&field=date_after:date&field=model:string(0,0)"
    "&field=prompt:string(0,0)&field=review:string(0,0)&field=made_at:datetime"
)
GAPS_URI = "MultiPolygon?field=reason:string(0,0)"
BATCH = 500  # features between two looks at whether the user has cancelled


def object_fields() -> QgsFields:
    """Those that every outline of Rasterscribe has: class, score, area_m2, model, prompt, made_at."""
    return fields_of(TABLE_URI)


def fields_of(uri: str) -> QgsFields:
    """By a memory layer's notation, the one that every QGIS and Qt version reads alike."""
    return QgsFields(QgsVectorLayer(uri, "", "memory").fields())


class Ruler:
    """Measures ground by the CRS that the raster's layer has in QGIS: the user may have set it by hand, and the engine knows the file's."""

    def __init__(self, crs: QgsCoordinateReferenceSystem, context: QgsProcessingContext, pixel_area: float) -> None:
        """pixel_area: of the raster, in square map units."""
        self._measure: Optional[QgsDistanceArea] = None
        self._pixel_area = pixel_area
        if crs.isValid():
            self._measure = QgsDistanceArea()
            self._measure.setSourceCrs(crs, context.transformContext())
            self._measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")

    def square_metres(self, geometry: QgsGeometry) -> Any:
        """Geodesic; NULL without a CRS."""
        return NULL if self._measure is None else float(self._measure.measureArea(geometry))

    def size(self, geometry: QgsGeometry) -> float:
        """Square metres, and square pixels without a CRS."""
        return float(geometry.area() / self._pixel_area if self._measure is None else self._measure.measureArea(geometry))


def change_fields() -> QgsFields:
    return fields_of(CHANGES_URI)


def found_changes(path: Path, ruler: Ruler, threshold: float) -> Iterator[QgsFeature]:
    """The changes of a GeoPackage that the engine wrote, with `change_fields`, that have at least this score.

    Raises PluginProblem found.unreadable.
    """
    return _found(_opened(path, CHANGES), change_fields(), ruler, threshold, 0.0)


def found_gaps(path: Path) -> Iterator[QgsFeature]:
    """What was not compared, and why. Raises PluginProblem found.unreadable."""
    fields, layer = fields_of(GAPS_URI), _opened(path, GAPS)
    for found in layer.getFeatures():
        feature = QgsFeature(fields)
        feature.setGeometry(found.geometry())
        feature["reason"] = found["reason"]
        yield feature


def found_objects(path: Path, ruler: Ruler, threshold: float = 0.0, min_size: float = 0.0) -> Iterator[QgsFeature]:
    """The outlines of a GeoPackage that the engine wrote, with `object_fields`, that have at least this score and size.

    Raises PluginProblem found.unreadable.
    """
    return _found(_opened(path, TABLE), object_fields(), ruler, threshold, min_size)


def _found(layer: QgsVectorLayer, fields: QgsFields, ruler: Ruler, threshold: float, min_size: float) -> Iterator[QgsFeature]:
    for found in layer.getFeatures():
        geometry = found.geometry()
        if found["score"] < threshold or (min_size > 0 and ruler.size(geometry) < min_size):
            continue
        feature = QgsFeature(fields)
        feature.setGeometry(geometry)
        for name in fields.names():
            feature[name] = found[name]
        feature["area_m2"] = ruler.square_metres(geometry)
        yield feature


def forget(path: Path) -> None:
    """Delete a GeoPackage whose objects are elsewhere now, and what SQLite may have left beside it."""
    for ending in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def colours_in(path: Path) -> dict[str, str]:
    """The colour that a GeoPackage that the engine wrote gives each class. Raises PluginProblem found.unreadable."""
    layer = _opened(path, TABLE)  # held: it owns its renderer
    renderer = layer.renderer()
    categories = renderer.categories() if isinstance(renderer, QgsCategorizedSymbolRenderer) else []
    return {str(category.value()): category.symbol().color().name() for category in categories if category.value()}


def fill(sink: QgsFeatureSink, features: Iterable[QgsFeature], feedback: QgsProcessingFeedback) -> dict[str, int]:
    """Write features; gives the number of each class. Raises PluginProblem: cancelled, output.unwritable."""
    counts: dict[str, int] = {}
    for number, feature in enumerate(features):
        if number % BATCH == 0 and feedback.isCanceled():
            raise PluginProblem("cancelled")
        if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
            raise PluginProblem("output.unwritable", sink.lastError())
        if feature.fieldNameIndex(FIELD) >= 0:
            counts[str(feature[FIELD])] = counts.get(str(feature[FIELD]), 0) + 1
    if not sink.flushBuffer():
        raise PluginProblem("output.unwritable", sink.lastError())
    return counts


class StyleByClass(QgsProcessingLayerPostProcessorInterface):
    """Colours a layer of outlines or of changes when it comes into the project, where its file brought no style. QGIS keeps no reference to
    it: `STYLE` does."""

    def postProcessLayer(self, layer: QgsMapLayer, _context: QgsProcessingContext, _feedback: QgsProcessingFeedback) -> None:
        if not isinstance(layer, QgsVectorLayer) or not layer.isSpatial():
            return
        if layer.fields().lookupField(KIND) >= 0:
            if not _is_styled(layer):
                style_by_kind(layer)
            elif layer.providerType() == "ogr":
                layer.loadDefaultStyle()  # when QGIS 3.22 opens a file, it forgets the times that come with the style
        elif layer.fields().lookupField(FIELD) >= 0 and not _is_styled(layer):
            style_by_class(layer, _colours(layer), fresh=True)


STYLE = StyleByClass()


@dataclass(frozen=True)
class Finish:
    """What is left to do for a layer once its sink is closed."""

    dest: str
    provenance: Provenance
    abstract: str
    colours: Mapping[str, str] = field(default_factory=dict)  # of classes, "#rrggbb"; the others have their usual ones
    times: Optional[Moments] = None  # of changes, where both dates are known


def finish_layer(work: Finish, context: QgsProcessingContext) -> None:
    """Store with the layer where it comes from and how it looks, and have it styled when it is loaded.

    A file is opened for this alone: QGIS 3.22 cannot read a layer any more once another one has written to its file.
    """
    if context.willLoadLayerOnCompletion(work.dest):
        context.layerToLoadOnCompletionDetails(work.dest).setPostProcessor(STYLE)
    in_memory = context.temporaryLayerStore().mapLayer(work.dest)
    layer = in_memory or _file_layer(work.dest)
    if not isinstance(layer, QgsVectorLayer) or not layer.isValid():
        return
    if layer.isSpatial() and layer.fields().lookupField(KIND) >= 0:
        if in_memory is not None or layer.listStylesInDatabase()[0] <= 0:
            style_by_kind(layer)
        if work.times is not None:
            play_changes(layer, work.times)
        save_style(layer)
    elif layer.isSpatial() and layer.fields().lookupField(FIELD) >= 0:
        given = {name: QColor(colour) for name, colour in work.colours.items()}
        theirs = in_memory is None and layer.listStylesInDatabase()[0] > 0  # features were added to a layer that has a style
        style_by_class(layer, {**_colours(layer), **given}, fresh=not theirs)
        save_style(layer)
    metadata = note_provenance(layer, [work.provenance], work.abstract)
    if in_memory is None:
        store_metadata(layer, metadata)


def _opened(path: Path, table: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(QgsProviderRegistry.instance().encodeUri("ogr", {"path": str(path), "layerName": table}), table, "ogr")
    if not layer.isValid():
        raise PluginProblem("found.unreadable", str(path))
    return layer


def _file_layer(dest: str) -> Optional[QgsVectorLayer]:
    registry = QgsProviderRegistry.instance()
    parts = registry.decodeUri("ogr", dest)
    path = Path(parts.get("path") or "")
    if not path.is_file():
        return None
    if path.suffix.lower() == ".gpkg" and not parts.get("layerName"):  # QGIS stores metadata for a named table only
        dest = registry.encodeUri("ogr", {**parts, "layerName": path.stem})
    return QgsVectorLayer(dest, path.stem, "ogr")


def _is_styled(layer: QgsVectorLayer) -> bool:
    renderer = layer.renderer()
    return isinstance(renderer, QgsCategorizedSymbolRenderer) and renderer.classAttribute() in (FIELD, KIND)


def _colours(layer: QgsVectorLayer) -> Mapping[str, Any]:
    index = layer.fields().lookupField(FIELD)
    return {str(name): colour_of(str(name)) for name in sorted(layer.uniqueValues(index), key=str) if name}


def temporary_folder(name: str) -> Path:
    """Of QGIS's own, which it empties at its end."""
    folder = Path(QgsProcessingUtils.tempFolder()) / "rasterscribe" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
