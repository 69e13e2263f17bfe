"""The verbs of going through the changes of a comparison, and of what is made of the decisions: examples and an updated map.

Who knows layers and the map listens to the signals and answers by the verbs under "for who knows layers".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..models import classes
from .change_state import ChangeState, MapChoice, MapUse, Review
from .problems import Problem, problem_of
from .state import State

ACCEPTED, REJECTED, RELABELLED = "accepted", "rejected", "relabelled"


class ReviewVerbs(QObject):
    startWanted = pyqtSignal()  # answered by `begun`, then `shown`, or a problem
    endWanted = pyqtSignal()  # answered by `ended`
    stepWanted = pyqtSignal(int)  # 1 the next change, -1 the one before; answered by `shown`
    beforeWanted = pyqtSignal(bool)  # show the before image in place of the after image, and back
    decisionWanted = pyqtSignal(str, str, str, str)  # decision, kind, from class, to class of the change at hand; answered by `shown`
    undoWanted = pyqtSignal()  # answered by `shown`
    redoWanted = pyqtSignal()
    savingWanted = pyqtSignal()  # the decisions are to be saved in the layer's file
    examplesWanted = pyqtSignal(str)  # folder; answered by `written` or `not_written`
    mapWanted = pyqtSignal(object, str)  # MapChoice, and the GeoPackage to write; answered by `written` or `not_written`

    def __init__(
        self,
        state: Callable[[], State],
        replace: Callable[..., None],
        fail: Callable[[Problem], None],
        parent: Optional[QObject] = None,
    ):
        """`replace` replaces fields of the state's `jobs.change`; `fail` shows a problem."""
        super().__init__(parent)
        self._state, self._replace, self._fail = state, replace, fail

    # -- for the panel: going through

    def start(self) -> None:
        """Go through the changes, the surest first, from the first that is not decided."""
        self.startWanted.emit()

    def end(self) -> None:
        """Let the map be; the decisions are saved."""
        self.endWanted.emit()

    def next(self) -> None:
        self._while_active(self.stepWanted.emit, 1)

    def previous(self) -> None:
        self._while_active(self.stepWanted.emit, -1)

    def show_before(self, on: bool) -> None:
        """While a key is held."""
        if on != self._review.before_shown and (self._review.active or not on):
            self._change(before_shown=on)
            self.beforeWanted.emit(on)

    def accept(self) -> None:
        """It is so. The map goes on to the next change that is not decided, as after every decision."""
        self._while_active(self.decisionWanted.emit, ACCEPTED, "", "", "")

    def reject(self) -> None:
        """Nothing of that kind happened there."""
        self._while_active(self.decisionWanted.emit, REJECTED, "", "", "")

    def relabel(self, kind: str, from_class: str, to_class: str) -> None:
        """Something else happened there; a `kind` of "" is what the classes say. The class "other" is none of those of interest."""
        if from_class != to_class:
            kind = kind or classes.kind_of(from_class, to_class)
            self._while_active(self.decisionWanted.emit, RELABELLED, kind, from_class, to_class)

    def undo(self) -> None:
        """Take the last edit of the layer back, and show the change that it was about."""
        self._while_active(self.undoWanted.emit)

    def redo(self) -> None:
        self._while_active(self.redoWanted.emit)

    def save(self) -> None:
        """Save the decisions in the layer's file; they cannot be taken back by `undo` any more, but made anew."""
        self.savingWanted.emit()

    # -- for the panel: what comes of it

    def export_hard_examples(self, folder: str) -> None:
        """Write what was rejected as examples to train and evaluate with: of each the image of both dates, and labels."""
        if not self._review.writing:
            self.examplesWanted.emit(folder)

    def update_map(self, path: str, layer_id: str = "", field: str = "", class_name: str = "") -> None:
        """Apply what was accepted to a copy of a map, the one that the comparison used unless another is named, in a GeoPackage."""
        if self._review.writing:
            return
        choice = MapChoice(MapUse.WITNESS, layer_id, field, class_name) if layer_id else self._part.old_map
        if not choice.layer_id:
            self._fail(problem_of("update.no_map"))
        else:
            self.mapWanted.emit(choice, path)

    # -- for who knows layers

    def begun(self, layer_id: str, total: int, labels: Sequence[str]) -> None:
        """The review is of this layer, with so many changes, which may have these classes; the keys are taken."""
        self._replace(review=Review(layer_id=layer_id, total=total, labels=tuple(labels), active=True))

    def shown(self, **facts: Any) -> None:
        """What the map shows now, and how far that is: fields of `Review`."""
        self._change(**facts)

    def ended(self) -> None:
        """The keys are given back."""
        self._change(active=False, before_shown=False)

    def forget(self) -> None:
        """The layer is not in the project any more."""
        self._replace(review=Review())

    def writing(self, what: str) -> None:
        """`what` is on its way, as a sentence."""
        self._change(writing=what, told="")

    def written(self, told: str) -> None:
        """Here is what was written, as a sentence."""
        self._change(writing="", told=told)

    def not_written(self, problem: Problem) -> None:
        self._change(writing="")
        self._fail(problem)

    # -- within

    @property
    def _part(self) -> ChangeState:
        return self._state().jobs.change

    @property
    def _review(self) -> Review:
        return self._part.review

    def _change(self, **facts: Any) -> None:
        self._replace(review=dataclasses.replace(self._review, **facts))

    def _while_active(self, ask: Callable[..., None], *what: Any) -> None:
        if self._review.active:
            ask(*what)
