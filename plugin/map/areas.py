"""The ground that a job looks at, as one clean polygon in the raster's CRS."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsMapSettings,
    QgsPointXY,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)

from ..problems import PluginProblem

BENDS = 64  # pieces at least of a side that may become a curve in another CRS
POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry


def visible_polygon(settings: QgsMapSettings) -> QgsGeometry:
    """What a canvas shows, in its destination CRS; a rotated canvas shows a rotated rectangle."""
    corners = [QgsPointXY(corner) for corner in settings.visiblePolygon()]
    return QgsGeometry.fromPolygonXY([[*corners, corners[0]]])


def brought_to(
    geometry: QgsGeometry,
    crs: QgsCoordinateReferenceSystem,
    raster_crs: QgsCoordinateReferenceSystem,
    context: QgsCoordinateTransformContext,
) -> QgsGeometry:
    """A polygon in the raster's CRS. Its sides may bend on the way, so they get vertices first. Without a CRS on either side it stays.

    Raises PluginProblem area.crs where it has no place there.
    """
    moved = QgsGeometry(geometry)
    if crs.isValid() and raster_crs.isValid() and crs != raster_crs:
        box = geometry.boundingBox()
        moved = moved.densifyByDistance(max(box.width(), box.height()) / BENDS or 1.0)
        try:
            moved.transform(QgsCoordinateTransform(crs, raster_crs, context))
        except QgsCsException as error:
            raise PluginProblem("area.crs", str(error)) from error
    if not moved.boundingBox().isFinite():
        raise PluginProblem("area.crs")
    return clean(moved)


def clean(geometry: QgsGeometry) -> QgsGeometry:
    """Valid, without parts that have no area; empty where nothing is left."""
    if geometry.isEmpty():
        return QgsGeometry()
    whole = geometry if geometry.isGeosValid() else geometry.makeValid()
    if whole.type() != POLYGON or QgsWkbTypes.flatType(whole.wkbType()) == QgsWkbTypes.Type.GeometryCollection:
        whole.convertGeometryCollectionToSubclass(POLYGON)
    whole.get().dropZValue()
    whole.get().dropMValue()
    return whole


def chosen_features(layer: QgsVectorLayer) -> tuple[QgsVectorLayerFeatureSource, QgsFeatureRequest]:
    """The layer's selected features, all of them where none is selected: what `union_of` reads on any thread."""
    request = QgsFeatureRequest().setNoAttributes()
    if layer.selectedFeatureCount():
        request.setFilterFids(layer.selectedFeatureIds())
    return QgsVectorLayerFeatureSource(layer), request


def union_of(source: QgsVectorLayerFeatureSource, request: QgsFeatureRequest) -> QgsGeometry:
    """Their ground as one polygon, mended where it was invalid. Raises PluginProblem area.empty where there is none."""
    return union(feature.geometry() for feature in source.getFeatures(request))


def union(polygons: Iterable[QgsGeometry]) -> QgsGeometry:
    mended = [clean(polygon) for polygon in polygons if not polygon.isEmpty()]
    whole = QgsGeometry.unaryUnion([polygon for polygon in mended if not polygon.isEmpty()])
    if whole.isEmpty():
        raise PluginProblem("area.empty")
    return clean(whole)


def must_meet(area: QgsGeometry, extent: QgsRectangle) -> None:
    """Raises PluginProblem area.outside where an area does not meet the raster's extent (both in its CRS)."""
    if extent.isFinite() and not extent.isEmpty() and not area.intersects(extent):
        raise PluginProblem("area.outside")


def wkb_of(geometry: QgsGeometry) -> str:
    return bytes(geometry.asWkb()).hex()
