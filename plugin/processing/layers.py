"""Vector layers for the engine, that a phrase names or that are an old map: it reads their own file, or one that is written for it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsFields,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)

from ...models.protocol import NamedLayer
from ..map.vectors import TABLE, file_of_layer
from ..problems import PluginProblem


class LayerInput:
    """Made on the layers' own thread; `named` may be called on any. `fields` are those that the engine needs, too."""

    def __init__(self, layers: Sequence[QgsMapLayer], fields: Sequence[str] = ()) -> None:
        self._sources = [_Source(layer, fields) for layer in layers if isinstance(layer, QgsVectorLayer) and layer.isSpatial()]

    def named(self, folder: Path, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> tuple[NamedLayer, ...]:
        """Layers without a file, with a filter or with edits that are not saved are written into `folder`.

        Raises PluginProblem: output.unwritable, cancelled.
        """
        return tuple(
            source.file or source.written(folder / f"layer_{number}.gpkg", context, feedback) for number, source in enumerate(self._sources)
        )


class _Source:
    def __init__(self, layer: QgsVectorLayer, fields: Sequence[str]) -> None:
        self._places = [layer.fields().lookupField(name) for name in fields]
        self._fields = QgsFields()
        for place in self._places:
            self._fields.append(layer.fields().at(place))
        self._name, self._crs, self._kind = layer.name(), layer.crs(), layer.wkbType()
        found = file_of_layer(layer.name(), layer)
        self.file = dataclasses.replace(found, path=os.path.abspath(found.path)) if found is not None else None
        self._features = QgsVectorLayerFeatureSource(layer)

    def written(self, path: Path, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> NamedLayer:
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName, options.layerName = "GPKG", TABLE
        writer = QgsVectorFileWriter.create(str(path), self._fields, self._kind, self._crs, context.transformContext(), options)
        for feature in self._features.getFeatures(QgsFeatureRequest().setSubsetOfAttributes(self._places)):
            if feedback.isCanceled():
                raise PluginProblem("cancelled")
            shape = QgsFeature(self._fields)
            shape.setGeometry(feature.geometry())
            shape.setAttributes([feature.attribute(place) for place in self._places])
            if not writer.addFeature(shape, QgsFeatureSink.Flag.FastInsert):
                raise PluginProblem("output.unwritable", writer.errorMessage())
        del writer  # closes the file
        return NamedLayer(self._name, str(path), TABLE)
