"""The dock draws the state it is given and turns what the user does into verbs, with a fake engine behind."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QAction

from rasterscribe.models.protocol import OutlineOptions
from rasterscribe.plugin.problems import problem_of
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, EngineFacts, MapClass, Raster, SetupProgress, State, Target
from rasterscribe.plugin.ui.dock import Dock
from rasterscribe.tests.plugin.fake_client import NET, FakeClient, outline_reply

TOWN = Raster("layer1", "town", "town.tif", crs="EPSG:32645")
FACTS = EngineFacts("/somewhere", device="cpu", device_reason="No NVIDIA driver was found.", needs=1_800_000_000, free=9_000_000_000)


@pytest.fixture
def session(client: FakeClient) -> Session:
    """A running engine with an open raster."""
    session = Session(client, State(engine=Engine.STOPPED, facts=FACTS))
    session.engine_changed(Engine.READY)
    client.answer("models")
    session.choose_raster("layer1", "town")
    session.raster_ready(TOWN)
    client.answer("open")
    return session


@pytest.fixture
def dock(session: Session, qtbot) -> Dock:
    dock = make_dock(session)
    qtbot.addWidget(dock)
    return dock


def make_dock(session: Session) -> Dock:
    click, diagnose = QAction("Click objects", session), QAction("Copy diagnostics", session)
    click.setCheckable(True)
    return Dock(session, click, diagnose)


def shown(widget: Any, dock: Dock) -> bool:
    return bool(widget.isVisibleTo(dock))


# -- the pending outline


def test_the_outline_is_described_in_plain_words(dock: Dock, session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    client.answer("click", outline_reply(score=0.83, area=246.0))
    assert dock.click.card.headline.text() == "246 m²"
    assert "fairly sure" in dock.click.card.sentence.text() and "83" in dock.click.card.sentence.text()


def test_without_a_crs_areas_are_in_pixels(dock: Dock, session: Session, client: FakeClient) -> None:
    session.raster_ready(dataclasses.replace(TOWN, crs=""))
    client.answer("open")
    session.add_click(3, 4)
    client.answer("click", outline_reply(area=246.0))
    assert "px²" in dock.click.card.headline.text() and "px²" in dock.click.options.min_hole.suffix()


def test_where_no_object_is_seen_it_says_what_to_do(dock: Dock, session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    client.answer("click", outline_reply(wkb=""))
    assert "No object" in dock.click.card.headline.text() and "drag a box" in dock.click.card.sentence.text()
    assert not dock.click.card.accept.isEnabled() and dock.click.card.clear.isEnabled()


def test_buttons_are_there_when_they_can_do_something(dock: Dock, session: Session, client: FakeClient) -> None:
    card = dock.click.card
    assert not any(button.isEnabled() for button in (card.accept, card.clear, card.undo, card.redo))
    session.add_click(3, 4)
    client.answer("click")
    assert card.accept.isEnabled() and card.clear.isEnabled() and card.undo.isEnabled() and not card.redo.isEnabled()
    card.undo.click()
    assert card.redo.isEnabled() and not session.state.prompt


@pytest.mark.parametrize(
    ("others", "hint"),
    [
        ((), ""),
        (("group",), "Press + for a larger outline."),
        (("part",), "Press - for a smaller outline."),
        (("part", "group"), "Press + for a larger outline, - for a smaller one."),
    ],
)
def test_other_sizes_are_offered_where_they_look_different(dock: Dock, session: Session, client: FakeClient, others, hint: str) -> None:
    session.add_click(3, 4)
    client.answer("click", dataclasses.replace(outline_reply(), size="object", others=others))
    card = dock.click.card
    assert card.sentence.text().partition("\n")[2] == hint
    assert (card.larger.isEnabled(), card.smaller.isEnabled()) == ("group" in others, "part" in others)
    card.larger.click()
    card.smaller.click()
    assert len(client.requests("click")) == (2 if others else 1)


def test_accept_and_clear_are_the_sessions_verbs(dock: Dock, session: Session, client: FakeClient) -> None:
    accepted: list[Any] = []
    session.accepted.connect(accepted.append)
    session.add_click(3, 4)
    client.answer("click")
    dock.click.card.accept.click()
    assert len(accepted) == 1
    session.not_added(problem_of("target.read_only"))
    dock.click.card.clear.click()
    assert not session.state.prompt


def test_a_short_wait_does_not_flicker_and_a_long_one_is_said(dock: Dock, session: Session, client: FakeClient, qtbot) -> None:
    session.add_click(3, 4)
    busy = dock.click.card.busy
    assert not shown(busy._bar, dock)
    qtbot.waitUntil(lambda: shown(busy._bar, dock))
    client.answer("click")
    assert not shown(busy._bar, dock)


# -- options


def test_options_are_asked_of_the_pending_outline_at_once(dock: Dock, session: Session, client: FakeClient) -> None:
    session.add_click(3, 4)
    dock.click.options.right_angles.click()
    dock.click.options.smooth.click()
    dock.click.options.min_hole.setValue(9)
    assert client.requests("click")[-1].options == OutlineOptions(smooth=False, right_angles=True, min_hole=9)


def test_a_model_without_weights_cannot_be_chosen(dock: Dock, session: Session, client: FakeClient) -> None:
    session._replace(models=(NET, dataclasses.replace(NET, id="sam", title="SAM", state="missing")))
    model = dock.click.model
    assert [model.itemText(row) for row in range(model.count())] == ["Click network", "SAM (weights missing)"]
    assert not model.model().item(1).isEnabled()


def test_drawing_the_state_calls_no_verb(dock: Dock, session: Session, client: FakeClient) -> None:
    states: list[State] = []
    session.changed.connect(states.append)
    session.set_options(OutlineOptions(False, True, 7.0))
    session.choose_class(MapClass("pond", "#445566"))
    assert len(states) == 2


# -- classes


def test_a_new_class_gets_a_colour_of_its_own(dock: Dock, session: Session, qtbot) -> None:
    former = session.state.map_class.colour
    picker = dock.click.map_class.name
    picker.setEditText("pond")
    picker.lineEdit().editingFinished.emit()
    assert session.state.map_class.name == "pond" and session.state.map_class.colour != former


def test_a_former_class_comes_back_with_its_colour(dock: Dock, session: Session) -> None:
    session.choose_class(MapClass("pond", "#445566"))
    session.added()
    session.choose_class(MapClass("roof", "#112233"))
    picker = dock.click.map_class.name
    assert [picker.itemText(row) for row in range(picker.count())] == ["roof", "pond"]
    picker.setCurrentIndex(1)
    picker.activated.emit(1)
    assert session.state.map_class == MapClass("pond", "#445566")


def test_the_colour_can_be_changed(dock: Dock, session: Session) -> None:
    dock.click.map_class.colour.setColor(QColor("#00ff00"))
    assert session.state.map_class == MapClass("object", "#00ff00")


def test_a_half_typed_name_survives_what_happens_meanwhile(dock: Dock, session: Session, client: FakeClient) -> None:
    dock.click.map_class.name.setEditText("gree")
    session.add_click(3, 4)
    client.answer("click")
    assert dock.click.map_class.name.currentText() == "gree"


# -- the target


def test_a_polygon_layer_of_the_project_can_be_the_target(dock: Dock, session: Session, qgis_new_project) -> None:
    lines = QgsVectorLayer("LineString?crs=EPSG:32645", "lines", "memory")
    mine = QgsVectorLayer("Polygon?crs=EPSG:32645", "mine", "memory")
    QgsProject.instance().addMapLayers([lines, mine])
    combo = dock.click.target.layer
    assert [combo.itemText(row) for row in range(combo.count())] == ["New GeoPackage table", "mine"]
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert session.state.target.layer_id == mine.id()
    assert not shown(dock.click.target.path, dock)


def test_the_file_of_a_new_geopackage_is_shown(dock: Dock, session: Session) -> None:
    session.choose_target(Target(path="/somewhere/objects.gpkg"))
    assert dock.click.target.path.text() == "/somewhere/objects.gpkg" and shown(dock.click.target.path, dock)


# -- problems


@pytest.mark.parametrize(
    ("code", "button"),
    [("engine.gone", "restart"), ("memory.exhausted", "restart"), ("environment.incomplete", "set_up"), ("raster.missing", None)],
)
def test_a_problem_says_what_and_what_to_do_and_offers_it(dock: Dock, session: Session, code: str, button: str | None) -> None:
    problem = problem_of(code)
    session.show_problem(problem)
    bar = dock.problem
    assert shown(bar, dock) and bar.what.text() == problem.what and bar.remedy.text() == problem.remedy
    assert [name for name in ("restart", "set_up") if shown(getattr(bar, name), dock)] == ([button] if button else [])
    session.dismiss_problem()
    assert not shown(bar, dock)


def test_the_restart_button_restarts(dock: Dock, session: Session, client: FakeClient, qtbot) -> None:
    session.engine_changed(Engine.FAILED)
    session.show_problem(problem_of("engine.gone"))
    qtbot.mouseClick(dock.problem.restart, Qt.MouseButton.LeftButton)
    assert client.calls[-1] == "restart"


# -- the engine


def test_the_engine_panel_comes_first_until_the_engine_is_set_up(dock: Dock, session: Session) -> None:
    session.engine_changed(Engine.ABSENT)
    assert shown(dock.engine, dock) and not shown(dock.click, dock)
    session.engine_changed(Engine.STOPPED)
    assert shown(dock.click, dock) and not shown(dock.engine, dock)


def test_it_tells_where_the_engine_goes_how_much_it_takes_and_why_it_runs_there(dock: Dock, session: Session) -> None:
    session.engine_changed(Engine.ABSENT, FACTS)
    facts = dock.engine.facts
    assert facts.home.text() == "/somewhere"
    assert "1.8 GB" in facts.disk.text() and "9.0 GB" in facts.disk.text()
    assert "CPU" in facts.device.text() and "No NVIDIA driver was found." in facts.device.text()


def test_set_up_cancel_and_resume(dock: Dock, session: Session) -> None:
    asked: list[str] = []
    cancelled: list[bool] = []
    session.setupAsked.connect(asked.append)
    session.setupCancelled.connect(lambda: cancelled.append(True))
    session.engine_changed(Engine.ABSENT, FACTS)
    dock.engine.set_up.click()
    session.engine_changed(Engine.INSTALLING)
    session.show_setup(SetupProgress(40, 100, "Downloading torch", 120_000_000, 200_000_000, 130))
    box = dock.engine.progress
    assert box.bar.value() == 400
    assert box.what.text() == "Downloading torch · 120 MB of about 200 MB · about 2 minutes left"
    box.cancel.click()
    session.engine_changed(Engine.ABSENT, dataclasses.replace(FACTS, resumable=True))
    assert (asked, cancelled) == ([""], [True])
    assert dock.engine.set_up.text() == "Go on setting up"


def test_a_folder_set_by_an_administrator_cannot_be_changed(dock: Dock, session: Session) -> None:
    session.engine_changed(Engine.ABSENT, dataclasses.replace(FACTS, movable=False))
    assert not shown(dock.engine.facts.change, dock)


def test_the_engine_can_be_looked_at_while_it_runs(dock: Dock) -> None:
    dock.engine_button.click()
    assert shown(dock.engine, dock) and not shown(dock.click, dock) and shown(dock.engine.restart, dock)
    dock.engine_button.click()
    assert shown(dock.click, dock)


def test_hovering_redraws_no_panel(dock: Dock, session: Session, client: FakeClient) -> None:
    seen = dock._shown
    session.hover(5, 5)
    client.answer("click")
    assert session.state.hover and dock._shown is seen
