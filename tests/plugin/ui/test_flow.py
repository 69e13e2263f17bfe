"""Widgets flow like words: into the next line where there is no room, and no wider than the room there is."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtWidgets import QWidget

from rasterscribe.plugin.ui.flow import FlowLayout


class Block(QWidget):
    """100 x 20 pixels, and 30 x 20 where it must."""

    def sizeHint(self) -> QSize:
        return QSize(100, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(30, 20)


@pytest.fixture
def page(qtbot) -> QWidget:
    """With three blocks."""
    page = QWidget()
    qtbot.addWidget(page)
    flow = FlowLayout(page, gap=10)
    for _ in range(3):
        flow.addWidget(Block())
    page.show()
    return page


def places(page: QWidget, width: int) -> list[tuple[int, int, int]]:
    """x, y and width of each block."""
    page.resize(width, 300)
    page.layout().activate()
    blocks = [page.layout().itemAt(i).widget() for i in range(page.layout().count())]
    return [(block.x(), block.y(), block.width()) for block in blocks if not block.isHidden()]


def test_they_stand_beside_each_other_as_far_as_there_is_room(page: QWidget) -> None:
    assert places(page, 320) == [(0, 0, 100), (110, 0, 100), (220, 0, 100)]
    assert places(page, 319) == [(0, 0, 100), (110, 0, 100), (0, 30, 100)]


def test_the_height_follows_from_the_width(page: QWidget) -> None:
    assert [page.heightForWidth(width) for width in (320, 210, 100)] == [20, 50, 80]


def test_in_less_room_than_one_needs_it_gives_way(page: QWidget) -> None:
    assert places(page, 60)[0] == (0, 0, 60) and page.minimumSizeHint() == QSize(30, 20)


def test_what_is_hidden_takes_no_room(page: QWidget) -> None:
    page.layout().itemAt(0).widget().hide()
    assert places(page, 320) == [(0, 0, 100), (110, 0, 100)]
