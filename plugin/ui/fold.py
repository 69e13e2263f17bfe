"""A part of a panel that is folded away until somebody needs it."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from .widgets import ElidedLabel


class Fold(QWidget):
    """A line with an arrow, and below it `content`, which the line shows and hides."""

    def __init__(self, title: str, content: QWidget, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._used = self._open = False
        self.content = content
        self.button = QToolButton()
        self.button.setText(title)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt leaves tool buttons out of the keyboard's way
        self.button.clicked.connect(lambda _on: self.open(not self._open))
        self.summary = ElidedLabel()
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.addWidget(self.button)
        self._rest = QWidget()  # keeps the button to the left while there is no summary
        head.addWidget(self.summary, 1)
        head.addWidget(self._rest, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(content)
        self.open(False)

    def tell(self, used: bool, summary: str = "") -> None:
        """`summary`: what is in it, in a few words. It opens when it comes into use, and is closed by the user alone."""
        self.summary.setText(summary)
        if used and not self._used:
            self.open(True)
        self._used = used

    def open(self, on: bool) -> None:
        self._open = on
        self.button.setAccessibleDescription(self.tr("open") if on else self.tr("folded"))
        self.button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.content.setVisible(on)
        self.summary.setVisible(not on)
        self._rest.setVisible(on)
