"""From a raster layer to a file that the engine can open: which file, which bands, which stretch.

Extents and pixel sizes are in the layer's CRS (`layer.crs()`, which the user may have set by hand; QGIS places the layer by
it, whatever the file says, and so do we).
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Union

from qgis.core import (
    QgsContrastEnhancement,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsMapLayer,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsPointXY,
    QgsProject,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRasterRenderer,
    QgsRectangle,
    QgsSingleBandGrayRenderer,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt import sip

from ..problems import PluginProblem
from .windows import LARGEST, Window, cached_window, is_picture, window_around

Range = tuple[float, float]

# Formats that QGIS's GDAL may read and the engine's does not, and descriptions of services on the network
ONLY_QGIS_READS = frozenset({".ecw", ".sid", ".pdf", ".wms", ".xml"})
ENGINE_READS_INSIDE = ("/vsizip/", "/vsigzip/", "/vsitar/")
AS_SEEN = ((0.0, 255.0),) * 3  # a picture comes stretched; 2-98 % of a part of it would differ from part to part


@dataclass(frozen=True)
class RasterSource:
    """What the engine's `open` needs, and the CRS that its coordinates are in."""

    path: str
    bands: tuple[int, ...]  # 1-based, one or three; empty: the engine chooses
    stretch: tuple[Range, ...]  # (low, high) a band; empty: the engine measures
    crs: QgsCoordinateReferenceSystem  # the layer's; invalid where it has none: then coordinates are pixels, y upwards


@dataclass(frozen=True)
class NeedsExport:
    """The layer has no file that the engine could open; `Export` writes `window` to `source.path`."""

    source: RasterSource
    window: Window


def source_of(layer: QgsMapLayer, extent: QgsRectangle, pixel: float, folder: Path) -> Union[RasterSource, NeedsExport]:
    """The file to open for a layer, or what to write into `folder` first.

    `extent` is what the user sees and `pixel` the side of a screen pixel; a layer read from its own file needs neither.
    Raises PluginProblem: layer.removed, layer.not_raster, raster.missing, click.outside (the extent does not meet the layer).
    """
    raster_of(layer)
    path = file_of(layer)
    if path is None:
        return exported_source(layer, extent, pixel, folder)
    bands, stretch = colours_of(layer.renderer())
    return RasterSource(path, bands, stretch, layer.crs())


def exported_source(layer: QgsRasterLayer, extent: QgsRectangle, pixel: float, folder: Path) -> Union[RasterSource, NeedsExport]:
    """As `source_of`, but never the layer's own file: for one that the engine turned out not to read, or to place elsewhere.

    An earlier export at the same scale that holds the extent is taken again, so panning a little writes nothing.
    """
    raster_of(layer)
    return _source_in(layer, extent, window_around(layer, extent, pixel), folder)


def area_source(layer: QgsRasterLayer, extent: Optional[QgsRectangle], pixel: float, folder: Path) -> Union[RasterSource, NeedsExport]:
    """As `exported_source`, for a job over an area, which must not silently become coarser; None is the whole layer, at its own pixels.

    Raises PluginProblem also: area.endless (the whole of a layer that has no pixels of its own, such as a map service), area.large.
    """
    raster_of(layer)
    if extent is None:
        if layer.dataProvider().xSize() <= 0:
            raise PluginProblem("area.endless")
        extent, pixel = layer.extent(), min(layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY())
    window = window_around(layer, extent, pixel, shrink=False)
    if window.columns * window.rows > LARGEST:
        raise PluginProblem("area.large")
    return _source_in(layer, extent, window, folder)


def _source_in(layer: QgsRasterLayer, extent: QgsRectangle, window: Window, folder: Path) -> Union[RasterSource, NeedsExport]:
    cached = cached_window(layer, extent, window, folder)
    bands, stretch = ((1, 2, 3), AS_SEEN) if is_picture(layer) else colours_of(layer.renderer())
    source = RasterSource(str(cached or window.path_in(folder)), bands, stretch, layer.crs())
    return source if cached else NeedsExport(source, window)


def placed_alike(layer: QgsRasterLayer, transform: tuple[float, ...], width: int, height: int) -> bool:
    """Whether the engine sees the raster where QGIS draws it.

    `transform` (a, b, c, d, e, f), `width` and `height` are the engine's. They disagree for rasters placed by ground control
    points or sensor models, which QGIS warps on the fly; those are exported like layers without a file.
    """
    return agree(layer.dataProvider().extent(), transform, width, height)


