"""The run bar starts a job, tells how far it is, and stops it."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QLocale, Qt

from rasterscribe.plugin.run_state import Run
from rasterscribe.plugin.ui.run_bar import RunBar


@pytest.fixture
def called() -> list[str]:
    return []


@pytest.fixture
def bar(called: list[str], qtbot) -> RunBar:
    QLocale.setDefault(QLocale("en_GB"))
    bar = RunBar("Find", lambda: called.append("run"), lambda: called.append("cancel"))
    qtbot.addWidget(bar)
    return bar


def shown(bar: RunBar) -> list[str]:
    return [name for name in ("run", "bar", "cancel") if getattr(bar, name).isVisibleTo(bar)]


def test_idle_it_offers_to_run_and_says_how_long_the_last_run_took(bar: RunBar, called: list[str]) -> None:
    bar.render(None, True, "Took 12 s.")
    assert shown(bar) == ["run"] and bar.line.text() == "Took 12 s."
    bar.run.click()
    assert called == ["run"]


def test_what_cannot_be_run_is_not_offered_and_it_says_why(bar: RunBar, called: list[str]) -> None:
    bar.render(None, False, "Choose a raster first.")
    bar.run.click()
    assert called == [] and bar.line.text() == "Choose a raster first."


def test_running_it_tells_how_far_what_and_how_long_yet(bar: RunBar, called: list[str]) -> None:
    bar.render(Run(30, 120, "Looking at the raster", 130), True, so_far="41 found")
    assert shown(bar) == ["bar", "cancel"]
    assert bar.bar.value() / bar.bar.maximum() == 0.25
    assert bar.line.text() == "Looking at the raster · 41 found · about 2 minutes left"
    bar.cancel.click()
    assert called == ["cancel"]


def test_before_anything_is_known_the_bar_only_moves(bar: RunBar) -> None:
    bar.render(Run(), True)
    assert bar.bar.maximum() == 0 and bar.line.text() == "Starting"


def test_a_job_is_cancelled_once(bar: RunBar, called: list[str]) -> None:
    bar.render(Run(30, 120, "Looking", 130, cancelling=True), True)
    bar.cancel.click()
    assert called == [] and "Cancelling" in bar.cancel.text()
    assert "left" not in bar.line.text()
    bar.render(Run(30, 120, "Looking", 130), True)
    assert bar.cancel.text() == "Cancel" and bar.cancel.isEnabled()


def test_the_keyboard_stays_where_the_button_was(bar: RunBar, qtbot) -> None:
    with qtbot.waitExposed(bar):
        bar.show()
    bar.activateWindow()
    bar.render(None, True)
    bar.run.setFocus()
    qtbot.waitUntil(bar.run.hasFocus)
    bar.render(Run(), True)
    assert bar.cancel.hasFocus()
    qtbot.keyClick(bar.cancel, Qt.Key.Key_Space)
    bar.render(None, True)
    assert bar.run.hasFocus()
