"""The area picker shows where a job looks and has the session change it."""

from __future__ import annotations

from typing import Any

import pytest
from qgis.core import QgsProject, QgsVectorLayer

from rasterscribe.plugin.area_state import Area, AreaKind
from rasterscribe.plugin.ui.area_picker import AreaPicker
from rasterscribe.tests.plugin.ui.fake_session import READY, FakeSession, with_area


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def blocks(qgis_new_project) -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32645", "blocks", "memory")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def picker(session: FakeSession, blocks: QgsVectorLayer, qtbot) -> AreaPicker:
    picker = AreaPicker(session)
    qtbot.addWidget(picker)
    picker.render(READY)
    return picker


def extras(picker: AreaPicker) -> list[str]:
    return [name for name in ("layer", "words", "draw", "rectangle") if getattr(picker, name).isVisibleTo(picker)]


def choose(combo: Any, row: int) -> None:
    combo.setCurrentIndex(row)
    combo.activated.emit(row)


def test_it_starts_with_what_the_map_shows(picker: AreaPicker, session: FakeSession) -> None:
    assert picker.kind.currentText() == "Visible extent"
    assert extras(picker) == [] and session.calls == []


@pytest.mark.parametrize("row, kind", list(enumerate(AreaKind)))
def test_each_kind_of_area_can_be_chosen(picker: AreaPicker, session: FakeSession, row: int, kind: AreaKind) -> None:
    choose(picker.kind, row)
    assert session.calls == [("area.choose_kind", kind)]


def test_a_layer_is_chosen_where_its_polygons_are_the_area(picker: AreaPicker, session: FakeSession, blocks: QgsVectorLayer) -> None:
    picker.render(with_area(kind=AreaKind.SELECTED))
    assert extras(picker) == ["layer"] and picker.layer.currentLayer() is None
    choose(picker.layer, 1)
    assert session.calls == [("area.choose_layer", blocks.id())]
    picker.render(with_area(kind=AreaKind.SELECTED, layer_id=blocks.id()))
    assert picker.layer.currentLayer() == blocks and len(session.calls) == 1


def test_it_tells_which_polygons_that_is(picker: AreaPicker) -> None:
    picker.render(with_area(kind=AreaKind.SELECTED, layer_id="layer2", words="Selected polygons: 3"))
    assert extras(picker) == ["layer", "words"] and picker.words.text() == "Selected polygons: 3"


def test_a_rectangle_is_drawn_and_can_be_drawn_again(picker: AreaPicker, session: FakeSession) -> None:
    picker.render(with_area(kind=AreaKind.RECTANGLE))
    assert extras(picker) == ["draw", "rectangle"] and picker.rectangle.text() == "Nothing drawn yet"
    picker.draw.click()
    assert session.calls == [("area.draw_rectangle",)]
    picker.render(with_area(kind=AreaKind.RECTANGLE, rectangle=(0, 0, 20, 10)))
    assert picker.draw.text() == "Draw again" and picker.rectangle.text() == "Drawn on the map"


def test_it_knows_what_an_area_lacks(picker: AreaPicker) -> None:
    assert "layer" in picker.lacks(Area(AreaKind.SELECTED)) and "rectangle" in picker.lacks(Area(AreaKind.RECTANGLE))
    there = (Area(), Area(AreaKind.WHOLE), Area(AreaKind.SELECTED, "layer1"), Area(AreaKind.RECTANGLE, rectangle=(0, 0, 1, 1)))
    assert [picker.lacks(area) for area in there] == ["", "", "", ""]
