"""The change panel draws the state and turns what the user does into verbs of the session."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtWidgets import QAction

from rasterscribe.models.classes import CLASSES, MAPPED
from rasterscribe.models.protocol import METHODS, ChangeReply, FromTo, PairReply, Shift
from rasterscribe.plugin.area_state import AreaKind, TextState
from rasterscribe.plugin.change_state import Compared, MapChoice, MapUse
from rasterscribe.plugin.problems import problem_of
from rasterscribe.plugin.run_state import Run
from rasterscribe.plugin.state import State
from rasterscribe.plugin.ui.change_panel import ChangePanel
from rasterscribe.plugin.ui.click_panel import ClickPanel
from rasterscribe.tests.plugin.ui.fake_session import READY, FakeSession, shown, with_area, with_change, with_jobs

PAIR = PairReply("2012-07-31", "2020", 0.5, 0.5, 0.92, Shift(1.2, -0.5, 0.65, 0.5, True))
MATRIX = (FromTo("field", "water", 2, 25_000.0), FromTo("background", "building", 3, 600.0), FromTo("building", "background", 1, 90.0))
REPLY = ChangeReply(
    "maps/change.gpkg", 6, (), MATRIX, None, 40_000.0, 9_000.0, "combined", "2012-07-31", "2020", "", ("Hazy.",), "m", "d", 73.0
)
COMPARED = Compared(REPLY, True, "layer9", (0.3, 0.5, 0.7, 0.8, 0.9, 0.9), (9.0,) * 6, 5, False, MATRIX)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(with_change(before_id="layer0", before_name="old"))


@pytest.fixture
def panel(session: FakeSession, qtbot, qgis_new_project) -> ChangePanel:
    QLocale.setDefault(QLocale("en_GB"))
    panel = ChangePanel(session)
    qtbot.addWidget(panel)
    draw(panel, session)
    return panel


@pytest.fixture
def parcels(qgis_new_project) -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32645&field=name:string&field=landuse:string", "parcels", "memory")
    QgsProject.instance().addMapLayer(layer)
    return layer


def draw(panel: ChangePanel, session: FakeSession, state: State = READY, **change: Any) -> None:
    session.state = with_change(state, **{"before_id": "layer0", "before_name": "old", **change})
    panel.render(session.state)


# -- the two rasters


def test_a_raster_before_is_chosen_and_swapped_with_the_one_after(panel: ChangePanel, session: FakeSession, tmp_path) -> None:
    QgsProject.instance().addMapLayer(QgsRasterLayer(str(tmp_path / "old.tif"), "old"))
    before = panel.pair.before
    assert before.currentText() == "Choose…"
    before.setCurrentIndex(before.findText("old"))
    before.activated.emit(before.currentIndex())
    panel.pair.swap.click()
    layer = before.currentLayer()
    assert session.calls == [("change.choose_before", layer.id(), "old"), ("change.swap",)]


def test_what_is_not_there_cannot_be_swapped(panel: ChangePanel, session: FakeSession) -> None:
    for state in (with_change(before_id=""), dataclasses.replace(with_change(before_id="layer0"), raster=None)):
        panel.render(state)
        assert not panel.pair.swap.isEnabled()


def test_dates_are_as_found_until_they_are_corrected(panel: ChangePanel, session: FakeSession, qtbot) -> None:
    draw(panel, session, pair=PAIR, after_date="2021-05")
    field = panel.pair.before_date
    assert (field.text(), panel.pair.after_date.text()) == ("2012-07-31", "2021-05")
    field.selectAll()
    qtbot.keyClicks(field, "2011.6")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.calls == [("change.set_dates", "2011-06", "2021-05")] and field.text() == "2011-06"


def test_a_date_that_is_emptied_is_read_from_the_file_again(panel: ChangePanel, session: FakeSession, qtbot) -> None:
    draw(panel, session, pair=PAIR, after_date="2021-05")
    panel.pair.after_date.clear()
    qtbot.keyClick(panel.pair.after_date, Qt.Key.Key_Return)
    assert session.calls == [("change.set_dates", "", "")] and panel.pair.after_date.text() == "2020"


def test_how_the_two_lie_is_said_in_one_line(panel: ChangePanel, session: FakeSession) -> None:
    draw(panel, session, before_id="")
    assert not shown(panel, panel.lie)
    draw(panel, session)
    assert shown(panel, panel.lie) and "not known yet" in panel.lie.words.text()
    draw(panel, session, pair=PAIR)
    assert panel.lie.words.text() == "0.5 m, overlap 92 %, 1.3 px (0.65 m) apart, corrected"
    assert not shown(panel, panel.lie.swap) and not panel.lie.words.styleSheet()


def test_what_cannot_be_corrected_is_a_warning(panel: ChangePanel, session: FakeSession) -> None:
    draw(panel, session, pair=dataclasses.replace(PAIR, shift=Shift(6.0, 0.0, 3.0, 1.0, False), notes=("Other seasons.",)))
    assert "too far" in panel.lie.words.text() and panel.lie.words.styleSheet() and panel.lie.notes.text() == "Other seasons."


def test_in_the_wrong_order_a_button_swaps_them(panel: ChangePanel, session: FakeSession) -> None:
    draw(panel, session, pair_problem=problem_of("pair.order", before="2020", after="2012"))
    assert (panel.pair.before_date.text(), panel.pair.after_date.text()) == ("2020", "2012")
    assert "2020" in panel.lie.words.text() and not panel.run.run.isEnabled() and "see above" in panel.run.line.text()
    panel.lie.swap.click()
    assert session.calls == [("change.swap",)]
    draw(panel, session, pair_problem=problem_of("pair.apart"))
    assert not shown(panel, panel.lie.swap) and "share no ground" in panel.lie.words.text()


# -- the existing map


def test_the_map_is_folded_until_it_is_used(panel: ChangePanel, session: FakeSession, parcels: QgsVectorLayer) -> None:
    assert not shown(panel, panel.map.layer) and panel.map.summary.text() == "none"
    draw(panel, session, old_map=MapChoice(MapUse.WITNESS, parcels.id(), "landuse"))
    assert shown(panel, panel.map.layer) and panel.map.classes.currentText() == "Field landuse"
    panel.map.button.click()
    draw(panel, session, old_map=MapChoice(MapUse.WITNESS, parcels.id(), "name"))
    assert not shown(panel, panel.map.layer) and panel.map.summary.text() == "parcels"


@pytest.mark.parametrize(("before_id", "use"), [("layer0", MapUse.WITNESS), ("", MapUse.ALONE)])
def test_a_map_stands_beside_the_image_before_or_in_its_place(panel, session, parcels, before_id: str, use: MapUse) -> None:
    draw(panel, session, before_id=before_id)
    combo = panel.map.layer
    combo.setCurrentIndex(combo.findText("parcels"))
    combo.activated.emit(combo.currentIndex())
    assert session.calls == [("change.choose_map", MapChoice(use, parcels.id()))]


def test_classes_come_from_a_field_or_are_one_for_all(panel: ChangePanel, session: FakeSession, parcels: QgsVectorLayer) -> None:
    choice = MapChoice(MapUse.WITNESS, parcels.id())
    draw(panel, session, old_map=choice)
    assert panel.map.classes.currentText() == "Choose a field or a class" and "which classes" in panel.run.line.text()
    for words in ("Field landuse", "All are building"):
        panel.map.classes.setCurrentIndex(panel.map.classes.findText(words))
        panel.map.classes.activated.emit(0)
    panel.map.use.setCurrentIndex(1)
    panel.map.use.activated.emit(1)
    assert [call[1] for call in session.calls] == [
        dataclasses.replace(choice, field="landuse"),
        dataclasses.replace(choice, class_name="building"),
        dataclasses.replace(choice, use=MapUse.ALONE),
    ]


def test_with_the_map_alone_no_raster_before_is_asked_for(panel: ChangePanel, session: FakeSession, parcels: QgsVectorLayer) -> None:
    draw(panel, session, before_id="", old_map=MapChoice(MapUse.ALONE, parcels.id(), "", "building"))
    assert not panel.pair.before.isEnabled() and panel.run.run.isEnabled() and not shown(panel, panel.lie)


def test_the_map_is_taken_back(panel: ChangePanel, session: FakeSession, parcels: QgsVectorLayer) -> None:
    draw(panel, session, old_map=MapChoice(MapUse.WITNESS, parcels.id(), "landuse"))
    panel.map.layer.setCurrentIndex(0)
    panel.map.layer.activated.emit(0)
    assert session.calls == [("change.choose_map", MapChoice())]


# -- what to look for


def chosen(panel: ChangePanel) -> list[str]:
    return [name for name, chip in panel.classes.chips.items() if chip.isChecked()]


def test_what_people_map_is_looked_for_unless_told_otherwise(panel: ChangePanel, session: FakeSession) -> None:
    assert set(chosen(panel)) == set(MAPPED) and set(panel.classes.chips) == set(CLASSES) and not shown(panel, panel.classes.usual)
    panel.classes.chips["car"].click()
    draw(panel, session, classes=("water", "car"))
    assert chosen(panel) == ["water", "car"]
    panel.classes.usual.click()
    assert session.calls == [
        ("change.set_classes", tuple(name for name in CLASSES if name in (*MAPPED, "car"))),
        ("change.set_classes", ()),
    ]


def test_one_class_at_least_stays_on(panel: ChangePanel, session: FakeSession) -> None:
    draw(panel, session, classes=("water",))
    panel.classes.chips["water"].click()
    assert chosen(panel) == ["water"] and session.calls == []


def test_another_word_for_a_class_has_a_chip_while_it_is_chosen(panel: ChangePanel, session: FakeSession) -> None:
    draw(panel, session, classes=("houses",))
    assert chosen(panel) == ["houses"] and shown(panel, panel.classes.chips["houses"])
    draw(panel, session)
    assert not shown(panel, panel.classes.chips["houses"])


def test_a_method_that_tells_no_classes_asks_for_none(panel: ChangePanel, session: FakeSession) -> None:
    draw(panel, session, method="irmad")
    assert not panel.classes.chips["water"].isEnabled() and panel.classes.label.text() == "Looking for any change"


# -- how sure, how large, and what rarely needs a choice


def test_sensitivity_to_the_right_shows_more(panel: ChangePanel, session: FakeSession) -> None:
    draw(panel, session, threshold=0.6, min_area=20.0)
    slider = panel.sensitivity.slider
    assert slider.value() == 40 and panel.sensitivity.words.text() == "from 60 %"
    slider.setValue(slider.maximum())
    panel.min_area.setValue(50.0)
    assert session.calls == [("change.set_filter", 0.25, 20.0), ("change.set_filter", 0.6, 50.0)]


def test_every_method_is_there_with_a_sentence_that_says_when(panel: ChangePanel, session: FakeSession) -> None:
    picker = panel.more.method
    assert [picker.itemData(row) for row in range(picker.count())] == ["", *METHODS]
    assert all(picker.itemData(row, Qt.ItemDataRole.ToolTipRole) for row in range(picker.count()))
    picker.activated.emit(picker.findData("irmad"))
    picker.setCurrentIndex(picker.findData("irmad"))
    picker.activated.emit(picker.currentIndex())
    draw(panel, session, method="irmad")
    assert session.calls[-1] == ("change.choose_method", "irmad") and "IR-MAD" in panel.more.summary.text()


def test_more_is_unfolded_by_its_button(panel: ChangePanel, session: FakeSession) -> None:
    assert not shown(panel, panel.more.refine)
    panel.more.button.click()
    panel.more.refine.click()
    panel.more.probability.click()
    panel.more.review.click()
    assert shown(panel, panel.more.refine)
    assert session.calls == [("change.set_refine", False), ("change.set_probability", True), ("review.start",)]


# -- running


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (with_change(), "Choose the raster before, or an existing map."),
        (dataclasses.replace(with_change(before_id="layer0"), raster=None), "Choose a raster first."),
        (with_area(with_change(before_id="layer0"), kind=AreaKind.RECTANGLE), "Draw the rectangle to search."),
        (with_jobs(with_change(before_id="layer0"), text=TextState(run=Run())), "Another job is running."),
    ],
)
def test_what_cannot_be_run_is_not_run(panel: ChangePanel, session: FakeSession, state: State, says: str) -> None:
    panel.render(state)
    assert not panel.run.run.isEnabled() and panel.run.line.text() == says


def test_it_is_run_and_cancelled(panel: ChangePanel, session: FakeSession) -> None:
    panel.run.run.click()
    draw(panel, session, run=Run(1, 4, "Looking at the area", 200.0), compared=COMPARED)
    assert not shown(panel, panel.card) and panel.run.line.text() == "Looking at the area · about 3 minutes left"
    panel.run.cancel.click()
    assert session.calls == [("change.run",), ("change.cancel",)]


# -- all of it


def test_no_verb_is_called_by_drawing(panel: ChangePanel, session: FakeSession, parcels: QgsVectorLayer, qtbot) -> None:
    used = MapChoice(MapUse.WITNESS, parcels.id(), "landuse")
    states = (
        with_change(pair=PAIR, threshold=0.3, min_area=7.0, method="cva", refine=False, old_map=used, compared=COMPARED),
        with_change(run=Run()),
        READY,
    )
    for state in states:
        panel.render(state)
    qtbot.wait(10)
    assert session.calls == []


def test_it_needs_no_wider_dock_than_clicking_does(panel: ChangePanel, session: FakeSession, parcels: QgsVectorLayer) -> None:
    widest = ClickPanel(session, QAction("Click objects")).minimumSizeHint().width()
    long = "Supercalifragilisticexpialidocious " * 3
    parcels.setName(long)
    panel.more.button.click()
    for changes in (
        {"classes": (long,), "compared": COMPARED, "path": "/a" * 90},
        {"pair_problem": problem_of("pair.order", before=long, after=long)},
        {"old_map": MapChoice(MapUse.WITNESS, parcels.id(), long)},
        {"run": Run()},
    ):
        draw(panel, session, **changes)
        assert panel.minimumSizeHint().width() <= widest
