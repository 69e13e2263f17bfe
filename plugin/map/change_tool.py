"""The map tool for going through changes with the keyboard; the mouse moves the map, and a click goes to a change."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsGeometry, QgsPointXY
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent, QKeySequence
from qgis.PyQt.QtWidgets import QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QWidget

from . import keys
from .outline_band import OutlineBand

EDGE, HALO = QColor("#ffe14d"), QColor(20, 20, 20)  # reads on dark and on bright imagery; no fill: the imagery is what matters
HOLD = (Qt.Key.Key_B, Qt.Key.Key_Space)
NEXT = (Qt.Key.Key_Right, Qt.Key.Key_Down)
PREVIOUS = (Qt.Key.Key_Left, Qt.Key.Key_Up)
TYPED_IN = (QLineEdit, QAbstractSpinBox, QComboBox, QAbstractItemView)  # they need every key themselves


class ChangeTool(QgsMapTool):
    """Says what the user does; coordinates are in the canvas's destination CRS. Keys count while the canvas or something in the plugin's
    dock has the focus, and go before QGIS's own shortcuts and before what its canvas does with arrows and the space bar."""

    stepped = pyqtSignal(int)  # 1 to the next, -1 to the one before
    beforeHeld = pyqtSignal(bool)  # the key for the before image went down or up
    accepted = pyqtSignal()
    rejected = pyqtSignal()
    labelWanted = pyqtSignal()
    undone = pyqtSignal()
    redone = pyqtSignal()
    ended = pyqtSignal()  # Esc
    picked = pyqtSignal(QgsPointXY)
    leaving = pyqtSignal()  # another tool is coming
    hinted = pyqtSignal(str)  # a sentence for the status bar, "" for none

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._band = OutlineBand(canvas, EDGE, HALO)
        self._dock: Optional[QWidget] = None
        self._heard: Optional[QWidget] = None  # what has the focus in the dock
        self._held: Optional[int] = None  # the key
        self._can_undo = self._can_redo = False
        self._pressed: Optional[QPoint] = None
        self._dragging = False

    def hear(self, dock: QWidget) -> None:
        """Keys count in all of this widget, too, except where something is typed."""
        self._dock = dock

    def offer(self, *, undo: bool, redo: bool) -> None:
        """Say whether there is an edit of the layer to take back or to make again; else these keys are left to QGIS."""
        self._can_undo, self._can_redo = undo, redo

    def mark(self, outline: Optional[QgsGeometry]) -> None:
        """Draw the outline of the change at hand (in the canvas's CRS); None for none."""
        self._band.show(outline)

    def hint(self, words: str = "") -> None:
        """`words` about the change at hand, before the keys."""
        how = self.tr("A accept, R reject, L relabel, hold B: before, ← →: others, Ctrl+Z: take back, Esc: end")
        self.hinted.emit(self.tr("{words} Keys: {keys}.").format(words=words, keys=how).strip())

    def remove(self) -> None:
        self._band.remove()

    # -- QGIS's calls

    def activate(self) -> None:
        super().activate()
        self.canvas().installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._follow_focus)
        self._follow_focus(None, QApplication.focusWidget())
        self.hint()

    def deactivate(self) -> None:
        self.canvas().removeEventFilter(self)
        QApplication.instance().focusChanged.disconnect(self._follow_focus)
        self._follow_focus(None, None)
        self._let_go()
        self._pressed, self._dragging = None, False
        self.leaving.emit()
        self.hinted.emit("")
        super().deactivate()

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        self._pressed = event.pixelPoint() if event.button() == Qt.MouseButton.LeftButton else None

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._pressed is None:
            return
        if (event.pixelPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
        if self._dragging:
            self.canvas().panAction(event)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        pressed, dragging = self._pressed, self._dragging
        self._pressed, self._dragging = None, False
        if dragging:
            self.canvas().panActionEnd(event.pos())
        elif pressed is not None:
            self.picked.emit(event.mapPoint())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.canvas() and watched is not self._heard:
            return False
        if event.type() == QEvent.Type.FocusOut:
            self._let_go()
        elif event.type() == QEvent.Type.KeyRelease and event.key() == self._held:
            if not event.isAutoRepeat():
                self._let_go()
            return True
        elif event.type() in keys.EVENTS and watched.hasFocus():
            return keys.take(event, None if watched is self._heard and _is_its_own(event.key(), watched) else self._verb(event))
        return False

    # -- ours

    def _follow_focus(self, _former: Optional[QWidget], now: Optional[QWidget]) -> None:
        """One widget is listened to at a time: to hear the whole application would cost with every event of it."""
        if self._heard is not None and not sip.isdeleted(self._heard):
            self._heard.removeEventFilter(self)
        dock = None if self._dock is None or sip.isdeleted(self._dock) else self._dock
        within = dock is not None and now is not None and (now is dock or dock.isAncestorOf(now))
        self._heard = now if within and not isinstance(now, TYPED_IN) else None
        if self._heard is not None:
            self._heard.installEventFilter(self)

    def _verb(self, event: QKeyEvent) -> Optional[Callable[[], None]]:
        """What a key means; None leaves it to QGIS. A decision is made once however long its key is held."""
        if event.matches(QKeySequence.StandardKey.Undo):
            return self.undone.emit if self._can_undo else None
        if event.matches(QKeySequence.StandardKey.Redo):
            return self.redone.emit if self._can_redo else None
        if event.modifiers() not in keys.PLAIN:
            return None
        key = event.key()
        if key in NEXT or key in PREVIOUS:
            return lambda: self.stepped.emit(1 if key in NEXT else -1)
        once = {
            Qt.Key.Key_A: self.accepted.emit,
            Qt.Key.Key_R: self.rejected.emit,
            Qt.Key.Key_D: self.rejected.emit,
            Qt.Key.Key_L: self.labelWanted.emit,
            Qt.Key.Key_Escape: self.ended.emit,
            **{one: lambda: self._hold(key) for one in HOLD},
        }.get(key)
        return _nothing if once is not None and event.isAutoRepeat() else once

    def _hold(self, key: int) -> None:
        if self._held is None:
            self._held = key
            self.beforeHeld.emit(True)

    def _let_go(self) -> None:
        if self._held is not None:
            self._held = None
            self.beforeHeld.emit(False)


def _is_its_own(key: int, widget: QWidget) -> bool:
    """Whether a widget of the dock does something with the key itself: a button is pressed, a slider moved, the dock scrolled."""
    moves = isinstance(widget, QAbstractSlider) and (key in NEXT or key in PREVIOUS)
    return moves or key in (Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down)


def _nothing() -> None:
    """Of a key that repeats itself."""
