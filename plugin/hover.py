"""What a click would give, asked for while the mouse rests on the raster."""

from __future__ import annotations

from typing import Any, Callable, Optional

from .jobs import Newest
from .problems import Problem


class Hover:
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
