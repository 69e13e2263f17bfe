"""Runs inside QGIS when `build.py run` has started it: opens the plugin's dock beside the raster."""

from qgis.PyQt.QtCore import QTimer
from qgis.utils import plugins

QTimer.singleShot(0, lambda: plugins["rasterscribe"].show())
