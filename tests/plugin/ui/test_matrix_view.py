"""The matrix shows what became what, and says each cell in words."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QLocale, QPoint, Qt
from qgis.PyQt.QtGui import QColor

from rasterscribe.models.classes import KIND_COLOURS
from rasterscribe.models.protocol import FromTo
from rasterscribe.plugin.ui.matrix_view import MatrixView

CELLS = (
    FromTo("background", "building", 3, 600.0),
    FromTo("field", "building", 1, 100.0),
    FromTo("field", "water", 2, 25_000.0),
    FromTo("building", "background", 1, 90.0),
)


@pytest.fixture
def matrix(qtbot) -> MatrixView:
    QLocale.setDefault(QLocale("en_GB"))
    matrix = MatrixView()
    qtbot.addWidget(matrix)
    matrix.set_matrix(CELLS, True)
    matrix.resize(400, matrix.sizeHint().height())
    return matrix


def middle(matrix: MatrixView, row: int, column: int) -> QPoint:
    grid = matrix._grid()
    x = grid.left() + (column + 0.5) * grid.width() / len(matrix.columns)
    return QPoint(round(x), round(grid.top() + (row + 0.5) * grid.height() / len(matrix.rows)))


def paper(matrix: MatrixView, row: int, column: int) -> QColor:
    """The colour of a cell, beside its words."""
    at = middle(matrix, row, column)
    return matrix.grab().toImage().pixelColor(at.x(), at.y() - 8)


def test_rows_are_before_and_columns_after_with_what_is_left_over_last(matrix: MatrixView) -> None:
    assert matrix.rows == ("field", "building", "background") and matrix.columns == ("water", "building", "background")


def test_a_cell_has_the_colour_of_its_kind(matrix: MatrixView) -> None:
    became, appeared, gone, none = paper(matrix, 0, 0), paper(matrix, 2, 1), paper(matrix, 1, 2), paper(matrix, 1, 1)
    assert abs(became.hue() - QColor(KIND_COLOURS["changed"]).hue()) < 8
    assert abs(appeared.hue() - QColor(KIND_COLOURS["appeared"]).hue()) < 8
    assert abs(gone.hue() - QColor(KIND_COLOURS["disappeared"]).hue()) < 8 and none.saturation() < 10


def test_the_larger_area_is_the_stronger_colour(matrix: MatrixView) -> None:
    assert paper(matrix, 2, 1).saturation() > paper(matrix, 0, 1).saturation() > 10


def test_a_cell_says_what_it_holds(matrix: MatrixView, qtbot) -> None:
    assert matrix.said("background", "building") == "other → building: 600 m², changes: 3"
    assert matrix._line() == "Rows: before. Columns: after. In ha."
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=middle(matrix, 0, 0))
    assert matrix._line() == "field → water: 2.50 ha, changes: 2"


def test_the_arrow_keys_walk_over_the_cells_and_stop_at_the_edge(matrix: MatrixView, qtbot) -> None:
    walk = (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down)
    places = []
    for key in walk:
        qtbot.keyClick(matrix, key)
        places.append(matrix.current)
    assert places == [(0, 0), (0, 1), (1, 1), (2, 1), (2, 1)] and "600 m²" in matrix.accessibleDescription()


def test_beside_the_cells_there_is_none(matrix: MatrixView) -> None:
    assert matrix.cell_at(2, 2) is None and matrix.cell_at(395, matrix.height() - 2) is None
    inside = middle(matrix, 2, 2)
    assert matrix.cell_at(inside.x(), inside.y()) == (2, 2)


def test_where_it_is_narrow_the_heads_stand_upright_and_all_has_room(matrix: MatrixView) -> None:
    wide = matrix.grab().height()
    assert not matrix._upright()
    matrix.resize(130, wide)
    assert matrix.grab().height() > wide and matrix._upright() and matrix._grid().right() <= 130


def test_without_a_crs_areas_are_square_pixels(matrix: MatrixView) -> None:
    matrix.set_matrix(CELLS, False)
    assert matrix.said("field", "building") == "field → building: 100 px², changes: 1" and "px²" in matrix._line()


def test_an_empty_matrix_draws(matrix: MatrixView) -> None:
    matrix.set_matrix((), True)
    assert matrix.rows == () and not matrix.grab().isNull()
