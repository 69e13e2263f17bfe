"""The one place where the state changes. Panels and the map tool call its verbs; everybody else listens to `changed`.

The session speaks to the engine through an injected client and knows neither maps nor widgets. Coordinates are in the raster's CRS.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..models.protocol import Look, Models, Open, OpenReply, OutlineOptions
from .ahead import Looking
from .area_state import Panel
from .area_verbs import AreaVerbs
from .change_verbs import ChangeVerbs
from .clicking import BAD_PLACE, Clicking, Measure
from .cover_verbs import CoverVerbs
from .jobs import Newest
from .problems import Problem
from .review_verbs import ReviewVerbs
from .state import Engine, EngineFacts, History, MapClass, Raster, SetupProgress, State, Target
from .text_verbs import TextVerbs
from .tiles_verbs import TilesVerbs
from .waits import wait_words


class Session(QObject):
    """What a person can do. The verbs of clicking are the session's own, those of jobs over an area are its parts: `area` is where,
    `text`, `cover`, `tiles` and `change` are the jobs, and `review` goes through the changes."""

    changed = pyqtSignal(object)  # State
    accepted = pyqtSignal(object)  # Accepted; answered by `added` or `not_added`, at once or later
    rasterWanted = pyqtSignal(object)  # Raster without a file; answered by `raster_ready` or `show_problem`
    rasterOpened = pyqtSignal(object)  # OpenReply; who knows that this file will not do calls `want_raster` at once
    setupAsked = pyqtSignal(str)  # a folder of wheels, "" for the network
    setupCancelled = pyqtSignal()
    homeChosen = pyqtSignal(str)  # the folder where the engine shall live

    def __init__(self, client: Any, state: Optional[State] = None, parent: Optional[QObject] = None, measure: Optional[Measure] = None):
        super().__init__(parent)
        self._client = client
        self._state = state or State()
        self._opening = Newest(client)
        self._looking = Looking(client, self._look_request, self._looked, self)
        clicking = self._clicking = Clicking(
            client,
            lambda: self._state,
            self._replace,
            self._looking,
            measure=measure,
            opening=lambda: self._opening.running,
            open_raster=self._open,
            hand_on=self.accepted.emit,
            fail=self._failed,
        )
        self.add_click, self.add_box, self.resize, self.clear = clicking.add_click, clicking.add_box, clicking.resize, clicking.clear
        self.undo, self.redo, self.hover, self.leave = clicking.undo, clicking.redo, clicking.hover, clicking.leave
        self.accept, self.added, self.not_added = clicking.accept, clicking.added, clicking.not_added
        self.area = AreaVerbs(lambda: self._state, self._replacing("area"), self)
        self.text = TextVerbs(client, lambda: self._state, self._replacing("text"), self.area, self.show_problem, self)
        self.cover = CoverVerbs(client, lambda: self._state, self._replacing("cover"), self.area, self.show_problem, self)
        self.tiles = TilesVerbs(client, lambda: self._state, self._replacing("tiles"), self.area, self.show_problem, self)
        self.change = ChangeVerbs(client, lambda: self._state, self._replacing("change"), self.area, self.show_problem, self)
        self.change.rasterChosen.connect(self.choose_raster)
        self.review = ReviewVerbs(lambda: self._state, self._replacing("change"), self.show_problem, self)

    @property
    def state(self) -> State:
        return self._state

    # -- the engine

    def wake(self) -> None:
        """Start the engine if it is set up and not running."""
        if self._state.engine is Engine.STOPPED:
            self._client.start()

    def restart_engine(self) -> None:
        self._replace(problem=None)
        self._client.restart()

    def engine_changed(self, engine: Engine, facts: Optional[EngineFacts] = None, problem: Optional[Problem] = None) -> None:
        """It came: what was open is opened again, and the prompt asked again. Or it went: each click shows that `problem` again."""
        came = engine is Engine.READY and self._state.engine is not Engine.READY
        self._replace(engine=engine, facts=facts or self._state.facts, absence=problem, problem=problem or self._state.problem)
        if came:
            self._replace(problem=None)
            self._client.send(Models(), lambda reply: self._replace(models=reply.models), lambda _problem: None)
            self._open()
        elif engine is not Engine.READY:
            self._forget_jobs()
        for job in (self.text, self.cover, self.tiles, self.change):
            job.engine_changed()

    def set_up_engine(self, wheels: str = "") -> None:
        """Install the engine, from the network or from a folder of wheels."""
        self._replace(problem=None)
        self.setupAsked.emit(wheels)

    def cancel_set_up(self) -> None:
        self.setupCancelled.emit()

    def choose_home(self, folder: str) -> None:
        self.homeChosen.emit(folder)

    def show_setup(self, progress: Optional[SetupProgress]) -> None:
        self._replace(setup=progress)

    # -- what to click on, and how

    def choose_raster(self, layer_id: str, name: str = "") -> None:
        """Another raster is another job: its prompt starts empty."""
        if layer_id == (self._state.raster.layer_id if self._state.raster else ""):
            return
        self._forget_jobs()
        self._looking.at((), 0.0)
        raster = Raster(layer_id, name) if layer_id else None
        self._replace(raster=raster, history=History(), pending=None, problem=self._state.absence)
        self._open()

    def raster_ready(self, raster: Raster) -> None:
        """The layer is there as a file (again, for another window): the prompt, if any, is asked of the new file."""
        if self._state.raster is None or raster.layer_id != self._state.raster.layer_id:
            return  # the user has moved on
        self._replace(raster=dataclasses.replace(raster, id=""))
        self._open()

    def want_raster(self) -> None:
        """The raster's file will not do: another is wanted of the same layer, and the prompt waits for it."""
        if self._state.raster is not None:
            self._replace(raster=dataclasses.replace(self._state.raster, path="", id=""))
            self._open()

    def look(self, extent: tuple[float, float, float, float], pixel: float) -> None:
        """The user looks at this part of the raster, at this ground size of a screen pixel."""
        self._looking.at(extent, pixel)

    def choose_target(self, target: Target) -> None:
        self._replace(target=target)

    def choose_class(self, map_class: MapClass) -> None:
        self._replace(map_class=map_class)

    def choose_model(self, model: str) -> None:
        self._replace(model=model)
        self._looking.now()
        self._clicking.ask()

    def set_options(self, options: OutlineOptions) -> None:
        if options != self._state.options:
            self._replace(options=options)
            self._clicking.ask()

    def show_panel(self, panel: Panel) -> None:
        """Turn to another job; one that runs goes on."""
        self._replace(jobs=dataclasses.replace(self._state.jobs, panel=panel))
        self.cover.panel_changed()
        self.change.panel_changed()

    # -- problems

    def show_problem(self, problem: Problem) -> None:
        self._replace(problem=problem)
        self._clicking.end_accepting()

    def dismiss_problem(self) -> None:
        self._replace(problem=None)

    # -- within

    def _replace(self, **changes: Any) -> None:
        state = dataclasses.replace(self._state, **changes)
        running = {"opening": self._opening.running, "outlining": self._clicking.running, "looking": self._looking.running}
        state = dataclasses.replace(state, busy=wait_words(state, handing_on=self._clicking.handed_on, **running))
        if state != self._state:
            self._state = state
            self.changed.emit(state)

    def _replacing(self, part: str) -> Callable[..., None]:
        """How the verbs of one part of `State.jobs` change it."""

        def replace(**changes: Any) -> None:
            jobs = self._state.jobs
            self._replace(jobs=dataclasses.replace(jobs, **{part: dataclasses.replace(getattr(jobs, part), **changes)}))

        return replace

    def _forget_jobs(self) -> None:
        for job in (self._opening, self._looking, self._clicking):
            job.drop()
        raster = self._state.raster
        self._replace(raster=dataclasses.replace(raster, id="") if raster else None, hover=None)
        self._clicking.end_accepting()

    def _open(self) -> None:
        """Bring the chosen raster before the engine, from whichever step it has come to."""
        raster = self._state.raster
        if raster is None or self._opening.running:
            return
        if not raster.path:
            self.rasterWanted.emit(raster)
        elif self._state.engine is Engine.READY:
            self._opening.send(Open(raster.path, raster.bands, raster.stretch), self._opened, self._failed)
            self._replace()
        else:
            self.wake()

    def _opened(self, reply: OpenReply) -> None:
        raster = self._state.raster
        if raster is not None:
            self._replace(raster=dataclasses.replace(raster, id=reply.raster, gsd=reply.gsd))
            self.rasterOpened.emit(reply)
            self._looking.now()
            self._clicking.ask()

    def _look_request(self, extent: tuple[float, ...], pixel: float) -> Optional[Look]:
        return Look(self._state.raster_id, extent, pixel, self._state.model) if self._state.raster_id else None

    def _looked(self, problem: Optional[Problem]) -> None:
        """A view beside the raster is nothing to complain about; a raster that is gone is."""
        self._replace()
        if problem is None:
            self._clicking.resume_hovering()
        elif problem.code not in BAD_PLACE:
            self._failed(problem)

    def _failed(self, problem: Problem) -> None:
        if problem.code == "cancelled":
            self._clicking.end_accepting()
            return
        raster = self._state.raster
        if raster and problem.code.startswith("raster."):  # the next click opens it again: the file may be back by then
            self._replace(raster=dataclasses.replace(raster, id=""))
        self.show_problem(problem)
