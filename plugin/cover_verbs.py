"""The verbs of mapping land cover: a class list is put together, and an area is mapped by it.

Who knows layers listens to the signals and answers by the verbs under "for who knows layers".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from typing import Any

from qgis.PyQt.QtCore import pyqtSignal

from ..models.classes import CLASSES, OTHER
from ..models.protocol import Cover, CoverReply, Explain, ExplainReply
from .area_state import ClassList, Covered, CoverState, Panel, Refused
from .area_verbs import Place
from .class_words import meaning_of, plain, same_class
from .job_verbs import TypedVerbs
from .problems import Problem, problem_of
from .state import Engine


class CoverVerbs(TypedVerbs):
    PART = "cover"
    coverReady = pyqtSignal(object, object)  # CoverReply, Place; answered by `layer_ready`
    exportWanted = pyqtSignal(str)  # the class areas are to be written to this file

    def __init__(self, client: Any, *rest: Any):
        super().__init__(client, *rest)
        self._asked: set[str] = set()  # names whose meaning the engine has been asked for
        self._offers: dict[str, tuple[str, ...]] = {}  # known words instead of those that are not

    # -- the class list

    def type(self, phrase: str) -> None:
        """The class that is being typed; known words that it may become follow once the keys rest."""
        if phrase != self._cover.phrase:
            self._replace(phrase=phrase, explained=None, refused=None)
            self._explaining.soon()

    def add(self, names: str) -> None:
        """Add a class, or several with commas between them, once the engine has said that it is known; else it is refused, and why is
        said."""
        adding = tuple(filter(None, map(plain, names.split(","))))
        if adding:
            self._replace(adding=adding, refused=None)
            self._learn(adding)
            self._add_known()

    def set_classes(self, classes: Sequence[str]) -> None:
        """Another list, or the same in another order, or with fewer classes."""
        names = tuple(dict.fromkeys(filter(None, map(plain, classes))))
        self._replace(classes=names, refused=None)
        self._learn(names)

    def save_list(self, name: str) -> None:
        """Keep the list under this name, in place of one that has it."""
        name = plain(name)
        if name and self._cover.classes:
            others = [one for one in self._cover.lists if one.name != name]
            self._replace(lists=(*others, ClassList(name, self._cover.classes)))

    def delete_list(self, name: str) -> None:
        self._replace(lists=tuple(one for one in self._cover.lists if one.name != name))

    # -- the run

    def set_polygons(self, polygons: bool) -> None:
        self._replace(polygons=polygons)

    def set_simplify(self, pixels: float) -> None:
        """How far a border of the polygons may move, in pixels."""
        self._replace(simplify=pixels)

    def choose_model(self, model: str) -> None:
        self._replace(model=model)

    def run(self) -> None:
        """Map the area. One job over an area runs at a time."""
        cover = self._cover
        if self._state().jobs.running is not None:
            return
        if all(name.lower() in OTHER for name in cover.classes):
            self._fail(problem_of("classes.none"))
        elif any(cover.meanings.get(name) == "" for name in cover.classes):
            self._fail(problem_of("classes.unknown"))
        else:
            self._job.start(self._request, self._covered, tuple(filter(None, (cover.path, cover.polygons_path))))

    # -- the result

    def sort_by_area(self, by_area: bool) -> None:
        """Show the largest class first, or the classes as in the list."""
        self._replace(by_area=by_area)

    def export_areas(self, path: str) -> None:
        """Write the class areas to a CSV file."""
        self.exportWanted.emit(path)

    # -- for the session

    def engine_changed(self) -> None:
        super().engine_changed()
        self._asked.clear()
        self.panel_changed()

    def panel_changed(self) -> None:
        """What the classes mean is looked up once somebody sees them: whoever only clicks has no use for it."""
        if self._state().jobs.panel is Panel.COVER:
            self._learn([*self._cover.classes, *self._cover.adding])

    # -- for who knows layers

    def layer_ready(self, layer_id: str, colours: Sequence[str]) -> None:
        """The class raster is a layer of the project, and shows its classes in these colours ("#rrggbb"), in their order."""
        if self._cover.covered is not None:
            self._replace(covered=dataclasses.replace(self._cover.covered, layer_id=layer_id, colours=tuple(colours)))

    def forget_covered(self) -> None:
        """The class raster is not in the project any more."""
        self._replace(covered=None)

    # -- within

    @property
    def _cover(self) -> CoverState:
        return self._state().jobs.cover

    def _request(self, place: Place) -> Cover:
        cover = self._cover
        return Cover(
            raster=place.raster.id,
            classes=cover.classes,
            out=cover.path,
            polygons=cover.polygons_path,
            area=place.area,
            model=cover.model,
            simplify=cover.simplify,
        )

    def _covered(self, reply: CoverReply) -> None:
        place = self._job.place
        self._replace(covered=Covered(reply, metric=place is None or bool(place.raster.crs)))
        self.coverReady.emit(reply, place)

    def _learn(self, names: Sequence[str]) -> None:
        """Have the engine say what these names mean, where that is not known without it."""
        known = {name: name.lower() for name in names if name.lower() in (*CLASSES, *OTHER)}
        if known.items() - self._cover.meanings.items():
            self._replace(meanings={**self._cover.meanings, **known})
        waiting = [name for name in names if not self._cover.meanings.get(name) and name not in self._asked]
        if waiting and self._state().engine is Engine.STOPPED:
            self._client.start()
        for name in waiting if self._state().engine is Engine.READY else ():
            self._asked.add(name)
            self._client.send(Explain(name), partial(self._learnt, name), partial(self._not_learnt, name))

    def _learnt(self, name: str, reply: ExplainReply) -> None:
        self._replace(meanings={**self._cover.meanings, name: meaning_of(reply)})
        self._offers[name] = next((offer.instead for offer in reply.offers if offer.instead), ()) or reply.suggestions[:3]
        self._add_known()

    def _not_learnt(self, name: str, problem: Problem) -> None:
        self._asked.discard(name)
        if name in self._cover.adding:
            self._replace(adding=())
            self._fail(problem)

    def _add_known(self) -> None:
        """What was to be added is added, or refused, in its turn; it waits while its meaning is not known."""
        while self._cover.adding:
            cover = self._cover
            name, *rest = cover.adding
            meaning = cover.meanings.get(name)
            if meaning is None:
                return
            same = same_class(name, cover.classes, cover.meanings)
            if same or not meaning:
                refused = Refused(name, same, self._offers.get(name, ()))
                self._replace(adding=tuple(rest), refused=refused, phrase=name, explained=None)
            else:
                phrase = cover.phrase if cover.refused else ""
                self._replace(adding=tuple(rest), classes=(*cover.classes, name), phrase=phrase, explained=None)
