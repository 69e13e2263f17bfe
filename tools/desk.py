"""A QGIS without its window: a real map canvas, the plugin, and hands that move the mouse. For the demo and the end-to-end tests.

Runs in QGIS's Python, with a QgsApplication that somebody else has made.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

from qgis.core import QgsPointXY, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMainWindow, QMenu

from rasterscribe import classFactory

SIZE = (1000, 800)  # of the canvas, screen pixels


class StuckError(Exception):
    """Something did not happen in time; the text says what, and which problem the plugin shows."""


class Interface:
    """As much of QGIS's interface object as a plugin touches."""

    def __init__(self, window: QMainWindow, canvas: QgsMapCanvas) -> None:
        self._window, self._canvas = window, canvas
        self._tools = window.addToolBar("Plugins")
        self._menu = QMenu(window)
        self.active: Optional[QgsRasterLayer] = None

    def mainWindow(self) -> QMainWindow:
        return self._window

    def mapCanvas(self) -> QgsMapCanvas:
        return self._canvas

    def activeLayer(self) -> Optional[QgsRasterLayer]:
        return self.active

    def statusBarIface(self) -> Any:
        return self._window.statusBar()

    def rasterMenu(self) -> QMenu:
        return self._menu

    def addToolBarIcon(self, action: QAction) -> None:
        self._tools.addAction(action)

    def removeToolBarIcon(self, action: QAction) -> None:
        self._tools.removeAction(action)

    def addDockWidget(self, area: Qt.DockWidgetArea, dock: QDockWidget) -> None:
        self._window.addDockWidget(area, dock)

    def removeDockWidget(self, dock: QDockWidget) -> None:
        self._window.removeDockWidget(dock)


class Desk:
    """The plugin on a canvas of its own, with one raster."""

    def __init__(self) -> None:
        self.window = QMainWindow()
        self.canvas = QgsMapCanvas(self.window)
        self.canvas.setMinimumSize(*SIZE)
        self.window.setCentralWidget(self.canvas)
        self.interface = Interface(self.window, self.canvas)
        self.plugin = classFactory(self.interface)
        self.plugin.initGui()
        self.window.show()

    def open(self, path: Path) -> QgsRasterLayer:
        """Put a raster on the canvas, in its own CRS, and open the plugin's dock. Raises StuckError where QGIS cannot read it."""
        layer = QgsRasterLayer(str(path), path.stem)
        if not layer.isValid():
            raise StuckError(f"QGIS cannot read {path} as a raster.")
        QgsProject.instance().addMapLayer(layer)
        self.interface.active = layer
        self.canvas.setDestinationCrs(layer.crs())
        self.canvas.setLayers([layer])
        self.look_at(layer.extent())
        self.plugin.show()
        self.plugin.dock.click.start.click()
        return layer

    def look_at(self, extent: QgsRectangle) -> None:
        """Move the canvas there and wait until it is drawn."""
        self.canvas.setExtent(extent)
        self.draw()

    def draw(self) -> None:
        drawn: list[bool] = []

        def done(*_: object) -> None:
            drawn.append(True)

        self.canvas.mapCanvasRefreshed.connect(done)
        self.canvas.refresh()
        self.wait_for(lambda: bool(drawn), "the canvas to be drawn", 120)
        self.canvas.mapCanvasRefreshed.disconnect(done)

    def at(self, x: float, y: float) -> QPoint:
        """Where a place of the map is on the canvas, in screen pixels."""
        return self.plugin.tool.toCanvasCoordinates(QgsPointXY(x, y))

    def click(self, x: float, y: float, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        """Press and release a mouse button over a place of the map."""
        QTest.mouseClick(self.canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, self.at(x, y))

    def drag(self, xmin: float, ymin: float, xmax: float, ymax: float) -> None:
        """Draw a box with the left button, by events as the window system sends them: QTest's moves carry no buttons on Qt 5."""
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        start, end = self.at(xmin, ymax), self.at(xmax, ymin)
        self._mouse(QEvent.Type.MouseButtonPress, start, left, left)
        for share in (0.3, 0.7, 1.0):
            self._mouse(QEvent.Type.MouseMove, start + (end - start) * share, none, left)
        self._mouse(QEvent.Type.MouseButtonRelease, end, left, none)

    def _mouse(self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        surface = self.canvas.viewport()
        event = QMouseEvent(kind, QPointF(at), QPointF(surface.mapToGlobal(at)), button, buttons, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(surface, event)

    def key(self, key: Qt.Key) -> None:
        self.canvas.setFocus()
        QTest.keyClick(self.canvas, key)

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = 60) -> float:
        """Let QGIS go on until something holds; gives the seconds it took. Raises StuckError where it does not come to hold."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                problem = self.plugin.session.state.problem
                raise StuckError(f"Waited {seconds:.0f} s for {what}." + (f" {problem} {problem.details}" if problem else ""))
            QCoreApplication.processEvents()
            time.sleep(0.002)
        return time.monotonic() - began

    def close(self) -> None:
        self.plugin.unload()
        self.window.close()
        QgsProject.instance().clear()
