"""The verbs of finding tiles: a raster's tiles are ranked by how well they show what a phrase names, and looked at one by one.

Who knows layers and the map listens to the signals and answers by the verbs under "for who knows layers".
"""

from __future__ import annotations

import dataclasses
from typing import Any

from qgis.PyQt.QtCore import pyqtSignal

from ..models.protocol import Tiles, TilesReply
from .area_state import Ranked, TilesState
from .area_verbs import Place
from .job_verbs import PhraseVerbs


class TilesVerbs(PhraseVerbs):
    PART = "tiles"
    tilesReady = pyqtSignal(object, object)  # TilesReply, Place; answered by `layer_ready`
    tileWanted = pyqtSignal(int)  # the map is to show this tile of the result

    def __init__(self, client: Any, *rest: Any):
        super().__init__(client, *rest)
        self._words = ""  # that the run under way searches for

    # -- for the panel

    def run(self) -> None:
        """Rank the tiles of the area. One job over an area runs at a time."""
        if self._state().jobs.running is None and not self._refused():
            self._words = " ".join(self._tiles.phrase.split())
            self._job.start(self._request, self._ranked, (self._tiles.path,))

    def zoom_to(self, index: int) -> None:
        """Have the map show this tile of the ranking, 0 is the best; beyond either end the last one there is."""
        ranked = self._tiles.ranked
        if ranked is not None and ranked.reply.tiles:
            chosen = min(max(index, 0), len(ranked.reply.tiles) - 1)
            self._replace(ranked=dataclasses.replace(ranked, chosen=chosen))
            self.tileWanted.emit(chosen)

    # -- for who knows layers

    def layer_ready(self, layer_id: str) -> None:
        """The heat map is a layer of the project."""
        if self._tiles.ranked is not None:
            self._replace(ranked=dataclasses.replace(self._tiles.ranked, layer_id=layer_id))

    def forget_ranked(self) -> None:
        """The heat map is not in the project any more."""
        self._replace(ranked=None)

    # -- within

    @property
    def _tiles(self) -> TilesState:
        return self._state().jobs.tiles

    def _request(self, place: Place) -> Tiles:
        tiles = self._tiles
        return Tiles(raster=place.raster.id, text=self._words, out=tiles.path, area=place.area, model=tiles.model)

    def _ranked(self, reply: TilesReply) -> None:
        self._replace(ranked=Ranked(reply, self._words))
        self.tilesReady.emit(reply, self._job.place)
