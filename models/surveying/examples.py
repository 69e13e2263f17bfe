"""More like these: outlines on a raster become a network that looks for pixels like theirs.

Pixels inside the examples give the prototypes for; pixels around them, and of places spread evenly over the raster, those against. The
latter without what looks like the examples, for that may well be more of the same.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import rasterize
from scipy import ndimage
from shapely.geometry import Polygon

from ..errors import AreaOutside, ExamplesUnusable
from ..nets.interfaces import TextModel
from ..raster import Raster
from .lanes import Looker
from .lookers import SIDE, net_looker
from .resemblance import Samples, fitted

LARGEST = 128  # survey pixels: the side that half of the examples should have at most
FEWEST = 9  # native pixels of an example
MOST = 24  # examples that are looked at
COMPACT = 0.3  # of 4 pi area / perimeter^2, 1 of a circle and 0.26 of a rectangle ten times as long as wide: what people count is rounder
SMALLER = 0.1  # of the smallest example's area: what has less is a speck of something else
RING = 8  # feature pixels, of two survey pixels each, around an example that are not of it
ACROSS = 3  # places along each side of the raster that show what else there is
EVERY = 8  # feature pixels between two that are taken there


@dataclass(frozen=True, eq=False)
class Examples:
    """Outlines in the raster's CRS, and what follows from their size and shape."""

    raster: Raster
    outlines: tuple[Polygon, ...]
    level: int  # of the survey
    compact: bool  # so that those found that touch are to be told apart
    least: float  # m2, square native pixels without a CRS: SMALLER of the smallest example


def examples_of(raster: Raster, wkb: str) -> Examples:
    """The examples of a request: WKB of a MultiPolygon, hexadecimal.

    The level is the finest at which half of them are at most LARGEST pixels wide. Raises ExamplesUnusable, AreaOutside.
    """
    try:
        given = shapely.make_valid(shapely.from_wkb(bytes.fromhex(wkb)))
    except (ValueError, shapely.errors.GEOSException) as error:
        raise ExamplesUnusable("The examples are no polygons.", reason=str(error)) from error
    found = [part for part in shapely.get_parts(shapely.get_parts([given])) if isinstance(part, Polygon) and part.area > 0]
    if not found:
        raise ExamplesUnusable("There is no polygon among the examples.")
    ground = Polygon([raster.to_map(*corner) for corner in ((0, 0), (raster.width, 0), (raster.width, raster.height), (0, raster.height))])
    there = [outline for outline in found if outline.intersects(ground)]
    if not there:
        raise AreaOutside(f"The examples lie outside of {raster.path}.", "Choose examples on the raster.", path=raster.path)
    pixels = np.array([outline.area for outline in there]) / abs(raster.transform.determinant)
    large = [outline for outline, count in zip(there, pixels, strict=True) if count >= FEWEST]
    if not large:
        raise ExamplesUnusable(f"The examples are smaller than {FEWEST} pixels.", "Choose larger ones, or a finer raster.")
    side = math.sqrt(float(np.median(pixels[pixels >= FEWEST])))
    roundness = np.median([4 * math.pi * outline.area / outline.length**2 for outline in large])
    least = SMALLER * min(raster.square_metres(outline) for outline in large)
    return Examples(raster, tuple(large), max(0, math.ceil(math.log2(side / LARGEST))), bool(roundness >= COMPACT), least)


def examples_looker(model: TextModel, examples: Examples) -> Looker:
    """A network of one channel: how much a pixel is like the examples. The same examples give the same, to the bit.

    model: one of ours. Raises ExamplesUnusable where the examples have no data, or do not differ from what is around them, and what
    reading raises.
    """
    from ..nets.asking import answering
    from ..nets.forms import quicken
    from ..nets.resembling import PixelFeatures, Resembling

    for _ in quicken(model):
        pass
    net = model.net  # type: ignore[attr-defined]
    prototypes = fitted(samples(model, examples))
    asked = hashlib.sha256(prototypes.like.tobytes() + prototypes.unlike.tobytes())
    asked.update(np.array([prototypes.slope, prototypes.offset]).tobytes())
    look = answering(net, Resembling(PixelFeatures(net), prototypes), SIDE)
    return net_looker(model, look, 1, f"like {asked.hexdigest()[:16]}")


