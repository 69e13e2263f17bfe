"""The verbs of searching by words: a phrase is explained while it is typed, and run over an area.

Who knows layers listens to the signals and answers by the verbs under "for who knows layers".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable

from qgis.PyQt.QtCore import pyqtSignal

from ..models.protocol import Click, ClickReply, Find, FindReply
from .area_state import Found, TextState
from .area_verbs import Place
from .job_verbs import PhraseVerbs, threshold_and_floor
from .jobs import Newest
from .problems import Problem, problem_of
from .state import Engine


class TextVerbs(PhraseVerbs):
    PART = "text"
    foundReady = pyqtSignal(object, object)  # FindReply, Place; answered by `layer_ready`
    examplesWanted = pyqtSignal()  # answered by `examples_ready` or a problem
    savingWanted = pyqtSignal()  # the found layer's edits are to be saved

    def __init__(self, client: Any, *rest: Any):
        super().__init__(client, *rest)
        self._outlining = Newest(client)
        self._examples = ""  # WKB of a MultiPolygon as hexadecimal text

    # -- for the panel

    def run(self) -> None:
        """Search the area for the phrase, or for more like the examples. One job over an area runs at a time."""
        if self._state().jobs.running is None and (self._text.examples or not self._refused()):
            self._job.start(self._request, self._found, (self._text.path,))

    def set_filter(self, threshold: float, min_area: float) -> None:
        """Show what has at least this score (0..1) and area (m2; square pixels without a CRS); nothing is computed again."""
        self._replace(threshold=threshold, min_area=min_area)

    def use_examples(self) -> None:
        """Search for more like the polygons that are selected."""
        self.examplesWanted.emit()

    def drop_examples(self) -> None:
        self._examples = ""
        self._replace(examples=0)

    def set_refine(self, on: bool) -> None:
        """Whether the click network draws the outlines of the next search."""
        if on != self._text.refine:
            self._replace(refine=on)

    def save_edits(self) -> None:
        """Save the found layer's edits, so that the filter can go on."""
        self.savingWanted.emit()

    # -- for the session

    def engine_changed(self) -> None:
        super().engine_changed()
        if self._state().engine is not Engine.READY:
            self._outlining.drop()

    # -- for who knows layers

    def set_layers(self, names: Sequence[str]) -> None:
        """The vector layers that a phrase may name, as the user sees them."""
        if tuple(names) != self._text.layers:
            self._replace(layers=tuple(names))
            self._explaining.soon()

    def examples_ready(self, outlines: str, count: int) -> None:
        """`count` polygons as a MultiPolygon in the raster's CRS, WKB as hexadecimal text."""
        self._examples = outlines
        self._replace(examples=count)

    def outline_at(self, x: float, y: float, ready: Callable[[ClickReply], None], failed: Callable[[Problem], None]) -> None:
        """Outline the object at a place of the open raster, in its CRS; only the newest place counts."""
        state = self._state()
        if not state.raster_id:
            failed(state.absence or problem_of("area.no_raster"))
            return
        click = Click(state.raster_id, ((x, y),), (1,), options=state.options, model=state.model)
        self._outlining.send(click, ready, failed)

    def layer_ready(self, layer_id: str, scores: Sequence[float], areas: Sequence[float]) -> None:
        """The found objects are a layer of the project; scores and areas are those of all objects in its file, in one order."""
        if self._text.found is not None:
            self._replace(found=dataclasses.replace(self._text.found, layer_id=layer_id, scores=tuple(scores), areas=tuple(areas)))

    def filtered(self, shown: int, held: bool = False) -> None:
        """The layer shows this many objects; `held`: it cannot be filtered until its edits are saved."""
        if self._text.found is not None:
            self._replace(found=dataclasses.replace(self._text.found, shown=shown, held=held))

    def forget_found(self) -> None:
        """The found layer is not in the project any more."""
        self._replace(found=None)

    # -- within

    @property
    def _text(self) -> TextState:
        return self._state().jobs.text

    def _request(self, place: Place) -> Find:
        state, text = self._state(), self._text
        threshold, floor = threshold_and_floor(text.threshold)
        return Find(
            raster=place.raster.id,
            text=text.phrase.strip(),
            out=text.path,
            area=place.area,
            layers=place.layers,
            threshold=threshold,
            floor=floor,
            options=state.options,
            model=text.model,
            refine=text.refine,
            examples=self._examples,
        )

    def _found(self, reply: FindReply) -> None:
        self._replace(found=Found(reply, shown=reply.count))
        self.foundReady.emit(reply, self._job.place)
