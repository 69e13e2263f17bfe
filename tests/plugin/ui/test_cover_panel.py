"""The land-cover panel draws the state and turns what the user does into verbs of the session."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from qgis.PyQt.QtCore import QLocale, QPoint, Qt
from qgis.PyQt.QtWidgets import QAction, QApplication, QFileDialog, QInputDialog

from rasterscribe.models.classes import COLOURS, PRESETS
from rasterscribe.models.protocol import ClassArea, CoverReply, ExplainReply
from rasterscribe.plugin.area_state import AreaKind, ClassList, Covered, Refused, TextState
from rasterscribe.plugin.area_verbs import Place
from rasterscribe.plugin.run_state import Run
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import State
from rasterscribe.plugin.ui.click_panel import ClickPanel
from rasterscribe.plugin.ui.cover_panel import CoverPanel
from rasterscribe.tests.plugin.fake_client import FakeClient
from rasterscribe.tests.plugin.ui.fake_session import READY, FakeSession, shown, with_area, with_jobs

AREAS = (ClassArea("woodland", 10, 1000.0, 0.2), ClassArea("water", 39, 3_999_000.0, 0.7999), ClassArea("road", 1, 0.5, 0.0001))
COVERED = Covered(CoverReply("maps/cover.tif", "", AREAS, "text", "d", 73.0), True, "layer2", ("#1b7837", "#2f8fdd", "#7a6a8f"))
NOTHING = Covered(CoverReply("maps/cover.tif", "", (ClassArea("water", 0, 0.0, 0.0),), "text", "d", 1.0))
MEANINGS = {"building": "building", "woodland": "forest", "water": "water", "xyzzy": ""}


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def panel(session: FakeSession, qtbot, qgis_new_project) -> CoverPanel:
    QLocale.setDefault(QLocale("en_GB"))
    panel = CoverPanel(session)
    qtbot.addWidget(panel)
    draw(panel, session)
    return panel


def with_cover(state: State = READY, **changes: Any) -> State:
    return with_jobs(state, cover=dataclasses.replace(state.jobs.cover, **changes))


def draw(panel: CoverPanel, session: FakeSession, state: State = READY, **cover: Any) -> None:
    session.state = with_cover(state, **{"meanings": MEANINGS, **cover})
    panel.render(session.state)


def rows(panel: CoverPanel) -> list[str]:
    return panel.classes.rows.classes


def swatch_of(panel: CoverPanel, row: int) -> str:
    return panel.classes.rows.item(row).icon().pixmap(8, 8).toImage().pixelColor(4, 4).name()


# -- the class list


def test_a_preset_is_taken_over(panel: CoverPanel, session: FakeSession) -> None:
    lists = panel.classes.lists.lists
    assert lists.currentText() == "Choose a list"
    lists.setCurrentIndex(lists.findText("Farmland"))
    lists.activated.emit(lists.currentIndex())
    assert session.calls == [("cover.set_classes", PRESETS["farmland"])]


def test_the_list_that_the_classes_make_up_is_named(panel: CoverPanel, session: FakeSession) -> None:
    picker = panel.classes.lists
    draw(panel, session, classes=PRESETS["aerial"])
    assert picker.lists.currentText() == "Aerial images (LandCover.ai)" and not picker.delete.isEnabled()
    draw(panel, session, classes=("water", "building"))
    assert picker.lists.currentText() == "Not saved" and picker.save.isEnabled()
    draw(panel, session, classes=("water", "building"), lists=(ClassList("mine", ("water", "building")),))
    assert picker.lists.currentText() == "mine" and picker.delete.isEnabled() and not picker.save.isEnabled()


def test_an_own_list_is_saved_under_a_name_and_deleted(panel: CoverPanel, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(panel, session, classes=("water",))
    for answer in (("", True), ("coast", False), ("coast", True)):
        monkeypatch.setattr(QInputDialog, "getText", lambda *_arguments, answer=answer: answer)
        panel.classes.lists.save.click()
    draw(panel, session, classes=("water",), lists=(ClassList("coast", ("water",)),))
    panel.classes.lists.delete.click()
    assert session.calls == [("cover.save_list", "coast"), ("cover.delete_list", "coast")]


def test_each_class_has_its_colour_and_an_unknown_one_a_warning(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, classes=("building", "woodland", "xyzzy"))
    assert rows(panel) == ["building", "woodland", "xyzzy"]
    assert [swatch_of(panel, row) for row in (0, 1)] == [COLOURS["building"], COLOURS["forest"]]
    assert "forest" in panel.classes.rows.item(1).toolTip() and "Not a known" in panel.classes.rows.item(2).toolTip()
    assert not panel.run.run.isEnabled() and "not known" in panel.run.line.text()


def test_classes_of_one_kind_have_different_colours(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, classes=("woodland", "taiga"), meanings={"woodland": "forest", "taiga": "forest"})
    assert swatch_of(panel, 0) != swatch_of(panel, 1)


def test_a_class_is_moved_up_and_down_and_taken_along_by_the_selection(panel: CoverPanel, session: FakeSession) -> None:
    editor = panel.classes
    draw(panel, session, classes=("building", "woodland", "water"))
    assert not any(button.isEnabled() for button in (editor.up, editor.down, editor.drop))
    editor.rows.setCurrentRow(1)
    editor.up.click()
    draw(panel, session, classes=("woodland", "building", "water"))
    assert editor.rows.currentRow() == 0 and not editor.up.isEnabled()
    editor.down.click()
    assert session.calls == [
        ("cover.set_classes", ["woodland", "building", "water"]),
        ("cover.set_classes", ["building", "woodland", "water"]),
    ]


def test_a_class_is_removed_by_the_button_and_by_the_key(panel: CoverPanel, session: FakeSession, qtbot) -> None:
    draw(panel, session, classes=("building", "woodland", "water"))
    panel.classes.rows.setCurrentRow(2)
    panel.classes.drop.click()
    qtbot.keyClick(panel.classes.rows, Qt.Key.Key_Delete)
    assert session.calls == [("cover.set_classes", ["building", "woodland"])] * 2
    draw(panel, session, classes=("building", "woodland"))
    assert panel.classes.rows.currentRow() == 1


def test_a_class_that_is_dragged_elsewhere_stays_there(panel: CoverPanel, session: FakeSession, qtbot) -> None:
    draw(panel, session, classes=("building", "woodland", "water"))
    model = panel.classes.rows.model()
    assert model.moveRow(panel.classes.rows.rootIndex(), 0, panel.classes.rows.rootIndex(), 3)
    qtbot.waitUntil(lambda: bool(session.calls))
    assert session.calls == [("cover.set_classes", ["woodland", "water", "building"])]


def test_a_typed_class_is_added_by_enter_and_by_the_button(panel: CoverPanel, session: FakeSession, qtbot) -> None:
    qtbot.keyClicks(panel.classes.word.line, "w")
    draw(panel, session, phrase="woodland")
    qtbot.keyClick(panel.classes.word.line, Qt.Key.Key_Return)
    panel.classes.add.click()
    assert session.calls == [("cover.type", "w"), ("cover.add", "woodland"), ("cover.add", "woodland")]


@pytest.mark.parametrize(
    ("refused", "says"),
    [
        (Refused("forst", "", ("forest", "port")), "not a known class"),
        (Refused("water", "water"), "in the list already"),
        (Refused("house", "building"), "the same class as <b>building</b>"),
        (Refused("<i>", ""), "&lt;i&gt;"),
    ],
)
def test_it_says_why_a_class_was_not_added(panel: CoverPanel, session: FakeSession, refused: Refused, says: str) -> None:
    assert not shown(panel, panel.classes.said)
    draw(panel, session, refused=refused)
    assert shown(panel, panel.classes.said) and says in panel.classes.said.text()


def test_a_known_word_instead_is_added_by_a_click(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, refused=Refused("forst", "", ("forest",)))
    panel.classes.said.linkActivated.emit("forest")
    assert 'href="forest"' in panel.classes.said.text() and session.calls == [("cover.add", "forest")]


# -- running


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (READY, "Choose a class list, or add a class."),
        (with_cover(classes=("other",)), "Add a class: what is left over is nothing to map by itself."),
        (dataclasses.replace(with_cover(classes=("water",)), raster=None), "Choose a raster first."),
        (with_area(with_cover(classes=("water",)), kind=AreaKind.RECTANGLE), "Draw the rectangle to search."),
        (with_jobs(with_cover(classes=("water",)), text=TextState(run=Run())), "Another job is running."),
    ],
)
def test_what_cannot_be_run_is_not_run(panel: CoverPanel, session: FakeSession, state: State, says: str) -> None:
    panel.render(state)
    assert not panel.run.run.isEnabled() and panel.run.line.text() == says


def test_it_is_run_and_cancelled(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, classes=("water",))
    panel.run.run.click()
    draw(panel, session, classes=("water",), run=Run(1, 4, "Looking at the area"), covered=COVERED)
    assert not shown(panel, panel.card)
    panel.run.cancel.click()
    assert session.calls == [("cover.run",), ("cover.cancel",)]


def test_polygons_and_how_exact_they_are_is_chosen(panel: CoverPanel, session: FakeSession) -> None:
    row = panel.polygons
    assert row.wanted.isChecked() and row.simplify.value() == 1.0
    row.simplify.setValue(2.5)
    row.wanted.click()
    draw(panel, session, polygons=False, simplify=0.0)
    assert not row.simplify.isEnabled() and row.simplify.text() == "exact borders"
    assert session.calls == [("cover.set_simplify", 2.5), ("cover.set_polygons", False)]


# -- the result


def test_areas_are_said_in_the_unit_that_reads_best_the_largest_first(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, covered=COVERED)
    assert panel.card.headline.text() == "4.00 km² mapped" and panel.run.line.text() == "Choose a class list, or add a class."
    assert [(bar.name, bar.area, bar.percent, bar.colour) for bar in panel.card.chart.bars] == [
        ("water", "4.00 km²", "80 %", "#2f8fdd"),
        ("woodland", "1,000 m²", "20 %", "#1b7837"),
        ("road", "0.50 m²", "< 0.1 %", "#7a6a8f"),
    ]


def test_the_order_of_the_list_is_a_click_away(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, covered=COVERED)
    panel.card.by_area.click()
    draw(panel, session, covered=COVERED, by_area=False)
    assert [bar.name for bar in panel.card.chart.bars] == ["woodland", "water", "road"]
    assert session.calls == [("cover.sort_by_area", False)] and not panel.card.by_area.isChecked()


def test_without_a_crs_areas_are_square_pixels(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, covered=dataclasses.replace(COVERED, metric=False))
    assert panel.card.chart.bars[0].area == "3,999,000 px²" and "px²" in panel.card.headline.text()


def test_where_nothing_was_mapped_it_says_so(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, covered=NOTHING)
    assert panel.card.headline.text() == "Nothing mapped" and "no data" in panel.card.advice.text()
    assert not any(shown(panel, widget) for widget in (panel.card.chart, panel.card.copy, panel.card.export))


def test_before_the_first_run_there_is_no_result(panel: CoverPanel) -> None:
    assert not shown(panel, panel.card)


def test_the_table_is_copied_for_a_spreadsheet(panel: CoverPanel, session: FakeSession) -> None:
    draw(panel, session, covered=COVERED)
    panel.card.copy.click()
    lines = QApplication.clipboard().text().splitlines()
    assert lines[:2] == ["class\tpixels\tarea_m2\tshare", "water\t39\t3999000.00\t0.799900"]


def test_the_table_is_exported_to_a_file_of_its_kind(panel: CoverPanel, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(panel, session, covered=COVERED)
    proposed: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: (proposed.append(arguments[2]), ("areas", ""))[1])
    panel.card.export.click()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments: ("", ""))
    panel.card.export.click()
    assert proposed == ["maps/cover.csv"] and session.calls == [("cover.export_areas", "areas.csv")]


# -- all of it


def test_no_verb_is_called_by_drawing(panel: CoverPanel, session: FakeSession, qtbot) -> None:
    for state in (with_cover(classes=("water", "road"), covered=COVERED, simplify=3.0, polygons=False), with_cover(run=Run()), READY):
        panel.render(state)
    qtbot.wait(10)
    assert session.calls == []


def test_it_needs_no_wider_dock_than_clicking_does(panel: CoverPanel, session: FakeSession) -> None:
    widest = ClickPanel(session, QAction("Click objects")).minimumSizeHint().width()
    long = "Supercalifragilisticexpialidocious " * 3
    for changes in ({"classes": (long,), "covered": COVERED, "path": "/a" * 90}, {"refused": Refused(long, "", (long,))}, {"run": Run()}):
        draw(panel, session, **changes)
        assert panel.minimumSizeHint().width() <= widest


def test_from_typing_a_class_to_its_area(qtbot, qgis_new_project) -> None:
    """With the real session; who knows maps is played by the test: it says where the area is."""
    client = FakeClient()
    session = Session(client, READY)
    panel = CoverPanel(session)
    qtbot.addWidget(panel)
    session.changed.connect(panel.render)
    session.area.wanted.connect(lambda wish: wish.ready(Place(READY.raster)))
    qtbot.keyClicks(panel.classes.word.line, "woodland")
    qtbot.keyClick(panel.classes.word.line, Qt.Key.Key_Return)
    client.answer("explain", ExplainReply({"queries": [{"class": "forest"}]}, "forest", True))
    assert rows(panel) == ["woodland"] and panel.classes.word.line.text() == ""
    qtbot.mouseClick(panel.run.run, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert client.requests("cover")[-1].classes == ("woodland",) and shown(panel, panel.run.cancel)
    client.answer("cover")
    assert [bar.name for bar in panel.card.chart.bars] == ["water", "forest"] and panel.run.line.text() == "Took 3.0 s."
