"""A date is a year, a month or a day, written in any of the ways that put the year first."""

from __future__ import annotations

from typing import Optional

import pytest
from qgis.PyQt.QtGui import QPalette

from rasterscribe.plugin.ui.date_field import DateField, iso_of


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2012", "2012"),
        ("2012-07", "2012-07"),
        (" 2012-07-31 ", "2012-07-31"),
        ("20120731", "2012-07-31"),
        ("201207", "2012-07"),
        ("2012.7.1", "2012-07-01"),
        ("2012/07", "2012-07"),
        ("", ""),
        ("July 2012", None),
        ("31.7.2012", None),
        ("2012-13", None),
        ("2012-02-30", None),
        ("12", None),
    ],
)
def test_what_is_typed_is_read_as_iso(text: str, iso: Optional[str]) -> None:
    assert iso_of(text) == iso


def test_what_is_no_date_is_marked_and_told_to_nobody(qtbot) -> None:
    told: list[str] = []
    field = DateField("Date", told.append)
    qtbot.addWidget(field)
    field.render("", "2012")
    plain = field.palette().color(QPalette.ColorRole.Text).name()
    qtbot.keyClicks(field, "x")
    assert field.text() == "2012x" and field.palette().color(QPalette.ColorRole.Text).name() != plain
    field.editingFinished.emit()
    assert told == [] and field.palette().color(QPalette.ColorRole.Text).name() == plain


def test_who_leaves_a_half_typed_date_finds_the_former_one(qtbot) -> None:
    field = DateField("Date", lambda _iso: None)
    qtbot.addWidget(field)
    field.render("2015-03", "2012")
    field.setText("2015-")
    field.editingFinished.emit()  # without the focus
    assert field.text() == "2015-03"


def test_drawing_does_not_disturb_what_is_being_typed(qtbot) -> None:
    field = DateField("Date", lambda _iso: None)
    qtbot.addWidget(field)
    field.render("", "2012")
    field.setText("20")
    field.render("", "2012")
    assert field.text() == "20"


def test_saying_what_the_file_says_is_no_correction(qtbot) -> None:
    told: list[str] = []
    field = DateField("Date", told.append)
    qtbot.addWidget(field)
    field.render("2015", "2012-07")
    field.setText("2012.07")
    field.editingFinished.emit()
    assert told == [""]
