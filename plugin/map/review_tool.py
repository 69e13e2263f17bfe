"""The map tool for going through what was found: click what to keep, discard, merge or split."""

from __future__ import annotations

from enum import Enum
from typing import Callable, Optional

from qgis.core import QgsGeometry, QgsPointXY
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent

from . import keys
from .outline_band import OutlineBand

EDGE, FILL = QColor("#f0803c"), QColor(240, 128, 60, 60)


class ReviewMode(Enum):
    KEEP = "keep"
    DISCARD = "discard"
    MERGE = "merge"
    SPLIT = "split"


KEYS = {
    Qt.Key.Key_K: ReviewMode.KEEP,
    Qt.Key.Key_D: ReviewMode.DISCARD,
    Qt.Key.Key_M: ReviewMode.MERGE,
    Qt.Key.Key_S: ReviewMode.SPLIT,
}


class ReviewTool(QgsMapTool):
    """Says what the user does; coordinates are in the canvas's destination CRS. Keys count while the canvas has the focus, and go before
    QGIS's own shortcuts (S is one of them)."""

    picked = pyqtSignal(QgsPointXY)
    modeWanted = pyqtSignal(object)  # ReviewMode, by its key
    ended = pyqtSignal()  # Enter, Esc or a right click: what comes next begins afresh
    hinted = pyqtSignal(str)  # a sentence for the status bar, "" for none

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._mode = ReviewMode.KEEP
        self._band = OutlineBand(canvas, EDGE, fill=FILL)

    @property
    def mode(self) -> ReviewMode:
        return self._mode

    def choose(self, mode: ReviewMode) -> None:
        self._mode = mode
        if self.isActive():
            self.hint()

    def mark(self, outline: Optional[QgsGeometry]) -> None:
        """Show the object that the next click goes with (in the canvas's CRS); None for none."""
        self._band.show(outline)

    def hint(self, words: str = "") -> None:
        """`words` about what just happened, or how to go on."""
        self.hinted.emit(words or self._how())

    def remove(self) -> None:
        self._band.remove()

    # -- QGIS's calls

    def activate(self) -> None:
        super().activate()
        self.canvas().installEventFilter(self)
        self.hint()

    def deactivate(self) -> None:
        self.canvas().removeEventFilter(self)
        self.ended.emit()
        self.hinted.emit("")
        super().deactivate()

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(event.mapPoint())
        elif event.button() == Qt.MouseButton.RightButton:
            self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.canvas() and event.type() in keys.EVENTS and watched.hasFocus():
            return keys.take(event, self._verb(event))
        return False

    # -- ours

    def _verb(self, event: QKeyEvent) -> Optional[Callable[[], None]]:
        if event.modifiers() not in keys.PLAIN:
            return None
        if event.key() in KEYS:
            mode = KEYS[event.key()]
            return lambda: self.modeWanted.emit(mode)
        return self.ended.emit if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape) else None

    def _how(self) -> str:
        how = {
            ReviewMode.KEEP: self.tr("Click what is right: it is shown whatever the filter says."),
            ReviewMode.DISCARD: self.tr("Click what is wrong: it is deleted."),
            ReviewMode.MERGE: self.tr("Click the parts of one object, one after the other. Enter: begin another."),
            ReviewMode.SPLIT: self.tr("Click one of the objects that were found as one: it is cut out."),
        }
        return self.tr("{how} Keys: K keep, D discard, M merge, S split. Ctrl+Z: take back.").format(how=how[self._mode])
