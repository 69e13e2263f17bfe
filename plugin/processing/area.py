"""The ground that an algorithm looks at: an extent, the polygons of a layer, where both are given what they share, or all of the raster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsRectangle,
)

from ..map.areas import brought_to, clean, must_meet, union
from ..problems import PluginProblem
from .algorithm import AREA, EXTENT


class AreaInput:
    """Reads the parameters EXTENT and AREA."""

    def __init__(self, algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._algorithm, self._parameters, self._context = algorithm, parameters, context

    def bounds(self, crs: QgsCoordinateReferenceSystem) -> Optional[QgsRectangle]:
        """About where the area is, in this CRS; None for all of the raster. Raises PluginProblem area.crs and area.empty."""
        source = self._source()
        boxes = [self._extent(crs)]
        if source is not None:
            if source.featureCount() == 0:
                raise PluginProblem("area.empty")
            around = QgsGeometry.fromRect(source.sourceExtent())
            boxes.append(brought_to(around, source.sourceCrs(), crs, self._context.transformContext()))
        whole = self._shared([box for box in boxes if box is not None])
        return whole.boundingBox() if whole is not None else None

    def polygon(
        self, crs: QgsCoordinateReferenceSystem, raster_extent: QgsRectangle, feedback: QgsProcessingFeedback
    ) -> Optional[QgsGeometry]:
        """The area in the raster's CRS, None for all of the raster.

        Raises PluginProblem: area.crs, area.empty, area.outside (it does not meet the raster), cancelled.
        """
        source = self._source()
        parts = [self._extent(crs)]
        if source is not None:
            polygons = union(_geometries(source, feedback))
            parts.append(brought_to(polygons, source.sourceCrs(), crs, self._context.transformContext()))
        whole = self._shared([part for part in parts if part is not None])
        if whole is not None:
            must_meet(whole, raster_extent)
        return whole

    def _source(self) -> Optional[QgsProcessingFeatureSource]:
        source = self._algorithm.parameterAsSource(self._parameters, AREA, self._context)
        if source is None and self._parameters.get(AREA) not in (None, ""):
            raise PluginProblem("area.unreadable", str(self._parameters.get(AREA)))
        return source

    def _extent(self, crs: QgsCoordinateReferenceSystem) -> Optional[QgsGeometry]:
        """The extent parameter in this CRS; one that says no CRS of its own is in the project's, and without a project in the raster's."""
        box = self._algorithm.parameterAsExtent(self._parameters, EXTENT, self._context)
        if box.isNull() or self._parameters.get(EXTENT) in (None, ""):
            return None
        given = self._algorithm.parameterAsExtentCrs(self._parameters, EXTENT, self._context)
        return brought_to(QgsGeometry.fromRect(box), given, crs, self._context.transformContext())

    @staticmethod
    def _shared(parts: list[QgsGeometry]) -> Optional[QgsGeometry]:
        if not parts:
            return None
        whole = parts[0]
        for part in parts[1:]:
            whole = clean(whole.intersection(part))
        if whole.isEmpty():
            raise PluginProblem("area.outside")
        return whole


def _geometries(source: QgsProcessingFeatureSource, feedback: QgsProcessingFeedback) -> Iterator[QgsGeometry]:
    for feature in source.getFeatures(QgsFeatureRequest().setNoAttributes()):
        if feedback.isCanceled():
            raise PluginProblem("cancelled")
        yield feature.geometry()
