"""What the user waits for, in words."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

from .state import Engine, State


def wait_words(state: State, *, handing_on: bool, opening: bool, outlining: bool, looking: bool) -> str:
    """The most telling of the things under way, "" when idle."""
    waits = (
        (handing_on, _tr("Making the table")),
        (state.engine is Engine.STARTING, _tr("Starting the engine")),
        (opening, _tr("Opening the raster")),
        (outlining, _tr("Outlining")),
        (looking, _tr("Reading the view")),
        (bool(state.raster and not state.raster.path and not state.problem), _tr("Preparing the layer")),
    )
    return next((words for waiting, words in waits if waiting), "")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Waits", text)
