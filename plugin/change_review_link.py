"""The joint between the review of changes, their layer and the map: the map goes to a change, flickers, and decisions become edits."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.core import QgsGeometry, QgsMapLayer, QgsPointXY, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapCanvas
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer

from ..models import classes
from .change_dates import pair_of, rasters_of, remember_pair
from .connections import Connections, connect, disconnect
from .map.change_tool import ChangeTool
from .map.close_up import canvas_crs, moved, view_of
from .map.decisions import decide, decision_in, decision_of, decisions_in, faint_rejected, holds_changes, labels_in, labels_of
from .map.flicker import Date, Flicker
from .map.found import REVIEW
from .map.label_menu import LabelMenu
from .map.review import object_at
from .problems import PluginProblem, problem_of
from .review_files_link import ReviewFilesLink
from .review_order import ReviewOrder
from .review_verbs import ACCEPTED, REJECTED, RELABELLED
from .review_words import words_of
from .session import Session


class ChangeReviewLink(QObject):
    def __init__(self, session: Session, canvas: QgsMapCanvas, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._session, self._canvas = session, canvas
        self.tool = ChangeTool(canvas)
        self._files = ReviewFilesLink(session, self)
        self._flicker = Flicker(canvas, self)
        self._menu = LabelMenu(canvas)
        self._layer: Optional[QgsVectorLayer] = None  # under review
        self._order = ReviewOrder({})
        self._touched: Optional[int] = None  # the change that was decided last, by whomever
        self._edits_are_ours = False  # the edit session began with a decision
        self._reordering = QTimer(self)
        self._reordering.setSingleShot(True)
        self._reordering.setInterval(0)
        self._connections = self._session_connections()
        self._layer_connections: Connections = ()
        connect(self._connections)

    def remove(self) -> None:
        """Let go of canvas, tool, layer and session for good. Decisions that are not saved stay among the layer's edits."""
        self._put_away()
        disconnect(self._connections)
        self._let_go()
        self._files.remove()
        self._flicker.hide()
        self._menu.close()
        self.tool.remove()
        self.tool.deleteLater()

    def _session_connections(self) -> Connections:
        review, tool = self._session.review, self.tool
        return (
            (self._session.change.compareReady, self._end),  # there are other changes now
            (review.startWanted, self._start),
            (review.endWanted, self._end),
            (review.stepWanted, self._step),
            (review.beforeWanted, self._show_before),
            (review.decisionWanted, self._decide),
            (review.undoWanted, lambda: self._retrace(lambda stack: stack.undo())),
            (review.redoWanted, lambda: self._retrace(lambda stack: stack.redo())),
            (review.savingWanted, self._save),
            (tool.stepped, lambda step: review.next() if step > 0 else review.previous()),
            (tool.beforeHeld, review.show_before),
            (tool.accepted, review.accept),
            (tool.rejected, review.reject),
            (tool.labelWanted, self._ask_label),
            (tool.undone, review.undo),
            (tool.redone, review.redo),
            (tool.ended, review.end),
            (tool.picked, self._pick),
            (tool.leaving, self._pause),
            (self._reordering.timeout, self._order_again),
            (QgsProject.instance().layersWillBeRemoved, self._removing),
        )

    # -- beginning and ending

    def _start(self) -> None:
        layer = self._layer_to_review()
        decisions = decisions_in(layer) if layer is not None else {}
        if layer is None or not decisions:
            self._session.show_problem(problem_of("review.no_changes"))
            return
        self._let_go()
        self._layer, self._order = layer, ReviewOrder(decisions)
        self._layer_connections = self._connections_of(layer)
        connect(self._layer_connections)
        remember_pair(layer, self._session.state)
        faint_rejected(layer)
        interest = self._session.state.jobs.change.classes or classes.MAPPED
        self._session.review.begun(layer.id(), len(decisions), labels_in(layer, interest))
        self._canvas.setMapTool(self.tool)
        self._canvas.setFocus()
        self._cover()
        first = self._order.undecided()
        self._show(next(iter(decisions)) if first is None else first)

    def _end(self) -> None:
        """An edit session that a decision began ends with the review; one of the user's own goes on."""
        if self._edits_are_ours:
            self._save(stop=True)
        self._put_away()

    def _put_away(self) -> None:
        if not sip.isdeleted(self._canvas) and self._canvas.mapTool() is self.tool:
            self._canvas.unsetMapTool(self.tool)  # which pauses

    def _pause(self) -> None:
        """The map is as it was; the review may go on later."""
        self._menu.close()
        self._flicker.hide()
        self.tool.mark(None)
        if self._session.state.jobs.change.review.active:
            self._session.review.ended()

    def _save(self, stop: bool = False) -> None:
        layer = self._layer
        if layer is None or not layer.isEditable():
            return
        if layer.commitChanges(stop):
            self._edits_are_ours = self._edits_are_ours and not stop
        else:
            self._session.show_problem(problem_of("found.unsaved", "\n".join(layer.commitErrors())))
        self._tell()

    # -- what the map shows

    def _cover(self) -> None:
        if self._layer is not None:
            before, after = pair_of(self._layer)
            self._flicker.show(after, before)
            self._session.review.shown(has_before=bool(before.layers))

    def _step(self, step: int) -> None:
        number = self._order.beside(self._session.state.jobs.change.review.feature, step)
        if number is not None:
            self._show(number)

    def _pick(self, place: QgsPointXY) -> None:
        """Go to the change that was clicked."""
        if self._layer is not None:
            at = moved(QgsGeometry.fromPointXY(place), canvas_crs(self._canvas), self._layer.crs())
            found = object_at(self._layer, at.asPoint()) if at is not None else None
            if found is not None and found.id() in self._order:
                self._show(found.id())

    def _show(self, number: int) -> None:
        """Go to a change: the map shows it with its surroundings, and the state says what it is."""
        layer = self._layer
        if layer is None:
            return
        change = layer.getFeature(number)
        before, after = rasters_of(layer)
        outline, extent = view_of(self._canvas, change.geometry(), layer.crs(), after or before)
        self.tool.mark(outline)
        if extent is not None:
            self._canvas.setExtent(extent)
            self._canvas.refresh()
        following = self._order.undecided(number)
        if following is not None:
            self._flicker.expect(view_of(self._canvas, layer.getFeature(following).geometry(), layer.crs(), after or before)[1])
        kind, was, now = labels_of(change)
        self._session.review.shown(
            at=self._order.place_of(number),
            feature=number,
            words=words_of(change, layer.crs().isValid()),
            kind=kind,
            from_class=was,
            to_class=now,
            decision=decision_of(change),
        )
        self._tell()

    def _tell(self) -> None:
        """How far it is, to the state and in the status bar."""
        layer, review = self._layer, self._session.review
        if layer is None:
            return
        unsaved = layer.isEditable() and layer.isModified()
        accepted, rejected = self._order.count(ACCEPTED, RELABELLED), self._order.count(REJECTED)
        review.shown(total=len(self._order), accepted=accepted, rejected=rejected, unsaved=unsaved)
        stack = layer.undoStack()
        self.tool.offer(undo=layer.isEditable() and stack.canUndo(), redo=layer.isEditable() and stack.canRedo())
        now = self._session.state.jobs.change.review
        if now.active:
            words = self.tr("{at} of {total}: {words}.").format(at=now.at + 1, total=now.total, words=now.words)
            if now.decided == now.total:
                words = self.tr("All {total} changes are decided.").format(total=now.total)
            self.tool.hint(words)

    def _show_before(self, on: bool) -> None:
        self._flicker.turn(Date.BEFORE if on else Date.AFTER)

    # -- decisions

    def _decide(self, decision: str, kind: str, from_class: str, to_class: str) -> None:
        layer, number = self._layer, self._session.state.jobs.change.review.feature
        if layer is None or number not in self._order:
            return
        begins = not layer.isEditable()
        try:
            decide(layer, number, decision, kind, from_class, to_class)
        except PluginProblem as trouble:
            self._session.show_problem(trouble.problem)
            return
        self._edits_are_ours = self._edits_are_ours or begins
        if decision == RELABELLED:
            self._canvas.setFocus()  # the lists that it was chosen from would keep the next key
        following = self._order.undecided(number)
        self._show(number if following is None else following)

    def _ask_label(self) -> None:
        now = self._session.state.jobs.change.review
        self._menu.ask(now.labels, now.from_class, now.to_class, lambda was, became: self._session.review.relabel("", was, became))

    def _retrace(self, step: Callable[[Any], None]) -> None:
        """Take an edit back or make it again, and show what it was about. `step` is given the layer's undo stack."""
        if self._layer is None:
            return
        self._touched = None
        step(self._layer.undoStack())
        if self._touched is not None:
            self._show(self._touched)
        else:
            self._tell()

    def _noticed(self, number: int, field: int, value: object) -> None:
        """An attribute is another one, whoever did that."""
        layer = self._layer
        if layer is not None and number in self._order:
            self._touched = number
            if field == layer.fields().lookupField(REVIEW):
                self._order.note(number, decision_in(value if isinstance(value, str) else ""))
                self._tell()

    # -- the layer

    def _connections_of(self, layer: QgsVectorLayer) -> Connections:
        again = self._reordering.start
        return (
            (layer.attributeValueChanged, self._noticed),
            (layer.featureAdded, lambda _number: again()),
            (layer.featureDeleted, lambda _number: again()),
            (layer.subsetStringChanged, again),
            (layer.editingStopped, again),
            (layer.afterRollBack, again),
        )

    def _order_again(self) -> None:
        """Other changes are in the layer, or shown by its filter."""
        layer = self._layer
        if layer is None or sip.isdeleted(layer):
            return
        self._order = ReviewOrder(decisions_in(layer))
        now = self._session.state.jobs.change.review
        if now.active and now.feature not in self._order and len(self._order):
            following = self._order.undecided()
            self._step(1) if following is None else self._show(following)
        else:
            self._session.review.shown(at=self._order.place_of(now.feature))
            self._tell()

    def _removing(self, layer_ids: list[str]) -> None:
        if self._layer is not None and self._layer.id() in layer_ids:
            self._put_away()
            self._let_go()
            self._session.review.forget()
        elif self._flicker.shows(layer_ids):
            self._flicker.hide()
            QTimer.singleShot(0, self._cover_what_is_left)

    def _cover_what_is_left(self) -> None:
        if not sip.isdeleted(self) and self._session.state.jobs.change.review.active:
            self._cover()

    def _let_go(self) -> None:
        layer, self._layer, self._edits_are_ours = self._layer, None, False
        self._order = ReviewOrder({})
        if layer is not None and not sip.isdeleted(layer):
            disconnect(self._layer_connections)

    def _layer_to_review(self) -> Optional[QgsVectorLayer]:
        """The one that the user works on, if it holds changes; else that of the last comparison, else that of the last review."""
        change = self._session.state.jobs.change
        ids = (change.compared.layer_id if change.compared else "", change.review.layer_id)
        layers: list[Optional[QgsMapLayer]] = [self._canvas.currentLayer(), *(QgsProject.instance().mapLayer(one) for one in ids)]
        return next((layer for layer in layers if holds_changes(layer)), None)
