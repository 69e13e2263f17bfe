"""Colours follow the theme: a palette, or a style sheet as QGIS's dark themes are."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtGui import QColor, QPalette
from qgis.PyQt.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from rasterscribe.plugin.ui.class_chips import Chip
from rasterscribe.plugin.ui.colours import faint, ink, is_dark, warning

NIGHT = "QWidget { background: transparent; } QLabel { color: #aaaaaa; }"


def dark_text(widget: QWidget) -> None:
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.WindowText, QColor("#535353"))
    widget.setPalette(palette)


@pytest.mark.parametrize("make", [QWidget, QLabel, lambda: Chip("road", "#ff0000")])
def test_a_theme_that_is_a_style_sheet_is_as_dark_as_its_labels(qtbot, make) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    dark_text(page)
    column, widget = QVBoxLayout(page), make()
    column.addWidget(widget)
    assert not is_dark(widget)
    light = warning(widget)
    page.setStyleSheet(NIGHT)
    assert ink(widget).name() == "#aaaaaa" and is_dark(widget) and warning(widget) != light


def test_without_a_style_sheet_the_palette_counts(qtbot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    dark_text(widget)
    assert ink(widget).name() == "#535353" and faint(widget, 0.5).alpha() == 128


def test_asking_leaves_nothing_to_see(qtbot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    for _ in range(3):
        ink(widget)
    QApplication.processEvents()
    assert [label.isVisible() for label in widget.findChildren(QLabel)] == [False]
