"""The verbs of finding tiles: a raster's tiles are ranked by how well they show what a phrase names, and looked at one by one.

Who knows layers and the map listens to the signals and answers by the verbs under "for who knows layers".
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..models.protocol import Explain, Tiles, TilesReply
from .area_job import AreaJob
from .area_state import Ranked, TilesState
from .area_verbs import AreaVerbs, Place
from .explaining import Explaining
from .problems import Problem, problem_of
from .state import State


class TilesVerbs(QObject):
    tilesReady = pyqtSignal(object, object)  # TilesReply, Place; answered by `layer_ready`
    tileWanted = pyqtSignal(int)  # the map is to show this tile of the result

    def __init__(
        self,
        client: Any,
        state: Callable[[], State],
        replace: Callable[..., None],
        area: AreaVerbs,
        fail: Callable[[Problem], None],
        parent: Optional[QObject] = None,
    ):
        super().__init__(parent)
        self._state, self._replace, self._fail = state, replace, fail
        self._job = AreaJob(client, state, lambda run: replace(run=run), area, fail, self)
        self._explaining = Explaining(client, state, self._explain, lambda reply: replace(explained=reply), self)
        self._words = ""  # that the run under way searches for

    # -- for the panel

    def type(self, phrase: str) -> None:
        """The phrase as it is now; what the engine makes of it follows once the keys rest."""
        if phrase != self._tiles.phrase:
            self._replace(phrase=phrase, explained=None)
            self._explaining.soon()

    def choose_model(self, model: str) -> None:
        """Another model may know other words: the phrase is explained again."""
        self._replace(model=model, explained=None)
        self._explaining.soon()

    def choose_path(self, path: str) -> None:
        """The heat map that the next search writes."""
        self._replace(path=path)

    def run(self) -> None:
        """Rank the tiles of the area. One job over an area runs at a time."""
        tiles = self._tiles
        if self._state().jobs.running is not None:
            return
        if not tiles.phrase.strip():
            self._fail(problem_of("phrase.empty"))
        elif tiles.explained is not None and not tiles.explained.runnable:
            self._fail(problem_of("phrase.unknown"))
        else:
            self._words = " ".join(tiles.phrase.split())
            self._job.start(self._request, self._ranked, (tiles.path,))

    def cancel(self) -> None:
        self._job.cancel()

    def zoom_to(self, index: int) -> None:
        """Have the map show this tile of the ranking, 0 is the best; beyond either end the last one there is."""
        ranked = self._tiles.ranked
        if ranked is not None and ranked.reply.tiles:
            chosen = min(max(index, 0), len(ranked.reply.tiles) - 1)
            self._replace(ranked=dataclasses.replace(ranked, chosen=chosen))
            self.tileWanted.emit(chosen)

    # -- for the session

    def engine_changed(self) -> None:
        self._job.engine_changed()
        self._explaining.engine_changed()

    # -- for who knows layers

    @property
    def place(self) -> Optional[Place]:
        """Of the run under way."""
        return self._job.place

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

    def _explain(self) -> Optional[Explain]:
        tiles = self._tiles
        return Explain(tiles.phrase, (), tiles.model) if tiles.phrase.strip() else None
