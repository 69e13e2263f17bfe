"""Points become clicks, and clicks outlines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QDateTime, Qt

from ...models.protocol import Click, ClickReply, OutlineOptions
from ..map.areas import brought_to
from ..problems import PluginProblem
from .outputs import object_fields
from .run import Run

NOTHING = ("click.outside", "view.empty")  # what the engine says of a point where there is nothing to outline

Prompts = Iterator[tuple[int, QgsGeometry]]


def around_points(
    source: Optional[QgsProcessingFeatureSource], margin: float, crs: QgsCoordinateReferenceSystem, context: QgsProcessingContext
) -> Optional[QgsRectangle]:
    """Where points lie, in this CRS, and as much around them; None where there are none. Raises PluginProblem area.crs."""
    if source is None or source.featureCount() == 0:
        return None
    box = QgsGeometry.fromRect(source.sourceExtent().buffered(1e-9))
    return brought_to(box, source.sourceCrs(), crs, context.transformContext()).boundingBox().buffered(margin)


def prompts(source: QgsProcessingFeatureSource, run: Run) -> Prompts:
    """Each feature's id and its points in the raster's CRS, none where they have no place there; without a CRS on either side they stay."""
    transform = None
    crs = source.sourceCrs()
    if crs.isValid() and run.crs.isValid() and crs != run.crs:
        transform = QgsCoordinateTransform(crs, run.crs, run.context.transformContext())
    for feature in source.getFeatures(QgsFeatureRequest().setNoAttributes()):
        geometry = feature.geometry()
        try:
            if transform is not None:
                geometry.transform(transform)
        except QgsCsException:
            geometry = QgsGeometry()
        yield feature.id(), geometry


class Clicking:
    """One prompt after the other."""

    def __init__(self, run: Run, name: str, size: str, options: OutlineOptions, model: str) -> None:
        """name: the class of what is outlined; size: one of `SIZES`, or "" for the one likely meant."""
        self._run, self._ruler, self._fields = run, run.ruler(), object_fields()
        self._name, self._size, self._options, self._model = name, size, options, model
        self.missed: list[int] = []  # ids of the features that got no outline
        self.reply: Optional[ClickReply] = None  # the last one

    def outlines(self, prompts: Prompts, total: int) -> Iterator[QgsFeature]:
        """Raises PluginProblem, unless that is about one point alone."""
        for number, (id, geometry) in enumerate(prompts):
            self._run.feedback.setProgress(100.0 * number / max(total, 1))
            points = tuple((vertex.x(), vertex.y()) for vertex in geometry.vertices())
            reply = self._asked(points) if points and geometry.boundingBox().isFinite() else None
            if reply is None or not reply.outline:
                self.missed.append(id)
            else:
                self.reply = reply
                yield self._feature(points, reply)
        self._run.feedback.setProgress(100.0)

    def _asked(self, points: tuple[tuple[float, float], ...]) -> Optional[ClickReply]:
        click = Click(self._run.opened.raster, points, (1,) * len(points), options=self._options, model=self._model, size=self._size)
        try:
            reply: ClickReply = self._run.engine.ask(click)
        except PluginProblem as trouble:
            if trouble.problem.code in NOTHING:
                return None
            raise
        return reply

    def _feature(self, points: tuple[tuple[float, float], ...], reply: ClickReply) -> QgsFeature:
        outline = QgsGeometry()
        outline.fromWkb(bytes.fromhex(reply.outline))
        outline.convertToMultiType()
        prompt = {"points": [[x, y, 1] for x, y in points], **({"size": self._size} if self._size else {}), "pixel": 0.0}
        feature = QgsFeature(self._fields)
        feature.setGeometry(outline)
        feature["class"] = self._name
        feature["score"] = round(reply.score, 4)
        feature["area_m2"] = self._ruler.square_metres(outline)
        feature["model"] = reply.model
        feature["prompt"] = json.dumps(prompt)
        feature["made_at"] = _now()
        return feature


def _now() -> QDateTime:
    moment = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return QDateTime.fromString(moment, Qt.DateFormat.ISODateWithMs).toUTC()
