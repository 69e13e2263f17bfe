"""A window with a real canvas, two rasters, a layer of three changes, and somebody who goes through them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QDate
from qgis.PyQt.QtWidgets import QLineEdit, QMainWindow, QVBoxLayout, QWidget

from rasterscribe.plugin.change_review_link import ChangeReviewLink
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, State
from rasterscribe.tests.plugin.change_layers import changes_layer
from rasterscribe.tests.plugin.fake_client import FakeClient
from rasterscribe.tests.plugin.rasters import flat_file
from rasterscribe.tests.plugin.reviewing.reviewer import BRIGHT, CHANGES, DARK, Reviewer


def flat_raster(path: Path, value: int) -> QgsRasterLayer:
    """Shown as it is, without a stretch."""
    flat_file(path, (value, value, value))
    layer = QgsRasterLayer(str(path), path.stem)
    layer.renderer().setRedBand(1)
    for enhance in ("setRedContrastEnhancement", "setGreenContrastEnhancement", "setBlueContrastEnhancement"):
        getattr(layer.renderer(), enhance)(None)
    return layer


@pytest.fixture
def window(qgis_new_project, qtbot) -> Iterator[SimpleNamespace]:
    main, body = QMainWindow(), QWidget()
    layout = QVBoxLayout(body)
    canvas, field = QgsMapCanvas(), QLineEdit()
    canvas.setFixedSize(400, 300)
    layout.addWidget(canvas)
    layout.addWidget(field)
    main.setCentralWidget(body)
    qtbot.addWidget(main)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32645"))
    main.show()
    main.activateWindow()
    qtbot.waitExposed(main)
    canvas.setExtent(QgsRectangle(0, 0, 64, 64))
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    yield SimpleNamespace(main=main, canvas=canvas, field=field)


@pytest.fixture
def reviewer(window, tmp_path: Path, qtbot) -> Iterator[Reviewer]:
    before, after = flat_raster(tmp_path / "before.tif", DARK), flat_raster(tmp_path / "after.tif", BRIGHT)
    layer = changes_layer(tmp_path / "changes.gpkg", CHANGES, dates=(QDate(2012, 7, 31), QDate(2020, 6, 1)))
    QgsProject.instance().addMapLayers([before, after, layer])
    session = Session(FakeClient(), State(engine=Engine.STOPPED))
    session.choose_raster(after.id(), "after")
    session.change.choose_before(before.id(), "before")
    window.canvas.setCurrentLayer(layer)
    link = ChangeReviewLink(session, window.canvas)
    yield Reviewer(session, window.canvas, link, layer, qtbot)
    link.remove()
