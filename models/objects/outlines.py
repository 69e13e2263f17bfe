"""From a mask to the outline that the user sees: sub-pixel, smooth or right-angled, valid, with few vertices.

All geometry is done in mask pixels, where a length means the same in every direction, and put on the map at the end: a
geographic or sheared raster does not bend an outline. Mask pixels have (0, 0) at the outer corner of the first pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import shapely
from affine import Affine
from scipy import ndimage
from shapely.geometry import MultiPolygon, Point, Polygon
from skimage.measure import find_contours

from .right_angles import evenly, right_angles

LEVEL = 0.5
CLICK_REACH = 2  # mask pixels: a click this near to a part means the part; a mask may miss the very pixel clicked
SMALLEST_RING = 1.0  # square mask pixels: less is noise, not an object and not a hole
THINNED = 0.3  # mask pixels that thinning may move an outline
MOST_VERTICES = 400
STEP = 1.0  # mask pixels between the vertices that are smoothed
FURTHEST = 0.6  # mask pixels that smoothing may move a vertex: stair steps go, corners stay
SHRINK, GROW, ROUNDS = 0.5, -0.53, 10  # Taubin's pair: it damps wiggles shorter than about six vertices and keeps the area


def _smoothing() -> np.ndarray:
    """All rounds as one filter (4 ROUNDS + 1,): each round moves a vertex towards the middle of its neighbours and back."""
    kernel = np.ones(1)
    for factor in (SHRINK, GROW) * ROUNDS:
        kernel = np.convolve(kernel, (factor / 2, 1 - factor, factor / 2))
    return kernel


SMOOTHING = _smoothing()


class Options(Protocol):
    """What `protocol.OutlineOptions` has."""

    @property
    def smooth(self) -> bool: ...
    @property
    def right_angles(self) -> bool: ...
    @property
    def min_hole(self) -> float: ...


def outline(
    probability: np.ndarray,
    transform: Affine,
    options: Options,
    keep: Sequence[tuple[float, float]] = (),
    pixel_area: float | None = None,
) -> Polygon | MultiPolygon | None:
    """The outline at probability 0.5, in map coordinates; None where no pixel reaches it.

    `probability` is float (height, width), 0..1; `transform` takes mask pixels to the map; `keep` holds the positive
    clicks as (col, row) in mask pixels: the parts they touch stay, without any the largest part. Holes smaller than
    `options.min_hole` are filled; `pixel_area` is the area of a mask pixel in the same unit, map units squared if not given.
    The result is valid, its exteriors counter-clockwise, and has at most about 400 vertices.
    """
    if pixel_area is None:
        pixel_area = abs(transform.determinant)
    kept = _kept(np.nan_to_num(np.asarray(probability, np.float32)), keep)
    shape = contour(kept, options, pixel_area)
    return None if shape is None else on_map(_bounded(shape, MOST_VERTICES), transform)


def contour(probability: np.ndarray, options: Options, pixel_area: float) -> Polygon | MultiPolygon | None:
    """All that lies above 0.5 in float32 (height, width), valid, in mask pixels; None where nothing does."""
    rings = _rings(probability)
    finished = [_finished(polygon, options) for polygon in _polygons(rings, max(options.min_hole / pixel_area, SMALLEST_RING))]
    if not finished:
        return None
    return shapely.union_all(finished) if len(finished) > 1 else finished[0]


def cleaned(stairs: Polygon | MultiPolygon, options: Options, pixel_area: float) -> Polygon | MultiPolygon:
    """A shape along the edges of pixels, in mask pixels, smoothed and thinned like a contour: of objects too large to hold as a mask."""
    smallest = max(options.min_hole / pixel_area, SMALLEST_RING)
    finished = []
    for part in shapely.get_parts(stairs):
        holes = [ring for ring in part.interiors if Polygon(ring).area >= smallest]
        finished.append(_finished(Polygon(part.exterior, holes), options))
    return shapely.union_all(finished) if len(finished) > 1 else finished[0]


def on_map(shape: Any, transform: Affine) -> Any:
    """A polygon, or an array of them, from mask pixels to the map; exteriors counter-clockwise."""
    return shapely.orient_polygons(shapely.transform(shape, lambda x, y: transform @ (x, y), interleaved=False))


def _kept(probability: np.ndarray, keep: Sequence[tuple[float, float]]) -> np.ndarray:
    """The probability with every part taken out that no click touches."""
    parts, count = ndimage.label(probability > LEVEL)
    if count <= 1:
        return probability
    touched = {_touched(parts, col, row) for col, row in keep} - {0}
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    stays = np.isin(np.arange(count + 1), [*touched] or [int(sizes.argmax())])
    stays[0] = True
    return np.where(stays[parts], probability, 0)


def _touched(parts: np.ndarray, col: float, row: float) -> int:
    """The label of the part nearest to a click and within reach; 0 for none."""
    across, down = int(np.floor(col)), int(np.floor(row))
    left, top = max(0, across - CLICK_REACH), max(0, down - CLICK_REACH)
    near = parts[top : max(0, down + CLICK_REACH + 1), left : max(0, across + CLICK_REACH + 1)]
    rows, cols = np.nonzero(near)
    if len(rows) == 0:
        return 0
    nearest = np.hypot(rows + top + 0.5 - row, cols + left + 0.5 - col).argmin()
    return int(near[rows[nearest], cols[nearest]])


def _rings(probability: np.ndarray) -> list[np.ndarray]:
    """Closed contours as (n, 2) x, y in mask pixels; those around the inside have a positive area, holes a negative one."""
    inside = probability > LEVEL
    rows, cols = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if len(rows) == 0:
        return []
    top, left = max(0, rows[0] - 1), max(0, cols[0] - 1)
    # Beyond the mask's border lies nothing, so that contours which touch it close along it.
    padded = np.pad(probability[top : rows[-1] + 2, left : cols[-1] + 2], 1)
    contours = find_contours(padded, LEVEL)
    return [contour[:, ::-1] + (left - 0.5, top - 0.5) for contour in contours if len(contour) > 3]


def _polygons(rings: list[np.ndarray], smallest_hole: float) -> list[Polygon]:
    areas = [_signed_area(ring) for ring in rings]
    exteriors = [Polygon(ring) for ring, area in zip(rings, areas, strict=True) if area >= SMALLEST_RING]
    exteriors.sort(key=lambda polygon: polygon.area)
    holes: list[list[np.ndarray]] = [[] for _ in exteriors]
    for ring, area in zip(rings, areas, strict=True):
        if -area >= smallest_hole:
            around = (index for index, exterior in enumerate(exteriors) if len(exteriors) == 1 or exterior.contains(Point(ring[0])))
            holes[next(around)].append(ring)
    return [Polygon(exterior.exterior, inner) for exterior, inner in zip(exteriors, holes, strict=True)]


def _signed_area(ring: np.ndarray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))


def _finished(polygon: Polygon, options: Options) -> Polygon | MultiPolygon:
    """Squared where wanted and possible, else smoothed where wanted; thinned; valid."""
    if options.right_angles:
        squared = right_angles(polygon)
        if squared is not polygon:
            return squared
    rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
    if options.smooth:
        smooth = Polygon(_smoothed(rings[0]), [_smoothed(ring) for ring in rings[1:]])
        if not smooth.is_valid:  # a neck or a hole's rim about a pixel thin crossed over
            smooth = shapely.make_valid(smooth, method="structure", keep_collapsed=False)
            return shapely.simplify(smooth, THINNED)
        polygon = smooth
    thin = shapely.simplify(polygon, THINNED)
    thinned = [shapely.get_coordinates(ring) for ring in (thin.exterior, *thin.interiors)]
    if len(thinned) != len(rings):
        return thin
    restored = [_with_area(ring, _signed_area(original)) for ring, original in zip(thinned, rings, strict=True)]
    whole = Polygon(restored[0], restored[1:])
    return whole if whole.is_valid else thin


def _with_area(ring: np.ndarray, area: float) -> np.ndarray:
    """A closed ring (n, 2) moved outwards or inwards, a fraction of a pixel, until it has about this area.

    Smoothing and thinning cut curves on their inside: on an object six pixels wide that is a tenth of its area.
    """
    points = ring[:-1]
    around = np.concatenate([points[-1:], ring])
    along = around[2:] - around[:-2]
    outwards = along[:, ::-1] * (1, -1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    length = np.hypot(*np.diff(ring, axis=0).T).sum()
    moved = points + outwards * (area - _signed_area(ring)) / length
    return np.concatenate([moved, moved[:1]])


def _smoothed(ring: np.ndarray) -> np.ndarray:
    """Taubin's smoothing of a closed ring (n, 2): steps of the pixel grid go, area and corners stay."""
    original = evenly(ring, STEP)
    moved = ndimage.convolve1d(original, SMOOTHING, axis=0, mode="wrap") - original
    length = np.hypot(moved[:, 0], moved[:, 1])[:, None]
    return original + moved * np.minimum(1, FURTHEST / np.maximum(length, FURTHEST))


def _bounded(shape: Polygon | MultiPolygon, most: int) -> Polygon | MultiPolygon:
    tolerance = THINNED
    while shapely.get_num_coordinates(shape) > most and tolerance < most:
        shape = shapely.simplify(shape, tolerance)
        tolerance *= 1.5
    return shape
