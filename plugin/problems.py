"""Every problem that the plugin shows: a stable code, what happened, and what to do about it, in the user's language.

The engine reports problems by code with an English sentence; here each code has a sentence that can be translated. A code
that this version does not know keeps the engine's own words, so a newer engine is still understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.PyQt.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from ..models.protocol import Failure

CONTEXT = "Problem"


@dataclass(frozen=True)
class Problem:
    """One problem as a person reads it. `what` and `remedy` are translated sentences; `details` are for the diagnostics."""

    code: str
    what: str
    remedy: str = ""
    details: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class PluginProblem(Exception):
    """Raised where the plugin cannot go on; `problem` says why. `PluginProblem("target.removed", layer=name)`."""

    def __init__(self, code: str, details: str = "", **facts: Any) -> None:
        self.problem = problem_of(code, details, **facts)
        super().__init__(str(self.problem))


def problem_of(code: str, details: str = "", **facts: Any) -> Problem:
    """The problem of this code; `facts` fill the placeholders of its sentences. An unknown code is an engine fault."""
    what, remedy = SENTENCES.get(code, SENTENCES["engine.fault"])
    return Problem(code, _say(what, facts), _say(remedy, facts), details)


def problem_from(failure: Failure) -> Problem:
    """The engine's failure as a problem to show."""
    english = f"{failure.what} {failure.remedy}".strip()
    details = "\n".join([english, *(f"{name}: {value}" for name, value in failure.data.items())])
    if failure.code not in SENTENCES:
        return Problem(failure.code, failure.what, failure.remedy, details)
    return problem_of(failure.code, details, **failure.data)


def _say(sentence: str, facts: dict[str, Any]) -> str:
    return QCoreApplication.translate(CONTEXT, sentence).format_map(_Facts(facts))


class _Facts(dict):
    """A fact that nobody gave reads as an ellipsis: a problem must never hide behind an error in its own sentence."""

    def __missing__(self, name: str) -> str:
        return "…"


