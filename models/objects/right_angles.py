"""Squares the outline of a building and leaves alone what is not square.

Turned into its main direction, a building's outline is a row of level and upright runs. Which contour point belongs to
which run is decided for the whole outline at once (dynamic programming over possible corners): the squared distances to
the runs plus a price for every corner are least. So noise gets no corners and an L keeps its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LinearRing, LineString, Polygon

SAMPLES = 800  # contour points considered at most
ALIGNED_WITHIN = math.radians(12)
ALIGNED_SHARE = 0.65  # of the contour must run in the main direction or across it; of a disc does 0.3, of an octagon a half
THINNED = 1.5  # tolerances that the contour is thinned by to find its direction
AGREEMENT = 0.9  # intersection over union with the outline as it was
CORNER_LOSS = 0.35  # mask pixels along the border by which a small outline may differ besides: a network rounds corners
LEAST_AGREEMENT = 0.8


@dataclass(frozen=True)
class Run:
    """Contour points [start, stop] as one straight piece, upright or level."""

    start: int
    stop: int
    upright: bool


_LEVEL = np.eye(2)  # takes x, y to along, across
_UPRIGHT = np.array([[0.0, -1.0], [1.0, 0.0]])


def right_angles(polygon: Polygon, tolerance: float | None = None) -> Polygon:
    """The polygon with its edges snapped to its main direction and across; the same object where its shape is not square.

    `polygon` is a contour in mask pixels with a vertex about every pixel. Bulges and notches below about two `tolerance`
    (mask pixels; 1 or more, growing with the outline, if not given) are straightened. Holes are squared in the same frame.
    """
    tolerance = tolerance or max(1.0, 0.02 * math.sqrt(polygon.area))
    rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
    angle = main_direction(rings[0], tolerance)
    if angle is None:
        return polygon
    angle += _tilt(*_runs(rings[0] @ _turn(angle), tolerance), tolerance)
    turn = _turn(angle)
    squared = [_corners(*_runs(ring @ turn, tolerance), tolerance) for ring in rings]
    if any(len(corners) < 4 for corners in squared):
        return polygon
    result = Polygon(squared[0] @ turn.T, [corners @ turn.T for corners in squared[1:]])
    return result if _agrees(result, polygon) else polygon


def main_direction(ring: np.ndarray, tolerance: float) -> float | None:
    """The angle in radians, a quarter turn at most, along or across which most of a closed ring (n, 2) runs; None if too little does.

    Measured on the ring thinned to its long edges: a contour's own short steps follow the pixel grid, and a network's wavers.
    """
    edges = np.diff(shapely.get_coordinates(shapely.simplify(LinearRing(ring), THINNED * tolerance)), axis=0)
    lengths, angles = np.hypot(*edges.T), np.arctan2(edges[:, 1], edges[:, 0])
    candidates = np.radians(np.arange(0, 90, 1.0))
    closeness = 1 - np.abs(_off(angles[:, None], candidates)) / ALIGNED_WITHIN
    angle = float(candidates[(closeness.clip(0) * lengths[:, None]).sum(axis=0).argmax()])
    for _ in range(2):
        off = _off(angles, angle)
        near = np.abs(off) < ALIGNED_WITHIN
        if lengths[near].sum() < ALIGNED_SHARE * lengths.sum():
            return None
        angle += float(np.average(off[near], weights=lengths[near] ** 2))
    return angle


def _off(angles: np.ndarray, from_angle: np.ndarray | float) -> np.ndarray:
    """How far angles are from a direction or the ones across it: -45 to 45 degrees, in radians."""
    return (angles - from_angle + math.pi / 4) % (math.pi / 2) - math.pi / 4


def evenly(ring: np.ndarray, step: float) -> np.ndarray:
    """Points about `step` apart along a closed ring (n, 2), the first not repeated; at least eight."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))])
    count = max(8, round(along[-1] / step))
    at = np.arange(count) * (along[-1] / count)
    return np.stack([np.interp(at, along, ring[:, 0]), np.interp(at, along, ring[:, 1])], axis=1)


def _length(ring: np.ndarray) -> float:
    return float(np.hypot(*np.diff(ring, axis=0).T).sum())


