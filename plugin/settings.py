"""What is remembered from one QGIS to the next, in the user's profile."""

from __future__ import annotations

import json
import os
from pathlib import Path

from qgis.core import QgsSettings

from ..models.classes import PRESETS
from ..models.protocol import METHODS, OutlineOptions
from .area_state import AreaJobs, ClassList, CoverState, Panel, TextState
from .change_state import ChangeState
from .state import RECENT_CLASSES, MapClass, State

ROOT = "rasterscribe"
HOME = f"{ROOT}/home"
HOME_VARIABLE = "RASTERSCRIBE_HOME"  # set by an administrator, it is stronger than the user's choice


def load_state() -> State:
    """The state to begin with: the former classes, options, model and panel. What cannot be understood is left at its default."""
    settings = QgsSettings()
    state = State()
    classes = tuple(
        MapClass(str(one["name"]), str(one["colour"]))
        for one in _list(settings.value(f"{ROOT}/classes", "[]"))
        if isinstance(one, dict) and one.get("name") and one.get("colour")
    )[:RECENT_CLASSES]
    options = OutlineOptions(
        smooth=settings.value(f"{ROOT}/smooth", state.options.smooth, type=bool),
        right_angles=settings.value(f"{ROOT}/right_angles", state.options.right_angles, type=bool),
        min_hole=settings.value(f"{ROOT}/min_hole", state.options.min_hole, type=float),
    )
    model = settings.value(f"{ROOT}/model", "", type=str)
    panels = {panel.value: panel for panel in Panel}
    panel = panels.get(settings.value(f"{ROOT}/panel", "", type=str), Panel.CLICK)
    text = TextState(refine=settings.value(f"{ROOT}/text/refine", TextState.refine, type=bool))
    jobs = AreaJobs(panel=panel, text=text, cover=_load_cover(settings), change=_load_change(settings))
    map_class = classes[0] if classes else state.map_class
    return State(map_class=map_class, recent_classes=classes, options=options, model=model, jobs=jobs)


def kept_of(state: State) -> tuple[object, ...]:
    """What of a state is remembered."""
    cover, change = state.jobs.cover, state.jobs.change
    clicking = (state.map_class, state.recent_classes, state.options, state.model)
    covering = (cover.classes, cover.lists, cover.polygons, cover.simplify)
    comparing = (change.classes, change.method, change.probability, change.refine)
    return (*clicking, state.jobs.panel, state.jobs.text.refine, *covering, *comparing)


def save_state(state: State) -> None:
    settings = QgsSettings()
    classes = [{"name": one.name, "colour": one.colour} for one in state.classes]
    settings.setValue(f"{ROOT}/classes", json.dumps(classes))
    settings.setValue(f"{ROOT}/smooth", state.options.smooth)
    settings.setValue(f"{ROOT}/right_angles", state.options.right_angles)
    settings.setValue(f"{ROOT}/min_hole", state.options.min_hole)
    settings.setValue(f"{ROOT}/model", state.model)
    settings.setValue(f"{ROOT}/panel", state.jobs.panel.value)
    settings.setValue(f"{ROOT}/text/refine", state.jobs.text.refine)
    cover = state.jobs.cover
    settings.setValue(f"{ROOT}/cover/classes", json.dumps(cover.classes))
    settings.setValue(f"{ROOT}/cover/lists", json.dumps([{"name": one.name, "classes": one.classes} for one in cover.lists]))
    settings.setValue(f"{ROOT}/cover/polygons", cover.polygons)
    settings.setValue(f"{ROOT}/cover/simplify", cover.simplify)
    change = state.jobs.change
    settings.setValue(f"{ROOT}/change/classes", json.dumps(change.classes))
    settings.setValue(f"{ROOT}/change/method", change.method)
    settings.setValue(f"{ROOT}/change/probability", change.probability)
    settings.setValue(f"{ROOT}/change/refine", change.refine)


def _load_cover(settings: QgsSettings) -> CoverState:
    """The class list of the last time, the first preset before that, and the user's own lists."""
    state = CoverState()
    classes = _names(_list(settings.value(f"{ROOT}/cover/classes", "[]")))
    lists = tuple(
        ClassList(str(one["name"]), _names(one["classes"]))
        for one in _list(settings.value(f"{ROOT}/cover/lists", "[]"))
        if isinstance(one, dict) and one.get("name") and isinstance(one.get("classes"), list) and _names(one["classes"])
    )
    return CoverState(
        classes=classes or next(iter(PRESETS.values())),
        lists=lists,
        polygons=settings.value(f"{ROOT}/cover/polygons", state.polygons, type=bool),
        simplify=settings.value(f"{ROOT}/cover/simplify", state.simplify, type=float),
    )


def _load_change(settings: QgsSettings) -> ChangeState:
    state = ChangeState()
    method = settings.value(f"{ROOT}/change/method", "", type=str)
    return ChangeState(
        classes=_names(_list(settings.value(f"{ROOT}/change/classes", "[]"))),
        method=method if method in METHODS else "",
        probability=settings.value(f"{ROOT}/change/probability", state.probability, type=bool),
        refine=settings.value(f"{ROOT}/change/refine", state.refine, type=bool),
    )


def engine_home(default: Path) -> Path:
    """Where the user wants the engine to live. `default` holds unless they chose a folder, or where it comes from the variable."""
    chosen = QgsSettings().value(HOME, "", type=str)
    return Path(chosen) if chosen and home_is_free() else default


def home_is_free() -> bool:
    """Whether the user may choose the engine's folder."""
    return not os.environ.get(HOME_VARIABLE)


def save_engine_home(folder: str) -> None:
    QgsSettings().setValue(HOME, folder)


def proxy() -> dict[str, str]:
    """QGIS's proxy settings by the names of `proxy_variables`' parameters; empty where no proxy is used."""
    settings = QgsSettings()
    if not settings.value("proxy/proxyEnabled", False, type=bool):
        return {}
    names, keys = ("kind", "host", "port", "user", "password"), ("Type", "Host", "Port", "User", "Password")
    found = {name: str(settings.value(f"proxy/proxy{key}", "") or "") for name, key in zip(names, keys)}
    excluded = settings.value("proxy/noProxyUrls", []) or []
    found["excluded"] = excluded if isinstance(excluded, str) else ",".join(excluded)
    return found


def _list(text: object) -> list[object]:
    try:
        found = json.loads(str(text))
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _names(names: list[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))
