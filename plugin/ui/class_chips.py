"""The classes that a comparison looks for, as chips to switch on and off."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPen
from qgis.PyQt.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ...models.classes import CLASSES, MAPPED, colour_of
from ..session import Session
from ..state import State
from .colours import ACCENT, faint
from .flow import FlowLayout

SWATCH, PADDING, GAP = 10.0, 7.0, 5.0  # pixels


class ClassChips(QWidget):
    """One class at least stays on: to look for none is to look for nothing."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.chips: dict[str, Chip] = {}
        self.label = QLabel(self.tr("Looking for"))
        self.usual = QPushButton(self.tr("What people map"))
        self.usual.setFlat(True)
        self.usual.setToolTip(self.tr("Back to these: {classes}").format(classes=", ".join(MAPPED)))
        self.usual.clicked.connect(lambda: session.change.set_classes(()))
        head = QHBoxLayout()
        head.addWidget(self.label, 1)
        head.addWidget(self.usual)
        self._flow = FlowLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addLayout(self._flow)
        for name in CLASSES:
            self._add(name)

    def render(self, state: State) -> None:
        change = state.jobs.change
        chosen = change.classes or MAPPED
        for name in chosen:
            if name not in self.chips:  # another word than the chips' own, from a former project
                self._add(name)
        tells = change.method not in ("irmad", "cva")
        for name, chip in self.chips.items():
            chip.setVisible(name in CLASSES or name in chosen)
            chip.setChecked(name in chosen)
            chip.setEnabled(tells)
        self.label.setText(self.tr("Looking for") if tells else self.tr("Looking for any change"))
        self.usual.setVisible(bool(change.classes) and tells)
        self.setToolTip("" if tells else self.tr("This method tells that something changed, not what."))

    def _add(self, name: str) -> None:
        chip = self.chips[name] = Chip(name, colour_of(name))
        chip.clicked.connect(lambda _on: self._choose())
        self._flow.addWidget(chip)

    def _choose(self) -> None:
        chosen = tuple(name for name, chip in self.chips.items() if chip.isChecked())
        if chosen:
            self._session.change.set_classes(() if set(chosen) == set(MAPPED) else chosen)
        else:
            self.render(self._session.state)


class Chip(QAbstractButton):
    """A name with a square of its colour; on, it is tinted by it."""

    def __init__(self, name: str, colour: str, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._colour = QColor(colour)
        self.setText(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        words = self.fontMetrics()
        return QSize(round(2 * PADDING + SWATCH + GAP + words.horizontalAdvance(self.text())) + 1, words.height() + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.85)
        on, focused = self.isChecked(), self.hasFocus()
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        tint = QColor(self._colour)
        tint.setAlphaF(0.30 if on else 0.0)
        edge = QColor(ACCENT) if focused else self._colour if on else faint(self, 0.45 if self.underMouse() else 0.25)
        painter.setPen(QPen(edge, 2.0 if focused else 1.2))
        painter.setBrush(tint)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        square = QRectF(box.left() + PADDING, box.center().y() - SWATCH / 2, SWATCH, SWATCH)
        painter.setPen(QPen(self._colour if on else faint(self, 0.4), 1.2))
        painter.setBrush(self._colour if on else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(square, 2, 2)
        painter.setPen(faint(self, 1.0 if on or not self.isEnabled() else 0.65))
        words = QRectF(square.right() + GAP, box.top(), box.right() - square.right() - GAP - 2, box.height())
        elided = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(words.width()) + 1)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), elided)
        painter.end()