# fmt: off
SENTENCES: dict[str, tuple[str, str]] = {
    # what the engine reports (models/errors.py)
    "raster.missing": (
        QT_TRANSLATE_NOOP("Problem", "The raster's file is not there any more."),
        QT_TRANSLATE_NOOP("Problem", "Put the file back, or choose another raster.")),
    "raster.unreadable": (
        QT_TRANSLATE_NOOP("Problem", "The raster's pixels cannot be read: the file is damaged, cut short or no raster."),
        QT_TRANSLATE_NOOP("Problem", "Copy the file again from its source, or choose another raster.")),
    "raster.bands": (
        QT_TRANSLATE_NOOP("Problem", "The raster does not have the chosen bands."),
        QT_TRANSLATE_NOOP("Problem", "Choose one band or three of those that it has.")),
    "view.empty": (
        QT_TRANSLATE_NOOP("Problem", "The raster has no data here."),
        QT_TRANSLATE_NOOP("Problem", "Click where the raster shows something.")),
    "click.outside": (
        QT_TRANSLATE_NOOP("Problem", "That is outside the raster."),
        QT_TRANSLATE_NOOP("Problem", "Click inside the raster.")),
    "model.missing": (
        QT_TRANSLATE_NOOP("Problem", "The model's weights are not on this computer."),
        QT_TRANSLATE_NOOP("Problem", "Install the plugin again, or choose another model.")),
    "model.damaged": (
        QT_TRANSLATE_NOOP("Problem", "The model's weights file was changed or cut short."),
        QT_TRANSLATE_NOOP("Problem", "Install the plugin again, or choose another model.")),
    "memory.exhausted": (
        QT_TRANSLATE_NOOP("Problem", "The engine ran out of memory."),
        QT_TRANSLATE_NOOP("Problem", "Close other programs or zoom in, then try again.")),
    "protocol.mismatch": (
        QT_TRANSLATE_NOOP("Problem", "The plugin and its engine are of different versions."),
        QT_TRANSLATE_NOOP("Problem", "Restart QGIS, so that both come from the same version.")),
    "request.invalid": (
        QT_TRANSLATE_NOOP("Problem", "The engine could not carry out this request."),
        QT_TRANSLATE_NOOP("Problem", "Try again; if it happens again, report it with the diagnostics.")),
    "cancelled": (
        QT_TRANSLATE_NOOP("Problem", "Cancelled."),
        ""),
    "disk.full": (
        QT_TRANSLATE_NOOP("Problem", "The disk is full."),
        QT_TRANSLATE_NOOP("Problem", "Free some space, or write to another folder.")),
    "output.unwritable": (
        QT_TRANSLATE_NOOP("Problem", "The result cannot be written to this place."),
        QT_TRANSLATE_NOOP("Problem", "Choose a folder that you may write to, and close programs that hold the file open.")),
    "engine.fault": (
        QT_TRANSLATE_NOOP("Problem", "The engine met an unexpected error."),
        QT_TRANSLATE_NOOP("Problem", "Try again; if it happens again, restart the engine and report it with the diagnostics.")),
    # the engine as a process
    "engine.gone": (
        QT_TRANSLATE_NOOP("Problem", "The engine stopped unexpectedly."),
        QT_TRANSLATE_NOOP("Problem", "Restart it: your clicks are kept.")),
    "engine.hung": (
        QT_TRANSLATE_NOOP("Problem", "The engine did not answer in time and was stopped."),
        QT_TRANSLATE_NOOP("Problem", "Restart it: your clicks are kept.")),
    "engine.unstartable": (
        QT_TRANSLATE_NOOP("Problem", "The engine could not be started."),
        QT_TRANSLATE_NOOP("Problem", "Restart it; if it happens again, set up the engine again.")),
    "engine.missing": (
        QT_TRANSLATE_NOOP("Problem", "The engine is not set up yet."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine.")),
    "environment.incomplete": (
        QT_TRANSLATE_NOOP("Problem", "The engine is only partly set up."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine: what is already downloaded is kept.")),
    "environment.outdated": (
        QT_TRANSLATE_NOOP("Problem", "The engine was set up for another version of the plugin."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine to bring it up to date.")),
    # setting the engine up
    "install.python": (
        QT_TRANSLATE_NOOP("Problem", "No Python from 3.10 to 3.14 that can make environments was found on this computer."),
        QT_TRANSLATE_NOOP("Problem", "Install Python 3.12 (on Debian and Ubuntu also python3-venv), then press Set up engine again.")),
    "install.space": (
        QT_TRANSLATE_NOOP("Problem", "Setting up the engine needs {needed} of disk, but only {free} are free in {folder}."),
        QT_TRANSLATE_NOOP("Problem", "Free some space, or set RASTERSCRIBE_HOME to a folder on another disk.")),
    "install.unwritable": (
        QT_TRANSLATE_NOOP("Problem", "The engine's folder {folder} cannot be written."),
        QT_TRANSLATE_NOOP("Problem", "Make it writable, or set RASTERSCRIBE_HOME to another folder.")),
    "install.download": (
        QT_TRANSLATE_NOOP("Problem", "{name} could not be downloaded."),
        QT_TRANSLATE_NOOP("Problem", "Check the network and QGIS's proxy settings, then press Set up engine again: it goes on from here.")),
    "install.folder": (
        QT_TRANSLATE_NOOP("Problem", "The folder {folder} does not have every package for this computer's Python."),
        QT_TRANSLATE_NOOP("Problem", "Choose a folder made by 'build.py bundle' on such a computer with the same Python version.")),
    "install.environment": (
        QT_TRANSLATE_NOOP("Problem", "The engine's environment could not be made."),
        QT_TRANSLATE_NOOP("Problem", "Close programs that use the engine, then press Set up engine again.")),
    "install.packages": (
        QT_TRANSLATE_NOOP("Problem", "The engine's packages could not be installed."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine again; if it happens again, report it with the diagnostics.")),
    "install.check": (
        QT_TRANSLATE_NOOP("Problem", "The engine was installed but does not run."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine again; if it happens again, report it with the diagnostics.")),
    # layers
    "layer.not_raster": (
        QT_TRANSLATE_NOOP("Problem", "The chosen layer is not a raster."),
        QT_TRANSLATE_NOOP("Problem", "Choose a raster layer.")),
    "layer.removed": (
        QT_TRANSLATE_NOOP("Problem", "The raster layer was removed from the project."),
        QT_TRANSLATE_NOOP("Problem", "Choose another raster.")),
    "export.failed": (
        QT_TRANSLATE_NOOP("Problem", "The layer's picture could not be saved for the engine."),
        QT_TRANSLATE_NOOP("Problem", "Check that the layer draws, then click again.")),
    "target.removed": (
        QT_TRANSLATE_NOOP("Problem", "The target layer was removed from the project."),
        QT_TRANSLATE_NOOP("Problem", "Choose another target layer: the outline is kept.")),
    "target.gone": (
        QT_TRANSLATE_NOOP("Problem", "The target layer's file is not there any more."),
        QT_TRANSLATE_NOOP("Problem", "Put it back, or choose another target layer: what is not saved yet is kept.")),
    "target.read_only": (
        QT_TRANSLATE_NOOP("Problem", "The target layer cannot be edited."),
        QT_TRANSLATE_NOOP("Problem", "Choose another target layer, or make this one writable: the outline is kept.")),
    "target.not_polygons": (
        QT_TRANSLATE_NOOP("Problem", "The target layer does not hold polygons."),
        QT_TRANSLATE_NOOP("Problem", "Choose a polygon layer: the outline is kept.")),
    "target.rejected": (
        QT_TRANSLATE_NOOP("Problem", "The target layer did not take the outline."),
        QT_TRANSLATE_NOOP("Problem", "Look at the layer's fields and constraints, or choose another target layer: the outline is kept.")),
}
# fmt: on
