"""What is asked ahead of the click: the view that the user looks at, and what a click where the mouse is would give."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QObject, QTimer

from .jobs import Newest
from .problems import Problem

DELAY = 150  # ms without a move before the view is encoded


class Looking(QObject):
    """Has the view encoded once the map rests, so that the first click is quick.

    `ask(extent, pixel)` gives the request for a view, or None while there is no raster to look at; `done(problem)` is told that
    it ended, with None where it went well.
    """

    def __init__(
        self,
        client: Any,
        ask: Callable[[tuple[float, ...], float], Optional[Any]],
        done: Callable[[Optional[Problem]], None],
        parent: Optional[QObject] = None,
    ):
        super().__init__(parent)
        self._job = Newest(client)
        self._ask, self._done = ask, done
        self._extent: tuple[float, ...] = ()
        self.pixel = 0.0  # ground size of a screen pixel, CRS units
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self.now)

    @property
    def running(self) -> bool:
        return self._job.running

    def at(self, extent: tuple[float, ...], pixel: float) -> None:
        """The user looks at this extent (xmin, ymin, xmax, ymax); () is nowhere."""
        self._extent, self.pixel = extent, pixel
        self._timer.start()

    def now(self) -> None:
        self._timer.stop()
        request = self._ask(self._extent, self.pixel) if self._extent else None
        if request is not None:
            self._job.send(request, lambda _reply: self._done(None), self._done)

    def drop(self) -> None:
        self._job.drop()


class Hovering:
    """Follows the mouse with one question at a time, so that hovering never piles up work.

    `ask(x, y)` gives the request for a place, or None while something more important runs; `show(x, y, reply)` draws the answer,
    `show(x, y, None)` draws none.
    """

    def __init__(self, client: Any, ask: Callable[[float, float], Optional[Any]], show: Callable[[float, float, Optional[Any]], None]):
        self._job = Newest(client)
        self._ask, self._show = ask, show
        self._at: Optional[tuple[float, float]] = None

    def move(self, x: float, y: float) -> None:
        self._at = (x, y)
        self.resume()

    def leave(self) -> None:
        self._at = None
        self.drop()

    def drop(self) -> None:
        """Something more important runs: the answer on its way would be out of date."""
        self._job.drop()

    def resume(self) -> None:
        """Ask again for where the mouse is, unless an answer is on its way."""
        if self._at is None or self._job.running:
            return
        at = self._at
        request = self._ask(*at)
        if request is not None:
            self._job.send(request, lambda reply: self._answered(at, reply), lambda problem: self._refused(at, problem))

    def _answered(self, at: tuple[float, float], reply: Any) -> None:
        self._show(*at, reply)
        if self._at != at:  # the mouse went on meanwhile: only where it is now counts
            self.resume()

    def _refused(self, at: tuple[float, float], _problem: Problem) -> None:
        """Hovering asks for nothing, so it complains of nothing."""
        self._show(*at, None)
