"""What QGIS's Processing lists under Rasterscribe."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

from .algorithm import ICONS


class Provider(QgsProcessingProvider):
    def id(self) -> str:
        return "rasterscribe"

    def name(self) -> str:
        return "Rasterscribe"

    def longName(self) -> str:
        return QCoreApplication.translate("Processing", "Rasterscribe: objects, land cover and change from imagery")

    def icon(self) -> QIcon:
        return QIcon(str(ICONS / "rasterscribe.svg"))

    def loadAlgorithms(self) -> None:
        from .detect_change import DetectChange
        from .find_text import FindText
        from .land_cover import LandCover
        from .segment_points import SegmentPoints
        from .tile_search import TileSearch

        for algorithm in (SegmentPoints(), FindText(), LandCover(), DetectChange(), TileSearch()):
            self.addAlgorithm(algorithm)

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        return ["tif"]