def agree(extent: QgsRectangle, transform: tuple[float, ...], width: int, height: int) -> bool:
    """As `placed_alike`, by the extent that QGIS's provider gives."""
    a, b, c, d, e, f = transform
    corners = [(a * col + b * row + c, d * col + e * row + f) for col in (0, width) for row in (0, height)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    ours = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
    tolerance = 2 * max(abs(a) + abs(b), abs(d) + abs(e))  # warping a rotated raster rounds to whole pixels
    return all(abs(u - v) <= tolerance for u, v in zip(ours, (min(xs), min(ys), max(xs), max(ys))))


def seen_in(
    crs: QgsCoordinateReferenceSystem, extent: QgsRectangle, pixel: float, canvas_crs: QgsCoordinateReferenceSystem
) -> tuple[QgsRectangle, float]:
    """A canvas's extent and the side of its pixels, brought from its CRS into another.

    Raises PluginProblem click.outside where the extent has no place in that CRS.
    """
    transform = QgsCoordinateTransform(canvas_crs, crs, QgsProject.instance().transformContext())
    try:
        moved = transform.transformBoundingBox(extent)
        centre = extent.center()
        at = transform.transform(centre)
        across = transform.transform(QgsPointXY(centre.x() + pixel, centre.y()))
        up = transform.transform(QgsPointXY(centre.x(), centre.y() + pixel))
    except QgsCsException as error:
        raise PluginProblem("click.outside", str(error)) from error
    side = math.sqrt(at.distance(across) * at.distance(up))
    if not (moved.isFinite() and math.isfinite(side) and side > 0):
        raise PluginProblem("click.outside")
    return moved, side


def file_of(layer: QgsRasterLayer) -> Optional[str]:
    """What the engine can open itself, None where there is no such thing. Raises PluginProblem raster.missing."""
    if layer.providerType() != "gdal":
        return None
    uri = layer.dataProvider().dataSourceUri()
    parts = QgsProviderRegistry.instance().decodeUri("gdal", uri)
    path, inside = parts.get("path") or "", parts.get("vsiPrefix") or ""
    if path == uri and os.path.isfile(path):  # QGIS keeps a relative path as it was given; the engine works in another folder
        path = os.path.abspath(path)
    if path.startswith("/vsi") or not os.path.isabs(path):  # in memory, on the network, or an XML text
        return None
    if not os.path.exists(path):
        raise PluginProblem("raster.missing", path)
    if parts.get("openOptions") or Path(path).suffix.lower() in ONLY_QGIS_READS or (inside and inside not in ENGINE_READS_INSIDE):
        return None
    return uri if inside or parts.get("layerName") else path


def colours_of(renderer: Optional[QgsRasterRenderer]) -> tuple[tuple[int, ...], tuple[Range, ...]]:
    """The bands that a renderer shows, one or three, and its stretch; each may be empty: the engine chooses.

    A stretch that follows the canvas is left out, since the outline must not depend on where the user looks from.
    """
    if isinstance(renderer, QgsMultiBandColorRenderer):
        bands = (renderer.redBand(), renderer.greenBand(), renderer.blueBand())
        chosen = [band for band in bands if band > 0]
        if len(set(chosen)) < 2:
            return tuple(chosen[:1]), ()
        if len(chosen) < 3:
            return tuple(band if band > 0 else chosen[0] for band in bands), ()
        enhancements = (renderer.redContrastEnhancement(), renderer.greenContrastEnhancement(), renderer.blueContrastEnhancement())
        return bands, _stretch(renderer, [_range_of(enhancement) for enhancement in enhancements])
    bands = tuple(renderer.usesBands()[:1]) if renderer is not None else ()
    if isinstance(renderer, QgsSingleBandGrayRenderer):
        return bands, _stretch(renderer, [_range_of(renderer.contrastEnhancement())])
    if isinstance(renderer, QgsSingleBandPseudoColorRenderer):
        return bands, _stretch(renderer, [_checked(renderer.classificationMin(), renderer.classificationMax())])
    if isinstance(renderer, QgsPalettedRasterRenderer):
        return bands, ()
    return bands, ()


def _stretch(renderer: QgsRasterRenderer, ranges: list[Optional[Range]]) -> tuple[Range, ...]:
    if QgsRasterMinMaxOrigin.extentString(renderer.minMaxOrigin().extent()) == "UpdatedCanvas":
        return ()
    kept = tuple(one for one in ranges if one is not None)
    return kept if len(kept) == len(ranges) else ()


def _range_of(enhancement: Optional[QgsContrastEnhancement]) -> Optional[Range]:
    algorithms = QgsContrastEnhancement.ContrastEnhancementAlgorithm
    stretching = (algorithms.StretchToMinimumMaximum, algorithms.StretchAndClipToMinimumMaximum)
    if enhancement is None or enhancement.contrastEnhancementAlgorithm() not in stretching:
        return None
    return _checked(enhancement.minimumValue(), enhancement.maximumValue())


def _checked(low: float, high: float) -> Optional[Range]:
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None


def raster_of(layer: Optional[QgsMapLayer]) -> QgsRasterLayer:
    """The layer, sure to be a raster that can be read. Raises PluginProblem: layer.removed, layer.not_raster, raster.missing."""
    if layer is None or sip.isdeleted(layer):
        raise PluginProblem("layer.removed")
    if not isinstance(layer, QgsRasterLayer):
        raise PluginProblem("layer.not_raster", layer.name())
    if not layer.isValid() or layer.dataProvider() is None:
        raise PluginProblem("raster.missing", layer.source())
    return layer
