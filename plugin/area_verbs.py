"""The verbs of choosing where a job looks, and how a job over an area comes by its place on the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..models.protocol import NamedLayer, OldMap
from .area_state import Area, AreaKind
from .problems import Problem
from .state import Raster, State


@dataclass(frozen=True)
class Place:
    """Where a job works: the raster as a file, and the area in its CRS."""

    raster: Raster  # with a path; with an id where the engine has it open already
    area: str = ""  # WKB of a Polygon or MultiPolygon as hexadecimal text; "" is the whole raster
    layers: tuple[NamedLayer, ...] = ()  # vector layers that a phrase may name
    before: Optional[Raster] = None  # of another date, with a path: what a comparison compares the raster with
    old_map: Optional[OldMap] = None


class Wish:
    """A job asks for its place. Who knows maps calls `ready` or `failed`, once, at once or later."""

    def __init__(self, area: Area, ready: Callable[[Place], None], failed: Callable[[Problem], None], files: tuple[str, ...] = ()):
        self.area = area
        self.files = files  # that the job will write
        self.withdrawn = False
        self.answered = False
        self.when_withdrawn: Callable[[], None] = lambda: None  # set by whom it takes time
        self._ready, self._failed = ready, failed

    def ready(self, place: Place) -> None:
        self.answered = True
        if not self.withdrawn:
            self._ready(place)

    def failed(self, problem: Problem) -> None:
        self.answered = True
        if not self.withdrawn:
            self._failed(problem)

    def withdraw(self) -> None:
        """Nobody wants it any more: neither answer is heard."""
        self.withdrawn = True
        self.when_withdrawn()


class AreaVerbs(QObject):
    wanted = pyqtSignal(object)  # Wish; answered by `Wish.ready` or `Wish.failed`
    drawingWanted = pyqtSignal()  # the user wants to draw a rectangle; answered by `set_rectangle`

    def __init__(self, state: Callable[[], State], replace: Callable[..., None], parent: Optional[QObject] = None):
        super().__init__(parent)
        self._state, self._replace = state, replace

    def choose_kind(self, kind: AreaKind) -> None:
        """Look there from now on; a rectangle that is not there yet is drawn first."""
        self._replace(kind=kind)
        if kind is AreaKind.RECTANGLE and self._area.rectangle is None:
            self.draw_rectangle()

    def choose_layer(self, layer_id: str) -> None:
        """Look where this polygon layer's selected features lie, or all of them where none is selected."""
        self._replace(kind=AreaKind.SELECTED, layer_id=layer_id)

    def draw_rectangle(self) -> None:
        """Let the user draw a rectangle on the map, in place of the former one."""
        self.drawingWanted.emit()

    def set_rectangle(self, rectangle: Optional[tuple[float, float, float, float]], crs: str = "") -> None:
        """Look in this rectangle (xmin, ymin, xmax, ymax), in a CRS given as WKT; None takes it away, and the job looks at what is
        visible."""
        if rectangle is None:
            kind = AreaKind.VISIBLE if self._area.kind is AreaKind.RECTANGLE else self._area.kind
            self._replace(kind=kind, rectangle=None, rectangle_crs="")
        else:
            self._replace(kind=AreaKind.RECTANGLE, rectangle=rectangle, rectangle_crs=crs)

    def describe(self, words: str) -> None:
        """For who knows maps: what the chosen area is, as a person reads it."""
        if words != self._area.words:
            self._replace(words=words)

    def want(self, ready: Callable[[Place], None], failed: Callable[[Problem], None], files: tuple[str, ...] = ()) -> Wish:
        """For the verbs of jobs: ask for the place that the user has chosen; `files` are those that the job will write."""
        wish = Wish(self._area, ready, failed, files)
        self.wanted.emit(wish)
        return wish

    @property
    def _area(self) -> Area:
        return self._state().jobs.area
