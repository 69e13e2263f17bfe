"""What an outline looks like: round, elongated, rectangular, how long. For outlines of one scale in every direction.

The thresholds were set on discs, squares and rectangles about 10 pixels wide, cut out of the pixel grid at any angle and outlined as
the engine does it; tests/models/test_shape.py holds them to that. Holes do not count: a ring of trees around a pond is round.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

ROUND = 0.86  # a disc has 1, an ellipse of 1.5 : 1 0.94, of 2 : 1 0.84, a square 0.79
CORNERLESS = 0.935  # a disc of 8 pixels has 0.95 and more, a square of 8 pixels, its corners blunt, up to 0.92
RECTANGULAR = 0.83  # a rectangle has 1, one of 5 by 10 pixels 0.84 and more, a disc 0.79 and at 8 pixels up to 0.84, an L 0.75
ELONGATED = 2.5  # length to width of the tightest rectangle around
WINDING = 10.0  # length to width of the strip of the same outline and area: a river may fill a square


def roundness(outlines: np.ndarray) -> np.ndarray:
    """(n,) polygons -> (n,): 4 pi A / P**2 with the perimeter of the convex hull, 0..1.

    The hull's, since the steps that pixels leave along an outline lengthen it by up to a quarter; its hollows are missing in the area.
    """
    solid = _solid(outlines)
    perimeters = shapely.length(shapely.convex_hull(solid))
    return 4 * np.pi * shapely.area(solid) / np.maximum(perimeters, 1e-300) ** 2


def rectangularity(outlines: np.ndarray) -> np.ndarray:
    """(n,) polygons -> (n,): the share of the tightest rectangle around that is filled, 0..1."""
    solid = _solid(outlines)
    long, short = sides(solid)
    return shapely.area(solid) / np.maximum(long * short, 1e-300)


def elongation(outlines: np.ndarray) -> np.ndarray:
    """(n,) polygons -> (n,): the tightest rectangle's length divided by its width, 1 and more."""
    long, short = sides(outlines)
    return long / np.maximum(short, 1e-9 * np.maximum(long, 1e-300))


def winding(outlines: np.ndarray) -> np.ndarray:
    """(n,) polygons -> (n,): length divided by width of the rectangle that has their area and perimeter, 1 and more."""
    solid = _solid(outlines)
    half, area = shapely.length(solid) / 2, shapely.area(solid)
    root = np.sqrt(np.maximum(half**2 - 4 * area, 0))
    return (half + root) / np.maximum(half - root, 1e-9 * np.maximum(half, 1e-300))


def sides(outlines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Length and width of the tightest rectangle around each of (n,) polygons: two arrays (n,), in the outlines' unit."""
    rectangles = shapely.oriented_envelope(outlines)
    long, short = np.zeros(len(outlines)), np.zeros(len(outlines))
    whole = shapely.get_type_id(rectangles) == shapely.GeometryType.POLYGON
    if whole.any():
        corners = shapely.get_coordinates(rectangles[whole]).reshape(-1, 5, 2)
        lengths = np.hypot(*np.moveaxis(corners[:, 1:3] - corners[:, :2], -1, 0))
        long[whole], short[whole] = lengths.max(axis=1), lengths.min(axis=1)
    return long, short


def is_round(outlines: np.ndarray) -> np.ndarray:
    """Not rectangular besides: the corners of a small square are blunt, but it fills its rectangle."""
    return (roundness(outlines) >= ROUND) & ~is_rectangular(outlines)


def is_rectangular(outlines: np.ndarray) -> np.ndarray:
    """Not cornerless besides: a small disc is made of a few pixels and may fill its rectangle as well."""
    return (rectangularity(outlines) >= RECTANGULAR) & (roundness(outlines) < CORNERLESS)


def is_elongated(outlines: np.ndarray) -> np.ndarray:
    return (elongation(outlines) >= ELONGATED) | (winding(outlines) >= WINDING)


TESTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "round": is_round, "rectangular": is_rectangular, "elongated": is_elongated,
}  # fmt: skip


def _solid(outlines: np.ndarray) -> np.ndarray:
    """The outlines without their holes."""
    outlines = np.asarray(outlines, object)
    rings, owners = shapely.get_parts(outlines, return_index=True)
    if not (shapely.get_num_interior_rings(rings) > 0).any():
        return outlines
    shells = shapely.polygons(shapely.get_exterior_ring(rings))
    solid = outlines.copy()
    several = np.bincount(owners, minlength=len(outlines)) > 1
    first = np.searchsorted(owners, np.arange(len(outlines)))
    solid[~several] = shells[first[~several]]
    for index in np.flatnonzero(several):
        solid[index] = shapely.union_all(shells[owners == index])
    return solid