def _turn(angle: float) -> np.ndarray:
    """The matrix that `points @ matrix` lays level with; its transpose turns back."""
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def _runs(ring: np.ndarray, tolerance: float) -> tuple[np.ndarray, list[Run]]:
    """Points along a closed ring that lies about level, the first repeated, and the runs that describe it best."""
    points = evenly(ring, max(0.5, _length(ring) / SAMPLES))
    # The furthest point towards the upper right is a corner of any such outline: there the ring may be cut open.
    points = np.roll(points, -int(points.sum(axis=1).argmax()), axis=0)
    points = np.concatenate([points, points[:1]])
    return points, _best_runs(points, _possible_corners(points, tolerance), tolerance)


def _possible_corners(points: np.ndarray, tolerance: float) -> np.ndarray:
    kept = shapely.get_coordinates(shapely.simplify(LineString(points), tolerance / 2))
    chosen = np.isin(points @ (1, 1j), kept @ (1, 1j))
    return np.flatnonzero(chosen)


def _best_runs(points: np.ndarray, corners: np.ndarray, tolerance: float) -> list[Run]:
    spacing = float(np.hypot(*(points[1] - points[0])))
    price = 5 * tolerance**3  # a notch two tolerances deep and five long is just worth its four corners
    costs = _costs(points, corners) * spacing  # (upright?, from, to)
    count = len(corners)
    best = np.full((count, 2), np.inf)
    best[0] = 0
    came = np.zeros((count, 2, 2), int)
    change = price * np.array([[2.0, 1.0], [1.0, 2.0]])  # two runs side by side need a step between them: another corner
    for stop in range(1, count):
        for upright in (0, 1):
            totals = best[:stop] + costs[upright, :stop, stop, None] + change[upright]
            start, before = np.unravel_index(totals.argmin(), totals.shape)
            best[stop, upright] = totals[start, before]
            came[stop, upright] = start, before
    runs = []
    stop, upright = count - 1, int(best[-1].argmin())
    while stop > 0:
        start, before = came[stop, upright]
        runs.append(Run(int(corners[start]), int(corners[stop]), bool(upright)))
        stop, upright = start, before
    return runs[::-1]


def _costs(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """(2, n, n): squared distances of the points between two corners to their mean level [0] and mean upright [1]."""
    sums = np.concatenate([np.zeros((1, 2)), np.cumsum(points, axis=0)])
    squares = np.concatenate([np.zeros((1, 2)), np.cumsum(points**2, axis=0)])
    low, high = corners[:, None], corners[None, :] + 1
    number = np.maximum(high - low, 1)[..., None]
    spread = (squares[high] - squares[low]) - (sums[high] - sums[low]) ** 2 / number
    return np.stack([spread[..., 1], spread[..., 0]])


def _middle(points: np.ndarray, run: Run, tolerance: float) -> np.ndarray:
    """A run's points (n, 2) without its ends, which a rounded corner pulls inwards."""
    spacing = max(float(np.hypot(*(points[1] - points[0]))), 1e-9)
    trim = int(min(3 * tolerance / spacing, (run.stop - run.start) / 4))
    return points[run.start + trim : run.stop - trim + 1]


def _tilt(points: np.ndarray, runs: list[Run], tolerance: float) -> float:
    """The small angle in radians by which the runs, taken together, still lean."""
    leaning = weight = 0.0
    for run in runs:
        along, across = (_middle(points, run, tolerance) @ (_UPRIGHT if run.upright else _LEVEL)).T
        along -= along.mean()
        leaning += float(along @ across)  # least squares for one slope shared by all runs, each with a level of its own
        weight += float(along @ along)
    return math.atan(leaning / weight) if weight else 0.0


def _corners(points: np.ndarray, runs: list[Run], tolerance: float) -> np.ndarray:
    """The corners (n, 2) where the runs, each at the median of its points, meet."""
    levels = [float(np.median(_middle(points, run, tolerance)[:, 0 if run.upright else 1])) for run in runs]
    corners: list[tuple[float, float]] = []
    for index, run in enumerate(runs):
        before = runs[index - 1]
        x, y = points[run.start]
        was, now = levels[index - 1], levels[index]
        if before.upright != run.upright:
            corners.append((was, now) if before.upright else (now, was))
        elif run.upright:
            corners += [(was, y), (now, y)]
        else:
            corners += [(x, was), (x, now)]
    return np.array(corners)


def _agrees(result: Polygon, original: Polygon) -> bool:
    if not result.is_valid or result.is_empty:
        return False
    union = shapely.union(result, original).area
    least = 1 - CORNER_LOSS * original.length / original.area
    return shapely.intersection(result, original).area / union >= np.clip(least, LEAST_AGREEMENT, AGREEMENT)
