"""The text panel draws the state and turns what the user does into verbs of the session."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtWidgets import QAction, QFileDialog, QToolButton

from rasterscribe.models.protocol import ClassFound, ExplainReply, FindReply, ModelInfo, OutlineOptions, PartialObject
from rasterscribe.plugin.area_state import AreaKind, Found, TilesState
from rasterscribe.plugin.area_verbs import Place
from rasterscribe.plugin.run_state import Run
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import State
from rasterscribe.plugin.ui.area_spin import next_area
from rasterscribe.plugin.ui.click_panel import ClickPanel
from rasterscribe.plugin.ui.text_panel import TextPanel
from rasterscribe.tests.plugin.fake_client import FakeClient
from rasterscribe.tests.plugin.ui.fake_session import READY, FakeSession, shown, with_area, with_jobs, with_text

CLASSES = (ClassFound("building", 3, 12_000.0), ClassFound("solar <panel>", 1, 2.5))
REPLY = FindReply("objects.gpkg", 3, CLASSES, (), ("No road was found in the area.",), "building near road", "m", "d", 73.0)
FOUND = Found(REPLY, "layer2", (0.9, 0.8, 0.6, 0.3), (100.0, 50.0, 20.0, 10.0), 3)
NOTHING = Found(dataclasses.replace(REPLY, count=0, classes=()), "layer2")
UNDERSTOOD = ExplainReply({}, "building", True)
SHIPPED = ModelInfo("net", "Shipped network", "text", "GPL", "us", 1, "d", "ready")
OPEN = ModelInfo("clip", "CLIP", "open", "MIT", "them", 1, "d", "ready")


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def actions() -> list[QAction]:
    actions = [QAction(name) for name in ("Keep", "Discard", "Merge", "Split")]
    for action in actions:
        action.setCheckable(True)
    return actions


@pytest.fixture
def panel(session: FakeSession, actions: list[QAction], qtbot, qgis_new_project) -> TextPanel:
    QLocale.setDefault(QLocale("en_GB"))
    panel = TextPanel(session, actions)
    qtbot.addWidget(panel)
    panel.render(READY)
    return panel


def draw(panel: TextPanel, session: FakeSession, state: State = READY, **text: Any) -> None:
    session.state = with_text(state, **text)
    panel.render(session.state)


# -- running


def test_a_phrase_is_run_by_the_button_and_by_enter(panel: TextPanel, session: FakeSession, qtbot) -> None:
    draw(panel, session, phrase="buildings", explained=UNDERSTOOD)
    panel.run.run.click()
    qtbot.keyClick(panel.phrase.line, Qt.Key.Key_Return)
    assert session.calls == [("text.run",), ("text.run",)]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (READY, ""),
        (with_text(phrase=" "), ""),
        (dataclasses.replace(with_text(phrase="buildings"), raster=None), "Choose a raster first."),
        (with_text(phrase="xyzzy", explained=ExplainReply({}, "", False, ("xyzzy",))), "Name something to find."),
        (with_area(with_text(phrase="buildings"), kind=AreaKind.RECTANGLE), "Draw the rectangle to search."),
        (with_jobs(with_text(phrase="buildings"), tiles=TilesState(run=Run())), "Another job is running."),
    ],
)
def test_what_cannot_be_run_is_not_run(panel: TextPanel, session: FakeSession, qtbot, state: State, says: str) -> None:
    session.state = state
    panel.render(state)
    assert not panel.run.run.isEnabled() and panel.run.line.text() == says
    qtbot.keyClick(panel.phrase.line, Qt.Key.Key_Return)
    assert session.calls == []


def test_a_phrase_may_be_run_before_the_engine_has_explained_it(panel: TextPanel, session: FakeSession) -> None:
    draw(panel, session, phrase="buildings", explained=None)
    assert panel.run.run.isEnabled()


def test_while_it_runs_it_tells_how_many_it_has_come_upon_and_shows_no_former_result(panel: TextPanel, session: FakeSession) -> None:
    objects = (PartialObject("", "building", 0.6),) * 2
    draw(panel, session, phrase="buildings", found=FOUND, run=Run(1, 4, "Looking at the area", None, objects))
    assert panel.run.line.text() == "Looking at the area · 2 so far" and not shown(panel, panel.card)
    panel.run.cancel.click()
    assert session.calls == [("text.cancel",)]


# -- what was found


def test_it_tells_how_many_are_shown_of_what_and_how_long_it_took(panel: TextPanel, session: FakeSession) -> None:
    draw(panel, session, phrase="buildings", found=FOUND)
    card = panel.card
    assert card.headline.text() == "3 of 4 shown" and panel.run.line.text() == "Took 1 min 13 s."
    assert card.asked.text() == "building near road" and card.notes.text() == "No road was found in the area."
    assert all(words in card.classes.text() for words in ("building", ">3<", "1.20 ha", "solar &lt;panel&gt;", "2.50 m²"))
    assert not shown(panel, card.advice)


def test_where_nothing_was_found_it_says_what_to_try(panel: TextPanel, session: FakeSession) -> None:
    draw(panel, session, found=NOTHING)
    assert panel.card.headline.text() == "Nothing found" and "larger area" in panel.card.advice.text()
    assert not any(shown(panel, widget) for widget in (panel.card.filter, panel.card.review, panel.card.more, panel.card.classes))


def test_where_all_are_weak_it_says_to_lower_the_confidence(panel: TextPanel, session: FakeSession) -> None:
    weak = dataclasses.replace(NOTHING, scores=(0.3, 0.4), areas=(5.0, 5.0))
    draw(panel, session, found=weak, threshold=0.5)
    assert panel.card.headline.text() == "0 of 2 shown" and "lower the confidence" in panel.card.advice.text()
    draw(panel, session, found=weak, threshold=0.25, min_area=50.0)
    assert "smaller" in panel.card.advice.text()


def test_before_the_first_search_there_is_no_result(panel: TextPanel) -> None:
    assert not shown(panel, panel.card)


# -- the filter


def test_the_confidence_and_the_size_filter_together(panel: TextPanel, session: FakeSession) -> None:
    draw(panel, session, found=FOUND, threshold=0.6, min_area=20.0)
    box = panel.card.filter
    assert (box.histogram.threshold, box.min_area.value(), box.percent.text()) == (0.6, 20.0, "from 60 %")
    assert sum(box.histogram.bins) == 4 and session.calls == []
    box.histogram.setValue(70)
    box.min_area.stepUp()
    assert session.calls == [("text.set_filter", 0.7, 20.0), ("text.set_filter", 0.6, 50.0)]


def test_without_a_crs_sizes_are_in_pixels(panel: TextPanel, session: FakeSession) -> None:
    state = dataclasses.replace(READY, raster=dataclasses.replace(READY.raster, crs=""))
    draw(panel, session, state, found=FOUND)
    assert panel.card.filter.min_area.suffix() == " px²" and "12,000 px²" in panel.card.classes.text()


@pytest.mark.parametrize(
    ("area", "up", "next_one"), [(0, True, 1), (1, True, 2), (5, True, 10), (70, True, 100), (70, False, 50), (1, False, 0)]
)
def test_sizes_are_stepped_through_as_sizes_differ(area: float, up: bool, next_one: float) -> None:
    assert next_area(area, up) == next_one


def test_a_filter_that_waits_for_edits_says_so_and_offers_to_save_them(panel: TextPanel, session: FakeSession) -> None:
    draw(panel, session, found=FOUND)
    assert not shown(panel, panel.card.held)
    draw(panel, session, found=dataclasses.replace(FOUND, held=True))
    assert shown(panel, panel.card.held)
    panel.card.held.save.click()
    assert session.calls == [("text.save_edits",)]


# -- going through it


def test_the_review_buttons_are_the_actions(panel: TextPanel, session: FakeSession, actions: list[QAction]) -> None:
    draw(panel, session, found=FOUND)
    buttons = panel.card.review.findChildren(QToolButton)
    assert [button.text() for button in buttons] == ["Keep", "Discard", "Merge", "Split"]
    buttons[1].click()
    assert [action.isChecked() for action in actions] == [False, True, False, False]


def test_the_selected_become_examples_and_can_be_let_go(panel: TextPanel, session: FakeSession) -> None:
    draw(panel, session, found=FOUND)
    assert not shown(panel, panel.examples)
    panel.card.more.click()
    draw(panel, session, examples=3)
    assert shown(panel, panel.examples) and "3" in panel.examples.words.text() and panel.run.run.isEnabled()
    panel.examples.drop.click()
    assert session.calls == [("text.use_examples",), ("text.drop_examples",)]


# -- model and file


def test_it_tells_whether_a_model_knows_a_vocabulary_or_any_word(panel: TextPanel, session: FakeSession) -> None:
    both = dataclasses.replace(READY, models=(OPEN, SHIPPED, dataclasses.replace(SHIPPED, id="clicks", job="click")))
    draw(panel, session, both)
    picker = panel.model.picker
    assert [picker.itemText(row) for row in range(picker.count())] == ["Shipped network", "CLIP"]
    assert (picker.currentText(), panel.model.path.text()) == ("Shipped network", "Words of the vocabulary")
    draw(panel, session, both, model="clip")
    assert (picker.currentText(), panel.model.path.text()[:8]) == ("CLIP", "Any word")


def test_another_model_is_chosen(panel: TextPanel, session: FakeSession) -> None:
    draw(panel, session, dataclasses.replace(READY, models=(SHIPPED, OPEN)))
    panel.model.picker.setCurrentIndex(1)
    panel.model.picker.activated.emit(1)
    assert session.calls == [("text.choose_model", "clip")]


def test_how_outlines_are_drawn_is_chosen(panel: TextPanel, session: FakeSession) -> None:
    draw(panel, session, dataclasses.replace(READY, options=OutlineOptions(right_angles=True)), refine=False)
    outline = panel.outline
    assert not outline.refine.isChecked() and outline.right_angles.isChecked() and session.calls == []
    outline.refine.click()
    outline.right_angles.click()
    assert session.calls == [("text.set_refine", True), ("set_options", OutlineOptions(right_angles=False))]


def test_the_file_is_shown_and_another_is_chosen(panel: TextPanel, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(panel, session, path="/somewhere/found.gpkg")
    assert panel.target.path.text() == "/somewhere/found.gpkg"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments, **_options: ("/elsewhere/ponds", ""))
    panel.target.change.click()
    assert session.calls == [("text.choose_path", "/elsewhere/ponds.gpkg")]


def test_no_verb_is_called_by_drawing(panel: TextPanel, session: FakeSession) -> None:
    for state in (with_text(phrase="ponds", found=FOUND, min_area=7.0, threshold=0.9), with_text(run=Run()), READY):
        panel.render(dataclasses.replace(state, models=(SHIPPED, OPEN)))
    assert session.calls == []


def test_it_needs_no_wider_dock_than_clicking_does(panel: TextPanel, session: FakeSession) -> None:
    long_words = ExplainReply(
        {}, "building, area 300 to 40,000 m², within 50 m of road, not touching water", True, ("Supercalifragilisticexpialidocious",)
    )
    widest = ClickPanel(session, QAction("Click objects")).minimumSizeHint().width()
    for state in (READY, with_text(phrase="x" * 200, explained=long_words, found=FOUND, path="/a" * 90), with_text(run=Run())):
        panel.render(state)
        assert panel.minimumSizeHint().width() <= widest


# -- with the real session


def test_from_typing_to_the_request_and_its_result(qtbot, qgis_new_project) -> None:
    """Who knows maps is played by the test: it says where the area is."""
    client = FakeClient()
    session = Session(client, READY)
    panel = TextPanel(session)
    qtbot.addWidget(panel)
    session.changed.connect(panel.render)
    session.area.wanted.connect(lambda wish: wish.ready(Place(READY.raster)))
    qtbot.keyClicks(panel.phrase.line, "houses")
    qtbot.waitUntil(lambda: bool(client.open("explain")))
    assert client.requests("explain")[-1].phrase == "houses"
    client.answer_newest("explain")
    assert "building" in panel.parse.said.text()
    qtbot.keyClick(panel.phrase.line, Qt.Key.Key_Return)
    assert client.requests("find")[-1].text == "houses" and shown(panel, panel.run.cancel)
    client.answer("find")
    session.text.layer_ready("layer2", (0.9, 0.8), (100.0, 100.0))
    assert panel.card.headline.text() == "2 of 2 shown" and shown(panel, panel.run.run)
    panel.card.filter.histogram.setValue(85)
    assert session.state.jobs.text.threshold == 0.85
