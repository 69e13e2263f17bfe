"""How bright and how green an object looks, for "bright roofs" and "green fields"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from rasterio import features
from shapely.geometry import MultiPolygon, Polygon

from ..raster import Raster

LOOKED_AT = 128  # pixels a side, at most, that an object is looked at with


@dataclass(frozen=True)
class Tone:
    """Means over an object's pixels as the raster's stretch shows them."""

    brightness: float  # 0 = black, 1 = white
    greenness: float  # 0..1, the share of green in red + green + blue: a third for what is grey


def tone_of(outline: Polygon | MultiPolygon, raster: Raster) -> Tone | None:
    """The tone of what an outline (map coordinates) shows of a raster; None where the raster has no data there.

    An object narrower than a pixel has the tone of the pixels that it touches. Raises what reading the raster raises.
    """
    native = shapely.transform(outline, lambda x, y: ~raster.transform @ (x, y), interleaved=False)
    left, top, right, bottom = native.bounds
    col, row = np.floor(left), np.floor(top)
    pixel = max(1.0, max(right - col, bottom - row) / LOOKED_AT)
    width, height = (max(1, int(np.ceil(length / pixel))) for length in (right - col, bottom - row))
    pixels = raster.read(col, row, width * pixel, height * pixel, width, height)
    to_native = Affine.translation(col, row) @ Affine.scale(pixel)
    inside = _drawn(native, to_native, (height, width), touched=False) & pixels.valid
    if not inside.any():
        inside = _drawn(native, to_native, (height, width), touched=True) & pixels.valid
    if not inside.any():
        return None
    colours = pixels.rgb[inside].astype(float)
    green = (colours[:, 1] + 1) / (colours.sum(axis=1) + 3)  # black is grey
    return Tone(float(colours.mean() / 255), float(green.mean()))


def _drawn(shape: Polygon | MultiPolygon, transform: Affine, size: tuple[int, int], touched: bool) -> np.ndarray:
    drawn: np.ndarray = features.rasterize([shape], out_shape=size, transform=transform, all_touched=touched, dtype=np.uint8)
    return drawn.astype(bool)
