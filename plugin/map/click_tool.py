"""The map tool that turns mouse and keys into prompts; it knows gestures, not what they are for."""

from __future__ import annotations

from enum import Enum
from typing import Callable, Optional

from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent, QKeySequence
from qgis.PyQt.QtWidgets import QApplication

from . import keys

HOVER_MS = 60  # at most one hover in this time, the newest
LARGER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)  # where + needs Shift it shares its key with =
SMALLER = (Qt.Key.Key_Minus,)


class Gesture(Enum):
    """What the mouse buttons are about at the moment."""

    IDLE = "idle"
    PRESSED = "pressed"  # a button is down and may yet become a click or a box
    DRAGGING = "dragging"
    SPENT = "spent"  # a button is still down that means nothing any more


class ClickTool(QgsMapTool):
    """Emits what the user does on the canvas; every coordinate is in the canvas's destination CRS.

    Whoever owns the prompt tells the tool by `offer` what there is to undo, redo, clear, accept and resize, so that a key without
    a meaning here goes on to QGIS: Ctrl+Z takes a prompt back while there is one, and otherwise undoes an edit of the layer. Keys
    that QGIS's canvas has a use for are left to it: the arrows pan, and Page Up and Page Down zoom.
    """

    clicked = pyqtSignal(QgsPointXY, bool)  # where; True adds, False removes
    boxed = pyqtSignal(QgsRectangle)
    hovered = pyqtSignal(QgsPointXY)
    left = pyqtSignal()  # the mouse left the canvas, or the tool was put away: nothing is hovered any more
    resized = pyqtSignal(bool)  # another outline is wanted: True a larger one, False a smaller
    undone = pyqtSignal()
    redone = pyqtSignal()
    accepted = pyqtSignal()
    cleared = pyqtSignal()
    hinted = pyqtSignal(str)  # a sentence for the status bar, "" for none

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._gesture = Gesture.IDLE
        self._button = Qt.MouseButton.NoButton
        self._pressed_at = QPoint()
        self._start = QgsPointXY()
        self._can_undo = self._can_redo = self._can_accept = self._can_grow = self._can_shrink = False
        self._double_click_takes_back = False
        self._box_band: Optional[QgsRubberBand] = None
        self._hover_at = QPoint()
        self._hover_timer = QTimer(self)
        self._hover_timer.setSingleShot(True)
        self._hover_timer.setInterval(HOVER_MS)
        self._hover_timer.timeout.connect(self._emit_hover)

    def offer(self, *, undo: bool, redo: bool, accept: bool, larger: bool = False, smaller: bool = False) -> None:
        """Say whether there is a prompt to take back (and so to clear), one to bring back, an outline to accept, and others of
        another size."""
        self._can_undo, self._can_redo, self._can_accept = undo, redo, accept
        self._can_grow, self._can_shrink = larger, smaller
        if self.isActive():
            self._hint()

    # -- QGIS's calls -------------------------------------------------------------------------------------------------

    def activate(self) -> None:
        super().activate()
        self.canvas().installEventFilter(self)
        self.canvas().viewport().installEventFilter(self)
        self._hint()

    def deactivate(self) -> None:
        self.canvas().removeEventFilter(self)
        self.canvas().viewport().removeEventFilter(self)
        self._to(Gesture.IDLE)
        self._leave()
        self.hinted.emit("")
        super().deactivate()

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        self._hover_timer.stop()
        if self._gesture is not Gesture.IDLE:  # a second button means: not like that
            self._to(Gesture.SPENT)
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._button = event.button()
            self._pressed_at = event.pixelPoint()
            self._start = event.mapPoint()
            self._to(Gesture.PRESSED)

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._gesture is Gesture.IDLE:
            self._hover_at = event.pixelPoint()
            if not self._hover_timer.isActive():
                self._hover_timer.start()
        else:
            self._notice_drag(event)
        if self._gesture is Gesture.DRAGGING:
            self._draw_box(self._box_to(event.pixelPoint()))

    def _notice_drag(self, event: QgsMapMouseEvent) -> None:
        if self._gesture is Gesture.PRESSED:
            if (event.pixelPoint() - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
                self._to(Gesture.DRAGGING if self._button == Qt.MouseButton.LeftButton else Gesture.SPENT)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        self._notice_drag(event)  # a busy QGIS may have seen no move between press and release
        gesture = self._gesture
        if event.buttons() != Qt.MouseButton.NoButton:
            self._to(Gesture.SPENT)
            return
        self._to(Gesture.IDLE)
        if gesture is Gesture.PRESSED:
            self._double_click_takes_back = self._can_accept
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.clicked.emit(self._start, self._button == Qt.MouseButton.LeftButton and not shift)
        elif gesture is Gesture.DRAGGING:
            self.boxed.emit(self._box_to(event.pixelPoint()))

    def canvasDoubleClickEvent(self, event: QgsMapMouseEvent) -> None:
        """Accept. Qt has sent the first half as a click of its own: where an outline stood already, that click is taken back."""
        self._hover_timer.stop()
        self._to(Gesture.SPENT)
        if event.button() != Qt.MouseButton.LeftButton or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return
        if self._double_click_takes_back:
            self.undone.emit()
        self.accepted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that mean something here before QGIS's shortcuts do, and notice that the mouse leaves.

        A text field, even one that floats on the canvas, keeps its keys: they count only while the canvas itself has the focus.
        """
        if event.type() == QEvent.Type.Leave and watched is self.canvas().viewport():
            self._leave()
        elif watched is self.canvas() and event.type() in keys.EVENTS and watched.hasFocus():
            return keys.take(event, self._verb(event))
        return False

    # -- ours ---------------------------------------------------------------------------------------------------------

    def _verb(self, event: QKeyEvent) -> Optional[Callable[[], None]]:
        """What a key means now; None leaves it to QGIS."""
        plain = event.modifiers() in keys.PLAIN
        key = event.key() if plain else None
        if self._gesture is Gesture.DRAGGING:
            return self._abandon_box if key == Qt.Key.Key_Escape else None
        if key == Qt.Key.Key_Escape and self._can_undo:
            return self.cleared.emit
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._can_accept and not event.isAutoRepeat():
            return self.accepted.emit
        if (key == Qt.Key.Key_Backspace or event.matches(QKeySequence.StandardKey.Undo)) and self._can_undo:
            return self.undone.emit
        if event.matches(QKeySequence.StandardKey.Redo) and self._can_redo:
            return self.redone.emit
        return self._resizing(event)

    def _resizing(self, event: QKeyEvent) -> Optional[Callable[[], None]]:
        shift, keypad = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier
        if event.isAutoRepeat() or event.modifiers() not in (Qt.KeyboardModifier.NoModifier, shift, keypad, shift | keypad):
            return None
        if event.key() in LARGER and self._can_grow:
            return lambda: self.resized.emit(True)
        if event.key() in SMALLER and self._can_shrink:
            return lambda: self.resized.emit(False)
        return None

    def _to(self, gesture: Gesture) -> None:
        if gesture is self._gesture:
            return
        self._gesture = gesture
        if gesture is not Gesture.DRAGGING:
            self._draw_box(None)
        if self.isActive():
            self._hint()

    def _abandon_box(self) -> None:
        self._to(Gesture.SPENT)

    def _emit_hover(self) -> None:
        self.hovered.emit(self.toMapCoordinates(self._hover_at))

    def _leave(self) -> None:
        self._hover_timer.stop()
        self.left.emit()

    def _box_to(self, corner: QPoint) -> QgsRectangle:
        """The map rectangle around the one dragged on the screen; on a rotated canvas it is the larger of the two.

        It starts at a place on the map, not on the screen, so that zooming with the wheel while dragging keeps that corner.
        """
        start = self.toCanvasCoordinates(self._start)
        corners = (start, corner, QPoint(start.x(), corner.y()), QPoint(corner.x(), start.y()))
        box = QgsRectangle()
        box.setMinimal()
        for at in corners:
            box.include(self.toMapCoordinates(at))
        return box

    def _draw_box(self, box: Optional[QgsRectangle]) -> None:
        if self._box_band is None:
            if box is None:
                return
            self._box_band = QgsRubberBand(self.canvas(), QgsWkbTypes.GeometryType.PolygonGeometry)
            self._box_band.setStrokeColor(QColor(30, 30, 30))
            self._box_band.setSecondaryStrokeColor(QColor(255, 255, 255))
            self._box_band.setFillColor(QColor(255, 255, 255, 30))
            self._box_band.setLineStyle(Qt.PenStyle.DashLine)
        if box is None:
            self._box_band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        else:
            self._box_band.setToGeometry(QgsGeometry.fromRect(box))

    def _hint(self) -> None:
        if self._gesture is Gesture.DRAGGING:
            hint = self.tr("Release to look for the object in this box. Esc: never mind.")
        elif self._can_undo:
            hint = self.tr("Click: add. Right click or Shift+click: remove. Ctrl+Z: take back. Enter or double click: accept. Esc: clear.")
        else:
            hint = self.tr("Click an object or drag a box around it.")
        self.hinted.emit(hint)