def samples(model: TextModel, examples: Examples) -> Samples:
    """Features of pixels inside the examples, around them, and of the ground elsewhere. Raises ExamplesUnusable where there are no data."""
    inside, around, ground = [], [], []
    chosen = _evenly(examples.outlines, MOST)
    for outline in chosen:
        features, valid, to_feature = _view(model, examples, _centred(examples, outline))
        own, every = _drawn([outline], to_feature), _drawn(examples.outlines, to_feature, touched=True)
        core = ndimage.binary_erosion(own)
        own = core if core.sum() >= FEWEST else own
        ring = ndimage.binary_dilation(_drawn([outline], to_feature, touched=True), iterations=RING) & ~every
        inside.append(features[own & valid])
        around.append(features[ring & valid])
    if not sum(map(len, inside)):
        raise ExamplesUnusable("The raster has no data where the examples are.")
    for place in _spread(examples):
        features, valid, to_feature = _view(model, examples, place)
        other = valid & ~_drawn(examples.outlines, to_feature, touched=True)
        ground.append(features[EVERY // 2 :: EVERY, EVERY // 2 :: EVERY][other[EVERY // 2 :: EVERY, EVERY // 2 :: EVERY]])
    return Samples(*(np.concatenate(parts) for parts in (inside, around, ground)))


def _view(model: TextModel, examples: Examples, place: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, Affine]:
    """float32 (h, w, d) features of the view at a place (row and column in survey pixels), where they have data, and from map to them."""
    from ..nets.resembling import pixel_features

    row, col = place
    pixel = 1 << examples.level
    seen = examples.raster.read(col * pixel, row * pixel, SIDE * pixel, SIDE * pixel, SIDE, SIDE)
    valid = seen.valid.reshape(SIDE // 2, 2, SIDE // 2, 2).all(axis=(1, 3))
    to_feature = Affine.scale(0.5) @ Affine.translation(-col, -row) @ Affine.scale(1 / pixel) @ ~examples.raster.transform
    return pixel_features(model.net, seen.rgb), valid, to_feature  # type: ignore[attr-defined]


def _whole(examples: Examples) -> tuple[int, int]:
    """Height and width of the raster in survey pixels."""
    return examples.raster.height >> examples.level, examples.raster.width >> examples.level


def _centred(examples: Examples, outline: Polygon) -> tuple[int, int]:
    """Where the view around an outline begins: inside the raster where that is large enough."""
    centre = examples.raster.to_pixel(*outline.representative_point().coords[0])[::-1]
    starts = (int(at / (1 << examples.level)) - SIDE // 2 for at in centre)
    row, col = (min(max(start, 0), max(length - SIDE, 0)) for start, length in zip(starts, _whole(examples), strict=True))
    return row, col


def _spread(examples: Examples) -> Iterator[tuple[int, int]]:
    """Where views begin that lie evenly over the raster, fewer of a small one."""
    rows, cols = (
        np.unique(np.linspace(0, max(length - SIDE, 0), min(ACROSS, math.ceil(length / SIDE) or 1)).astype(int))
        for length in _whole(examples)
    )
    return ((int(row), int(col)) for row in rows for col in cols)


def _drawn(outlines: Sequence[Polygon], to_feature: Affine, touched: bool = False) -> np.ndarray:
    """bool (h, w) of a view: inside of any of the outlines."""
    shown = [shapely.transform(outline, lambda points: np.stack(to_feature @ (points[:, 0], points[:, 1]), axis=1)) for outline in outlines]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # it is drawn in pixels
        drawn: np.ndarray = rasterize(shown, (SIDE // 2, SIDE // 2), dtype="uint8", all_touched=touched)
    return drawn.astype(bool)


def _evenly(outlines: Sequence[Polygon], most: int) -> list[Polygon]:
    return [outlines[index] for index in np.unique(np.linspace(0, len(outlines) - 1, min(most, len(outlines))).astype(int))]
