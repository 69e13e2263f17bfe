"""Small widgets that know nothing of the state."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsMapLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QSize, Qt, QTimer
from qgis.PyQt.QtGui import QPainter, QPaintEvent
from qgis.PyQt.QtWidgets import QAction, QComboBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton, QWidget

from .icons import icon

PATIENCE = 250  # ms of work before a person is told to wait: what is quicker would only flicker


class BusyLine(QWidget):
    """A moving bar with words beside it, and an empty line of the same height when idle, so that nothing jumps."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(56, 8)
        self._label = QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._bar)
        layout.addWidget(self._label, 1)
        self.setFixedHeight(self._label.fontMetrics().height() + 4)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE)
        self._timer.timeout.connect(self._appear)  # a function of its own might be gone before the timer is
        self._show(False)

    def show_words(self, words: str) -> None:
        if words:
            self._label.setText(words + "…")
            if not self._timer.isActive() and self._bar.isHidden():
                self._timer.start()
        else:
            self._timer.stop()
            self._show(False)

    def _appear(self) -> None:
        self._show(True)

    def _show(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._label.setVisible(busy)


class ActionButton(QPushButton):
    """A wide button for a checkable action."""

    def __init__(self, action: QAction, parent: Optional[QWidget] = None):
        super().__init__(action.icon(), action.text(), parent)
        self.setIconSize(QSize(20, 20))
        self.setMinimumHeight(32)
        self.setCheckable(True)
        self._action = action
        self._follow()
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)

    def _follow(self) -> None:
        self.setText(self._action.text())
        self.setToolTip(self._action.toolTip())
        self.setChecked(self._action.isChecked())


class ElidedLabel(QLabel):
    """A line of plain text that gives way where there is no room for it: at its end, unless another `where` is asked for."""

    def __init__(self, parent: Optional[QWidget] = None, where: Qt.TextElideMode = Qt.TextElideMode.ElideRight):
        super().__init__(parent)
        self._where = where
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        text = self.fontMetrics().elidedText(self.text(), self._where, self.width())
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(self.alignment()), text)
        painter.end()


class PathLabel(ElidedLabel):
    """A path gives way in its middle."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent, Qt.TextElideMode.ElideMiddle)


def say(label: QLabel, words: str) -> None:
    """Show `words`, and nothing at all where there are none."""
    label.setText(words)
    label.setVisible(bool(words))


def tool_button(name: str, words: str, verb: Callable[[], None]) -> QToolButton:
    """A flat button with the icon of this name; `words` say what it does."""
    button = QToolButton()
    button.setIcon(icon(name))
    button.setIconSize(QSize(18, 18))
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt leaves tool buttons out of the keyboard's way
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.clicked.connect(lambda: verb())
    return button


def headline_label() -> QLabel:
    """What a panel says first."""
    label = QLabel()
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * 1.25)
    font.setBold(True)
    label.setFont(font)
    label.setWordWrap(True)
    return label


def quiet_label(text: str = "") -> QLabel:
    """Explaining text that wraps and stays behind what it explains."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    font = label.font()
    font.setPointSizeF(max(font.pointSizeF() * 0.92, 7.0))
    label.setFont(font)
    return label


def show_layer(combo: QgsMapLayerComboBox, layer: Optional[QgsMapLayer]) -> None:
    """Without a layer the row that says so: QGIS's own way leaves the box blank."""
    combo.setLayer(layer)
    if layer is None:
        combo.setCurrentIndex(0)


def may_shrink(combo: QComboBox) -> None:
    """Long names must not force the dock wide."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(12)
