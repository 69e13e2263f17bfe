"""Keys of a map tool, before QGIS's own shortcuts and its canvas have them."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QKeyEvent

EVENTS = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)  # QGIS's shortcuts are asked by the first of them
PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


def take(event: QKeyEvent, verb: Optional[Callable[[], None]]) -> bool:
    """Do what a key of `EVENTS` means, once; whether it was taken. None leaves it to QGIS."""
    if verb is None:
        return False
    event.accept()  # of a ShortcutOverride: send it on as a key, not as a shortcut
    if event.type() == QEvent.Type.KeyPress:
        verb()
    return True
