"""A raster and a word to a heat map of its tiles, and the best of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsRectangle,
    QgsWkbTypes,
)

from .algorithm import MODEL, POLYGONS, PhraseAlgorithm

if TYPE_CHECKING:
    from ...models.protocol import RankedTile
    from .run import Run

WORD, OUTPUT, TILES = "WORD", "OUTPUT", "TILES"
TILES_URI = "Polygon?field=rank:integer(0,0)&field=score:double(0,0)&field=word:string(0,0)"


class TileSearch(PhraseAlgorithm):
    ID = "tilesearch"
    GROUP = "areas"
    ICON = "tiles"
    WORDS = WORD

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
        self.add_area()
        self.add_model_and_pixel()
        self.addParameter(QgsProcessingParameterRasterDestination(OUTPUT, self.tr("Heat map")))
        self.addParameter(QgsProcessingParameterFeatureSink(TILES, self.tr("Best tiles"), POLYGONS, optional=True))

    def work(self, run: Run) -> dict[str, Any]:
        from ...models.protocol import Tiles, TilesReply
        from ..map.areas import wkb_of
        from .outputs import fields_of, fill

        area, word, out = run.area(), run.text(WORD), run.file(OUTPUT)
        wkb = wkb_of(area) if area is not None else ""
        reply: TilesReply = run.engine.ask(Tiles(run.opened.raster, word, out, wkb, run.text(MODEL)))
        for note in reply.notes:
            run.feedback.pushInfo(note)
        if not run.wants(TILES):
            return {OUTPUT: out}
        fields = fields_of(TILES_URI)
        sink, dest = run.sink(TILES, fields, QgsWkbTypes.Type.Polygon)
        fill(sink, (_feature(fields, rank, tile, word) for rank, tile in enumerate(reply.tiles, 1)), run.feedback)
        run.finish_later(dest, reply, {"word": word, "area": area.asWkt() if area is not None else ""})
        return {OUTPUT: out, TILES: dest}


def _feature(fields: QgsFields, rank: int, tile: RankedTile, word: str) -> QgsFeature:
    feature = QgsFeature(fields)
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(*tile.extent)))
    feature.setAttributes([rank, tile.score, word])
    return feature
