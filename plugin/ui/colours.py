"""Colours that are read on light and on dark themes alike."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QPalette
from qgis.PyQt.QtWidgets import QLabel, QWidget

ACCENT = "#2f8fdd"  # that of the icons
PROBE = "ink"


def ink(widget: QWidget) -> QColor:
    """The colour of text on a widget. It is asked of a label: QGIS's dark themes are style sheets that colour labels and leave the palettes
    of all else as they were."""
    label = widget if isinstance(widget, QLabel) else widget.findChild(QLabel, PROBE, Qt.FindChildOption.FindDirectChildrenOnly)
    if label is None:
        label = QLabel(widget)
        label.setObjectName(PROBE)
        label.hide()
    label.ensurePolished()
    return label.palette().color(QPalette.ColorRole.WindowText)


def is_dark(widget: QWidget) -> bool:
    """By the text, not by what is behind it: a style sheet may make that see-through."""
    return ink(widget).lightness() > 127


def warning(widget: QWidget) -> QColor:
    """Of words that somebody should look at; no error."""
    return QColor("#f2a65e" if is_dark(widget) else "#a84a12")


def link(widget: QWidget) -> QColor:
    return QColor("#6cb6f5" if is_dark(widget) else "#1668ad")


def faint(widget: QWidget, strength: float) -> QColor:
    """The text's colour, thinned: 0 is the background, 1 the text."""
    colour = ink(widget)
    colour.setAlphaF(strength)
    return colour
