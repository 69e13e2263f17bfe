"""What a panel sees of the session: a state, and verbs, which are written down."""

from __future__ import annotations

import dataclasses
from typing import Any

from qgis.PyQt.QtWidgets import QWidget

from rasterscribe.plugin.area_state import Area
from rasterscribe.plugin.state import Engine, Raster, State

TOWN = Raster("layer1", "town", "town.tif", id="r1", crs="EPSG:32645")
READY = State(engine=Engine.READY, raster=TOWN)


def shown(panel: QWidget, widget: QWidget) -> bool:
    """Whether somebody who sees the panel sees this part of it, too."""
    return bool(widget.isVisibleTo(panel))


class FakeSession:
    """`calls` holds every verb with its arguments, oldest first: ("text.type", "ponds")."""

    def __init__(self, state: State = READY) -> None:
        self.state = state
        self.calls: list[tuple[Any, ...]] = []
        self.area, self.text, self.cover, self.tiles = (_Verbs(self.calls, part) for part in ("area.", "text.", "cover.", "tiles."))
        self.change, self.review = (_Verbs(self.calls, part) for part in ("change.", "review."))

    def __getattr__(self, name: str) -> Any:
        return getattr(_Verbs(self.calls, ""), name)


class _Verbs:
    def __init__(self, calls: list[tuple[Any, ...]], part: str) -> None:
        self._calls, self._part = calls, part

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: self._calls.append((self._part + name, *arguments))


def with_text(state: State = READY, **changes: Any) -> State:
    """A state of which the text part is changed."""
    return with_jobs(state, text=dataclasses.replace(state.jobs.text, **changes))


def with_change(state: State = READY, **changes: Any) -> State:
    return with_jobs(state, change=dataclasses.replace(state.jobs.change, **changes))


def with_area(state: State = READY, **changes: Any) -> State:
    return with_jobs(state, area=Area(**changes))


def with_jobs(state: State, **changes: Any) -> State:
    return dataclasses.replace(state, jobs=dataclasses.replace(state.jobs, **changes))
