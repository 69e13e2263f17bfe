"""Somebody who goes through changes with a keyboard."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsVectorLayer
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QImage, QPainter
from qgis.PyQt.QtTest import QTest

from rasterscribe.plugin.change_review_link import ChangeReviewLink
from rasterscribe.plugin.change_state import Review
from rasterscribe.plugin.session import Session
from rasterscribe.tests.plugin.change_layers import Seen, square

WAIT = 60_000  # ms at most; the machine may be busy with other work
KEY = Qt.Key
DARK, BRIGHT = 40, 200  # what the before and the after raster are all of
CHANGES = (
    Seen(square(10, 10), "other", "building", "appeared", 0.7),
    Seen(square(40, 40), "building", "other", "disappeared", 0.9),
    Seen(square(20, 40), "forest", "field", "changed", 0.8),
)


class Reviewer:
    """Somebody with two rasters, a layer of three changes, and a keyboard."""

    def __init__(self, session: Session, canvas: QgsMapCanvas, link: ChangeReviewLink, layer: QgsVectorLayer, qtbot: Any) -> None:
        self.session, self.canvas, self.link, self.layer, self._qtbot = session, canvas, link, layer, qtbot

    @property
    def review(self) -> Review:
        return self.session.state.jobs.change.review

    def press(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            QTest.keyClick(self.canvas, key, modifier)

    def undo(self) -> None:
        self.press(KEY.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)

    def decisions(self) -> list[str]:
        """In the order of `CHANGES`."""
        return [str(change["review"] or "") for change in self.layer.getFeatures()]

    def settle(self) -> None:
        """Until both dates are painted."""
        self._qtbot.waitUntil(lambda: self.link._flicker.ready, timeout=WAIT)

    def brightness(self) -> int:
        """Of the middle of what the canvas shows."""
        image = QImage(self.canvas.size(), QImage.Format.Format_RGB32)
        painter = QPainter(image)
        self.canvas.render(painter)
        painter.end()
        return QColor(image.pixel(image.width() // 2, image.height() // 2)).red()
