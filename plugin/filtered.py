"""A result's layer that a filter thins out: filtered anew while the filter moves, and never at the cost of an edit."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .connections import Connections, connect, disconnect
from .map.background import Background
from .map.found import Scores, filter_text
from .problems import PluginProblem, Problem, problem_of

Add = Callable[[QgsVectorLayer], None]
REST = 60  # ms without a change of the filter before the layer is filtered


class FilteredLayer(QObject):
    """At most one layer at a time, that of the last run: a former one stays in the project and is the user's own.

    `read` gives the scores of everything in a file, on any thread; it raises PluginProblem.
    """

    counted = pyqtSignal(str, object)  # id of the layer, Scores: when it comes into the project, and whenever its edits were saved
    filtered = pyqtSignal(int, bool)  # so many are shown; whether the filter waits, as the layer has edits that are not saved
    gone = pyqtSignal()  # the user removed it
    failed = pyqtSignal(object)  # Problem

    def __init__(self, read: Callable[[Path], Scores], parent: Optional[QObject] = None):
        super().__init__(parent)
        self._scores_of = read
        self.layer: Optional[QgsVectorLayer] = None
        self.scores: Optional[Scores] = None
        self.filter: tuple[float, float] = (0.0, 0.0)  # threshold and least area
        self._path = Path()
        self._coming: Optional[QgsVectorLayer] = None  # open, but not in the project yet
        self._reading: Optional[Background] = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._thin_out)
        QgsProject.instance().layersWillBeRemoved.connect(self._removing)

    def remove(self) -> None:
        """Let go of project and layer for good."""
        QgsProject.instance().layersWillBeRemoved.disconnect(self._removing)
        self._rest.stop()
        self.let_go()

    def load(self, path: Path, prepare: Callable[[], None], make: Callable[[], QgsVectorLayer], add: Add) -> None:
        """Bring a file that was just written: `prepare` is what else is to be written into it, in the background; `make` opens and styles
        its layer, and `add` puts that into the project. The former two may raise PluginProblem."""
        self.let_go()
        self._path = path

        def prepared() -> Scores:
            prepare()
            return self._scores_of(path)

        def read(scores: Scores) -> None:
            try:
                layer = make()
            except PluginProblem as trouble:
                self.failed.emit(trouble.problem)
                return
            layer.setSubsetString(filter_text(layer, *self.filter))
            self._coming = layer
            QTimer.singleShot(0, partial(self._show, layer, scores, add))  # QGIS draws meanwhile

        self._read(prepared, read)

    def set_filter(self, threshold: float, min_area: float) -> None:
        """Thin out soon, unless that is the filter already."""
        if (threshold, min_area) != self.filter:
            self.filter = (threshold, min_area)
            self._rest.start()

    def save(self) -> None:
        """Save the layer's edits; where that fails they stay."""
        layer = self.layer
        if layer is not None and layer.isEditable() and not layer.commitChanges(False):
            self.failed.emit(problem_of("found.unsaved", "\n".join(layer.commitErrors())))
        self._thin_out()

    def let_go(self) -> None:
        layer, self.layer, self._coming, self.scores = self.layer, None, None, None
        if self._reading is not None:
            self._reading.forget()
            self._reading = None
        if layer is not None:
            disconnect(self._connections(layer))

    # -- within

    def _show(self, layer: QgsVectorLayer, scores: Scores, add: Add) -> None:
        if self._coming is not layer:  # let go meanwhile
            return
        self._coming, self.layer = None, layer
        connect(self._connections(layer))
        self._count(scores)
        add(layer)

    def _connections(self, layer: QgsVectorLayer) -> Connections:
        return (
            (layer.afterCommitChanges, self._read_again),
            (layer.editingStopped, self._rest.start),
            (layer.afterRollBack, self._rest.start),
        )

    def _read_again(self) -> None:
        """Edits were saved: there are other scores now."""
        path = self._path
        self._read(lambda: self._scores_of(path), self._count)

    def _read(self, work: Callable[[], Scores], done: Callable[[Scores], None]) -> None:
        def finished(scores: Scores) -> None:
            self._reading = None
            done(scores)

        if self._reading is not None:
            self._reading.forget()
        self._reading = Background(self.tr("Rasterscribe: reading {file}").format(file=self._path.name), work, finished, self._not_read)
        self._reading.start()

    def _not_read(self, problem: Problem) -> None:
        self._reading = None
        self.failed.emit(problem)

    def _count(self, scores: Scores) -> None:
        self.scores = scores
        if self.layer is not None:
            self.counted.emit(self.layer.id(), scores)
            self._thin_out()

    def _thin_out(self) -> None:
        """Filter the layer. One with edits cannot be: its filter waits until they are saved or discarded, and the user is told."""
        layer = self.layer
        if layer is None or self.scores is None:
            return
        wanted, held = filter_text(layer, *self.filter), False
        if wanted != layer.subsetString() and layer.isEditable():
            if layer.isModified():
                held = True
            else:
                layer.rollBack()  # nothing is lost, and editing goes on
                layer.setSubsetString(wanted)
                layer.startEditing()
        elif wanted != layer.subsetString():
            layer.setSubsetString(wanted)
        self.filtered.emit(self.scores.shown(*self.filter), held)

    def _removing(self, layer_ids: list[str]) -> None:
        if self.layer is not None and self.layer.id() in layer_ids:
            self.let_go()
            self.gone.emit()
