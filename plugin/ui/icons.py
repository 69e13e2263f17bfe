"""The plugin's own icons, by name."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtGui import QColor, QIcon, QPixmap

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "icons"


def icon(name: str) -> QIcon:
    return QIcon(str(FOLDER / f"{name}.svg"))


def swatch(colour: str, side: int = 16) -> QIcon:
    """A square of one colour."""
    pixels = QPixmap(side, side)
    pixels.fill(QColor(colour))
    icon = QIcon(pixels)
    icon.addPixmap(pixels, QIcon.Mode.Selected)  # or a list would tint it where the row is selected
    return icon
