"""Colours that are read on light and on dark themes alike."""

from __future__ import annotations

from qgis.PyQt.QtGui import QColor, QPalette

ACCENT = "#2f8fdd"  # that of the icons


def is_dark(palette: QPalette) -> bool:
    """By the text, not by what is behind it: a style sheet may make that see-through."""
    return palette.color(QPalette.ColorRole.WindowText).lightness() > 127


def warning(palette: QPalette) -> QColor:
    """Of words that somebody should look at; no error."""
    return QColor("#f2a65e" if is_dark(palette) else "#a84a12")


def link(palette: QPalette) -> QColor:
    return QColor("#6cb6f5" if is_dark(palette) else "#1668ad")


def faint(palette: QPalette, strength: float) -> QColor:
    """The text's colour, thinned: 0 is the background, 1 the text."""
    colour = palette.color(QPalette.ColorRole.WindowText)
    colour.setAlphaF(strength)
    return colour
