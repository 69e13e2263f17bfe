"""The row on top of the dock turns to another job and remembers which."""

from __future__ import annotations

import pytest

from rasterscribe.plugin.area_state import Panel
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.ui.modes import Modes
from rasterscribe.tests.plugin.fake_client import FakeClient


def test_a_button_turns_to_its_job(session: Session, qtbot) -> None:
    modes = Modes(session, (Panel.CLICK, Panel.TEXT))
    qtbot.addWidget(modes)
    modes.render(session.state)
    assert modes.buttons[Panel.CLICK].isChecked()
    modes.buttons[Panel.TEXT].click()
    assert session.state.jobs.panel is Panel.TEXT


def test_with_one_job_there_is_nothing_to_choose(session: Session, qtbot) -> None:
    modes = Modes(session, (Panel.CLICK,))
    qtbot.addWidget(modes)
    assert modes.isHidden()


@pytest.mark.parametrize("panel", [Panel.TEXT, Panel.CLICK])
def test_the_dock_shows_the_panel_that_was_chosen_and_no_other(running: Plugin, panel: Panel) -> None:
    dock = running.dock
    dock.modes.buttons[panel].click()
    assert [one for one, widget in dock.panels.items() if widget.isVisibleTo(dock)] == [panel]


def test_the_job_is_remembered(running: Plugin, qgis_iface) -> None:
    running.dock.modes.buttons[Panel.TEXT].click()
    running.unload()
    again = Plugin(qgis_iface, FakeClient())
    again.initGui()
    assert again.session.state.jobs.panel is Panel.TEXT and again.dock.modes.buttons[Panel.TEXT].isChecked()
    again.unload()
    running.initGui()
