"""A window with a canvas and a text field, as in QGIS, and small rasters."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtWidgets import QLineEdit, QMainWindow, QVBoxLayout, QWidget


@pytest.fixture
def window(qgis_app, qtbot) -> Iterator[SimpleNamespace]:
    """A shown window: `canvas` (400 x 300 pixels, 1 map unit a pixel, centre at 0, 0, EPSG:3857) and `field`."""
    main = QMainWindow()
    body = QWidget()
    layout = QVBoxLayout(body)
    canvas, field = QgsMapCanvas(), QLineEdit()
    canvas.setFixedSize(400, 300)
    canvas.setFrameStyle(0)
    layout.addWidget(canvas)
    layout.addWidget(field)
    main.setCentralWidget(body)
    qtbot.addWidget(main)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    main.show()
    main.activateWindow()
    qtbot.waitExposed(main)
    qtbot.waitUntil(lambda: canvas.width() == 400)
    canvas.setExtent(QgsRectangle(-200, -150, 200, 150))
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    yield SimpleNamespace(main=main, canvas=canvas, field=field)
