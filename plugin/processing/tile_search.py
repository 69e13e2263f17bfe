"""A raster and a word to a heat map of its tiles, and the best of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsRectangle,
    QgsWkbTypes,
)

from ...models.protocol import RankedTile, Tiles, TilesReply
from ..map.areas import wkb_of
from .algorithm import MODEL, EngineAlgorithm, phrase_problem
from .area import AreaInput, area_parameters
from .engine import BlockingEngine
from .outputs import fields_of, fill

WORD, OUTPUT, TILES = "WORD", "OUTPUT", "TILES"
TILES_URI = "Polygon?field=rank:integer(0,0)&field=score:double(0,0)&field=word:string(0,0)"


class TileSearch(EngineAlgorithm):
    ID = "tilesearch"
    ICON = "tiles"

    def displayName(self) -> str:
        return self.tr("Rank tiles by a word")

    def tags(self) -> list[str]:
        return ["text", "search", "retrieval", "heat map", "tiles", "rank", "clip"]

    def shortHelpString(self) -> str:
        return self.tr(
            "Cuts a raster into tiles and says how well each fits a word: a heat map with a pixel a tile (0 to 1), and the best tiles as "
            "a table with their squares on the ground, the best first.\n\n"
            "<b>Word</b>: what to look for, such as: pond, solar panel, railway station. Words outside the vocabulary need an "
            "open-vocabulary model.\n"
            "<b>Extent</b>, <b>polygons</b>: where to look, in any CRS; where both are given, what they share; all of the raster without."
        )

    def initAlgorithm(self, _configuration: Optional[dict[str, Any]] = None) -> None:
        self.add_raster()
        self.addParameter(QgsProcessingParameterString(WORD, self.tr("Word, such as: pond")))
        for parameter in area_parameters():
            self.addParameter(parameter)
        self.add_model_and_pixel()
        self.addParameter(QgsProcessingParameterRasterDestination(OUTPUT, self.tr("Heat map")))
        polygons = QgsProcessing.SourceType.TypeVectorPolygon
        self.addParameter(QgsProcessingParameterFeatureSink(TILES, self.tr("Best tiles"), polygons, optional=True))

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        problem = phrase_problem(self.parameterAsString(parameters, WORD, context))
        return (False, str(problem)) if problem else super().checkParameterValues(parameters, context)

    def bounds(self, parameters: dict[str, Any], context: QgsProcessingContext, layer: Any) -> Optional[QgsRectangle]:
        return AreaInput(self, parameters, context).bounds(layer.crs())

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        engine: BlockingEngine,
        folder: Path,
    ) -> dict[str, Any]:
        area = AreaInput(self, parameters, context).polygon(self.raster.crs, self.raster.extent, feedback)
        word = self.parameterAsString(parameters, WORD, context)
        opened = self.raster.open(engine, context, feedback)
        out = self.parameterAsOutputLayer(parameters, OUTPUT, context)
        wkb = wkb_of(area) if area is not None else ""
        reply: TilesReply = engine.ask(Tiles(opened.raster, word, out, wkb, self.parameterAsString(parameters, MODEL, context).strip()))
        if not parameters.get(TILES):
            return {OUTPUT: out}
        fields = fields_of(TILES_URI)
        sink, dest = self.open_sink(parameters, TILES, context, fields, QgsWkbTypes.Type.Polygon)
        ranked = enumerate(reply.tiles, 1)
        fill(sink, (_feature(fields, rank, tile, word) for rank, tile in ranked), feedback)
        self.finish_later(dest, engine, opened, reply, {"word": word, "area": area.asWkt() if area is not None else ""})
        return {OUTPUT: out, TILES: dest}


def _feature(fields: Any, rank: int, tile: RankedTile, word: str) -> QgsFeature:
    feature = QgsFeature(fields)
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(*tile.extent)))
    feature.setAttributes([rank, tile.score, word])
    return feature
